"""Labelled intervals of video: number of people, where the head is turned, and faces that are not there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from statistics import median

from benchmarks.accuracy.estimate import share_of
from benchmarks.accuracy.labelled import LabelledData, Row, video_pictures
from benchmarks.accuracy.tables import Json, Target, headline, paragraph, table
from proctor.analyzers.people import PeopleStream
from proctor.analyzers.suite import AnalyzerSuite
from proctor.domain.media import Frame, TrackKind
from proctor.domain.observations import PeopleObserved
from proctor.domain.time import to_s
from proctor.pipeline.schedule import SamplingGrid

Seen = Sequence[tuple[float, PeopleObserved]]
Hits = dict[str, list[tuple[str, bool]]]
"""By event: file, and whether the median was as labelled."""
LABELS = "video/events.csv"
PICTURES_PER_S = 5.0
OBJECT_LOOKS_PER_S = 1.0
"""Bodies and screens are looked for so often."""
TURNED_DEG = 20.0
MANY = 3
MEDIAN_TARGET = Target(0.85)

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
SINGLE_FACE = frozenset({"one_face", "eyes_centre", "eyes_toward_image_left", "eyes_toward_image_right", *YAW})
"""Events that show exactly one face, on clips of one person."""


def measure_events(data: LabelledData, suite: AnalyzerSuite) -> Json:
    """Intervals whose median count, or median yaw, is as labelled; people without a visible face count as missed."""
    alone = {row["file"] for row in data.rows("video/labels.csv", thin=False) if row["people"].startswith("1")}
    by_file: dict[str, list[Row]] = {}
    for row in data.rows(LABELS, thin=False):
        if row["event"] in PEOPLE or row["event"] in SINGLE_FACE:
            by_file.setdefault(row["file"], []).append(row)
    tally: Hits = {}
    invented: list[tuple[str, bool]] = []
    wrong: list[Json] = []
    for file, rows in list(by_file.items())[:: data.every]:
        seen = _watch(data, file, rows, suite)
        for row in rows:
            if row["event"] in SINGLE_FACE and file in alone:
                invented += [(file, len(people.faces) > 1) for people in _inside(seen, row)]
            if row["event"] not in PEOPLE and row["event"] not in YAW:
                continue
            value = _median(seen, row)
            if value is None and row["event"] in PEOPLE:
                continue
            judge = PEOPLE.get(row["event"]) or YAW[row["event"]]
            hit = value is not None and judge(value)
            tally.setdefault(row["event"], []).append((file, hit))
            if not hit:
                wrong.append({**{key: row[key] for key in ("file", "start_s", "end_s", "event")}, "median": value})
    people, head = _total(tally, PEOPLE), _total(tally, YAW)
    extra = share_of(invented).as_json()
    return {
        "headline": [
            headline("median count right in an interval", people, MEDIAN_TARGET),
            headline("pictures of one face with an invented second one", extra, Target(0, at_most=True)),
        ],
        "events": {event: share_of(hits).as_json() for event, hits in sorted(tally.items())},
        "people": people,
        "people_with_faces": _total(tally, [event for event in PEOPLE if event != "one_person_from_behind"]),
        "head": head,
        "invented_faces": extra,
        "wrong": wrong,
    }


def report_events(result: Json) -> list[str]:
    """Table of the events and what was wrong."""
    rows = [[event, share] for event, share in result["events"].items()]
    rows += [["**people, all**", result["people"]], ["**people, where faces are seen**", result["people_with_faces"]]]
    rows += [["**head**", result["head"]], ["pictures of one face with a second one", result["invented_faces"]]]
    wrong = [
        f"{case['file']} {case['start_s']} to {case['end_s']} s ({case['event']}, median {case['median']})"
        for case in result["wrong"]
    ]
    return [
        *table(["event", "as labelled"], rows),
        *paragraph(f"Wrong: {'; '.join(wrong) or 'none'}."),
        *paragraph(
            "The median over the pictures of an interval, five a second, each in the thorough look, bodies and "
            "screens once a second. n is the number "
            "of clips. These clips were looked at while the schedule was made: they are not held out."
        ),
    ]


def _watch(data: LabelledData, file: str, rows: Sequence[Row], suite: AnalyzerSuite) -> Seen:
    seen = []
    stream, grid = PeopleStream(), SamplingGrid(OBJECT_LOOKS_PER_S)
    for at, rgb in video_pictures(data.folder / "video" / file, PICTURES_PER_S):
        if any(float(row["start_s"]) <= to_s(at) <= float(row["end_s"]) for row in rows):
            frame = Frame(TrackKind.CAMERA, at, rgb)
            people = suite.faces.observe(frame, thorough=True)
            if grid.wants(at):
                grid.took(at)
                people = stream.with_objects(people, suite.objects.observe(frame))
            else:
                people = stream.without_objects(people)
            seen.append((to_s(at), people))
    return seen


def _inside(seen: Seen, row: Row) -> list[PeopleObserved]:
    return [people for at_s, people in seen if float(row["start_s"]) <= at_s <= float(row["end_s"])]


def _median(seen: Seen, row: Row) -> float | None:
    inside = _inside(seen, row)
    if row["event"] in PEOPLE:
        return float(median(people.people for people in inside)) if inside else None
    poses = [people.faces[0].pose for people in inside if people.faces]
    yaws = [pose.yaw_deg for pose in poses if pose is not None]
    return round(median(yaws), 1) if yaws else None


def _total(tally: Hits, events: Sequence[str] | dict[str, Callable[[float], bool]]) -> Json:
    return share_of([hit for event in events for hit in tally.get(event, ())]).as_json()
