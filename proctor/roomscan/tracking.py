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

SURE_PEAK: Final = 0.25
LEAST_PEAK: Final = 0.1
LEAST_AGREEING: Final = 3
AGREEING_PX: Final = 6.0
"""A bare wall through an encoder gave peaks of up to 0.15 at no shift, with no point that agrees; the edge of a shelf
or of a picture gave 0.2 to 0.6 within 3 px of the truth for its place in the picture."""
GLIMPSE_DOUBT_PX: Final = 2.0
GLIMPSE_DOUBT: Final = 0.1
"""By how many pixels, and by which part of the shift, a picture's shift as a whole may be wrong."""
MIDDLE_PX: Final = 20.0 * np.array([[-1, -1], [1, -1], [-1, 1], [1, 1]], np.float64)

Step = NDArray[np.float32]
"""Shape (2,): pixels to the right and down by which points moved."""
STILL: Final[Step] = np.zeros(2, np.float32)
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
    doubt_px: float = 0.0
    """How far off the points may lie altogether, where pictures as a whole were followed on the way."""

    @property
    def shift_px(self) -> float:
        """Median distance that the points have moved since the key picture."""
        return float(np.median(np.linalg.norm(self.points - self.key_points, axis=1)))


class Follower:
    """Follows the points of one key picture."""

    def __init__(self, key: View, step: Step | None = None) -> None:
        """Begin at a key picture; `step` is how far points moved from the picture before to the key picture."""
        self._corners = key.corners
        self._centred_key = key.centred(key.corners)
        self._last = key
        self._begun_with = len(key.corners)
        self._moved: Step = np.zeros(2, np.float32)
        self._doubt_px = 0.0
        self.step = step
        """How far points moved from the last picture but one to the last; None where that is not known."""

    def follow(self, view: View) -> Followed | None:
        """Points of the key picture in the next picture; None where they are lost."""
        if view.grey.shape != self._last.grey.shape or len(self._corners) == 0:
            return None
        found, alive = self._flowed(view, STILL if self.step is None else self.step)
        keys, points = self._centred_key[alive], view.centred(found[alive])
        kept = led(keys, points)
        if kept is None:
            return None
        self._move(np.median(found[alive][kept] - self._corners[alive][kept], axis=0).astype(np.float32))
        self._corners, self._centred_key, self._last = found[alive][kept], keys[kept], view
        return Followed(keys[kept], points[kept], self._begun_with, self._doubt_px)

    def glimpse(self, view: View) -> Followed | None:
        """The same from the picture as a whole, where too few points are left; None where that does not tell.

        How far it moved is the peak of the phase correlation. It is believed where the peak is clear, or where some
        points agree; what stands near the edge of the picture moves further than its middle, hence the doubt.
        """
        if view.grey.shape != self._last.grey.shape:
            return None
        height, width = view.grey.shape
        window = cv2.createHanningWindow((width, height), cv2.CV_32F)
        moved, clear = cv2.phaseCorrelate(self._last.grey.astype(np.float32), view.grey.astype(np.float32), window)
        step = np.array(moved, np.float32)
        if clear < SURE_PEAK and (clear < LEAST_PEAK or self._agreeing(view, step) < LEAST_AGREEING):
            return None
        self._move(step)
        self._doubt_px += GLIMPSE_DOUBT_PX + GLIMPSE_DOUBT * float(np.linalg.norm(step))
        self._corners, self._last = view.corners, view
        self._centred_key = view.centred(view.corners) - self._moved
        return Followed(*shifted(self._moved), self._begun_with, self._doubt_px)

    def _agreeing(self, view: View, step: Step) -> int:
        """How many points moved as the picture as a whole did."""
        if len(self._corners) == 0:
            return 0
        found, alive = self._flowed(view, step)
        apart = np.linalg.norm(found[alive] - self._corners[alive] - step, axis=1)
        return int((apart < AGREEING_PX).sum())

    def _flowed(self, view: View, step: Step) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
        """Where the points are now, and which of them are found there and back."""
        expected = (self._corners + step).astype(np.float32)
        found, forward = _flow(self._last.grey, view.grey, self._corners, expected)
        back, backward = _flow(view.grey, self._last.grey, found, self._corners.copy())
        height, width = view.grey.shape
        inside = (found >= 0).all(axis=1) & (found[:, 0] < width) & (found[:, 1] < height)
        again = np.linalg.norm(back - self._corners, axis=1) < BACK_AGAIN_PX
        return found, forward & backward & inside & again

    def _move(self, step: Step) -> None:
        self.step = step
        self._moved = self._moved + step


def shifted(moved: Step) -> tuple[Points, Points]:
    """Points about the middle of two pictures of which the second shows all moved by so many pixels."""
    half: Points = moved.astype(np.float64) / 2
    return MIDDLE_PX - half, MIDDLE_PX + half


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
