from __future__ import annotations

from proctor.domain.media import TrackKind
from proctor.domain.observations import Body, BodyObserved, Face, PeopleObserved
from proctor.domain.time import media_time_from_s
from proctor.pipeline.body_schedule import BodySchedule
from proctor.pipeline.moment import Moment

BODY = Body((50.0, 50.0, 200.0, 300.0), (150.0, 100.0), 0.9, (200.0, 200.0), (100.0, 200.0), 0.0, 0)


def moment(at_s: float, *faces: Face, is_thinned: bool = False, counted: bool = True, change: float = 6.0) -> Moment:
    at = media_time_from_s(at_s)
    people = PeopleObserved(TrackKind.CAMERA, at, len(faces), faces, "faces@1") if counted else None
    return Moment(TrackKind.CAMERA, at, change, people, is_calm=False, is_thinned=is_thinned)


def face(x: float = 100.0, width: float = 100.0) -> Face:
    return Face((x, 100.0, width, 1.2 * width), 0.9)


def looks(schedule: BodySchedule, start_s: float, end_s: float, *faces: Face, bodies: int = 1, **how: float) -> int:
    """Number of looks over pictures every half second."""
    count = 0
    for step in range(round(2 * (end_s - start_s))):
        now = moment(start_s + step / 2, *faces, **how)  # type: ignore[arg-type]
        if schedule.wants(now):
            count += 1
            schedule.looked(now, BodyObserved(TrackKind.CAMERA, now.at, (BODY,) * bodies, len(faces), "body@1"))
    return count


def test_a_seated_candidate_is_looked_at_now_and_then() -> None:
    assert looks(BodySchedule(), 0, 100, face()) == 5


def test_while_nothing_moves_once_a_minute_is_enough() -> None:
    schedule = BodySchedule()
    assert looks(schedule, 0, 120, face(), change=2.0) == 2
    assert looks(schedule, 120, 140, face(), change=2.0) == 1
    assert schedule.wants(moment(141, face(), change=6.0))


def test_a_lost_face_is_looked_for_every_second() -> None:
    schedule = BodySchedule()
    looks(schedule, 0, 10, face())
    assert looks(schedule, 10, 20) == 10


def test_a_face_that_moved_or_grew_and_a_second_one_are_reasons_to_look() -> None:
    for faces in ((face(x=260.0),), (face(width=180.0),), (face(), face(x=400.0))):
        schedule = BodySchedule()
        looks(schedule, 0, 40, face())
        assert looks(schedule, 40, 45, *faces) >= 4


def test_a_second_body_keeps_the_quick_pace_up() -> None:
    schedule = BodySchedule()
    assert looks(schedule, 0, 60, face(), bodies=2) >= 59


def test_the_quick_pace_ends_when_the_face_is_back() -> None:
    schedule = BodySchedule()
    looks(schedule, 0, 10, face())
    looks(schedule, 10, 12)
    looks(schedule, 12, 20, face())
    assert looks(schedule, 20, 40, face()) <= 2


def test_a_busy_machine_looks_less_often() -> None:
    schedule = BodySchedule()
    looks(schedule, 0, 10, face())
    assert looks(schedule, 10, 30, is_thinned=True) == 3


def test_nothing_is_looked_for_where_faces_could_not_be_counted() -> None:
    assert looks(BodySchedule(), 0, 30, counted=False) == 0
