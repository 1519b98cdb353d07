"""A picture of the whole room: key pictures laid on a cylinder."""

from __future__ import annotations

import math
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from proctor.roomscan.pictures import KeyPicture
from proctor.roomscan.rotations import Rotation, yaw_deg

PIXELS_PER_DEG: Final = 6.0
HIGHEST_SLOPE: Final = 1.0
"""Height on the cylinder over its radius up to which pictures are laid: 45 degrees up and down."""
LEAST_DEPTH: Final = 1e-3
"""Of a direction of length about 1, along the camera's axis; less lies beside or behind the camera."""
EVERY_DEG: Final = 5.0
"""Key pictures nearer to one already laid add nothing."""
FULL_DEG: Final = 360.0


@dataclass(frozen=True, slots=True, eq=False)
class Panorama:
    """RGB of shape (height, width, 3); black where nothing was shown."""

    rgb: NDArray[np.uint8]
    from_deg: float
    """Direction of the left edge, in degrees to the right of where the recording began."""
    width_deg: float


def painted(pictures: Sequence[KeyPicture]) -> Generator[None, None, Panorama | None]:
    """Lay the placed pictures on a cylinder, 6 pixels a degree, at most 2160 x 688; None where none is placed.

    Yields after each picture, about 30 ms, and returns the panorama.
    """
    chosen = _spread(pictures)
    if not chosen:
        return None
    canvas = _Canvas()
    for picture, rotation in chosen:
        canvas.lay(picture, rotation)
        yield
    return canvas.cut()


def _spread(pictures: Sequence[KeyPicture]) -> list[tuple[KeyPicture, Rotation]]:
    chosen: list[tuple[KeyPicture, Rotation]] = []
    for picture in pictures:
        rotation = picture.rotation
        if rotation is None:
            continue
        nearest = max((float(rotation[:, 2] @ other[:, 2]) for _, other in chosen), default=-1.0)
        if nearest < math.cos(math.radians(EVERY_DEG)):
            chosen.append((picture, rotation))
    return chosen


class _Canvas:
    """Sums of light and of weights over the whole circle; weights fade toward each picture's edges."""

    def __init__(self) -> None:
        self._width = round(FULL_DEG * PIXELS_PER_DEG)
        radius = self._width / (2 * math.pi)
        self._height = 2 * round(HIGHEST_SLOPE * radius)
        self._slopes = (np.arange(self._height) + 0.5 - self._height / 2) / radius
        self._light = np.zeros((self._height, self._width, 3), np.float32)
        self._weight = np.zeros((self._height, self._width), np.float32)

    def lay(self, picture: KeyPicture, rotation: Rotation) -> None:
        """Add one picture."""
        columns = self._columns(picture, rotation)
        angles = np.radians((columns + 0.5) / PIXELS_PER_DEG)
        directions = np.empty((self._height, len(columns), 3))
        directions[..., 0], directions[..., 2] = np.sin(angles), np.cos(angles)
        directions[..., 1] = self._slopes[:, None]
        seen = directions @ rotation
        depth = seen[..., 2]
        ahead = depth > LEAST_DEPTH
        safe = np.where(ahead, depth, 1.0)
        x = (picture.focal_px * seen[..., 0] / safe + (picture.width - 1) / 2).astype(np.float32)
        y = (picture.focal_px * seen[..., 1] / safe + (picture.height - 1) / 2).astype(np.float32)
        x[~ahead] = y[~ahead] = -1e4
        light = cv2.remap(picture.rgb(), x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT)
        aside = 1 - np.abs(2 * x / max(1, picture.width - 1) - 1)
        above = 1 - np.abs(2 * y / max(1, picture.height - 1) - 1)
        weight = (np.clip(aside, 0, 1) * np.clip(above, 0, 1)).astype(np.float32) ** 3
        self._light[:, columns] += light * weight[..., None]
        self._weight[:, columns] += weight

    def _columns(self, picture: KeyPicture, rotation: Rotation) -> NDArray[np.intp]:
        """Columns that the picture can reach."""
        half = math.degrees(math.atan(math.hypot(picture.width, picture.height) / 2 / picture.focal_px)) + 2
        begin = (yaw_deg(rotation) - half) * PIXELS_PER_DEG
        count = min(self._width, math.ceil(2 * half * PIXELS_PER_DEG))
        columns: NDArray[np.intp] = (math.floor(begin) + np.arange(count)) % self._width
        return columns

    def cut(self) -> Panorama | None:
        """The part that shows something."""
        shown = self._weight > 0
        rows, columns = np.flatnonzero(shown.any(axis=1)), np.flatnonzero(shown.any(axis=0))
        if not len(rows):
            return None
        gaps = np.diff(np.concatenate([columns, [columns[0] + self._width]]))
        widest = int(np.argmax(gaps))
        begin = 0 if gaps[widest] <= 1 else int(columns[(widest + 1) % len(columns)])
        width = self._width if gaps[widest] <= 1 else self._width - int(gaps[widest]) + 1
        order = (begin + np.arange(width)) % self._width
        around = np.ix_(np.arange(rows[0], rows[-1] + 1), order)
        weight = np.maximum(self._weight[around], 1e-6)[..., None]
        rgb = np.clip(np.rint(self._light[around] / weight), 0, 255).astype(np.uint8)
        return Panorama(np.ascontiguousarray(rgb), begin / PIXELS_PER_DEG, width / PIXELS_PER_DEG)
