"""Follows points of the room from picture to picture, and recognises places seen before.

Points are followed by pyramidal Lucas-Kanade from one picture to the next and checked backwards; where a turn was too
quick for that, and for places seen before, ORB descriptors are matched. A wall without detail gives no points at all:
corners must stand out by an absolute measure, so that noise and the encoder's blocks are not taken for the room.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from proctor.roomscan.links import LEAST_RECOGNISED, led, same_place
from proctor.roomscan.rotations import Points

WORKING_PX: Final = 480
"""Longer side of the pictures that points are looked for in."""
MOST_POINTS: Final = 260
POINT_DISTANCE_PX: Final = 10
LEAST_CORNER: Final = 5e-5
"""Least eigenvalue of a corner's gradients (OpenCV's scale for 8 bits, block of 5), in the smoothed picture."""
CORNER_OVER_USUAL: Final = 20.0
"""A corner stands out so much over the picture's median: even surfaces with noise of 2 to 8 grey levels, raw or through
an encoder, gave at most 7 such corners, where rooms gave 16 and more."""
SURE_CORNER: Final = 6e-4
"""A corner this strong counts in any picture; fine texture all over raises the median."""
BACK_AGAIN_PX: Final = 1.0
MOST_DESCRIBED: Final = 500
DESCRIBED_CONTRAST: Final = 7
LOWE_RATIO: Final = 0.8
"""D. Lowe, IJCV 2004: a match counts where the second best is clearly worse."""
DARK_LUMA: Final = 28.0
COARSE_PX: Final = 60
PLAIN_CONTRAST: Final = 7.0
"""Standard deviation of grey levels over a coarse picture below which there is nothing to see, sharp or not."""
ENOUGH_POINTS: Final = 14

Grey = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Usability:
    """Whether points can be followed in a picture, and why not."""

    mean_luma: float
    contrast: float
    """Standard deviation of grey levels over a coarse picture."""
    points: int

    @property
    def is_dark(self) -> bool:
        """Too little light."""
        return self.mean_luma < DARK_LUMA

    @property
    def is_plain(self) -> bool:
        """Nothing but an even surface."""
        return not self.is_dark and self.points < ENOUGH_POINTS and self.contrast < PLAIN_CONTRAST

    @property
    def is_blurred(self) -> bool:
        """There is something, but nothing sharp in it."""
        return not self.is_dark and self.points < ENOUGH_POINTS and self.contrast >= PLAIN_CONTRAST


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """A picture as the tracker wants it."""

    grey: Grey
    corners: NDArray[np.float32]
    """Shape (n, 2), pixels from the top left."""
    usability: Usability

    @property
    def longer_side_px(self) -> int:
        """Longer side of the working picture."""
        return max(self.grey.shape)

    def centred(self, points: NDArray[np.float32]) -> Points:
        """Pixels from the picture's centre."""
        height, width = self.grey.shape
        moved: Points = points.astype(np.float64) - ((width - 1) / 2, (height - 1) / 2)
        return moved


@dataclass(frozen=True, slots=True, eq=False)
class Described:
    """Points of a picture with descriptors by which they are recognised."""

    points: Points
    descriptors: NDArray[np.uint8]


def view_of(rgb: NDArray[np.uint8]) -> View:
    """Prepare an RGB picture of shape (height, width, 3)."""
    height, width = rgb.shape[:2]
    scale = WORKING_PX / max(height, width)
    size = (max(8, round(width * scale)), max(8, round(height * scale)))
    way = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    grey = cv2.cvtColor(cv2.resize(rgb, size, interpolation=way), cv2.COLOR_RGB2GRAY).astype(np.uint8, copy=False)
    smooth = cv2.GaussianBlur(grey, (5, 5), 0)
    strength = cv2.cornerMinEigenVal(smooth, 5)
    least = min(SURE_CORNER, max(LEAST_CORNER, CORNER_OVER_USUAL * float(np.median(strength))))
    strong = (strength > least).astype(np.uint8)
    found = cv2.goodFeaturesToTrack(smooth, MOST_POINTS, 0.001, POINT_DISTANCE_PX, mask=strong, blockSize=5)
    corners = np.zeros((0, 2), np.float32) if found is None else found.reshape(-1, 2).astype(np.float32)
    coarse = cv2.resize(grey, (COARSE_PX, COARSE_PX), interpolation=cv2.INTER_AREA)
    return View(grey, corners, Usability(float(grey.mean()), float(coarse.std()), len(corners)))


