from __future__ import annotations

from dataclasses import replace

import numpy as np

from proctor.analyzers.luma_plane import LumaPlane
from proctor.domain.media import TrackKind
from proctor.domain.observations import Face, HeadPose, ObjectSeen, ObjectsObserved, PeopleObserved
from proctor.domain.time import media_time_from_s
from proctor.pipeline.moment import Moment
from proctor.pipeline.object_schedule import MOST_NEWCOMERS, MOST_QUICK_LOOKS, MOST_VOTES, VOTES, ObjectSchedule

PERSON, PHONE, CUP = (ObjectSeen(label, 0.8, (0.0, 0.0, 50.0, 50.0)) for label in ("person", "cell phone", "keyboard"))


THERE = (240.0, 240.0, 56.0, 104.0)
"""Where the thing of `room(30)` is in the picture."""


def seen_by(moment: Moment, *seen: ObjectSeen) -> ObjectsObserved:
    return ObjectsObserved(TrackKind.CAMERA, moment.at, seen, 640, 480, 0, "objects@1")


def moment(
    at_s: float, *, people: int | None = 1, pitch_deg: float = 0.0, is_thinned: bool = False, change: float = 6.0
) -> Moment:
    at = media_time_from_s(at_s)
    face = Face((100.0, 100.0, 100.0, 120.0), 0.9, HeadPose(0.0, pitch_deg, 0.0))
    counted = None if people is None else PeopleObserved(TrackKind.CAMERA, at, people, (face,) * people, "faces@1")
    return Moment(TrackKind.CAMERA, at, change, counted, is_calm=True, is_thinned=is_thinned, size=(640, 480))


def room(column: int | None = None) -> LumaPlane:
    """A wall, with something of a telephone's size before it."""
    plane = np.full((60, 80), 120.0, np.float32)
    if column is not None:
        plane[30:43, column : column + 7] = 20.0
    return plane


def looks(
    schedule: ObjectSchedule,
    start_s: float,
    end_s: float,
    *seen: ObjectSeen,
    plane: LumaPlane | None = None,
    **how: float | None,
) -> int:
    """Number of looks over pictures every half second."""
    count = 0
    for step in range(round(2 * (end_s - start_s))):
        now = replace(moment(start_s + step / 2, **how), plane=plane)  # type: ignore[arg-type]
        if schedule.wants(now):
            count += 1
            schedule.looked(now, seen_by(now, *seen))
    return count


def test_the_first_picture_is_looked_at_and_then_one_every_twelve_seconds() -> None:
    assert looks(ObjectSchedule(), 0, 120, PERSON, CUP) == 10
    assert looks(ObjectSchedule(), 0, 120, PERSON, people=None) == 10


def test_while_nothing_moves_it_looks_a_third_as_often_and_at_once_when_something_does() -> None:
    schedule = ObjectSchedule()
    assert looks(schedule, 0, 120, PERSON, change=2.0) == 4
    assert looks(schedule, 120, 144, PERSON, change=2.0) == 0
    assert looks(schedule, 144, 145, PERSON, change=2.0) == 1
    assert looks(schedule, 145, 170, PERSON, change=2.0) == 0
    assert schedule.wants(moment(170, change=6.0))


def test_what_has_just_come_is_looked_at_again_soon_but_not_for_ever() -> None:
    schedule = ObjectSchedule()
    looks(schedule, 0, 12, PERSON)
    assert looks(schedule, 12, 18, PERSON, PHONE) == 4
    assert looks(schedule, 19, 67, PERSON, PHONE) == 4


def test_a_phone_in_the_first_picture_is_news() -> None:
    assert looks(ObjectSchedule(), 0, 6, PERSON, PHONE) == 4


def test_another_number_of_people_and_looking_down_are_reasons_to_look() -> None:
    for how in ({"people": 2}, {"pitch_deg": -35.0}):
        schedule = ObjectSchedule()
        looks(schedule, 0, 14, PERSON)
        assert looks(schedule, 14, 20, PERSON, **how) == 4
        assert looks(schedule, 21, 45, PERSON, **how) == 2


def test_a_picture_without_a_face_may_show_somebody_from_behind() -> None:
    schedule = ObjectSchedule()
    looks(schedule, 0, 14, PERSON)
    assert looks(schedule, 14, 20, people=0, change=2.0) == 4
    looks(schedule, 20, 30, people=0, change=2.0)
    assert looks(schedule, 30, 70, people=0, change=2.0) == 10


def test_who_moves_without_showing_a_face_is_looked_at_soon() -> None:
    schedule = ObjectSchedule()
    looks(schedule, 0, 30, people=0, change=2.0)
    assert looks(schedule, 30, 36, people=0, change=5.0) == 4


def test_who_was_seen_from_behind_is_looked_for_until_gone() -> None:
    schedule = ObjectSchedule()
    looks(schedule, 0, 30, PERSON, PERSON)
    assert looks(schedule, 30, 50, PERSON, PERSON) == 5
    looks(schedule, 50, 70, PERSON)
    assert looks(schedule, 70, 94, PERSON) <= 2


def test_a_picture_in_which_everything_changes_costs_no_more_than_so_much() -> None:
    schedule = ObjectSchedule()
    count = sum(looks(schedule, step, step + 1, PERSON, people=step % 3) for step in range(120))
    assert count <= 2 * MOST_QUICK_LOOKS + 30


def test_under_load_it_looks_twice_a_minute() -> None:
    schedule = ObjectSchedule()
    assert looks(schedule, 0, 60, PERSON, PHONE, is_thinned=True) == 2


