"""Keeps recent camera pictures, so that an incident can show the moment at which it began."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from proctor.analyzers.planar import PlanarFrame
from proctor.domain.media import Frame
from proctor.domain.time import NS_PER_S, MediaTime

LONGEST_SIDE_PX: Final = 640
DENSE_SPAN: Final = 6 * NS_PER_S
"""Every analysed picture is kept this long."""
SPARSE_STEP: Final = 3 * NS_PER_S
"""Older pictures are thinned out to one in so long."""
SPARSE_SPAN: Final = 30 * NS_PER_S
JPEG_QUALITY: Final = 82


@dataclass(frozen=True, slots=True, eq=False)
class KeptPicture:
    """A picture in planar YUV 4:2:0: half the memory of RGB."""

    at: MediaTime
    i420: NDArray[np.uint8]
    """Shape (height * 3 / 2, width)."""


class OnsetPictures:
    """Pictures of the last 30 s, dense for the last 6 s: about 20 pictures of 460 kB at 2 a second."""

    def __init__(self) -> None:
        self._dense: deque[KeptPicture] = deque()
        self._sparse: deque[KeptPicture] = deque()

    def __len__(self) -> int:
        """How many pictures are kept."""
        return len(self._dense) + len(self._sparse)

    def keep(self, frame: Frame) -> None:
        """Keep the picture, scaled down to 640 pixels on its longer side, and let go of what is too old."""
        self._dense.append(KeptPicture(frame.at, _i420(frame)))
        while self._dense[0].at < frame.at - DENSE_SPAN:
            picture = self._dense.popleft()
            if not self._sparse or picture.at - self._sparse[-1].at >= SPARSE_STEP:
                self._sparse.append(picture)
        while self._sparse and self._sparse[0].at < frame.at - SPARSE_SPAN:
            self._sparse.popleft()

    def nearest(self, at: MediaTime) -> tuple[MediaTime, bytes] | None:
        """Time and JPEG of the kept picture nearest to `at`; None when none is kept."""
        kept = [*self._sparse, *self._dense]
        if not kept:
            return None
        picture = min(kept, key=lambda candidate: abs(candidate.at - at))
        return picture.at, encode_jpeg(cv2.cvtColor(picture.i420, cv2.COLOR_YUV2BGR_I420), JPEG_QUALITY)


def encode_jpeg(bgr: NDArray[np.uint8] | cv2.typing.MatLike, quality: int) -> bytes:
    """JPEG of a picture of shape (height, width, 3), BGR.

    Raises:
        ValueError: the encoder refused the picture.
    """
    done, encoded = cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, quality])
    if not done:
        raise ValueError(f"cannot encode a picture of shape {bgr.shape} as JPEG")
    return encoded.tobytes()


def _i420(frame: Frame) -> NDArray[np.uint8]:
    if isinstance(frame, PlanarFrame) and max(frame.luma.shape) <= LONGEST_SIDE_PX:
        return frame.i420
    return _to_i420(frame.rgb)


def _to_i420(rgb: NDArray[np.uint8]) -> NDArray[np.uint8]:
    height, width = rgb.shape[:2]
    scale = min(1.0, LONGEST_SIDE_PX / max(height, width))
    # 4:2:0 needs even sides.
    size = (max(2, round(width * scale) // 2 * 2), max(2, round(height * scale) // 2 * 2))
    small = rgb if size == (width, height) else cv2.resize(rgb, size, interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.cvtColor(small, cv2.COLOR_RGB2YUV_I420), dtype=np.uint8)
