"""Labelled intervals of video: number of people, and where the head is turned."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from statistics import median

from benchmarks.accuracy.labelled import LabelledData, Row, video_pictures
from benchmarks.accuracy.proportion import Proportion
from proctor.analyzers.faces import FaceAnalyzer
from proctor.domain.media import Frame, TrackKind
from proctor.domain.observations import PeopleObserved
from proctor.domain.time import to_s

Seen = Sequence[tuple[float, PeopleObserved]]
PICTURES_PER_S = 10.0
TURNED_DEG = 20.0
MANY = 3

PEOPLE: dict[str, Callable[[float], bool]] = {
    "one_face": lambda people: people == 1,
    "two_faces": lambda people: people == 2,  # noqa: PLR2004 - as the label says
    "two_people": lambda people: people == 2,  # noqa: PLR2004 - as the label says
    "three_faces": lambda people: people == MANY,
    "more_than_two_people": lambda people: people >= MANY,
    "one_person_from_behind": lambda people: people == 1,
    "nobody": lambda people: people == 0,
    "television_only": lambda people: people == 0,
}
YAW: dict[str, Callable[[float], bool]] = {
    "head_frontal": lambda yaw_deg: abs(yaw_deg) < TURNED_DEG,
    "head_turned_image_left": lambda yaw_deg: yaw_deg <= -TURNED_DEG,
    "head_turned_image_right": lambda yaw_deg: yaw_deg >= TURNED_DEG,
}


def measure_events(data: LabelledData, faces: FaceAnalyzer) -> dict[str, object]:
    """Intervals whose median count, or median yaw, is as labelled; people without a visible face count as missed."""
    by_file: dict[str, list[Row]] = {}
    for row in data.rows("video/events.csv", thin=False):
        if row["event"] in PEOPLE or row["event"] in YAW:
            by_file.setdefault(row["file"], []).append(row)
    tally: dict[str, list[bool]] = {}
    wrong: list[dict[str, object]] = []
    for file, rows in list(by_file.items())[:: data.every]:
        seen = _watch(data, file, rows, faces)
        for row in rows:
            value = _median(seen, row)
            if value is None and row["event"] in PEOPLE:
                continue
            judge = PEOPLE.get(row["event"]) or YAW[row["event"]]
            hit = value is not None and judge(value)
            tally.setdefault(row["event"], []).append(hit)
            if not hit:
                wrong.append({**{key: row[key] for key in ("file", "start_s", "end_s", "event")}, "median": value})
    return {
        "events": {event: Proportion(sum(hits), len(hits)).as_json() for event, hits in sorted(tally.items())},
        "people": _total(tally, PEOPLE),
        "people_with_faces": _total(tally, [event for event in PEOPLE if event != "one_person_from_behind"]),
        "head": _total(tally, YAW),
        "wrong": wrong,
    }


def _watch(data: LabelledData, file: str, rows: Sequence[Row], faces: FaceAnalyzer) -> Seen:
    seen = []
    for at, rgb in video_pictures(data.folder / "video" / file, PICTURES_PER_S):
        if any(float(row["start_s"]) <= to_s(at) <= float(row["end_s"]) for row in rows):
            seen.append((to_s(at), faces.observe(Frame(TrackKind.CAMERA, at, rgb), thorough=True)))
    return seen


def _median(seen: Seen, row: Row) -> float | None:
    inside = [people for at_s, people in seen if float(row["start_s"]) <= at_s <= float(row["end_s"])]
    if row["event"] in PEOPLE:
        return float(median(people.people for people in inside)) if inside else None
    poses = [people.faces[0].pose for people in inside if people.faces]
    yaws = [pose.yaw_deg for pose in poses if pose is not None]
    return round(median(yaws), 1) if yaws else None


def _total(
    tally: dict[str, list[bool]], events: Sequence[str] | dict[str, Callable[[float], bool]]
) -> dict[str, object]:
    hits = [hit for event in events for hit in tally.get(event, ())]
    return Proportion(sum(hits), len(hits)).as_json()
