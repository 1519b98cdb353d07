"""Key pictures of a recording of a room: few enough to keep, dense enough to show everything."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from proctor.domain.time import MediaTime
from proctor.roomscan.rotations import Rotation

KEPT_PX: Final = 1280
"""Longer side of a kept picture at most."""
JPEG_QUALITY: Final = 88


@dataclass(frozen=True, slots=True, eq=False)
class KeyPicture:
    """One picture of the room, and where the camera looked when it was taken."""

    at: MediaTime
    jpeg: bytes
    width: int
    height: int
    rotation: Rotation | None
    """Takes the camera's axes to the room's; None where it could not be told."""
    focal_px: float
    """In pixels of this picture."""

    def rgb(self) -> NDArray[np.uint8]:
        """The picture, RGB of shape (height, width, 3)."""
        bgr = cv2.imdecode(np.frombuffer(self.jpeg, np.uint8), cv2.IMREAD_COLOR)
        return cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB).astype(np.uint8, copy=False)


def kept(rgb: NDArray[np.uint8]) -> tuple[bytes, int, int]:
    """JPEG, width and height of a picture as it is kept."""
    height, width = rgb.shape[:2]
    scale = KEPT_PX / max(height, width)
    if scale < 1:
        size = (max(1, round(width * scale)), max(1, round(height * scale)))
        rgb = cv2.resize(rgb, size, interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False)
    bgr = cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR)
    encoded = cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])[1]
    return encoded.tobytes(), rgb.shape[1], rgb.shape[0]
