"""Pictures that a program puts in the camera's place: enlarged ones, and those that come at an even pace.

Every second source is held out: thresholds were chosen on the others. What a program shows without enlarging it, or
makes smaller, leaves no such pattern; and a camera that enlarges its pictures itself leaves the same one, so that the
copies stand for both.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from statistics import median
from struct import calcsize, unpack_from

from benchmarks.accuracy.estimate import share_of
from benchmarks.accuracy.labelled import LabelledData
from benchmarks.accuracy.rescaled import ENLARGEMENTS, Enlargement, Source, as_observed, sources
from benchmarks.accuracy.tables import Json, headline, paragraph, table
from proctor.analyzers.pace import LEAST_COMPARED, PaceStream
from proctor.analyzers.suite import AnalyzerSuite
from proctor.detectors.rules.virtual_camera import VirtualCameraConfig
from proctor.domain.media import Codec, EncodedFrame, TrackKind
from proctor.domain.time import MediaTime
from server.rtc.packets import parse_rtp

LABELS = "video/labels.csv"
TRACE = "rtp/chromium-vp8-opus-screen.bin"
SITTING_KBPS, HIGHEST_KBPS = 400, 2000
"""A policy's default and highest bit rate of the camera."""
HONEST = "as taken"
_RECORD = "<dBH"
"""Arrival in seconds, 0 for RTP and 1 for RTCP, length of the packet."""
_VIDEO_TYPE = 96
"""Payload type of VP8 in the trace."""


def measure_injection(data: LabelledData, suite: AnalyzerSuite) -> Json:
    """The pattern in honest pictures and enlarged copies, without an encoder and after the sitting's; and the pace."""
    del suite
    cases = [case for number, source in enumerate(sources(data)) for case in cases_of(source, held_out=number % 2 == 1)]
    return judged(cases, list(_paces(data.folder / TRACE)))


def cases_of(source: Source, *, held_out: bool) -> list[Json]:
    """What the analyzer says of a source as it was taken, and of its enlarged copies, by bit rate."""
    cases: list[Json] = []
    for copy in (None, *ENLARGEMENTS):
        pictures = source.pictures(copy)
        for kbps in (None, HIGHEST_KBPS, SITTING_KBPS):
            observed = as_observed(pictures, kbps)
            cases.append(
                {
                    "source": source.name,
                    "is_clip": source.is_clip,
                    "held_out": held_out,
                    "pictures": _name(copy),
                    "kbps": kbps,
                    "peak": None if observed.peak is None else round(observed.peak, 2),
                    "enlarged": round(observed.enlarged, 3),
                }
            )
    return cases


def judged(cases: list[Json], paces: list[Json]) -> Json:
    """The section's result: cases judged by the policy's default threshold."""
    encoded = [case for case in cases if case["held_out"] and case["kbps"] == SITTING_KBPS]
    return {
        "headline": [
            headline(
                "honest pictures with the pattern of enlarging, encoded, held out",
                _noticed([case for case in encoded if case["pictures"] == HONEST]),
            ),
            headline(
                "enlarged copies with the pattern, encoded, held out",
                _noticed([case for case in encoded if case["pictures"] != HONEST]),
            ),
        ],
        "threshold": VirtualCameraConfig().enlarged_peak,
        "cases": cases,
        "pace": paces,
    }


def report_injection(result: Json) -> list[str]:
    """Tables by kind of picture, and of paces."""
    cases, threshold = result["cases"], result["threshold"]
    rows = [
        _row(name, kbps, [case for case in cases if case["pictures"] == name and case["kbps"] == kbps])
        for kbps in (None, HIGHEST_KBPS, SITTING_KBPS)
        for name in dict.fromkeys(case["pictures"] for case in cases)
    ]
    count = len({case["source"] for case in cases})
    highest = max((case["peak"] for case in cases if _is_honest(case) and not case["held_out"]), default=None)
    return [
        *paragraph(
            f"{count} photographs and clips, each as taken and enlarged from a smaller copy, 8 pictures of layer 0 "
            f"each. The pattern counts from {threshold:g} times the usual on (`virtual_camera`, `judge_enlarged`). The "
            "threshold was chosen on every second source, above the highest of its pictures as taken, "
            f"{'none' if highest is None else f'{highest:g}'}; the others are held out. Shares are of the judged ones:"
        ),
        *table(
            ["pictures", "encoder", "median peak", "counted, development", "counted, held out", "cannot tell (of all)"],
            rows,
        ),
        *paragraph(
            "**The rule is off by default.** Without an encoder the pattern is plain, and by far, except for the "
            "factors 4/3 and 2, which fall on the grid of encoders; these are the ones that small recordings are "
            "enlarged by most. The encoder of a sitting wipes it out at the default bit rate, where copies cannot be "
            "told from what was taken; at the highest bit rate of a policy a part is left. The copies stand for an "
            "honest camera that enlarges its own pictures, too: the two are the same picture. What is made smaller "
            "or shown at its own size leaves no such pattern, and no cue here tells a second encoding."
        ),
        *report_pace(result["pace"]),
    ]


