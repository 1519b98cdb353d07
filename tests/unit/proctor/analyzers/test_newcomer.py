from __future__ import annotations

import math

import numpy as np
import pytest

from proctor.analyzers.luma_plane import LumaPlane
from proctor.analyzers.newcomer import KEPT, KEPT_EVERY, NEW_FOR, NewcomerWatch
from proctor.domain.observations import Box
from proctor.domain.time import media_time_from_s

FACE: Box = (260.0, 130.0, 120.0, 160.0)
SIZE = (640, 480)


def room() -> LumaPlane:
    return np.random.default_rng(2).uniform(60, 180, (60, 80)).astype(np.float32)


def with_thing(column: int, row: int, width: int, height: int, luma: float = 60) -> LumaPlane:
    plane = room()
    plane[row : row + height, column : column + width] = luma - 60
    return plane


def watch_of(plane: LumaPlane, face: Box = FACE) -> NewcomerWatch:
    """Has seen the plane for twelve seconds."""
    watch = NewcomerWatch()
    for step in range(24):
        assert not watch.has_come(media_time_from_s(step / 2), plane, face, SIZE)
    return watch


def came(plane: LumaPlane, face: Box = FACE) -> list[bool]:
    watch = watch_of(room(), face)
    return [watch.has_come(media_time_from_s(12 + step / 2), plane, face, SIZE) for step in range(8)]


@pytest.mark.parametrize("size", [(7, 13), (5, 9), (12, 26)])
def test_a_telephone_or_a_hand_beside_the_face_has_come_once_it_is_there_for_two_pictures(
    size: tuple[int, int],
) -> None:
    found = came(with_thing(56, 32, *size))
    assert found[:3] == [False, True, True]
    assert not found[-1], "what stays is not new any more"


def test_what_passes_by_has_not_come() -> None:
    watch = watch_of(room())
    for step in range(10):
        assert not watch.has_come(media_time_from_s(12 + step / 2), with_thing(8 * step, 32, 7, 13), FACE, SIZE)


def test_noise_light_and_thin_edges_are_no_newcomers() -> None:
    noisy = room() + np.random.default_rng(3).normal(0, 2, (60, 80)).astype(np.float32)
    assert not any(came(noisy))
    assert not any(came(room() + 40))
    assert not any(came(with_thing(30, 10, 2, 40)))


def test_what_is_too_small_too_large_too_far_or_the_face_itself_has_not_come() -> None:
    assert not any(came(with_thing(56, 32, 3, 5)))
    assert not any(came(with_thing(30, 2, 48, 56)))
    assert not any(came(with_thing(36, 22, 8, 10)))
    assert not any(came(with_thing(60, 45, 5, 7), (20.0, 20.0, 45.0, 60.0)))


def test_a_small_face_has_small_hands() -> None:
    assert any(came(with_thing(48, 30, 4, 6), (300.0, 200.0, 60.0, 80.0)))


def test_who_sways_comes_back_to_where_they_were() -> None:
    watch = NewcomerWatch()
    wall = np.random.default_rng(5).uniform(60, 180, (60, 100)).astype(np.float32)
    for step in range(80):
        moved = wall[:, 10 + round(2 * math.sin(step * 0.9)) :][:, :80]
        has_come = watch.has_come(media_time_from_s(step / 2), moved, FACE, SIZE)
        assert step < 2 * (NEW_FOR + KEPT * KEPT_EVERY) / 1e9 or not has_come


def test_something_large_and_bright_is_told_from_the_change_of_the_pictures_mean() -> None:
    watch = watch_of(room())
    plane = with_thing(54, 16, 20, 40, 315)
    assert abs(float(plane.mean() - room().mean())) > 12
    assert [watch.has_come(media_time_from_s(12 + step / 2), plane, FACE, SIZE) for step in range(3)] == [
        False,
        True,
        True,
    ]
    assert watch.place == (432.0, 128.0, 160.0, 320.0)


def test_in_another_picture_nothing_has_come_and_what_was_known_is_forgotten() -> None:
    watch = watch_of(room())
    other = room()[::-1, ::-1].copy()
    for step in range(24):
        assert not watch.has_come(media_time_from_s(12 + step / 2), other, FACE, SIZE)
    other[32:45, 56:63] = 0
    assert not watch.has_come(media_time_from_s(24), other, FACE, SIZE)
    assert watch.has_come(media_time_from_s(24.5), other, FACE, SIZE)
