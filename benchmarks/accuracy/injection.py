"""Pictures that a program puts in the camera's place: enlarged ones, and those that come at an even pace.

The threshold was set before anything was measured, and kept after both halves had been seen: the half called held out
took no part in choosing it, and is not unseen. What a program shows without enlarging
it, or makes smaller, leaves no such pattern; and a camera that enlarges its pictures itself leaves the same one, so
that the copies stand for both.
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
ENCODERS_KBPS = (None, HIGHEST_KBPS, SITTING_KBPS)
HONEST = "as taken"
HALVES = DEVELOPMENT, HELD_OUT = ("development", "held_out")
_RECORD = "<dBH"
"""Arrival in seconds, 0 for RTP and 1 for RTCP, length of the packet."""
_VIDEO_TYPE = 96
"""Payload type of VP8 in the trace."""

Case = tuple[str, float | None]
"""The source, and how strong the pattern is; None where it cannot be told."""


def measure_injection(data: LabelledData, suite: AnalyzerSuite) -> Json:
    """The pattern in honest pictures and enlarged copies, without an encoder and after the sitting's; and the pace."""
    del suite
    by_kind: dict[tuple[str, int | None], Json] = {}
    for number, source in enumerate(sources(data)):
        half = HALVES[number % 2]
        for name, kbps, peak in peaks_of(source):
            kind = by_kind.setdefault((name, kbps), {"pictures": name, "kbps": kbps, **{each: [] for each in HALVES}})
            kind[half].append(None if peak is None else round(peak, 2))
    kinds = sorted(by_kind.values(), key=lambda kind: ENCODERS_KBPS.index(kind["kbps"]))
    return judged(kinds, list(paces(data.folder / TRACE)))


def peaks_of(source: Source) -> Iterator[tuple[str, int | None, float | None]]:
    """The pattern's strength in a source as it was taken and in its enlarged copies, by bit rate; None: cannot tell."""
    for copy in (None, *ENLARGEMENTS):
        pictures = source.pictures(copy)
        for kbps in ENCODERS_KBPS:
            yield _name(copy), kbps, as_observed(pictures, kbps).peak


def judged(kinds: list[Json], evenness: list[Json]) -> Json:
    """The section's result: what was measured, by kind of picture, and what the default threshold makes of it."""
    encoded = [kind for kind in kinds if kind["kbps"] == SITTING_KBPS]
    taken = [case for kind in encoded if kind["pictures"] == HONEST for case in _cases(kind, HELD_OUT)]
    copies = [case for kind in encoded if kind["pictures"] != HONEST for case in _cases(kind, HELD_OUT)]
    return {
        "headline": [
            headline("pictures as taken with the pattern of enlarging, encoded, held out", _noticed(taken)),
            headline("enlarged copies with the pattern, encoded, held out", _noticed(copies)),
        ],
        "threshold": VirtualCameraConfig().enlarged_peak,
        "kinds": kinds,
        "pace": evenness,
    }


def report_injection(result: Json) -> list[str]:
    """Tables by kind of picture, and of paces."""
    kinds, threshold = result["kinds"], result["threshold"]
    taken = [peak for kind in kinds if kind["pictures"] == HONEST for peak in kind[DEVELOPMENT] if peak is not None]
    count = max((sum(len(kind[half]) for half in HALVES) for kind in kinds), default=0)
    return [
        *paragraph(
            f"{count} photographs and clips, each as taken and enlarged from a smaller copy, 8 pictures of layer 0 "
            f"each. The pattern counts from {threshold:g} times the usual on (`virtual_camera`, `judge_enlarged`). "
            "The threshold was set before anything was measured and kept after both halves had been seen, so the half "
            "called held out is not unseen. The strongest of the other half as taken is "
            f"{f'{max(taken):g}' if taken else 'none'}. Shares are of the judged ones:"
        ),
        *table(
            ["pictures", "encoder", "median peak", "counted, development", "counted, held out", "cannot tell (of all)"],
            [_row(kind) for kind in kinds],
        ),
        *paragraph(
            "**The rule is off by default.** Without an encoder the pattern is plain, except for the factors 4/3 and "
            "2, by which small recordings are often enlarged: they fall on the grid of encoders. The encoder of a "
            "sitting wipes it out at the default bit rate, where copies cannot be told from what was taken: finding "
            "nothing says nothing. At the highest bit rate of a policy a part is left. The copies stand for an honest "
            "camera that enlarges its own pictures, too: the two are the same picture. A picture that was encoded, "
            "scaled and shown bears the pattern as well, be it a played video or an honest camera's JPEG pictures "
            "that the browser made smaller; how often that happens was not measured. What is made smaller without "
            "having been encoded, or shown at its own size, bears none."
        ),
        *report_pace(result["pace"]),
    ]


def report_pace(streams: list[Json]) -> list[str]:
    """A table of streams."""
    return [
        *paragraph(
            "Pace of capture, by the sender's time stamps (`judge_pace`, off by default, from",
            f"{VirtualCameraConfig().even_pace:g} on). **Not one real camera is among them**, so how often an honest",
            "one would be noted is unknown; and a browser's own made-up camera, a program, is not even enough to be:",
        ),
        *table(["stream", "pictures", "equal intervals", "median interval, ms"],
               [[pace["stream"], pace["pictures"], pace["even"], pace["interval_ms"]] for pace in streams]),
    ]  # fmt: skip


def _name(copy: Enlargement | None) -> str:
    return HONEST if copy is None else f"enlarged {copy.factor:.2f} times, {copy.name}"


def _row(kind: Json) -> list[object]:
    cases = [case for half in HALVES for case in _cases(kind, half)]
    told = [peak for _, peak in cases if peak is not None]
    return [
        kind["pictures"],
        "none" if kind["kbps"] is None else f"VP8, {kind['kbps']} kbit/s",
        round(median(told), 1) if told else None,
        *(_noticed(_cases(kind, half)) for half in HALVES),
        share_of((source, peak is None) for source, peak in cases).as_json(),
    ]


def _cases(kind: Json, half: str) -> list[Case]:
    return [(f"{half} {number}", peak) for number, peak in enumerate(kind[half])]


def _noticed(cases: list[Case]) -> Json:
    threshold = VirtualCameraConfig().enlarged_peak
    return share_of((source, peak >= threshold) for source, peak in cases if peak is not None).as_json()


def paces(trace: Path) -> Iterator[Json]:
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
