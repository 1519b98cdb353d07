"""Liveness beyond the labelled attacks: honest faces of the other folders, printed portraits, clips played over.

Honest pictures of the other folders tell how often an honest face is refused, by collection; portraits in photographed
identity documents are printed faces. Clips are played over and over as a file-fed camera would, and their pictures are
also visited to and fro at random, which is harder than any honest sitting: every posture returns, but not in order.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np

from benchmarks.accuracy.estimate import share_of
from benchmarks.accuracy.labelled import LabelledData
from benchmarks.accuracy.tables import Json, paragraph, table
from proctor.analyzers.liveness import LivenessDecision
from proctor.analyzers.luma_plane import LumaPlane, small_plane
from proctor.analyzers.repetition import RepetitionStream
from proctor.detectors.rules.virtual_camera import VirtualCamera, VirtualCameraConfig
from proctor.domain.time import media_time_from_s, to_s
from server.cli.liveness import FileJudge

PLAYED_S, WALKED_S = 300.0, 600.0
STEP_S, OUT_OF_STEP_S = 0.5, 0.13
SENSOR_NOISE = 0.5
"""Standard deviation of luma added to each of the 80 x 60 means, in place of sensor and encoder."""
SEED = 11
SHORTEST_CLIP_S = 1.5

Cases = list[tuple[str, LivenessDecision]]
"""Person or file, and what the picture was taken for."""


@dataclass(frozen=True, slots=True)
class HonestFace:
    """A picture or clip of a person before a camera."""

    path: Path
    person: str
    group: str
    ethnicity: str = ""
    """As the person states it, where the source publishes that."""


def measure_wider(data: LabelledData, judge: FileJudge) -> Json:
    """Honest faces refused by collection, printed portraits passed, and clips that are played over."""
    by_group: dict[str, Cases] = {}
    by_ethnicity: dict[str, Cases] = {}
    for face in honest_faces(data):
        case = (face.person, LivenessDecision(str(judge.line(face.path)["decision"])))
        by_group.setdefault(face.group, []).append(case)
        if face.ethnicity:
            by_ethnicity.setdefault(face.ethnicity, []).append(case)
    everyone = [case for cases in by_group.values() for case in cases]
    portraits = [
        (path.name, LivenessDecision(str(judge.line(path)["decision"]))) for path in printed_portraits(data.folder)
    ]
    return {
        "bpcer": {group: _errors(cases, LivenessDecision.ATTACK) for group, cases in sorted(by_group.items())},
        "bpcer_by_ethnicity": {
            name: _errors(cases, LivenessDecision.ATTACK) for name, cases in sorted(by_ethnicity.items())
        },
        "bpcer_all": _errors(everyone, LivenessDecision.ATTACK),
        "printed_portraits": _errors(portraits, LivenessDecision.BONA_FIDE),
    }


def report_wider(result: Json) -> list[str]:
    """Tables of honest faces and printed portraits."""
    rows = [[group, errors["wrong"], errors["cannot_tell"]] for group, errors in result["bpcer"].items()]
    rows += [
        [f"ethnicity as stated: {name}", errors["wrong"], errors["cannot_tell"]]
        for name, errors in result["bpcer_by_ethnicity"].items()
    ]
    rows.append(["**all**", result["bpcer_all"]["wrong"], result["bpcer_all"]["cannot_tell"]])
    portraits = result["printed_portraits"]
    return [
        *paragraph("Honest faces of the other folders, refused as an attack or not judged:"),
        *table(["collection", "refused (BPCER)", "cannot tell (of all)"], rows),
        *paragraph(
            "Portraits in photographed identity documents are printed faces, too: passed as a person",
            f"{_words(portraits['wrong'])}, not judged {_words(portraits['cannot_tell'])}. They were looked",
            "at when the threshold was chosen: not held out.",
        ),
    ]


def measure_loops(data: LabelledData) -> Json:
    """What `virtual_camera` says of clips that are played over, and of their pictures visited to and fro."""
    loops: list[Json] = []
    for path in sorted((data.folder / "video" / "clips").glob("*.mp4"))[:: data.every]:
        planes, rate = _planes(path)
        if len(planes) < rate * SHORTEST_CLIP_S:
            continue
        noticed_s, highest = _watched(_played(planes, rate))
        false_s, walked = _watched(_walked(planes, rate))
        loops.append(
            {
                "clip": path.stem,
                "length_s": round(len(planes) / rate, 1),
                "noticed_s": noticed_s,
                "repeating": highest,
                "to_and_fro_noticed_s": false_s,
                "to_and_fro": walked,
            }
        )
    return {
        "noticed": share_of((loop["clip"], loop["noticed_s"] is not None) for loop in loops).as_json(),
        "false": share_of((loop["clip"], loop["to_and_fro_noticed_s"] is not None) for loop in loops).as_json(),
        "clips": loops,
    }


def report_loops(result: Json) -> list[str]:
    """A table of clips."""
    header = ("clip", "length s", "noticed after s", "highest share", "to and fro: noticed", "highest share")
    keys = ("clip", "length_s", "noticed_s", "repeating", "to_and_fro_noticed_s", "to_and_fro")
    threshold = VirtualCameraConfig().repeating
    return [
        *paragraph(
            f"Clips played over for {PLAYED_S:g} s, and their pictures visited to and fro at random for {WALKED_S:g} s",
            f"(share of returning pictures, threshold {threshold:g} held for {VirtualCameraConfig().dwell_s:g} s). A",
            "clip in which nothing moves cannot be noticed in this way. The pictures did not pass an encoder here;",
            "noise was added in its place:",
        ),
        *table(header, [[loop[key] for key in keys] for loop in result["clips"]]),
    ]


def honest_faces(data: LabelledData) -> Iterator[HonestFace]:
    """Pictures of one person each, and the clips in which one person faces the camera."""
    folder = data.folder
    if (folder / "face_pairs" / "images.csv").is_file():
        for row in data.rows("face_pairs/images.csv"):
            path, source = folder / "face_pairs" / row["file"], f"face_pairs: {row['source']}"
            yield HonestFace(path, row["person_id"], source, row.get("ethnicity", ""))
    if (folder / "head_pose" / "labels.csv").is_file():
        for row in data.rows("head_pose/labels.csv"):
            yield HonestFace(folder / "head_pose" / row["file"], row["file"], f"head_pose: {row['source']}")
    if (folder / "video" / "events.csv").is_file():
        alone = {row["file"] for row in data.rows("video/events.csv", thin=False) if row["event"] == "one_face"}
        for file in sorted(alone):
            yield HonestFace(folder / "video" / file, file, "video: clips with one face")


def printed_portraits(folder: Path) -> list[Path]:
    """Photographed identity documents."""
    return sorted(path for path in (folder / "id_documents").rglob("*") if path.suffix.lower() in {".jpg", ".png"})


def _errors(cases: Cases, wrong: LivenessDecision) -> Json:
    unknown = LivenessDecision.CANNOT_TELL
    return {
        "wrong": share_of(
            (cluster, decision is wrong) for cluster, decision in cases if decision is not unknown
        ).as_json(),
        "cannot_tell": share_of((cluster, decision is unknown) for cluster, decision in cases).as_json(),
    }


def _words(estimate: Json) -> str:
    return f"{estimate['hits']:g} of {estimate['cases']:g}"


def _planes(path: Path) -> tuple[list[LumaPlane], float]:
    with av.open(str(path)) as container:
        rate = float(container.streams.video[0].average_rate or 25)
        frames = container.decode(video=0)
        return [small_plane(frame.to_ndarray(format="gray").astype(np.uint8)) for frame in frames], rate


def _times(total_s: float) -> Iterator[float]:
    rng = np.random.default_rng(SEED)
    for at_s in np.arange(0.0, total_s, STEP_S):
        yield float(at_s + rng.uniform(0.0, OUT_OF_STEP_S))


def _played(planes: list[LumaPlane], rate: float) -> Iterator[tuple[float, LumaPlane]]:
    for at_s in _times(PLAYED_S):
        yield at_s, planes[int(at_s * rate) % len(planes)]


def _walked(planes: list[LumaPlane], rate: float) -> Iterator[tuple[float, LumaPlane]]:
    """Speed and direction change at random, up to three times the clip's own speed; the ends turn it round."""
    rng = np.random.default_rng(SEED + 1)
    last = len(planes) - 1
    place, speed = rng.uniform(0, last), 0.0
    for at_s in _times(WALKED_S):
        speed = float(np.clip(0.8 * speed + rng.normal(0.0, 0.6), -3.0, 3.0))
        place += speed * rate * STEP_S
        if not 0 <= place <= last:
            speed = -speed
            place = float(np.clip(-place if place < 0 else 2 * last - place, 0, last))
        yield at_s, planes[int(place)]


def _watched(pictures: Iterator[tuple[float, LumaPlane]]) -> tuple[float | None, float | None]:
    """When the rule noticed, in seconds, and the highest share of returning pictures; None where there was neither."""
    rng = np.random.default_rng(SEED + 2)
    stream, rule = RepetitionStream(), VirtualCamera(VirtualCameraConfig())
    noticed_s: float | None = None
    shares = []
    for at_s, plane in pictures:
        noisy = (plane + rng.normal(0.0, SENSOR_NOISE, plane.shape)).astype(np.float32)
        observed = stream.observe_plane(media_time_from_s(at_s), noisy)
        if observed.repeating is not None:
            shares.append(observed.repeating)
        for signal in rule.update(observed):
            noticed_s = round(to_s(signal.noticed), 1) if noticed_s is None else noticed_s
    return noticed_s, round(max(shares), 3) if shares else None