def report_pace(paces: list[Json]) -> list[str]:
    """A table of streams."""
    return [
        *paragraph(
            "Pace of capture, by the sender's time stamps (`judge_pace`, off by default, from",
            f"{VirtualCameraConfig().even_pace:g} on). **Not one real camera is among them**, so how often an honest",
            "one would be noted is unknown; and a browser's own made-up camera, a program, is not even enough to be:",
        ),
        *table(["stream", "pictures", "equal intervals", "median interval, ms"],
               [[pace["stream"], pace["pictures"], pace["even"], pace["interval_ms"]] for pace in paces]),
    ]  # fmt: skip


def _is_honest(case: Json) -> bool:
    return case["pictures"] == HONEST and case["peak"] is not None


def _name(copy: Enlargement | None) -> str:
    return HONEST if copy is None else f"enlarged {copy.factor:.2f} times, {copy.name}"


def _row(name: str, kbps: int | None, cases: list[Json]) -> list[object]:
    judged = [case for case in cases if case["peak"] is not None]
    unknown = share_of((case["source"], case["peak"] is None) for case in cases).as_json()
    return [
        name,
        "none" if kbps is None else f"VP8, {kbps} kbit/s",
        round(median(case["peak"] for case in judged), 1) if judged else None,
        *(_noticed([case for case in judged if case["held_out"] is held_out]) for held_out in (False, True)),
        unknown,
    ]


def _noticed(cases: list[Json]) -> Json:
    threshold = VirtualCameraConfig().enlarged_peak
    return share_of((case["source"], case["peak"] >= threshold) for case in cases if case["peak"] is not None).as_json()


def _paces(trace: Path) -> Iterator[Json]:
    """Pace of each video stream of a recorded trace; of one without layers every fourth picture counts as layer 0."""
    if not trace.is_file():
        return
    for name, stamps in captured(trace).items():
        for step in (1, 4):
            stream = PaceStream()
            kept = stamps[::step]
            for stamp in kept:
                stream.arrived(_stamped(stamp))
            observed = stream.observe(MediaTime(0))
            if observed is not None and len(kept) > LEAST_COMPARED:
                yield {
                    "stream": f"{name}, every picture" if step == 1 else f"{name}, one in {step}",
                    "pictures": len(kept),
                    "even": None if observed.even is None else round(observed.even, 3),
                    "interval_ms": round(observed.interval_ms, 1),
                }


def captured(trace: Path) -> dict[str, list[int]]:
    """RTP times of the pictures of each VP8 stream of a trace, the one with more pictures first."""
    data, at = trace.read_bytes(), 0
    stamps: dict[int, dict[int, None]] = {}
    while at + calcsize(_RECORD) <= len(data):
        _, kind, length = unpack_from(_RECORD, data, at)
        at += calcsize(_RECORD)
        packet = parse_rtp(data[at : at + length]) if kind == 0 else None
        at += length
        if packet is not None and packet.payload and packet.payload_type == _VIDEO_TYPE:
            stamps.setdefault(packet.ssrc, {})[packet.timestamp] = None
    by_length = sorted(stamps.values(), key=len, reverse=True)
    names = ("Chromium's made-up camera", "Chromium's made-up screen")
    return {name: list(taken) for name, taken in zip(names, by_length, strict=False)}


def _stamped(rtp_time: int) -> EncodedFrame:
    return EncodedFrame(
        track=TrackKind.CAMERA,
        leg=1,
        at=MediaTime(0),
        rtp_time=rtp_time,
        codec=Codec.VP8,
        data=b"",
        is_key=False,
        temporal_id=0,
        after_gap=False,
    )
