from __future__ import annotations

import numpy as np
import pytest

from proctor.analyzers.own_zero import (
    EYE_SPAN,
    LEAST_PICTURES,
    MOST_PICTURES,
    CandidateZero,
    gaze_angles,
    with_gaze,
    zone_of,
)
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
    ScreenZone,
)
from proctor.domain.time import MediaTime

OPEN = 0.3
ZERO = OwnZero(HeadPose(4.0, -6.0, 1.0), EyeDirection(0.02, 0.06, OPEN), 30)


def seen(
    yaw_deg: float | None, pitch_deg: float = 0.0, eyes: tuple[float, float] | None = (0.0, 0.06), people: int = 1
) -> PeopleObserved:
    pose = None if yaw_deg is None else HeadPose(yaw_deg, pitch_deg, 0.0)
    direction = None if eyes is None else EyeDirection(*eyes, OPEN)
    face = Face((100.0, 80.0, 120.0, 150.0), 0.9, pose, direction)
    return PeopleObserved(TrackKind.CAMERA, MediaTime(0), people, (face,) * people, "faces@1")


def check(similarity: float | None, second: float | None = None) -> IdentityObserved:
    return IdentityObserved(MediaTime(0), similarity, second, "identity@1")


def after(*pictures: PeopleObserved) -> CandidateZero:
    zero = CandidateZero()
    for picture in pictures:
        zero.observe(picture)
    return zero


def face(left_deg: float, up_deg: float, eyes: EyeDirection | None) -> Face:
    pose = HeadPose(ZERO.pose.yaw_deg + left_deg, ZERO.pose.pitch_deg + up_deg, 0.0)
    return Face((0.0, 0.0, 100.0, 120.0), 0.9, pose, eyes)


def test_there_is_no_zero_and_no_gaze_before_enough_settled_pictures() -> None:
    zero = CandidateZero()
    for _ in range(LEAST_PICTURES):
        observed = zero.observe(seen(5.0))
        assert (observed.zero, observed.faces[0].gaze) == (None, GazeZone.UNKNOWN)
    observed = zero.observe(seen(5.0))
    assert observed.zero is not None
    assert observed.zero.pose.yaw_deg == 5.0
    assert observed.zero.pictures == LEAST_PICTURES
    assert observed.faces[0].gaze is GazeZone.SCREEN
    assert observed.faces[0].pose == HeadPose(5.0, 0.0, 0.0)


def test_the_zero_is_a_median_that_single_glances_do_not_move() -> None:
    pictures = [seen(3.0, -8.0, (0.02, 0.05))] * 12 + [seen(18.0, 10.0, (0.07, 0.09))] * 5
    zero = after(*pictures).zero
    assert zero is not None
    assert (zero.pose.yaw_deg, zero.pose.pitch_deg) == (3.0, -8.0)
    assert zero.eyes == EyeDirection(0.02, 0.05, OPEN)


@pytest.mark.parametrize("yaw_deg", [-60.0, 40.0])
def test_a_candidate_who_begins_turned_away_does_not_make_that_the_zero(yaw_deg: float) -> None:
    zero = after(*[seen(yaw_deg)] * 200)
    assert zero.zero is None
    for _ in range(LEAST_PICTURES + 1):
        zero.observe(seen(2.0))
    assert zero.zero is not None
    assert zero.zero.pose.yaw_deg == 2.0


def test_eyes_that_look_far_aside_never_become_the_zero() -> None:
    zero = after(*[seen(0.0, eyes=(-0.15, 0.06))] * 100).zero
    assert zero is not None
    assert zero.eyes is None


def test_a_moving_head_a_crowd_and_a_lost_face_teach_nothing() -> None:
    moving = [seen(-18.0), seen(18.0)] * 20
    crowd = [seen(0.0, people=2)] * 20
    nobody = PeopleObserved(TrackKind.CAMERA, MediaTime(0), 0, (), "faces@1")
    alternating = [seen(0.0), nobody] * 20
    unposed = [seen(None)] * 20
    assert after(*moving, *crowd, *alternating, *unposed).zero is None


def test_the_zero_follows_a_chair_that_moves_for_good() -> None:
    zero = after(*[seen(0.0)] * 100, *[seen(12.0)] * MOST_PICTURES).zero
    assert zero is not None
    assert zero.pose.yaw_deg == 12.0


def test_another_person_neither_becomes_the_zero_nor_is_judged_by_it() -> None:
    zero = after(*[seen(0.0)] * 30)
    zero.compared(check(0.7))
    mine = zero.zero
    assert zero.observe(seen(16.0, eyes=(0.05, 0.06))).faces[0].gaze is GazeZone.LEFT
    for _ in range(40):
        zero.observe(seen(16.0, eyes=(0.05, 0.06)))
    zero.compared(check(0.42, 0.3))
    assert zero.zero == mine
    for _ in range(40):
        observed = zero.observe(seen(16.0, eyes=(0.05, 0.06)))
        assert (observed.faces[0].gaze, observed.faces[0].gaze_angles) == (GazeZone.UNKNOWN, None)
    zero.compared(check(None))
    assert zero.observe(seen(0.0)).faces[0].gaze is GazeZone.UNKNOWN
    zero.compared(check(0.5))
    assert zero.observe(seen(0.0)).faces[0].gaze is GazeZone.SCREEN
    assert zero.zero == mine


