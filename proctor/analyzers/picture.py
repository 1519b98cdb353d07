"""Plain properties of a camera picture that tell a covered, defocused or frozen camera; no model involved."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from proctor.analyzers.planar import PlanarFrame
from proctor.domain.media import Frame, TrackKind
from proctor.domain.observations import PictureObserved
from proctor.domain.time import MediaTime

PLANE_WIDTH_PX: Final = 80
PLANE_HEIGHT_PX: Final = 60
VIDEO_BLACK: Final = 16.0
VIDEO_RANGE: Final = 219.0
"""Decoders give luma in video range, 16 to 235 (ITU-R BT.601)."""

LumaPlane = NDArray[np.float32]
"""Shape (60, 80), 0 black to 255 white."""


class PictureStream:
    """The last luma plane of one track of one sitting (19 kB)."""

    def __init__(self, track: TrackKind) -> None:
        self._track = track
        self._previous: LumaPlane | None = None

    def observe(self, frame: Frame) -> PictureObserved:
        """Measure a picture, by its luma where the decoder's is at hand."""
        if isinstance(frame, PlanarFrame):
            return self.observe_luma(frame.at, frame.luma)
        return self._observe(frame.at, plane_of(frame))

    def observe_luma(self, at: MediaTime, luma: NDArray[np.uint8]) -> PictureObserved:
        """Measure a decoder's luma plane, shape (height, width), video range: no conversion to RGB is needed."""
        return self._observe(at, full_range(small_plane(luma)))

    @property
    def plane(self) -> LumaPlane | None:
        """The last picture; None before the first one."""
        return self._previous

    def _observe(self, at: MediaTime, plane: LumaPlane) -> PictureObserved:
        previous, self._previous = self._previous, plane
        return PictureObserved(
            track=self._track,
            at=at,
            mean_luma=float(plane.mean()),
            luma_deviation=float(plane.std()),
            detail=float(np.abs(cv2.Laplacian(plane, cv2.CV_32F)).mean()),
            change=_change(previous, plane),
        )


def small_plane(luma: NDArray[np.uint8]) -> LumaPlane:
    """Average a luma plane down to 80 x 60 without rounding, so that the change of a single pixel shows."""
    height, width = luma.shape
    if height < PLANE_HEIGHT_PX or width < PLANE_WIDTH_PX:
        enlarged = cv2.resize(luma, (PLANE_WIDTH_PX, PLANE_HEIGHT_PX), interpolation=cv2.INTER_LINEAR)
        return enlarged.astype(np.float32)
    rows = np.linspace(0, height, PLANE_HEIGHT_PX + 1).astype(np.intp)
    columns = np.linspace(0, width, PLANE_WIDTH_PX + 1).astype(np.intp)
    corners = cv2.integral(luma)[np.ix_(rows, columns)]  # int32 wraps in huge pictures; the differences stay right
    sums = corners[1:, 1:] - corners[:-1, 1:] - corners[1:, :-1] + corners[:-1, :-1]
    averaged: LumaPlane = (sums / np.outer(np.diff(rows), np.diff(columns))).astype(np.float32)
    return averaged


def plane_of(frame: Frame) -> LumaPlane:
    """The picture averaged down to 80 x 60, in full range; by the decoder's luma where it is at hand."""
    if isinstance(frame, PlanarFrame):
        return full_range(small_plane(frame.luma))
    return small_plane(cv2.cvtColor(frame.rgb, cv2.COLOR_RGB2GRAY).astype(np.uint8))


def full_range(plane: LumaPlane) -> LumaPlane:
    """A plane in video range, stretched to 0 black to 255 white."""
    stretched: LumaPlane = np.clip((plane - VIDEO_BLACK) * np.float32(255.0 / VIDEO_RANGE), 0.0, 255.0)
    return stretched


def _change(previous: LumaPlane | None, plane: LumaPlane) -> float:
    """Mean absolute difference; a first picture is compared with black, so that it is never taken for frozen."""
    return float(np.abs(plane if previous is None else plane - previous).mean())
