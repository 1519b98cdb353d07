"""Pictures as decoders give them: planar YUV, turned into RGB only for who asks."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from proctor.analyzers.luma_plane import LumaPlane, full_range, small_plane
from proctor.domain.media import Frame, TrackKind
from proctor.domain.time import MediaTime


class PlanarFrame(Frame):
    """A frame whose RGB is made when it is first asked for: many pictures are only compared with the one before.

    Args:
        track: what it shows.
        at: its time.
        i420: planar YUV 4:2:0 in video range, shape (height * 3 / 2, width); height and width are even.
    """

    __slots__ = ("_plane", "_rgb", "i420")

    def __init__(self, track: TrackKind, at: MediaTime, i420: NDArray[np.uint8]) -> None:
        object.__setattr__(self, "track", track)
        object.__setattr__(self, "at", at)
        object.__setattr__(self, "i420", i420)
        object.__setattr__(self, "_rgb", None)
        object.__setattr__(self, "_plane", None)

    i420: NDArray[np.uint8]
    _rgb: NDArray[np.uint8] | None
    _plane: LumaPlane | None

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        return self.luma.shape[1], self.luma.shape[0]

    @property
    def luma(self) -> NDArray[np.uint8]:
        """Luma in video range, shape (height, width)."""
        return self.i420[: self.i420.shape[0] * 2 // 3]

    def scaled(self, width: int, height: int) -> NDArray[np.uint8]:
        """The picture in another even size, shape (height * 3 / 2, width): several times cheaper than by way of RGB."""
        rows = self.luma.shape[0]
        scaled = np.empty((height * 3 // 2, width), np.uint8)
        cv2.resize(self.luma, (width, height), scaled[:height], interpolation=cv2.INTER_AREA)
        chroma = self.i420[rows:].reshape(2, rows // 2, -1)
        for plane, place in zip(chroma, scaled[height:].reshape(2, height // 2, -1), strict=True):
            cv2.resize(plane, (width // 2, height // 2), place, interpolation=cv2.INTER_AREA)
        return scaled

    @property
    def plane(self) -> LumaPlane:
        """Luma averaged down to 80 x 60, in full range; several senses compare it, so it is made once."""
        if self._plane is None:
            plane = full_range(small_plane(self.luma))
            object.__setattr__(self, "_plane", plane)
            return plane
        return self._plane

    @property
    def rgb(self) -> NDArray[np.uint8]:
        """RGB of shape (height, width, 3)."""
        if self._rgb is None:
            rgb = np.asarray(cv2.cvtColor(self.i420, cv2.COLOR_YUV2RGB_I420), dtype=np.uint8)
            object.__setattr__(self, "_rgb", rgb)
            return rgb
        return self._rgb
