"""Notices that something stirs beside the candidate, so that small faces are looked for when there may be one.

Compares the picture, averaged down to 80x60 luma, with the one in which small faces were last looked for. A general
change of light does not count, nor does the candidate's own head and trunk.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Final

import numpy as np

from proctor.analyzers.luma_plane import PLANE_HEIGHT_PX, PLANE_WIDTH_PX, LumaPlane, median_of
from proctor.domain.observations import Box

STIRRED_LUMA: Final = 12.0
"""A cell has changed from here on; noise and compression stay below 4 in a cell of 8x8 pixels."""
STIRRED_CELLS: Final = 6
"""So many of 4,800: a face of 20 pixels in 640 covers seven."""
HEAD: Final = 1.3
"""Hair and a turning head reach so many widths of the face to either side of its centre."""
TRUNK: Final = 2.3
"""Shoulders and arms reach so many, from the chin down."""
ABOVE: Final = 0.7
"""Hair reaches so many heights of the face above it."""


class BackgroundWatch:
    """The last picture of one sitting in which small faces were looked for (19 kB)."""

    def __init__(self) -> None:
        self._looked: LumaPlane | None = None

    def has_stirred(self, plane: LumaPlane, candidate: Box | None, width_px: int, height_px: int) -> bool:
        """Whether something beside the candidate changed since `looked`; `candidate` is the face in pixels."""
        if self._looked is None:
            return True
        difference = plane - self._looked
        difference = np.abs(difference - np.float32(median_of(difference)))
        if candidate is not None:
            for part in _covered(candidate, width_px, height_px):
                difference[part] = 0.0
        return np.count_nonzero(difference > STIRRED_LUMA) >= STIRRED_CELLS

    def looked(self, plane: LumaPlane) -> None:
        """Small faces were looked for in this picture."""
        self._looked = plane


def _covered(box: Box, width_px: int, height_px: int) -> Iterator[tuple[slice, slice]]:
    """Rows and columns of the plane that the candidate's head, and trunk, may cover."""
    x, y, width, height = box
    across, down = PLANE_WIDTH_PX / width_px, PLANE_HEIGHT_PX / height_px
    centre = x + width / 2
    for reach, begin in ((HEAD, y - ABOVE * height), (TRUNK, y + 0.8 * height)):
        left = max(0, int((centre - reach * width) * across))
        right = min(PLANE_WIDTH_PX, math.ceil((centre + reach * width) * across))
        yield slice(max(0, int(begin * down)), PLANE_HEIGHT_PX), slice(left, max(left, right))
