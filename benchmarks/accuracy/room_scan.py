"""Recordings of a room: degrees covered against the truth, and which count as complete."""

from __future__ import annotations

import csv

from benchmarks.accuracy.composed_rooms import (
    COMPOSED,
    COMPOSED_KIND,
    HELD_OUT_KIND,
    SEEN_KIND,
    held_out,
    measure_composed,
    once_held_out,
)
from benchmarks.accuracy.estimate import share_of
from benchmarks.accuracy.labelled import LabelledData
from benchmarks.accuracy.tables import Json, Target, headline, paragraph, table
from proctor.analyzers.suite import AnalyzerSuite
from server.cli.room_scan import scan_of
from server.perception.recorded import RecordedFile

LABELS = "room_scan/labels.csv"
FULL_DEG = 345.0
PARTIAL_WITHIN_DEG = 20.0
SLACK_DEG = 3.0
HEADER = (
    "clip",
    "kind",
    "true degrees",
    "measured",
    "at least",
    "at most",
    "not known",
    "complete",
    "labelled full",
    "cannot tell",
)
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
                "least_deg": round(scan.least_deg, 1),
                "most_deg": round(scan.most_deg, 1),
                "untold_deg": round(sum(sector.width_deg for sector in scan.untold), 1),
                "complete": scan.is_complete,
                "cannot_tell": None if scan.cannot_tell is None else scan.cannot_tell.value,
            }
        )
    groups = {
        "labelled": clips,
        COMPOSED_KIND: measure_composed(COMPOSED[:: data.every]),
        SEEN_KIND: measure_composed(once_held_out()[:: data.every]),
        HELD_OUT_KIND: measure_composed(held_out()[:: data.every]),
    }
    every = [clip for group in groups.values() for clip in group]
    return {
        "headline": [line for which, group in groups.items() for line in _headlines(group, which)],
        "clips": every,
        "judged": _judged(every),
    }


def _headlines(clips: list[Json], which: str) -> list[Json]:
    told = [clip for clip in clips if clip["cannot_tell"] is None]
    full = [clip["coverage_deg"] for clip in told if clip["is_full"]]
    errors = [
        abs(clip["coverage_deg"] - clip["turned_deg"])
        for clip in told
        if not clip["is_full"] and clip["turned_deg"] is not None
    ]
    least, largest = min(full, default=None), max(errors, default=None)
    return [
        headline(f"least coverage of a full circle, {which}, °", least, FULL_TARGET, f"{len(full)} clips"),
        headline(f"largest error of a part, {which}, °", largest, ERROR_TARGET, f"{len(errors)} clips"),
        headline(f"complete or not, {which}", _judged(told), Target(1.0)),
        headline(f"truth from the least to the most degrees, open, {which}", _within(told), Target(1.0)),
        headline(f"cannot be told, {which}", len(clips) - len(told), None, f"{len(clips)} clips"),
    ]


def _within(clips: list[Json]) -> Json:
    """Open turns whose true degrees lie where they are said to lie, to 3 degrees."""
    open_turns = [clip for clip in clips if not clip["is_full"] and clip["turned_deg"] is not None]
    return share_of(
        (clip["file"], clip["least_deg"] - SLACK_DEG <= clip["turned_deg"] <= clip["most_deg"] + SLACK_DEG)
        for clip in open_turns
    ).as_json()


def _judged(clips: list[Json]) -> Json:
    return share_of((clip["file"], clip["complete"] == clip["is_full"]) for clip in clips).as_json()


def report_room_scan(result: Json) -> list[str]:
    """Table of the clips."""
    rows = [
        [clip["file"], clip["kind"], clip["turned_deg"], clip["coverage_deg"], clip["least_deg"],
         clip["most_deg"], clip["untold_deg"] or None, "yes" if clip["complete"] else "no",
         "yes" if clip["is_full"] else "no", clip["cannot_tell"]]
        for clip in result["clips"]
    ]  # fmt: skip
    return [
        *table(HEADER, rows),
        *paragraph(
            "Labelled full circles are rendered from 360-degree photographs by a virtual camera that sways a little. "
            "Composed clips show a box-shaped room hung with pictures, with sway, noise and VP8, some on an arm and so "
            "with parallax; thresholds were chosen on rooms of the same making with other furniture, and the treatment "
            "of bare walls and arms on those called composed. Those called once held out were published or measured as "
            "such: in the first three, circles read 134° and parts 253.5°, 120.5° and 237° for 220°, and what follows "
            "a turn past walls with next to nothing on them and what takes off the arm were chosen on them and on "
            "eleven further open turns in rooms of the same making; in the next three a circle past a bare wall read "
            "282.5° instead of being refused, the rule for what was torn on the way was made stricter for that, and it "
            "still does: what was guessed on the way there is not noticed. The three rooms called held out have other "
            "sizes, other cameras and other arms; nothing was chosen on them, and they were measured once. What was "
            "told of them was right, but half of the recordings were refused, honest ones on an arm among them. "
            "How much longer parallax makes an open turn look is told from how unequally "
            "near and far things pass, roughly: beside the measured degrees stands what they come to at arm's length "
            "and on the spot. What lies past a wall without any detail is said to be not known, and such a circle "
            "cannot be told; clips that cannot be told are left out of the other figures of the summary. There are no "
            "people and no motion blur, and no hand-held full circle of a real room is among the data: how often an "
            "honest one is refused is not known."
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
