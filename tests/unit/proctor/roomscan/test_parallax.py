from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from proctor.roomscan.links import Link
from proctor.roomscan.parallax import LONGEST_EXCESS, narrowed, true_share
from proctor.roomscan.placement import Placement, focal_of, place
from proctor.roomscan.rotations import down_axis, project, wrapped_deg, yaw_deg

SIDE_PX = 480
FOCAL = focal_of(62.0, SIDE_PX)
HALF = np.array([240.0, 180.0])
YAWS = [8.0 * number for number in range(20)]


def around(yaw: float) -> np.ndarray:
    angle = np.radians(yaw)
    return np.array([[np.cos(angle), 0, np.sin(angle)], [0, 1, 0], [-np.sin(angle), 0, np.cos(angle)]])


def turned_on(arm: float) -> Placement:
    """A turn among points 1.5 to 3 away from its axis, found to a third of a pixel."""
    chance = np.random.default_rng(7)
    points = chance.normal(size=(5000, 3))
    points *= (chance.uniform(1.5, 3.0, 5000) / np.linalg.norm(points, axis=1))[:, None]
    links = []
    for number in range(len(YAWS) - 1):
        seen = [points @ around(yaw) - np.array([0, 0, arm]) for yaw in YAWS[number : number + 2]]
        places = [project(one, FOCAL) for one in seen]
        shown = np.logical_and.reduce(
            [(np.abs(at) < HALF).all(axis=1) & (one[:, 2] > 0) for at, one in zip(places, seen, strict=True)]
        )
        noisy = [at[shown] + chance.normal(0, 0.33, (shown.sum(), 2)) for at in places]
        links.append(Link(number, number + 1, *noisy, tracked=True))
    return place(len(YAWS), links, SIDE_PX)


def turned_deg(placement: Placement) -> float:
    yaws = [yaw_deg(rotation) for rotation in placement.rotations]
    return sum(wrapped_deg(after - before) for before, after in pairwise(yaws))


def test_a_turn_on_the_spot_is_left_as_it_is() -> None:
    placement = turned_on(0.0)
    assert true_share(placement) == 1.0


def test_a_turn_on_an_arm_is_shortened_and_no_more_than_arms_are_long() -> None:
    shares = [true_share(turned_on(arm)) for arm in (0.1, 0.5)]
    assert 1.0 > shares[0] > shares[1] >= 1.0 / LONGEST_EXCESS


def test_a_few_links_tell_of_no_arm() -> None:
    placement = turned_on(0.5)
    few = Placement(placement.focal, placement.keys, placement.rotations, 0.0, placement.links[:3])
    assert true_share(few) == 1.0


@pytest.mark.parametrize("share", [1.0, 0.9])
def test_a_narrowed_turn_begins_where_it_did_and_stays_level(share: float) -> None:
    placement = turned_on(0.0)
    narrow = narrowed(placement, share)
    assert np.allclose(narrow.rotations[0], placement.rotations[0])
    assert turned_deg(narrow) == pytest.approx(share * turned_deg(placement), abs=1e-6)
    assert down_axis(narrow.rotations)[1] == pytest.approx(1.0, abs=1e-3)
