from __future__ import annotations

from dataclasses import replace

import pytest

from proctor.domain.media import TrackKind
from proctor.domain.observations import (
    EyeDirection,
    Face,
    GazeAngles,
    GazeZone,
    HeadPose,
    IdentityObserved,
    OwnZero,
    PeopleObserved,
)
from proctor.domain.policy import AnalysisPolicy
from proctor.domain.time import MediaTime, media_time_from_s
from proctor.pipeline.schedule import DOUBT_REPEATS, IdentitySchedule, LookSchedule, SamplingGrid

FRONTAL = HeadPose(2.0, -3.0, 0.0)


def people(at_s: float, *faces: Face, count: int | None = None) -> PeopleObserved:
    number = len(faces) if count is None else count
    return PeopleObserved(TrackKind.CAMERA, media_time_from_s(at_s), number, faces, "test@1")


def face(x: float = 100.0, width: float = 100.0, pose: HeadPose | None = FRONTAL) -> Face:
    return Face((x, 100.0, width, 120.0), 0.9, pose)


def calm_schedule(until_s: float) -> LookSchedule:
    schedule = LookSchedule()
    at_s = 0.0
    while at_s <= until_s:
        schedule.looked(people(at_s, face()), thorough=True, posed=True)
        at_s += 0.5
    return schedule


@pytest.mark.parametrize(("source_per_s", "expected"), [(25.0, 20), (15.0, 20), (3.75, 19), (2.0, 20), (1.0, 10)])
def test_sampling_neither_drifts_nor_halves_near_the_rate(source_per_s: float, expected: int) -> None:
    grid = SamplingGrid(2.0)
    taken = 0
    for number in range(round(10 * source_per_s)):
        at = media_time_from_s(number / source_per_s)
        if grid.wants(at):
            grid.took(at)
            taken += 1
    assert taken == pytest.approx(expected, abs=1)


def test_sampling_goes_on_after_a_hole() -> None:
    grid = SamplingGrid(2.0)
    grid.took(MediaTime(0))
    assert grid.wants(media_time_from_s(100))
    grid.took(media_time_from_s(100))
    assert not grid.wants(media_time_from_s(100.3))
    assert grid.wants(media_time_from_s(100.5))


def test_the_first_look_is_thorough_and_measures_the_pose() -> None:
    look = LookSchedule().look(MediaTime(0), None)
    assert look is not None
    assert look.thorough
    assert look.with_pose


def test_a_calm_still_picture_carries_the_count_over_but_not_for_long() -> None:
    schedule = calm_schedule(8.0)
    assert schedule.look(media_time_from_s(8.5), 0.3) is None
    assert schedule.carry(media_time_from_s(8.5)).at == media_time_from_s(8.5)
    assert schedule.look(media_time_from_s(9.5), 0.3) is not None


def test_a_picture_that_changed_is_looked_at() -> None:
    assert calm_schedule(8.0).look(media_time_from_s(8.5), 4.0) is not None
    assert calm_schedule(8.0).look(media_time_from_s(8.5), None) is not None


def test_nothing_is_carried_over_soon_after_something_odd() -> None:
    schedule = calm_schedule(8.0)
    schedule.looked(people(8.5, face(pose=HeadPose(35.0, 0.0, 0.0))), thorough=False, posed=True)
    look = schedule.look(media_time_from_s(9.0), 0.0)
    assert look is not None
    assert look.with_pose


def test_calm_looks_measure_the_pose_every_second_time() -> None:
    schedule = calm_schedule(8.0)
    first = schedule.look(media_time_from_s(8.5), 3.0)
    assert first is not None
    assert not first.with_pose
    schedule.looked(people(8.5, face()), thorough=False, posed=False)
    second = schedule.look(media_time_from_s(9.0), 3.0)
    assert second is not None
    assert second.with_pose


def test_a_moving_head_is_measured_at_once() -> None:
    look = calm_schedule(8.0).look(media_time_from_s(8.5), 6.0)
    assert look is not None
    assert look.with_pose


def test_a_pose_is_carried_only_while_the_face_stays() -> None:
    schedule = calm_schedule(8.0)
    look = schedule.look(media_time_from_s(8.5), 3.0)
    assert look is not None
    stayed = people(8.5, face(x=104.0, pose=None))
    assert not schedule.needs_pose(look, stayed)
    assert schedule.with_carried_pose(stayed).faces[0].pose == FRONTAL
    assert schedule.needs_pose(look, people(8.5, face(x=140.0, pose=None)))


