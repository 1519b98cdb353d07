"""Plain properties of a camera picture that tell a covered, defocused or frozen camera; no model involved."""

from __future__ import annotations

import cv2
import numpy as np

from proctor.analyzers.luma_plane import LumaPlane, small_plane
from proctor.analyzers.planar import PlanarFrame
from proctor.domain.media import Frame, TrackKind
from proctor.domain.observations import PictureObserved


class PictureStream:
    """The last luma plane of one track of one sitting (19 kB)."""

    def __init__(self, track: TrackKind) -> None:
        self._track = track
        self._previous: LumaPlane | None = None

    def observe(self, frame: Frame) -> PictureObserved:
        """Measure a picture, by its luma where the decoder's is at hand: no conversion to RGB is needed."""
        plane = plane_of(frame)
        previous, self._previous = self._previous, plane
        mean, deviation = cv2.meanStdDev(plane)
        return PictureObserved(
            track=self._track,
            at=frame.at,
            mean_luma=float(mean[0, 0]),
            luma_deviation=float(deviation[0, 0]),
            detail=cv2.norm(cv2.Laplacian(plane, cv2.CV_32F), cv2.NORM_L1) / plane.size,
            change=_change(previous, plane),
        )

    @property
    def plane(self) -> LumaPlane | None:
        """The last picture; None before the first one."""
        return self._previous


def plane_of(frame: Frame) -> LumaPlane:
    """The picture averaged down to 80 x 60, in full range; by the decoder's luma where it is at hand."""
    if isinstance(frame, PlanarFrame):
        return frame.plane
    return small_plane(cv2.cvtColor(frame.rgb, cv2.COLOR_RGB2GRAY).astype(np.uint8))


def _change(previous: LumaPlane | None, plane: LumaPlane) -> float:
    """Mean absolute difference; a first picture is compared with black, so that it is never taken for frozen."""
    change = cv2.norm(plane, cv2.NORM_L1) if previous is None else cv2.norm(plane, previous, cv2.NORM_L1)
    return change / plane.size
