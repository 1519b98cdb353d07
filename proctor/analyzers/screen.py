"""Plain properties of the shared screen: whether there is anything on it, and how much of it changed.

Nothing on the screen is read. A picture is averaged down to 80x60 luma, which keeps no text of usual size.
"""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from proctor.analyzers.luma_plane import LumaPlane, median_of, small_plane
from proctor.analyzers.planar import PlanarFrame
from proctor.domain.media import Frame
from proctor.domain.observations import PeopleObserved, ScreenObserved

SAME_LUMA: Final = 4.0
"""Cells of the plane whose luma lies within this of each other have the same brightness; VP8 at 300 kbit/s moves that
of an unchanged cell by less than 2."""
CHANGED_LUMA: Final = 6.0
"""A cell whose luma moved by more has changed: a line of text in a cell of 16x12 pixels moves it by 20 and more."""


class ScreenStream:
    """The last luma plane of one sitting's screen (19 kB)."""

    def __init__(self) -> None:
        self._previous: LumaPlane | None = None

    def observe(self, frame: Frame, people: PeopleObserved | None = None) -> ScreenObserved:
        """Measure a picture of the screen."""
        del people
        luma, plane = _luma(frame)
        previous, self._previous = self._previous, plane
        moved = np.zeros_like(plane) if previous is None else np.abs(plane - previous)
        height, width = luma.shape
        return ScreenObserved(
            at=frame.at,
            width_px=width,
            height_px=height,
            mean_luma=float(plane.mean()),
            luma_deviation=float(plane.std()),
            blank_share=_blank_share(plane),
            change=float(moved.mean()),
            changed_share=float((moved > CHANGED_LUMA).mean()),
        )


def _luma(frame: Frame) -> tuple[NDArray[np.uint8], LumaPlane]:
    """Luma of the whole picture, and averaged down in full range."""
    if isinstance(frame, PlanarFrame):
        return frame.luma, frame.plane
    luma = cv2.cvtColor(frame.rgb, cv2.COLOR_RGB2GRAY).astype(np.uint8)
    return luma, small_plane(luma)


def _blank_share(plane: LumaPlane) -> float:
    """Share of the cells around the median brightness of the fullest step of brightness."""
    steps = np.bincount((plane / SAME_LUMA).astype(np.intp).ravel())
    fullest = int(steps.argmax()) * SAME_LUMA
    inside = plane[(plane >= fullest) & (plane < fullest + SAME_LUMA)]
    return float((np.abs(plane - np.float32(median_of(inside))) <= SAME_LUMA).mean())
