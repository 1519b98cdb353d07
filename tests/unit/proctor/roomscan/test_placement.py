from __future__ import annotations

import numpy as np
import pytest

from proctor.roomscan.links import Link
from proctor.roomscan.placement import focal_of, place
from proctor.roomscan.rotations import project, wrapped_deg, yaw_deg

SIDE_PX = 480
HALF = np.array([240.0, 180.0])


def around(yaw: float, pitch: float) -> np.ndarray:
    yaw, pitch = np.radians(yaw), np.radians(pitch)
    turn = np.array([[np.cos(yaw), 0, np.sin(yaw)], [0, 1, 0], [-np.sin(yaw), 0, np.cos(yaw)]])
    tilt = np.array([[1, 0, 0], [0, np.cos(pitch), -np.sin(pitch)], [0, np.sin(pitch), np.cos(pitch)]])
    return turn @ tilt


class World:
    """Points all around a camera that turns, found in its pictures to half a pixel."""

    def __init__(self, view_deg: float, yaws: list[float]) -> None:
        self.chance = np.random.default_rng(4)
        self.focal = focal_of(view_deg, SIDE_PX)
        self.rotations = [around(yaw, 4.0 * np.sin(yaw / 20)) for yaw in yaws]
        points = self.chance.normal(size=(6000, 3))
        self.points = points / np.linalg.norm(points, axis=1, keepdims=True)

    def link(self, first: int, second: int, *, tracked: bool = True) -> Link:
        seen = [self.points @ self.rotations[number] for number in (first, second)]
        places = [project(directions, self.focal) for directions in seen]
        shown = np.logical_and.reduce(
            [
                (np.abs(place) < HALF).all(axis=1) & (directions[:, 2] > 0)
                for place, directions in zip(places, seen, strict=True)
            ]
        )
        noisy = [place[shown] + self.chance.normal(0, 0.5, (shown.sum(), 2)) for place in places]
        return Link(first, second, *noisy, tracked=tracked)

    def false_link(self, first: int, second: int) -> Link:
        points = (self.chance.uniform(-1, 1, (40, 2)) * HALF, self.chance.uniform(-1, 1, (40, 2)) * HALF)
        return Link(first, second, points[0], points[1], tracked=False)


@pytest.mark.parametrize("view_deg", [45.0, 62.0, 80.0, 95.0])
def test_a_closed_circle_tells_the_focal_length_and_every_direction(view_deg: float) -> None:
    yaws = [9.0 * n for n in range(41)]
    world = World(view_deg, yaws)
    links = [world.link(n, n + 1) for n in range(40)]
    links += [world.link(0, 40, tracked=False), world.link(1, 40, tracked=False)]
    placement = place(41, links, SIDE_PX)
    assert placement.focal == pytest.approx(world.focal, rel=0.01)
    for yaw, rotation in zip(yaws, placement.rotations, strict=True):
        assert abs(wrapped_deg(yaw_deg(rotation) - yaw)) < 1.5
    assert placement.residual_px < 1.5


@pytest.mark.parametrize("view_deg", [50.0, 65.0, 80.0])
def test_an_open_turn_is_measured_by_the_bend_of_its_pictures_alone(view_deg: float) -> None:
    yaws = [9.0 * n for n in range(18)]
    world = World(view_deg, yaws)
    links = [world.link(n, n + 1) for n in range(17)] + [world.link(n, n + 2, tracked=False) for n in range(16)]
    placement = place(18, links, SIDE_PX)
    turned = sum(
        wrapped_deg(yaw_deg(after) - yaw_deg(before))
        for before, after in zip(placement.rotations, placement.rotations[1:], strict=False)
    )
    assert turned == pytest.approx(153.0, abs=8.0)


def test_pictures_that_hang_together_with_nothing_are_left_out() -> None:
    world = World(62.0, [9.0 * n for n in range(8)])
    links = [world.link(n, n + 1) for n in (0, 1, 2, 3, 6)]
    assert place(8, links, SIDE_PX).keys == (0, 1, 2, 3, 4)


def test_another_place_that_looks_the_same_is_not_believed() -> None:
    yaws = [9.0 * n for n in range(20)]
    world = World(62.0, yaws)
    links = [world.link(n, n + 1) for n in range(19)] + [world.link(n, n + 2, tracked=False) for n in range(18)]
    placement = place(20, [*links, world.false_link(0, 15)], SIDE_PX)
    assert abs(wrapped_deg(yaw_deg(placement.rotations[-1]) - yaws[-1])) < 8.0


def test_a_room_with_equal_walls_bends_nothing() -> None:
    yaws = [9.0 * n for n in range(24)]
    world = World(62.0, yaws)
    links = [world.link(n, n + 1) for n in range(23)] + [world.link(n, n + 2, tracked=False) for n in range(22)]
    same = [world.link(n, n + 1, tracked=False) for n in range(13)]
    equal = [Link(link.first, link.first + 10, link.first_points, link.second_points, tracked=False) for link in same]
    placement = place(24, [*links, *equal], SIDE_PX)
    assert abs(wrapped_deg(yaw_deg(placement.rotations[-1]) - yaws[-1])) < 8.0
    assert not set(map(id, placement.links)) & set(map(id, equal))


def test_one_picture_looks_ahead() -> None:
    placement = place(1, [], SIDE_PX)
    assert placement.keys == (0,)
    assert yaw_deg(placement.rotations[0]) == 0.0
