"""Notices that the camera's pictures return to earlier ones in the same order: a clip that is played over and over.

Every picture, averaged to a few large blocks, is compared with those of the last minutes. For each possible period the
question is whether the picture that lies that far back is much nearer than those a second or two before and after it.
One such coincidence says nothing; a clip that repeats gives one after another at the same period for as long as it
plays, and a person does not: who comes back to a posture comes back at another moment, and breathes differently. Large
blocks average out the noise of sensors and encoders, so that a loop still fits after it was encoded anew.

What does not move does not repeat either: a loop in which nothing happens is not seen here (see `camera_frozen`), and
neither is one longer than `LONGEST_S`.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

from proctor.analyzers.luma_plane import PLANE_HEIGHT_PX, PLANE_WIDTH_PX, LumaPlane
from proctor.analyzers.picture import plane_of
from proctor.domain.media import Frame
from proctor.domain.observations import PeopleObserved, StreamObserved
from proctor.domain.time import NS_PER_MS, MediaTime

SLOT_NS: Final = 500 * NS_PER_MS
SLOTS_PER_S: Final = 2
SHORTEST_S: Final = 4
"""Shorter periods are found at their multiples."""
LONGEST_S: Final = 300
SLOTS: Final = LONGEST_S * SLOTS_PER_S
SPARE_SLOTS: Final = 60
"""Room for half a minute, so that what is kept moves that seldom."""
BLOCK_PX: Final = 5
"""Blocks of this many pixels of the 80 x 60 plane: 16 x 12 of them."""
NEAR: Final = 1
"""Slots either side in which the picture of a period may lie: pictures are not taken in step with the period."""
ASIDE: Final = (2, 4)
"""Slots either side, from and to, that it is compared with: one to two seconds away."""
MOVED_LUMA: Final = 0.8
"""Root mean square difference of blocks from which on something has moved."""
RETURN_RATIO: Final = 0.5
"""A picture returns where it is at most this part as far away as those aside."""
MEMORY_S: Final = 20.0
"""Time constant over which returns are counted."""
LEAST_COUNTED: Final = 12.0
"""Pictures in motion that must lie in that memory before a share means anything."""


class RepetitionStream:
    """The last five minutes of one sitting's camera as blocks (510 kB); 0.2 to 0.5 ms a picture."""

    def __init__(self) -> None:
        blocks = (PLANE_WIDTH_PX // BLOCK_PX) * (PLANE_HEIGHT_PX // BLOCK_PX)
        self._kept = np.full((SLOTS + SPARE_SLOTS, blocks), np.nan, np.float32)
        """From row `_newest` on newest first, one row a slot; what comes is written before it while there is room."""
        self._newest = SPARE_SLOTS
        self._slot: int | None = None
        self._moved = np.zeros(SLOTS)
        self._returned = np.zeros(SLOTS)

    def observe(self, frame: Frame, people: PeopleObserved | None) -> StreamObserved:
        """Take the next picture."""
        del people
        return self.observe_plane(frame.at, plane_of(frame))

    def observe_plane(self, at: MediaTime, plane: LumaPlane) -> StreamObserved:
        """Take the next picture as the 80 x 60 plane of `small_plane`."""
        blocks = plane.reshape(PLANE_HEIGHT_PX // BLOCK_PX, BLOCK_PX, PLANE_WIDTH_PX // BLOCK_PX, BLOCK_PX)
        if self._advance(at // SLOT_NS):
            self._kept[self._newest] = blocks.mean(axis=(1, 3)).reshape(-1)
            self._count()
        return self._observed(at)

    def _advance(self, slot: int) -> bool:
        """Make room for the picture of a slot; False where that slot has one."""
        steps = SLOTS if self._slot is None else slot - self._slot
        if steps <= 0:
            return False
        self._slot = slot
        if steps > self._newest:
            kept = max(0, SLOTS - steps)
            self._kept[len(self._kept) - kept :] = self._kept[self._newest : self._newest + kept].copy()
            self._newest = len(self._kept) - kept
        first = max(0, self._newest - steps)
        self._kept[first : self._newest] = np.nan
        self._newest = first
        fading = math.exp(-steps / (MEMORY_S * SLOTS_PER_S))
        self._moved *= fading
        self._returned *= fading
        return True

    def _count(self) -> None:
        past = self._kept[self._newest : self._newest + SLOTS]
        apart = past - past[0]
        away = np.sqrt(np.einsum("ij,ij->i", apart, apart) / apart.shape[1])
        near, aside = _nearest(away), np.fmin(*_means_aside(away))
        # Comparisons with NaN are false.
        moved = ~np.isnan(near) & (aside >= MOVED_LUMA)
        moved[: SHORTEST_S * SLOTS_PER_S] = False
        self._moved += moved
        self._returned += moved & (near <= RETURN_RATIO * aside)

    def _observed(self, at: MediaTime) -> StreamObserved:
        counted = self._moved >= LEAST_COUNTED
        if not counted.any():
            return StreamObserved(at=at, repeating=None, period_s=0.0)
        shares = np.where(counted, self._returned / np.maximum(self._moved, LEAST_COUNTED), 0.0)
        best = int(shares.argmax())
        return StreamObserved(at=at, repeating=float(shares[best]), period_s=best / SLOTS_PER_S)


def _nearest(away: NDArray[np.float32]) -> NDArray[np.float32]:
    """The least distance of the pictures up to `NEAR` slots either side of each slot; NaN where there is none."""
    padded = _padded(away, NEAR)
    nearest = away
    for begin in range(2 * NEAR + 1):
        nearest = np.fmin(nearest, padded[begin : begin + len(away)])
    return nearest


def _means_aside(away: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Mean distance of the pictures aside, of earlier and of later ones; NaN where there is none."""
    padded = _padded(away, ASIDE[1])
    is_there = ~np.isnan(padded)
    values = np.where(is_there, padded, np.float32(0.0))
    return _mean_over(values, is_there, len(away), 1), _mean_over(values, is_there, len(away), -1)


def _mean_over(values: NDArray[np.float32], is_there: NDArray[np.bool_], slots: int, sign: int) -> NDArray[np.float32]:
    total = np.zeros(slots, np.float32)
    count = np.zeros(slots, np.int8)
    for by in range(ASIDE[0], ASIDE[1] + 1):
        begin = ASIDE[1] + sign * by
        total += values[begin : begin + slots]
        count += is_there[begin : begin + slots]
    with np.errstate(invalid="ignore"):
        mean: NDArray[np.float32] = total / count.astype(np.float32)
    return mean


def _padded(away: NDArray[np.float32], by: int) -> NDArray[np.float32]:
    padded = np.full(len(away) + 2 * by, np.nan, np.float32)
    padded[by : by + len(away)] = away
    return padded
