"""Where the head is turned: direction on labelled pictures, angles on drawn turns, and mirrored pictures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import median

import numpy as np
from numpy.typing import NDArray

from benchmarks.accuracy.estimate import share_of
from benchmarks.accuracy.labelled import LabelledData, Row
from benchmarks.accuracy.plots import points
from benchmarks.accuracy.tables import Json, Target, headline, paragraph, table
from benchmarks.accuracy.yaw_template import PORTRAITS, frontal_portraits, held_out_half, turnable
from proctor.analyzers.head_pose import (
    MEASURED_BOTH_WAYS_DEG,
    MOST_DISAGREEMENT_DEG,
    MOST_FAR_DISAGREEMENT_DEG,
    supported_pose,
)
from proctor.analyzers.suite import AnalyzerSuite
from proctor.domain.media import Frame, TrackKind
from proctor.domain.observations import HeadPose
from proctor.domain.time import MediaTime
from server.perception.recorded import read_picture
from tests.media.portraits import PortraitsMissingError, astronaut, portrait
from tests.media.turned_head import TurnableHead

Picture = NDArray[np.uint8]
LABELS = None
"""Drawn heads need no data; labelled ones are in `PICTURES`."""
PICTURES = "head_pose/labels.csv"
SIDES = {"left": -1, "right": 1}
FRONTAL_DEG = 20.0
"""A frontal face may be measured this far to either side: neighbouring classes were labelled by eye."""
DRAWN_YAWS = tuple(range(-45, 46, 15))
DRAWN_PITCHES = (-25, -15, 0, 15, 25)
DRAWN_FACES = ("astronaut", "obama", "biden")
PORTRAYED = "portrayed from the front"
ANGLE_TARGET = Target(6.0, at_most=True)


def measure_head_pose(data: LabelledData | None, suite: AnalyzerSuite) -> Json:
    """Direction of labelled heads and how it mirrors, where there is data; angles of drawn heads everywhere.

    "Cannot tell" is no wrong direction and is counted apart.
    """
    rows = list(_labelled(data))
    hits: list[tuple[str, bool]] = []
    unknown, wrong, mirrored, mirrored_one_mesh, labelled_yaws = [], [], [], [], []
    for path, row in rows:
        rgb = read_picture(path)
        mirror_image = np.ascontiguousarray(rgb[:, ::-1])
        _add_sum(mirrored_one_mesh, _pose_of_one_mesh(suite, rgb), _pose_of_one_mesh(suite, mirror_image))
        pose = _pose(suite, rgb)
        if pose is None:
            unknown.append(row["file"])
            continue
        _add_sum(mirrored, pose, _pose(suite, mirror_image))
        hit = _agrees(row, pose.yaw_deg)
        hits.append((row["file"], hit))
        labelled_yaws.append((row["yaw_toward"], round(pose.yaw_deg, 1)))
        if not hit:
            wrong.append({"file": row["file"], "yaw_toward": row["yaw_toward"], "yaw_deg": round(pose.yaw_deg, 1)})
    heads = _heads(data, suite)
    drawn = [case for who, head in heads for case in _drawn(who, head, suite)]
    yaw_errors, pitch_errors = _errors(drawn, "yaw"), _errors(drawn, "pitch")
    direction = share_of(hits).as_json()
    worst_yaw = round(max(yaw_errors), 1) if yaw_errors else None
    return {
        "headline": [
            headline("direction right", direction if hits else None, Target(1.0), "" if hits else "no labelled data"),
            headline("largest yaw error on drawn turns, °", worst_yaw, ANGLE_TARGET,
                     f"{len(yaw_errors)} drawn turns of {len(heads)} people"),
        ],
        "direction": direction,
        "cannot_tell": unknown,
        "refused": _refused(data, suite, (len(unknown), len(rows)), len(heads), drawn),
        "wrong": wrong,
        "by_label": labelled_yaws,
        "mirrored": _summary(mirrored),
        "mirrored_one_mesh": _summary(mirrored_one_mesh),
        "drawn_yaw": _summary(yaw_errors),
        "drawn_yaw_one_mesh": _summary(_errors(drawn, "yaw of one mesh")),
        "drawn_yaw_dark_sides": _summary(_errors(drawn, "yaw with dark sides")),
        "drawn_pitch": _summary(pitch_errors),
        "drawn_people": len(heads),
        "drawn": [list(case) for case in drawn],
    }  # fmt: skip


def report_head_pose(result: Json) -> list[str]:
    """Tables of directions and of angles."""
    angles = [
        [name, result[key]["cases"], result[key]["median"], result[key]["p95"], result[key]["largest"]]
        for name, key in (
            ("yaw of drawn turns to ±45°", "drawn_yaw"),
            ("the same, the sides of each head dark as hair", "drawn_yaw_dark_sides"),
            ("the same by the mesh of the picture alone", "drawn_yaw_one_mesh"),
            ("pitch of drawn turns to ±25°", "drawn_pitch"),
            ("yaw of a picture against its mirror image", "mirrored"),
            ("the same by one mesh each", "mirrored_one_mesh"),
        )
        if key in result
    ]
    wrong = "; ".join(f"{case['file']} ({case['yaw_toward']}, {case['yaw_deg']}°)" for case in result["wrong"])
    return [
        *table(["", "share"], [["direction (left, frontal, right) as labelled", result["direction"]]]),
        *paragraph(
            f"Wrong: {wrong or 'none'}. Cannot tell: {', '.join(result['cannot_tell']) or 'none'}. Labels are by eye; "
            "only "
            f"the opposite side counts as wrong, and for a frontal face more than {FRONTAL_DEG:g}°."
        ),
        *table(["error in degrees", "cases", "median", "95 %", "largest"], angles),
        *paragraph(
            f"Drawn turns, of {result['drawn_people']} people, rotate a real face's own measured mesh and draw it "
            "with the picture's texture, so they share the mesh's idea of depth and flatter the measurement; the sides "
            "of the head carry what the portrait shows beside the face, its background too, which is no real head's "
            "and hampers it; no motion capture was at hand. The face that yaw is measured by, its lean and its stretch "
            "were fitted on drawn turns of other people of the same portraits, and there the way of measuring was "
            "chosen; the errors of these people had been looked at before, by the former ways and once by this one. "
            "A thorough look measures the picture and its mirror image and states the mean, a quick look only where "
            f"the head is turned by {MEASURED_BOTH_WAYS_DEG:g}° or more or a part of the face lies beyond the "
            "picture; all rows but those of one mesh are thorough looks, so mirrored pictures agree but for where the "
            "face was found, and only the row of one mesh each shows how far the network agrees with itself. With one "
            "mesh, no lean and one stretch for all turns the largest "
            "error on the same people was 8.4°, and 12.7° between a picture and its mirror image. "
            f"Beyond the target: {_beyond_target(result)} of the drawn turns, and "
            f"{_beyond_target(result, 'yaw with dark sides')} of those with dark sides, all at 45°: what is "
            "drawn there decides by several degrees. Mirrored pictures show consistency, not truth."
        ),
        *paragraph(
            f"**Cannot tell**: where picture and mirror image differ by more than {MOST_DISAGREEMENT_DEG:g}°, or by "
            f"more than {MOST_FAR_DISAGREEMENT_DEG:g}° in a head turned by {MEASURED_BOTH_WAYS_DEG:g}° or more, the "
            "landmarks support no judgement and no pose is told: "
            f"{'; '.join(f'{refused} of {cases} {name}' for name, (refused, cases) in result['refused'].items())}. "
            "The limits are twice the most by which drawn turns of the people who were fitted to differ, 4.2° and "
            "6.0°, and were set with the labelled picture in view that they refuse, a face cut by the edge (9.3°), "
            "and one drawn turn of the others that they must not (9.8°, its mean right to 1°). They are no "
            "guard against errors of drawn turns: their two meshes err alike, and the worst of those who were fitted "
            "to, 6.7° off, differ by 3.3°."
        ),
    ]


def draw_head_pose(result: Json, folder: Path) -> dict[str, str]:
    """Measured against true yaw of drawn turns."""
    series: dict[str, list[tuple[float, float]]] = {}
    for axis, who, true, found in result["drawn"]:
        if axis == "yaw":
            series.setdefault(who, []).append((true, found))
    points(folder / "head-yaw.png", series, "Yaw of drawn turns", ("true yaw, degrees", "measured yaw, degrees"))
    return {"head-yaw.png": "Measured against true yaw of drawn turns"}


def _labelled(data: LabelledData | None) -> Iterator[tuple[Path, Row]]:
    if data is not None and (data.folder / PICTURES).is_file():
        for row in data.rows(PICTURES):
            yield data.folder / "head_pose" / row["file"], row


def _refused(
    data: LabelledData | None,
    suite: AnalyzerSuite,
    labelled: tuple[int, int],
    people: int,
    drawn: Sequence[tuple[str, str, float, float]],
) -> dict[str, tuple[int, int]]:
    """Of how many pictures of each kind the pose is not told, and how many there are."""
    refused = {"labelled pictures": labelled} if labelled[1] else {}
    for name, axis in (("drawn turns", "yaw"), ("drawn turns with dark sides", "yaw with dark sides")):
        views = people * len(DRAWN_YAWS)
        refused[name] = (views - sum(case[0] == axis for case in drawn), views)
    if data is not None and (data.folder / PORTRAITS).is_file():
        files = [data.folder / "face_pairs" / row["file"] for row in data.rows(PORTRAITS)]
        refused["portraits"] = (sum(_pose(suite, read_picture(path)) is None for path in files), len(files))
    return refused


def _add_sum(sums: list[float], pose: HeadPose | None, of_mirror_image: HeadPose | None) -> None:
    """By how much the yaw of a picture and that of its mirror image fail to be opposite, where both are told."""
    if pose is not None and of_mirror_image is not None:
        sums.append(abs(pose.yaw_deg + of_mirror_image.yaw_deg))


def _heads(data: LabelledData | None, suite: AnalyzerSuite) -> list[tuple[str, TurnableHead]]:
    """Heads of the people whom everybody has, and of those portrayed from the front whom nothing was fitted to."""
    heads = []
    for who in DRAWN_FACES:
        try:
            rgb = astronaut() if who == "astronaut" else portrait(who)
        except PortraitsMissingError:
            continue
        heads.append((who, turnable(rgb, suite.faces)))
    if data is not None and (data.folder / PORTRAITS).is_file():
        people = held_out_half(frontal_portraits(data))[:: data.every]
        heads += [(PORTRAYED, turnable(read_picture(path), suite.faces)) for _, path in people]
    return [(who, head) for who, head in heads if head is not None]


def _drawn(who: str, head: TurnableHead, suite: AnalyzerSuite) -> Iterator[tuple[str, str, float, float]]:
    """Axis, whose face, true and measured angle in degrees."""
    for yaw in DRAWN_YAWS:
        rgb = head.drawn(HeadPose(float(yaw), 0.0, 0.0))
        pose, of_one_mesh = _pose(suite, rgb), _pose_of_one_mesh(suite, rgb)
        if pose is not None:
            yield "yaw", who, float(yaw), round(pose.yaw_deg, 2)
        if of_one_mesh is not None:
            yield "yaw of one mesh", who, float(yaw), round(of_one_mesh.yaw_deg, 2)
        dark = _pose(suite, head.drawn(HeadPose(float(yaw), 0.0, 0.0), sides=head.hair()))
        if dark is not None:
            yield "yaw with dark sides", who, float(yaw), round(dark.yaw_deg, 2)
    for pitch in DRAWN_PITCHES:
        pose = _pose(suite, head.drawn(HeadPose(0.0, float(pitch), 0.0)))
        if pose is not None:
            yield "pitch", who, float(pitch), round(pose.pitch_deg, 2)


def _pose(suite: AnalyzerSuite, rgb: Picture) -> HeadPose | None:
    observed = suite.faces.observe(Frame(TrackKind.CAMERA, MediaTime(0), rgb), thorough=True)
    return observed.faces[0].pose if observed.faces else None


def _pose_of_one_mesh(suite: AnalyzerSuite, rgb: Picture) -> HeadPose | None:
    found = suite.faces.detect(rgb)
    return supported_pose(suite.faces.mesh.points(rgb, found[0].box)) if found else None


def _errors(drawn: Sequence[tuple[str, str, float, float]], axis: str) -> list[float]:
    return [abs(found - true) for each, _, true, found in drawn if each == axis]


def _beyond_target(result: Json, axis: str = "yaw") -> int:
    yaws = [case for case in result["drawn"] if case[0] == axis]
    return sum(abs(found - true) > ANGLE_TARGET.value for _, _, true, found in yaws)


def _agrees(row: dict[str, str], yaw_deg: float) -> bool:
    side = SIDES.get(row["yaw_toward"])
    return abs(yaw_deg) < FRONTAL_DEG if side is None else yaw_deg * side > 0


def _summary(errors: list[float]) -> Json:
    if not errors:
        return {"cases": 0, "median": None, "p95": None, "largest": None}
    return {
        "cases": len(errors),
        "median": round(median(errors), 1),
        "p95": round(float(np.percentile(errors, 95)), 1),
        "largest": round(max(errors), 1),
    }