def test_what_has_come_and_stays_is_looked_at_at_once_and_once_again() -> None:
    schedule = ObjectSchedule()
    assert looks(schedule, 0, 10, PERSON, plane=room(), change=2.0) == 1
    assert looks(schedule, 10, 10.5, PERSON, plane=room(30), change=2.0) == 0
    assert looks(schedule, 10.5, 11, PERSON, plane=room(30), change=2.0) == 1
    assert looks(schedule, 11, 13, PERSON, plane=room(30), change=2.0) == 1
    assert looks(schedule, 13, 34, PERSON, plane=room(30), change=2.0) == 0


def test_what_passes_by_is_not_looked_at() -> None:
    schedule = ObjectSchedule()
    looks(schedule, 0, 10, PERSON, plane=room(), change=2.0)
    for step in range(10):
        assert looks(schedule, 10 + step / 2, 10.5 + step / 2, PERSON, plane=room(8 * step), change=2.0) == 0


def test_who_fidgets_costs_no_more_than_some_looks_a_minute() -> None:
    schedule = ObjectSchedule()
    looks(schedule, 0, 10, PERSON, plane=room(), change=2.0)
    places = np.random.default_rng(3).choice(np.r_[0:25, 50:73], 60)
    count = sum(
        looks(schedule, 10 + 2 * step, 12 + 2 * step, PERSON, plane=room(place), change=2.0)
        for step, place in enumerate(places)
    )
    assert MOST_NEWCOMERS <= count <= 2 * MOST_NEWCOMERS + 5


def test_under_load_newcomers_wait() -> None:
    schedule = ObjectSchedule()
    looks(schedule, 0, 10, PERSON, plane=room(), is_thinned=True)
    assert looks(schedule, 10, 24, PERSON, plane=room(30), is_thinned=True) == 0
    looks(schedule, 24, 29.5, PERSON, plane=room(30), is_thinned=True)
    looks(schedule, 29.5, 30, PERSON, plane=room(60), is_thinned=True)
    now = replace(moment(30, is_thinned=True), plane=room(60))
    assert schedule.wants(now)
    assert schedule.doubtful_place(seen_by(now, PERSON)) is None, "nor is anything enlarged"


def test_a_telephone_gets_the_looks_of_its_vote_whatever_the_minute_has_cost() -> None:
    schedule = ObjectSchedule()
    for step in range(40):
        looks(schedule, step, step + 1, PERSON, people=1 + step % 2)
    due_s = next(40 + step / 2 for step in range(40) if schedule.wants(moment(40 + step / 2)))
    assert looks(schedule, due_s, due_s + 0.5, PERSON, PHONE) == 1
    assert due_s < 60, "the quick looks of the minute are used up"
    assert looks(schedule, due_s + 0.5, due_s + 7, PERSON, PHONE, change=2.0) == VOTES


def test_what_is_now_taken_for_a_telephone_and_now_not_costs_no_more_than_so_much() -> None:
    schedule = ObjectSchedule()
    count = sum(
        looks(schedule, step, step + 2, *([PERSON, PHONE] if step % 4 else [PERSON])) for step in range(0, 60, 2)
    )
    assert count <= MOST_VOTES + MOST_QUICK_LOOKS + 5


def test_where_something_has_come_is_looked_at_enlarged_unless_a_telephone_is_seen_at_once() -> None:
    schedule = ObjectSchedule()
    looks(schedule, 0, 10, PERSON, plane=room(), change=2.0)
    assert schedule.doubtful_place(None) is None
    looks(schedule, 10, 10.5, PERSON, plane=room(30), change=2.0)
    now = replace(moment(10.5, change=2.0), plane=room(30))
    assert schedule.wants(now)
    assert schedule.doubtful_place(seen_by(now, PERSON)) == THERE
    assert schedule.doubtful_place(seen_by(now, replace(PHONE, score=0.5))) == THERE
    assert schedule.doubtful_place(seen_by(now, PERSON, PHONE)) is None
    schedule.looked(now, seen_by(now, PERSON))
    assert schedule.doubtful_place(seen_by(now, PERSON)) is None, "nothing was found there"


def test_what_is_found_enlarged_is_looked_for_there_until_it_has_gone() -> None:
    schedule = ObjectSchedule()
    looks(schedule, 0, 10, PERSON, plane=room(), change=2.0)
    end = ObjectSeen("cell phone", 0.6, (250.0, 300.0, 40.0, 30.0))
    assert looks(schedule, 10, 17.5, PERSON, end, plane=room(30), change=2.0) == 1 + VOTES
    later = moment(29)
    assert schedule.wants(later)
    assert schedule.doubtful_place(seen_by(later, PERSON)) == THERE, "the whole thing, not the end that was boxed"
    schedule.looked(later, seen_by(later, PERSON))
    assert schedule.doubtful_place(seen_by(later, PERSON)) is None


def test_a_telephone_that_is_moved_is_looked_for_where_it_is() -> None:
    schedule = ObjectSchedule()
    looks(schedule, 0, 1, PERSON, replace(PHONE, box=(400.0, 200.0, 50.0, 90.0)))
    now = moment(2)
    assert schedule.doubtful_place(seen_by(now, PERSON)) == (400.0, 200.0, 50.0, 90.0)
    looks(schedule, 1, 3, PERSON, replace(PHONE, box=(100.0, 200.0, 50.0, 90.0)))
    assert schedule.doubtful_place(seen_by(now, PERSON)) == (100.0, 200.0, 50.0, 90.0)
