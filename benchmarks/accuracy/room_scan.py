"""Recordings of a room: degrees covered against the truth, and which count as complete."""

from __future__ import annotations

import csv

from benchmarks.accuracy.composed_rooms import measure_composed
from benchmarks.accuracy.estimate import share_of
from benchmarks.accuracy.labelled import LabelledData
from benchmarks.accuracy.tables import Json, Target, headline, paragraph, table
from proctor.analyzers.suite import AnalyzerSuite
from server.cli.room_scan import scan_of
from server.perception.recorded import RecordedFile

LABELS = "room_scan/labels.csv"
FULL_DEG = 345.0
PARTIAL_WITHIN_DEG = 20.0
FULL_TARGET, ERROR_TARGET = Target(FULL_DEG), Target(PARTIAL_WITHIN_DEG, at_most=True)


def measure_room_scan(data: LabelledData, suite: AnalyzerSuite) -> Json:
    """Coverage of each clip; where the true directions are known, against the degrees that they sweep."""
    del suite
    clips: list[Json] = []
    for row in data.rows(LABELS, thin=False):
        recorded = RecordedFile(data.folder / "room_scan" / row["file"])
        try:
            scan = scan_of(recorded, lambda _seconds: None)
        finally:
            recorded.close()
        clips.append(
            {
                "file": row["file"],
                "kind": row["kind"],
                "turned_deg": float(row["total_turn_deg"]) if row["total_turn_deg"] else _swept(data, row["file"]),
                "is_full": row["covers_full_circle"] == "yes",
                "coverage_deg": round(scan.coverage_deg, 1),
                "complete": scan.is_complete,
                "cannot_tell": None if scan.cannot_tell is None else scan.cannot_tell.value,
            }
        )
    composed = measure_composed(data.every)
    return {
        "headline": [*_headlines(clips, "labelled"), *_headlines(composed, "composed")],
        "clips": [*clips, *composed],
        "judged": _judged([*clips, *composed]),
    }


def _headlines(clips: list[Json], which: str) -> list[Json]:
    full = [clip["coverage_deg"] for clip in clips if clip["is_full"]]
    errors = [
        abs(clip["coverage_deg"] - clip["turned_deg"])
        for clip in clips
        if not clip["is_full"] and clip["turned_deg"] is not None
    ]
    least, largest = min(full, default=None), max(errors, default=None)
    return [
        headline(f"least coverage of a full circle, {which}, °", least, FULL_TARGET, f"{len(full)} clips"),
        headline(f"largest error of a part, {which}, °", largest, ERROR_TARGET, f"{len(errors)} clips"),
        headline(f"complete or not, {which}", _judged(clips), Target(1.0)),
    ]


def _judged(clips: list[Json]) -> Json:
    return share_of((clip["file"], clip["complete"] == clip["is_full"]) for clip in clips).as_json()


def report_room_scan(result: Json) -> list[str]:
    """Table of the clips."""
    rows = [
        [clip["file"], clip["kind"], clip["turned_deg"], clip["coverage_deg"], "yes" if clip["complete"] else "no",
         "yes" if clip["is_full"] else "no", clip["cannot_tell"]]
        for clip in result["clips"]
    ]  # fmt: skip
    return [
        *table(["clip", "kind", "true degrees", "measured", "complete", "labelled full", "cannot tell"], rows),
        *paragraph(
            "Labelled full circles are rendered from 360-degree photographs by a virtual camera that sways a little. "
            "Composed clips show a box-shaped room hung with pictures, with sway, noise and VP8, some on an arm and so "
            "with parallax; thresholds were chosen on a room of the same making with other furniture. Parallax makes "
            "an open turn look longer than it is, and a circle past a wall without any detail stays incomplete. There "
            "are no people and no motion blur, and no hand-held full circle of a real room is among the data: how "
            "often an honest one is refused is not known."
        ),
    ]


def _swept(data: LabelledData, file: str) -> float | None:
    """Degrees between the outermost true directions of a clip, where they are labelled."""
    track = data.folder / "room_scan" / "yaw_track.csv"
    if not track.is_file():
        return None
    with track.open(newline="", encoding="utf-8") as stream:
        yaws = [float(row["yaw_deg"]) for row in csv.DictReader(stream) if row["file"] == file]
    return round(max(yaws) - min(yaws), 1) if yaws else None