def test_there_is_no_zero_of_somebody_who_never_was_the_candidate() -> None:
    zero = after(*[seen(0.0)] * 30)
    zero.compared(check(0.2))
    assert zero.zero is None


@pytest.mark.parametrize(
    ("left", "up", "zone"),
    [
        (0.0, 0.0, GazeZone.SCREEN),
        (0.09, 0.0, GazeZone.LEFT),
        (-0.09, 0.0, GazeZone.RIGHT),
        (0.05, 0.02, GazeZone.SCREEN),
        (0.0, 0.12, GazeZone.UP),
        (0.0, -0.15, GazeZone.DOWN),
    ],
)
def test_eyes_alone_lead_to_a_zone(left: float, up: float, zone: GazeZone) -> None:
    assert ZERO.eyes is not None
    angles = gaze_angles(face(0.0, 0.0, EyeDirection(ZERO.eyes.left + left, ZERO.eyes.up + up, OPEN)), ZERO)
    assert angles is not None
    assert zone_of(angles) is zone


@pytest.mark.parametrize(
    ("left_deg", "usual", "own"),
    [
        (12.0, GazeZone.SCREEN, GazeZone.LEFT),
        (-12.0, GazeZone.SCREEN, GazeZone.SCREEN),
        (-18.0, GazeZone.RIGHT, GazeZone.SCREEN),
        (-24.0, GazeZone.RIGHT, GazeZone.RIGHT),
    ],
)
def test_a_look_is_judged_by_the_own_screen_where_it_is_known(left_deg: float, usual: GazeZone, own: GazeZone) -> None:
    screen = ScreenZone(left_deg=10.0, right_deg=20.0)
    angles = GazeAngles(left_deg, 0.0)
    assert (zone_of(angles), zone_of(angles, screen)) == (usual, own)
    assert zone_of(GazeAngles(0.0, 21.0), screen) is GazeZone.UP, "upward the usual limit holds"
    looking = face(0.0, 0.0, EyeDirection(EYE_SPAN * float(np.sin(np.radians(left_deg))), 0.06, OPEN))
    zero = CandidateZero(screen)
    for picture in [seen(ZERO.pose.yaw_deg, ZERO.pose.pitch_deg)] * (LEAST_PICTURES + 2):
        observed = zero.observe(picture)
    assert observed.zero is not None
    assert observed.zero.screen == screen
    assert with_gaze(looking, observed.zero).gaze is own


def test_eyes_that_stay_on_the_screen_while_the_head_turns_are_on_the_screen() -> None:
    """Turning the head by 20 degrees, eyes held on the camera, moves the irises back by about a tenth of an eye."""
    angles = gaze_angles(face(20.0, 0.0, EyeDirection(-0.06, 0.06, OPEN)), ZERO)
    assert angles is not None
    assert abs(angles.left_deg) < 6
    assert zone_of(angles) is GazeZone.SCREEN


def test_head_and_eyes_to_the_same_side_add_up() -> None:
    angles = gaze_angles(face(-12.0, 0.0, EyeDirection(-0.05, 0.06, OPEN)), ZERO)
    assert angles is not None
    assert angles.left_deg < -20
    assert zone_of(angles) is GazeZone.RIGHT


@pytest.mark.parametrize("left_deg", [-45.0, -20.0, 0.0, 30.0])
def test_without_eyes_a_head_that_could_still_face_the_screen_cannot_tell(left_deg: float) -> None:
    assert gaze_angles(face(left_deg, 0.0, None), ZERO) is None


@pytest.mark.parametrize(
    ("left_deg", "up_deg", "zone"),
    [(55.0, 0.0, GazeZone.LEFT), (-55.0, 5.0, GazeZone.RIGHT), (0.0, -70.0, GazeZone.DOWN)],
)
def test_a_head_turned_beyond_the_reach_of_eyes_can(left_deg: float, up_deg: float, zone: GazeZone) -> None:
    angles = gaze_angles(face(left_deg, up_deg, None), ZERO)
    assert angles == GazeAngles(left_deg, up_deg)
    assert zone_of(angles) is zone


def test_without_a_pose_there_is_no_gaze() -> None:
    assert gaze_angles(Face((0.0, 0.0, 10.0, 10.0), 0.9), ZERO) is None


def test_mirrored_pictures_give_mirrored_gaze() -> None:
    rng = np.random.default_rng(3)
    for yaw_deg, left, up in rng.uniform((-30, -0.1, -0.02), (30, 0.1, 0.12), (50, 3)):
        zero = OwnZero(HeadPose(6.0, 0.0, 0.0), EyeDirection(0.02, 0.06, OPEN), 9)
        other = OwnZero(HeadPose(-6.0, 0.0, 0.0), EyeDirection(-0.02, 0.06, OPEN), 9)
        box = (0.0, 0.0, 10.0, 10.0)
        angles = gaze_angles(Face(box, 0.9, HeadPose(yaw_deg, 3.0, 0.0), EyeDirection(left, up, OPEN)), zero)
        mirrored = gaze_angles(Face(box, 0.9, HeadPose(-yaw_deg, 3.0, 0.0), EyeDirection(-left, up, OPEN)), other)
        assert angles is not None
        assert mirrored is not None
        assert mirrored.left_deg == pytest.approx(-angles.left_deg)
        assert mirrored.up_deg == pytest.approx(angles.up_deg)