def test_the_look_and_the_zero_are_carried_with_the_pose() -> None:
    zero = OwnZero(FRONTAL, EyeDirection(0.0, 0.06, 0.3), 30)
    aside = replace(face(), eyes=EyeDirection(0.1, 0.06, 0.3), gaze=GazeZone.LEFT, gaze_angles=GazeAngles(20.0, 0.0))
    schedule = LookSchedule()
    schedule.looked(replace(people(0.0, aside), zero=zero), thorough=True, posed=True)
    carried = schedule.with_carried_pose(people(0.5, face(x=103.0, pose=None)))
    assert carried.zero == zero
    assert carried.faces == (replace(aside, box=(103.0, 100.0, 100.0, 120.0)),)


def test_eyes_that_look_away_are_measured_on_every_look() -> None:
    schedule = calm_schedule(10.0)
    aside = replace(face(), gaze=GazeZone.LEFT, gaze_angles=GazeAngles(20.0, 0.0))
    schedule.looked(people(10.5, aside), thorough=True, posed=True)
    look = schedule.look(media_time_from_s(11.0), 3.0)
    assert look is not None
    assert look.with_pose


def test_a_head_is_turned_against_its_own_zero() -> None:
    zero = OwnZero(HeadPose(0.0, -17.0, 0.0), None, 30)
    schedule = LookSchedule()
    for number in range(24):
        seen = replace(people(number / 2, face(pose=HeadPose(2.0, -20.0, 0.0))), zero=zero)
        schedule.looked(seen, thorough=True, posed=True)
    assert schedule.is_calm(media_time_from_s(12.0))


def test_a_change_of_the_count_is_confirmed_by_a_thorough_look() -> None:
    schedule = calm_schedule(8.0)
    look = schedule.look(media_time_from_s(8.5), 9.0)
    assert look is not None
    assert not look.thorough
    assert schedule.must_confirm(look, people(8.5))
    assert schedule.must_confirm(look, people(8.5, face(), face(400.0)))
    assert not schedule.must_confirm(look, people(8.5, face()))


def test_under_pressure_the_pose_is_measured_less_often_and_people_as_ever() -> None:
    schedule = calm_schedule(8.0)
    posed = []
    for step in range(10):
        at_s = 8.5 + step / 2
        look = schedule.look(media_time_from_s(at_s), 9.0, pressed=True)
        assert look is not None
        if look.with_pose:
            posed.append(at_s)
        schedule.looked(people(at_s, face()), thorough=look.thorough, posed=look.with_pose)
    assert posed == [10.5, 13.0]


def looks(schedule: LookSchedule, at_s: float, quick: int, thorough: int) -> str:
    """Analyse one changed picture in which the two kinds of look see so many people; say which ran."""
    at = media_time_from_s(at_s)
    look = schedule.look(at, 3.0)
    assert look is not None
    faces = [face(150.0 * number) for number in range(max(quick, thorough))]
    seen = people(at_s, *faces[: thorough if look.thorough else quick])
    ran = "thorough" if look.thorough else "quick"
    if schedule.must_confirm(look, seen):
        ran += "+thorough"
        seen = people(at_s, *faces[:thorough])
    schedule.looked(seen, thorough="thorough" in ran, posed=True)
    return ran


def test_a_second_person_whom_the_quick_look_sees_too_costs_no_thorough_look_each_time() -> None:
    schedule = calm_schedule(8.0)
    assert [looks(schedule, 8.5 + step / 2, 2, 2) for step in range(4)] == ["quick+thorough", "quick", "quick", "quick"]


def test_a_small_person_whom_only_the_thorough_look_sees_is_kept_in_view() -> None:
    schedule = calm_schedule(8.0)
    ran = [looks(schedule, 8.5 + step / 2, 1, 2) for step in range(12)]
    found = ran.index("thorough")
    assert ran[found + 1 :] == ["quick+thorough"] + ["thorough"] * (len(ran) - found - 2)
    assert looks(schedule, 15.0, 1, 1) == "thorough"
    assert looks(schedule, 15.5, 1, 1) == "quick"


def test_an_empty_still_seat_is_carried_over_and_looked_at_when_it_changes() -> None:
    schedule = calm_schedule(8.0)
    schedule.looked(people(8.5), thorough=True, posed=True)
    assert schedule.look(media_time_from_s(9.0), 0.3) is None
    assert schedule.look(media_time_from_s(9.0), 15.0) is not None
    assert schedule.look(media_time_from_s(10.0), 0.3) is not None


