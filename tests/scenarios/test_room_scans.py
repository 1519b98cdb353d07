"""Whole recordings of a room with known truth, picture by picture."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
import pytest

from proctor.domain.media import Frame, TrackKind
from proctor.domain.time import MediaTime, media_time_from_s
from proctor.roomscan.coverage import Side
from proctor.roomscan.hints import Hint
from proctor.roomscan.panorama import painted
from proctor.roomscan.rotations import wrapped_deg
from proctor.roomscan.scan import CannotTell, RoomScan, RoomScanResult
from proctor.roomscan.steps import finished
from tests.media.rooms import FPS, Camera, Picture, Room, furnished, plain, there, through_vp8, turn

ROOM = Room()
BARE = Room(walls=(plain(1000, 520, 200),) * 4)
START_DEG = 45.0


def scan(pictures: Iterable[Picture], *, fps: float = FPS) -> tuple[RoomScanResult, set[Hint]]:
    recording = RoomScan()
    hints: set[Hint] = set()
    for number, picture in enumerate(pictures):
        progress = recording.add(Frame(TrackKind.CAMERA, media_time_from_s(number / fps), picture))
        hints.update(progress.hints)
    return recording.finish(), hints


@pytest.mark.slow
@pytest.mark.parametrize(
    ("camera", "degrees", "bit_rate"),
    [
        (Camera(view_deg=55), 360, 400_000),
        (Camera(view_deg=65, arm_m=0.15, noise=4), -360, 400_000),
        (Camera(view_deg=80, arm_m=0.3, sway_deg=3), 360, 200_000),
        (Camera(view_deg=70, size=(360, 480), tilt_deg=-10), 360, 400_000),
    ],
    ids=["narrow", "to the left on a short arm", "wide on a long arm, few bits", "portrait, looking down"],
)
def test_a_full_circle_is_complete_whatever_the_focal_length(camera: Camera, degrees: float, bit_rate: int) -> None:
    pictures = turn(ROOM, camera, there((degrees, 13), start_deg=START_DEG))
    result, hints = scan(through_vp8(pictures, bit_rate))
    assert result.coverage_deg == result.least_deg >= 345
    assert result.is_complete
    assert result.missed == ()
    assert result.cannot_tell is None
    assert Hint.COMPLETE in hints
    panorama = finished(painted(result.key_pictures))
    assert panorama is not None
    assert panorama.width_deg == 360
    assert panorama.rgb.shape[1] <= 2160


@pytest.mark.parametrize(("view_deg", "degrees"), [(55, 95), (65, 200), (80, 290), (62, -150)])
def test_a_part_of_the_circle_is_measured_and_not_complete(view_deg: float, degrees: float) -> None:
    directions = there((degrees, abs(degrees) / 25), start_deg=START_DEG)
    result, _ = scan(turn(ROOM, Camera(view_deg=view_deg), directions))
    assert result.coverage_deg == pytest.approx(abs(degrees), abs=20)
    assert not result.is_complete
    missed = result.missed[0]
    assert missed.width_deg == pytest.approx(360 - abs(degrees), abs=20)


def test_an_open_turn_on_an_arm_is_measured_without_what_the_arm_adds() -> None:
    result, _ = scan(turn(ROOM, Camera(arm_m=0.5), there((150, 7), start_deg=START_DEG)))
    assert result.least_deg - 3 <= 150 <= result.most_deg
    assert result.least_deg <= result.coverage_deg < result.most_deg
    assert result.coverage_deg == pytest.approx(150, abs=15)


def test_a_turn_past_a_corner_with_next_to_nothing_in_it_is_led_on() -> None:
    bare = [one.copy() for one in furnished()]
    for wall in bare[:2]:
        wall[:, 620 if wall is bare[0] else 0 : 1000 if wall is bare[0] else 330] = 200
    room = Room(walls=tuple(bare), half_m=(1.8, 1.25, 1.8))
    directions = there((150, 7), start_deg=-20)
    result, _ = scan(through_vp8(turn(room, Camera(view_deg=58), directions)))
    assert result.cannot_tell is None
    assert result.coverage_deg == pytest.approx(150, abs=20)


def test_a_camera_covered_on_the_way_is_not_told_how_far_it_turned() -> None:
    pictures = list(turn(ROOM, Camera(), there((160, 8), start_deg=START_DEG)))
    for number in range(16, 34):
        pictures[number] = np.full_like(pictures[number], 90)
    result, _ = scan(pictures)
    assert result.cannot_tell is not None
    assert result.coverage_deg < 160
    assert not result.is_complete


def test_walls_that_look_the_same_do_not_close_the_circle() -> None:
    equal = Room(walls=(furnished()[1],) * 4)
    result, _ = scan(turn(equal, Camera(), there((200, 9))))
    assert result.coverage_deg == pytest.approx(200, abs=20)
    assert not result.is_closed


def test_half_a_circle_and_back_covers_half_and_the_person_is_told() -> None:
    directions = there((180, 7), (-180, 7), start_deg=START_DEG)
    result, hints = scan(turn(ROOM, Camera(), directions))
    assert result.coverage_deg == pytest.approx(180, abs=20)
    assert not result.is_complete
    assert {Hint.REVERSED, Hint.MISSED_LEFT} <= hints


def test_a_camera_that_only_sways_covers_next_to_nothing() -> None:
    result, hints = scan(turn(ROOM, Camera(sway_deg=2), [START_DEG] * 40))
    assert result.coverage_deg < 4
    assert not result.is_complete
    assert hints == {Hint.KEEP_TURNING}


def test_looking_up_and_down_is_no_turn() -> None:
    grain = np.random.default_rng(1)
    tilts = 25 * np.sin(np.linspace(0, 6, 40))
    result, _ = scan(ROOM.seen(Camera(tilt_deg=tilt, sway_deg=0), START_DEG, 0.0, grain) for tilt in tilts)
    assert result.coverage_deg < 12


def test_one_picture_covers_nothing_and_is_the_panorama() -> None:
    result, _ = scan(turn(ROOM, Camera(), [START_DEG]))
    assert (result.coverage_deg, result.is_complete, result.pictures) == (0.0, False, 1)
    panorama = finished(painted(result.key_pictures))
    assert panorama is not None
    assert 55 < panorama.width_deg < 75


def test_no_picture_at_all_tells_nothing() -> None:
    result, _ = scan([])
    assert (result.coverage_deg, result.is_complete) == (0.0, False)
    assert finished(painted(result.key_pictures)) is None
    assert result.cannot_tell is CannotTell.NO_PICTURES


@pytest.mark.parametrize(
    ("pictures", "why", "hint"),
    [
        ([np.zeros((360, 480, 3), np.uint8)] * 15, CannotTell.TOO_DARK, Hint.TOO_DARK),
        (turn(BARE, Camera(noise=4), there((180, 5))), CannotTell.TOO_PLAIN, Hint.PLAIN),
    ],
    ids=["black", "bare walls with noise"],
)
def test_where_nothing_can_be_followed_it_says_so(pictures: Iterable[Picture], why: CannotTell, hint: Hint) -> None:
    result, hints = scan(pictures)
    assert result.cannot_tell is why
    assert (result.coverage_deg, result.is_complete) == (0.0, False)
    assert hint in hints


def test_bare_walls_through_an_encoder_are_no_still_room() -> None:
    result, _ = scan(through_vp8(turn(BARE, Camera(noise=4), there((180, 5)))))
    assert result.cannot_tell is CannotTell.TOO_PLAIN


def test_smeared_pictures_are_called_blurred() -> None:
    smear = [
        np.asarray(np.repeat(picture.mean(axis=1, keepdims=True), 480, axis=1), np.uint8)
        for picture in turn(ROOM, Camera(), there((60, 2), start_deg=START_DEG))
    ]
    result, hints = scan(smear)
    assert result.cannot_tell is CannotTell.TOO_BLURRED
    assert Hint.BLURRED in hints


def test_a_wild_swing_is_too_fast() -> None:
    _, hints = scan(turn(ROOM, Camera(view_deg=75), there((120, 1.5), start_deg=START_DEG)))
    assert Hint.SLOWER in hints


def test_one_bare_wall_does_not_hide_the_rest() -> None:
    """Either the turn past it is bridged, or the circle is honestly not complete; never more than was turned."""
    walls = (furnished()[0], plain(1000, 520, 200), furnished()[2], furnished()[3])
    result, _ = scan(turn(Room(walls=walls), Camera(), there((250, 16), start_deg=-200.0)))
    assert 120 <= result.coverage_deg <= 270
    assert not result.is_complete


def past_the_wall_behind(*, dark: bool = False) -> Iterator[Picture]:
    """Once round a room whose wall behind has nothing on it, or whose light goes out there."""
    walls = list(furnished())
    if not dark:
        walls[2] = plain(1000, 520, 200)
    directions = there((360, 16), start_deg=START_DEG)
    for picture, direction in zip(turn(Room(walls=walls), Camera(view_deg=66), directions), directions, strict=True):
        is_behind = abs(wrapped_deg(direction - 180)) < 35
        yield np.zeros_like(picture) if dark and is_behind else picture


def test_a_bare_wall_is_a_stretch_of_which_nothing_can_be_told() -> None:
    result, hints = scan(past_the_wall_behind())
    (untold,) = result.untold
    assert untold.from_deg <= 180 - START_DEG <= untold.from_deg + untold.width_deg
    assert result.coverage_deg + untold.width_deg == pytest.approx(360, abs=15)
    assert (result.is_complete, result.missed, result.cannot_tell) == (False, (), CannotTell.TOO_PLAIN)
    assert Hint.PLAIN in hints


def test_what_was_dark_was_not_shown() -> None:
    result, _ = scan(past_the_wall_behind(dark=True))
    assert result.untold == ()
    assert result.missed[0].side is Side.BEHIND
    assert (result.is_complete, result.cannot_tell) == (False, None)


def test_pictures_that_come_too_often_are_passed_over() -> None:
    recording = RoomScan()
    for number, picture in enumerate(turn(ROOM, Camera(), [START_DEG] * 10)):
        at = MediaTime(number * 10_000_000)
        wanted = recording.wants(at)
        recording.add(Frame(TrackKind.CAMERA, at, picture))
        assert wanted == (number in {0, 9})
    assert recording.finish().pictures == 2