def describe(view: View) -> Described:
    """Describe the points of a picture."""
    orb = cv2.ORB.create(nfeatures=MOST_DESCRIBED, scaleFactor=1.2, nlevels=6, fastThreshold=DESCRIBED_CONTRAST)
    found, descriptors = orb.compute(view.grey, orb.detect(view.grey))
    if not found:
        return Described(np.zeros((0, 2)), np.zeros((0, 32), np.uint8))
    points = np.array([point.pt for point in found], dtype=np.float32)
    return Described(view.centred(points), descriptors.astype(np.uint8, copy=False))


def recognise(first: Described, second: Described) -> tuple[Points, Points] | None:
    """Points of one picture found again in another; None where they do not show one place."""
    if min(len(first.points), len(second.points)) < LEAST_RECOGNISED:
        return None
    matcher = cv2.BFMatcher(cv2.NORM_HAMMING)
    pairs = [
        (best.queryIdx, best.trainIdx)
        for best, *others in matcher.knnMatch(first.descriptors, second.descriptors, k=2)
        if others and best.distance < LOWE_RATIO * others[0].distance
    ]
    if not pairs:
        return None
    ones, others = (np.array(column) for column in zip(*pairs, strict=True))
    source, target = first.points[ones], second.points[others]
    kept = same_place(source, target)
    return None if kept is None else (source[kept], target[kept])


@dataclass(frozen=True, slots=True, eq=False)
class Followed:
    """Points of a key picture in the latest picture."""

    key_points: Points
    points: Points
    begun_with: int
    """How many points the key picture had."""

    @property
    def shift_px(self) -> float:
        """Median distance that the points have moved since the key picture."""
        return float(np.median(np.linalg.norm(self.points - self.key_points, axis=1)))


class Follower:
    """Follows the points of one key picture."""

    def __init__(self, key: View) -> None:
        self._corners = key.corners
        self._centred_key = key.centred(key.corners)
        self._last = key
        self._begun_with = len(key.corners)
        self._step = np.zeros(2, np.float32)

    def follow(self, view: View) -> Followed | None:
        """Points of the key picture in the next picture; None where they are lost."""
        if view.grey.shape != self._last.grey.shape or len(self._corners) == 0:
            return None
        expected = (self._corners + self._step).astype(np.float32)
        found, forward = _flow(self._last.grey, view.grey, self._corners, expected)
        back, backward = _flow(view.grey, self._last.grey, found, self._corners.copy())
        height, width = view.grey.shape
        inside = (found >= 0).all(axis=1) & (found[:, 0] < width) & (found[:, 1] < height)
        again = np.linalg.norm(back - self._corners, axis=1) < BACK_AGAIN_PX
        alive = forward & backward & inside & again
        keys, points = self._centred_key[alive], view.centred(found[alive])
        kept = led(keys, points)
        if kept is None:
            return None
        self._step = np.median(found[alive][kept] - self._corners[alive][kept], axis=0).astype(np.float32)
        self._corners, self._centred_key, self._last = found[alive][kept], keys[kept], view
        return Followed(keys[kept], points[kept], self._begun_with)


def _flow(
    source: Grey, target: Grey, points: NDArray[np.float32], expected: NDArray[np.float32]
) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    found, status, _ = cv2.calcOpticalFlowPyrLK(
        source,
        target,
        points.reshape(-1, 1, 2),
        expected.reshape(-1, 1, 2),
        winSize=(21, 21),
        maxLevel=4,
        criteria=(cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_COUNT, 20, 0.03),
        flags=cv2.OPTFLOW_USE_INITIAL_FLOW,
    )
    return found.reshape(-1, 2).astype(np.float32), status.ravel().astype(np.bool_)