def test_small_faces_are_looked_for_periodically() -> None:
    schedule = LookSchedule()
    thorough_at = []
    for step in range(40):
        at = media_time_from_s(step / 2)
        look = schedule.look(at, 5.0)
        assert look is not None
        if look.thorough:
            thorough_at.append(step / 2)
        schedule.looked(people(step / 2, face()), thorough=look.thorough, posed=look.with_pose)
    assert thorough_at == [0.0, 5.0, 10.0, 15.0]


def test_nothing_can_be_carried_before_the_first_look() -> None:
    with pytest.raises(ValueError, match="nothing to carry"):
        LookSchedule().carry(MediaTime(0))


def identity(at_s: float, similarity: float | None) -> IdentityObserved:
    return IdentityObserved(media_time_from_s(at_s), similarity, None, "test@1")


def compared_at(similarity: float | None, seconds: int) -> list[float]:
    schedule = IdentitySchedule(AnalysisPolicy(identity_interval_s=10.0))
    times = []
    for step in range(seconds * 2):
        at_s = step / 2
        if schedule.wants(people(at_s, face())):
            times.append(at_s)
            schedule.compared(identity(at_s, similarity))
    return times


def test_identity_is_compared_on_the_interval() -> None:
    assert compared_at(0.8, 31) == [0.0, 10.0, 20.0, 30.0]


def test_identity_is_due_when_the_interval_is_up() -> None:
    schedule = IdentitySchedule(AnalysisPolicy(identity_interval_s=10.0))
    assert not schedule.is_due(media_time_from_s(0.0))
    assert schedule.wants(people(0.0, face()))
    schedule.compared(identity(0.0, 0.8))
    assert not schedule.is_due(media_time_from_s(9.5))
    assert schedule.is_due(media_time_from_s(10.0))


@pytest.mark.parametrize("similarity", [0.1, None])
def test_a_doubtful_comparison_is_repeated_soon_but_not_for_ever(similarity: float | None) -> None:
    times = compared_at(similarity, 31)
    assert times[: DOUBT_REPEATS + 1] == [2.0 * number for number in range(DOUBT_REPEATS + 1)]
    assert times[DOUBT_REPEATS + 1] == 20.0


def test_identity_is_compared_when_a_face_appears_again_or_jumps_or_the_picture_changes() -> None:
    schedule = IdentitySchedule(AnalysisPolicy(identity_interval_s=60.0))
    assert schedule.wants(people(0.0, face()))
    schedule.compared(identity(0.0, 0.8))
    assert not schedule.wants(people(1.0, face(x=120.0)))
    assert schedule.wants(people(2.0, face(x=300.0)))
    schedule.compared(identity(2.0, 0.8))
    assert not schedule.wants(people(2.5, face(x=300.0)), 4.0)
    assert schedule.wants(people(3.0, face(x=300.0)), 20.0)
    schedule.compared(identity(3.0, 0.8))
    assert not schedule.wants(people(3.5))
    assert schedule.wants(people(4.0, face(x=300.0)))


def test_small_faces_are_looked_for_at_once_when_something_stirs_beside_the_candidate() -> None:
    schedule = calm_schedule(8.0)
    look = schedule.look(media_time_from_s(9.5), 0.3, stirred=True)
    assert look is not None
    assert look.thorough
    schedule.looked(people(9.5, face()), thorough=True, posed=True)
    assert schedule.look(media_time_from_s(10.0), 0.3, stirred=True) is None
    again = schedule.look(media_time_from_s(11.0), 0.3, stirred=True)
    assert again is not None
    assert again.thorough


def test_small_faces_are_looked_for_less_often_where_nothing_stirs() -> None:
    schedule = calm_schedule(8.0)
    for at_s, thorough in ((13.5, False), (17.5, False), (18.5, True)):
        look = schedule.look(media_time_from_s(at_s), 3.0, stirred=False)
        assert look is not None
        assert look.thorough is thorough


def test_where_nothing_stirs_the_count_of_a_still_picture_is_carried_a_little_longer() -> None:
    schedule = calm_schedule(8.0)
    assert schedule.look(media_time_from_s(9.5), 0.3, stirred=False) is None
    assert schedule.look(media_time_from_s(9.5), 4.5, stirred=False) is not None
    assert schedule.look(media_time_from_s(9.75), 0.3, stirred=False) is not None
