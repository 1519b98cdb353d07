"""Which directions a camera has looked in, in degrees of a full circle."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray

FULL_DEG: Final = 360
BINS_PER_DEG: Final = 2
LEAST_SECTOR_DEG: Final = 8.0
"""Narrower stretches that were not looked at are not worth a word: the picture's width covers them."""


class Side(StrEnum):
    """Quarters of the room as the camera saw them when the recording began."""

    FRONT = "front"
    RIGHT = "right"
    BEHIND = "behind"
    LEFT = "left"


@dataclass(frozen=True, slots=True)
class Sector:
    """A stretch of directions, in degrees to the right of where the recording began."""

    from_deg: float
    """0 up to 360."""
    width_deg: float

    @property
    def side(self) -> Side:
        """The quarter in which its middle lies."""
        middle = (self.from_deg + self.width_deg / 2) % FULL_DEG
        return (Side.FRONT, Side.RIGHT, Side.BEHIND, Side.LEFT)[round(middle / 90) % 4]


class Circle:
    """Directions that were passed, with a resolution of half a degree."""

    def __init__(self) -> None:
        self._passed: NDArray[np.bool_] = np.zeros(FULL_DEG * BINS_PER_DEG, np.bool_)
        self._blind: NDArray[np.bool_] = np.zeros(FULL_DEG * BINS_PER_DEG, np.bool_)

    def sweep(self, from_deg: float, turn_deg: float) -> None:
        """The camera turned from a direction by so many degrees, positive to the right."""
        self._passed[_bins(from_deg, turn_deg)] = True

    def sweep_blind(self, from_deg: float, turn_deg: float) -> None:
        """The same, but its pictures on the way showed nothing that could be followed."""
        self._blind[_bins(from_deg, turn_deg)] = True

    @property
    def coverage_deg(self) -> float:
        """Degrees passed, 0 to 360."""
        return float(self._passed.sum()) / BINS_PER_DEG

    @property
    def untold_deg(self) -> float:
        """Degrees of which the pictures do not tell whether they were passed, 0 to 360."""
        return float((self._blind & ~self._passed).sum()) / BINS_PER_DEG

    def missed(self) -> tuple[Sector, ...]:
        """Stretches that were not passed, widest first; the whole circle where the camera did not turn."""
        return _sectors(~self._passed & ~self._blind)

    def untold(self) -> tuple[Sector, ...]:
        """Stretches that only pictures without anything to follow may have shown, widest first."""
        return _sectors(self._blind & ~self._passed)


def _bins(from_deg: float, turn_deg: float) -> NDArray[np.int_]:
    begin, end = sorted((from_deg, from_deg + turn_deg))
    bins: NDArray[np.int_] = np.arange(round(begin * BINS_PER_DEG), round(end * BINS_PER_DEG))
    return bins % (FULL_DEG * BINS_PER_DEG)


def _sectors(within: NDArray[np.bool_]) -> tuple[Sector, ...]:
    """Stretches of the marked directions that are worth a word, widest first."""
    if within.all():
        return (Sector(0.0, float(FULL_DEG)),)
    start = int(np.argmin(within))
    around = np.roll(within, -start)
    edges = np.flatnonzero(np.diff(np.concatenate([around, [False]]).astype(np.int8)))
    sectors = [
        Sector(float(first + 1 + start) / BINS_PER_DEG % FULL_DEG, float(last - first) / BINS_PER_DEG)
        for first, last in zip(edges[::2], edges[1::2], strict=True)
    ]
    wide = [sector for sector in sectors if sector.width_deg >= LEAST_SECTOR_DEG]
    return tuple(sorted(wide, key=lambda sector: -sector.width_deg))
