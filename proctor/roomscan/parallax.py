"""How much too long an open turn looks because the camera was on an arm.

Turned about an axis behind it, a camera goes forward and aside as well, so the room passes faster than by the turn
alone: by D / (D - arm) for what is D from the axis. Even, that cannot be told from a longer focal length; but near
things pass faster than far ones. Along the way that the picture moves, points then scatter about what a plain turn
explains by more than across it, where only noise scatters them. How much more tells an arm from a turn on the spot, and
roughly how long it is. A circle that closes needs none of this.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from proctor.roomscan.links import Link
from proctor.roomscan.placement import Placement
from proctor.roomscan.rotations import around_down, fit_rotation, project, rays, wrapped_deg, yaw_deg

LONGEST_EXCESS: Final = 1.17
"""How many times too long an open turn may look: a camera 50 cm from the axis, with the walls 2 m from it."""
EVEN: Final = 1.3
PER_UNEVENNESS: Final = 0.07
"""Composed open turns on the spot gave an unevenness of 1.15 to 1.7, on an arm of 15 cm 1.5 to 1.6, of 30 to 60 cm 2.0
to 3.8 where they looked 1.05 to 1.19 times too long; taken off so, 18 of them were within 13 degrees of the truth."""
LEAST_LINKS: Final = 4
LEAST_POINTS: Final = 12
LEAST_SHIFT_PX: Final = 20.0
LEAST_SCATTER_PX: Final = 0.05


def true_share(placement: Placement) -> float:
    """Which part of an open turn was really made, from 1 / LONGEST_EXCESS to 1; 1 where that cannot be told."""
    found = [uneven for link in placement.links if (uneven := _unevenness(link, placement.focal)) is not None]
    if len(found) < LEAST_LINKS:
        return 1.0
    share = 1.0 - PER_UNEVENNESS * (float(np.median(found)) - EVEN)
    return float(np.clip(share, 1.0 / LONGEST_EXCESS, 1.0))


def narrowed(placement: Placement, share: float) -> Placement:
    """The same turn from its first picture on, with so much of its angle."""
    if not placement.keys:
        return placement
    yaws = [yaw_deg(rotation) for rotation in placement.rotations]
    steps = [wrapped_deg(after - before) for before, after in pairwise(yaws)]
    turned_deg = np.concatenate([[0.0], np.cumsum(steps)])
    return replace(placement, rotations=around_down((share - 1.0) * turned_deg) @ placement.rotations)


def _unevenness(link: Link, focal: float) -> float | None:
    """How many times more its points scatter along the way of the picture than across; None where it tells nothing."""
    if not link.tracked or link.doubt_px or len(link.first_points) < LEAST_POINTS:
        return None
    way = np.median(link.second_points - link.first_points, axis=0)
    length = float(np.linalg.norm(way))
    if length < LEAST_SHIFT_PX:
        return None
    seen, found = rays(link.first_points, focal), rays(link.second_points, focal)
    left = project(seen @ fit_rotation(seen, found).T, focal) - link.second_points
    along = way / length
    return _scatter(left @ along) / max(LEAST_SCATTER_PX, _scatter(left @ np.array([-along[1], along[0]])))


def _scatter(distances: NDArray[np.float64]) -> float:
    """Half of the range that holds the middle 68 %: the standard deviation, were they normally distributed."""
    low, high = np.percentile(distances, (16, 84))
    return float(high - low) / 2
