"""What ties two pictures together: points of one that were found again in the other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from proctor.roomscan.rotations import Points

LEAST_SHARE: Final = 0.4
"""Least part of the pairs that one homography must explain."""
REACH_PX: Final = 3.0
"""How far a point may lie from where the homography puts it."""
LARGEST_SCALE: Final = 1.8
"""A camera that only turns sees no object this much larger from one picture to the next."""
NEARLY_ZERO: Final = 1e-9
LEAST_LED: Final = 8
LEAST_LED_SPREAD_PX: Final = 8.0
LEAST_RECOGNISED: Final = 18
LEAST_RECOGNISED_SPREAD_PX: Final = 22.0
"""Points that must agree, and their least standard deviation along both axes: more where a place is recognised without
being led there, and a small moving thing is not the room."""


@dataclass(frozen=True, slots=True, eq=False)
class Link:
    """Pairs of points of two key pictures, by their numbers."""

    first: int
    second: int
    first_points: Points
    second_points: Points
    tracked: bool
    """Followed from picture to picture; otherwise recognised."""
    doubt_px: float = 0.0
    """How far its points may lie off altogether, where it is less than points that were followed or recognised."""


def led(source: Points, target: Points) -> NDArray[np.bool_] | None:
    """Which pairs, followed from picture to picture, belong to one turn of the camera; None where too few do.

    Any turn on the spot is a homography, whatever the focal length; where few points are left, a small turn is nearly a
    shift with a roll, which needs fewer. Both estimates are RANSAC's (OpenCV).
    """
    kept = _explained(source, target, LEAST_RECOGNISED)
    if kept is None and len(source) >= LEAST_LED:
        _, mask = cv2.estimateAffinePartial2D(
            source, target, method=cv2.RANSAC, ransacReprojThreshold=REACH_PX, confidence=0.995
        )
        kept = None if mask is None else mask.ravel().astype(bool)
    return _enough(kept, source, target, LEAST_LED, LEAST_LED_SPREAD_PX)


def same_place(source: Points, target: Points) -> NDArray[np.bool_] | None:
    """Which pairs, recognised by their looks, belong to one turn of the camera; None where too few do to be sure."""
    kept = _explained(source, target, LEAST_RECOGNISED)
    return _enough(kept, source, target, LEAST_RECOGNISED, LEAST_RECOGNISED_SPREAD_PX)


def _explained(source: Points, target: Points, least: int) -> NDArray[np.bool_] | None:
    if len(source) < least:
        return None
    homography, mask = cv2.findHomography(
        source.astype(np.float32), target.astype(np.float32), cv2.RANSAC, REACH_PX, maxIters=800, confidence=0.995
    )
    if homography is None or not _is_turn(np.asarray(homography, dtype=np.float64)):
        return None
    return np.asarray(mask.ravel(), dtype=np.bool_)


def _enough(
    kept: NDArray[np.bool_] | None, source: Points, target: Points, least: int, spread_px: float
) -> NDArray[np.bool_] | None:
    if kept is None or kept.sum() < max(least, LEAST_SHARE * len(source)):
        return None
    if min(source[kept].std(axis=0).min(), target[kept].std(axis=0).min()) < spread_px:
        return None
    return kept


def _is_turn(homography: NDArray[np.float64]) -> bool:
    """Whether the centre of the picture is neither mirrored nor strongly scaled."""
    if abs(homography[2, 2]) < NEARLY_ZERO:
        return False
    plane = homography / homography[2, 2]
    jacobian = plane[:2, :2] - np.outer(plane[:2, 2], plane[2, :2])
    determinant = float(np.linalg.det(jacobian))
    return LARGEST_SCALE**-2 < determinant < LARGEST_SCALE**2
