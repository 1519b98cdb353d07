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
    """The last five minutes of one sitting's camera as blocks (460 kB); 0.3 to 0.7 ms a picture."""

    def __init__(self) -> None:
        slots = LONGEST_S * SLOTS_PER_S
        blocks = (PLANE_WIDTH_PX // BLOCK_PX) * (PLANE_HEIGHT_PX // BLOCK_PX)
        self._past = np.full((slots, blocks), np.nan, np.float32)
        """Newest first: row k is k slots back."""
        self._slot: int | None = None
        self._moved = np.zeros(slots)
        self._returned = np.zeros(slots)

    def observe(self, frame: Frame, people: PeopleObserved | None) -> StreamObserved:
        """Take the next picture."""
        del people
        return self.observe_plane(frame.at, plane_of(frame))

    def observe_plane(self, at: MediaTime, plane: LumaPlane) -> StreamObserved:
        """Take the next picture as the 80 x 60 plane of `small_plane`."""
        blocks = plane.reshape(PLANE_HEIGHT_PX // BLOCK_PX, BLOCK_PX, PLANE_WIDTH_PX // BLOCK_PX, BLOCK_PX)
        if self._advance(at // SLOT_NS):
            self._past[0] = blocks.mean(axis=(1, 3)).reshape(-1)
            self._count()
        return self._observed(at)

    def _advance(self, slot: int) -> bool:
        """Make room for the picture of a slot; False where that slot has one."""
        steps = len(self._past) if self._slot is None else slot - self._slot
        if steps <= 0:
            return False
        self._slot = slot
        kept = max(0, len(self._past) - steps)
        self._past[len(self._past) - kept :] = self._past[:kept].copy()
        self._past[: len(self._past) - kept] = np.nan
        fading = math.exp(-steps / (MEMORY_S * SLOTS_PER_S))
        self._moved *= fading
        self._returned *= fading
        return True

    def _count(self) -> None:
        apart = self._past - self._past[0]
        away = np.sqrt(np.einsum("ij,ij->i", apart, apart) / apart.shape[1])
        near = _nearest(away, NEAR)
        aside = np.fmin(_mean_beyond(away, later=False), _mean_beyond(away, later=True))
        known = ~np.isnan(near) & ~np.isnan(aside)
        moved = known & (aside >= MOVED_LUMA)
        moved[: SHORTEST_S * SLOTS_PER_S] = False
        self._moved += moved
        self._returned += moved & (near <= RETURN_RATIO * np.where(known, aside, np.nan))

    def _observed(self, at: MediaTime) -> StreamObserved:
        counted = self._moved >= LEAST_COUNTED
        if not counted.any():
            return StreamObserved(at=at, repeating=None, period_s=0.0)
        shares = np.where(counted, self._returned / np.maximum(self._moved, LEAST_COUNTED), 0.0)
        best = int(shares.argmax())
        return StreamObserved(at=at, repeating=float(shares[best]), period_s=best / SLOTS_PER_S)


def _shifted(values: NDArray[np.float64], by: int) -> NDArray[np.float64]:
    moved = np.full_like(values, np.nan)
    if by >= 0:
        moved[: len(values) - by] = values[by:]
    else:
        moved[-by:] = values[:by]
    return moved


def _nearest(away: NDArray[np.float64], reach: int) -> NDArray[np.float64]:
    nearest = away
    for by in range(-reach, reach + 1):
        nearest = np.fmin(nearest, _shifted(away, by))
    return nearest


def _mean_beyond(away: NDArray[np.float64], *, later: bool) -> NDArray[np.float64]:
    """Mean distance of the pictures aside, on the one side or the other; NaN where there is none."""
    sign = 1 if later else -1
    total = np.zeros_like(away)
    count = np.zeros_like(away)
    for by in range(ASIDE[0], ASIDE[1] + 1):
        shifted = _shifted(away, sign * by)
        there = ~np.isnan(shifted)
        total += np.where(there, shifted, 0.0)
        count += there
    return np.divide(total, count, out=np.full_like(away, np.nan), where=count > 0)
