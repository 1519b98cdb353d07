"""A portrait whose irises are moved to a side by a known part of the eye's width, as webcams would show it.

To the side: the white on one side of an iris is drawn together and that on the other side drawn out, inside the opening
between the lids only; lids, lashes and head stay. So it shows what the measurement makes of an iris that is elsewhere,
not what lids do when somebody really looks aside.

Up and down most of what would have to appear is hidden behind the lids of the portrait. So the iris is painted anew in
its own colours, ring by ring, and the upper lid follows it for the most part, as lids do.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]
Points = NDArray[np.float64]

EYE_OF_BALL: Final = 0.4
"""Offset of an iris, in eye widths, per sine of the eye's turn: a ball of 12 mm radius behind an opening of 30 mm."""
WEBCAM_SIZE: Final = (640, 480)
NOISE: Final = 3.0
"""Standard deviation of a webcam's noise in a lit room, of 255 levels."""
JPEG_QUALITY: Final = 60
"""Stands for what an encoder takes away."""
RIM: Final = 1.1
"""Part of the iris's radius that is moved whole."""
LID_FOLLOWS: Final = 0.8
"""Part of the iris's way up or down that the edge of the upper lid goes with it."""
LID_BAND: Final = 0.22
"""How far from its edge the skin of the lid goes with it, in eye widths."""
WHITE_PERCENTILE: Final = 60
UPPER_LID: Final = 4
"""Place of its middle in the outlines."""
_EYES: Final = (
    (33, 133, (468, 469, 470, 471, 472), (33, 246, 161, 160, 159, 158, 157, 173, 133, 155, 154, 153, 145, 144, 163, 7)),
    (362, 263, (473, 474, 475, 476, 477),
     (362, 398, 384, 385, 386, 387, 388, 466, 263, 249, 390, 373, 374, 380, 381, 382)),
)  # fmt: skip
"""Mesh points: corners, that on the picture's left first, iris with its centre first, outline."""


@dataclass(frozen=True, slots=True)
class Portrait:
    """A picture (height, width, 3) and the mesh (478, 3) of its face in pixels."""

    rgb: Picture
    mesh: Points

    @property
    def eye_px(self) -> float:
        """Mean width of the eyes."""
        return float(np.mean([math.dist(self.mesh[start, :2], self.mesh[end, :2]) for start, end, _, _ in _EYES]))

    def looking(self, left_deg: float) -> Picture:
        """The portrait with its eyes turned so far to the person's own left, which is the picture's right."""
        picture = self.rgb.astype(np.float32)
        share = EYE_OF_BALL * math.sin(math.radians(left_deg))
        for start, end, iris, outline in _EYES:
            _move(picture, self.mesh[:, :2], (start, end), iris, outline, share)
        return np.clip(np.rint(picture), 0, 255).astype(np.uint8)

    def looking_up(self, up_deg: float) -> Picture:
        """The portrait with its eyes turned so far up, which is down where it is negative."""
        picture = self.rgb.astype(np.float32)
        share = EYE_OF_BALL * math.sin(math.radians(up_deg))
        for start, end, iris, outline in _EYES:
            _raise(picture, self.mesh[:, :2], (start, end), iris, outline, share)
        return np.clip(np.rint(picture), 0, 255).astype(np.uint8)


def as_webcam(rgb: Picture, scale: float, rng: np.random.Generator) -> Picture:
    """The picture made smaller, a pixel or two off its place, noisy, and encoded: RGB (480, 640, 3)."""
    width, height = WEBCAM_SIZE
    small = cv2.GaussianBlur(rgb, (0, 0), 0.4 / scale) if scale < 1 else rgb
    x, y = rng.uniform(-2, 2, 2)
    place = np.array(
        [[scale, 0, width / 2 - scale * rgb.shape[1] / 2 + x], [0, scale, height / 2 - scale * rgb.shape[0] / 2 + y]]
    )
    placed = cv2.warpAffine(small, place, WEBCAM_SIZE, flags=cv2.INTER_AREA, borderMode=cv2.BORDER_REPLICATE)
    noisy = np.clip(placed + rng.normal(0, NOISE, placed.shape), 0, 255).astype(np.uint8)
    _, encoded = cv2.imencode(".jpg", noisy[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
    return np.ascontiguousarray(cv2.imdecode(encoded, cv2.IMREAD_COLOR)[..., ::-1]).astype(np.uint8, copy=False)


def _axis(points: Points, corners: tuple[int, int]) -> tuple[NDArray[np.float64], float, NDArray[np.float64]]:
    """First corner of an eye, its width in pixels, and the direction to the other corner."""
    start, end = points[corners[0]], points[corners[1]]
    width = float(np.linalg.norm(end - start))
    return start, width, (end - start) / width


def _opening(picture: NDArray[np.float32], points: Points, outline: tuple[int, ...]) -> NDArray[np.float32]:
    """1 between the lids, 0 elsewhere, as large as the picture."""
    opening = np.zeros(picture.shape[:2], np.float32)
    cv2.fillPoly(opening, [np.round(points[list(outline)]).astype(np.int32)], (1.0,))
    return opening


def _softened(opening: NDArray[np.float32], width: float) -> NDArray[np.float32]:
    """The same with a soft rim, for each channel of the picture."""
    soft: NDArray[np.float32] = cv2.GaussianBlur(opening, (0, 0), max(0.6, width / 60))[..., None].astype(np.float32)
    return soft


def _move(  # noqa: PLR0913, PLR0917 - an eye
    picture: NDArray[np.float32],
    points: Points,
    corners: tuple[int, int],
    iris: tuple[int, ...],
    outline: tuple[int, ...],
    share: float,
) -> None:
    """Move an iris in place, along the line between the eye's corners."""
    start, width, along = _axis(points, corners)
    centre = float((points[iris[0]] - start) @ along)
    rim = RIM * float(np.linalg.norm(points[list(iris[1:])] - points[iris[0]], axis=1).mean())
    moved = share * width
    rows, columns = np.mgrid[0 : picture.shape[0], 0 : picture.shape[1]].astype(np.float32)
    place = (columns - start[0]) * along[0] + (rows - start[1]) * along[1]
    # Where each place along the eye comes from: corners from themselves, the iris from where it was.
    known = np.array([0.0, centre + moved - rim, centre + moved + rim, width])
    came_from = np.array([0.0, centre - rim, centre + rim, width])
    back = np.interp(place, known, came_from).astype(np.float32) - np.clip(place, 0, width)
    there = cv2.remap(
        picture, columns + back * np.float32(along[0]), rows + back * np.float32(along[1]), cv2.INTER_CUBIC
    )
    picture += _softened(_opening(picture, points, outline), width) * (there - picture)


def _raise(  # noqa: PLR0913, PLR0917 - an eye
    picture: NDArray[np.float32],
    points: Points,
    corners: tuple[int, int],
    iris: tuple[int, ...],
    outline: tuple[int, ...],
    share: float,
) -> None:
    """Paint an iris higher in place, and let the upper lid follow."""
    start, width, along = _axis(points, corners)
    end = points[corners[1]]
    upward = np.array([along[1], -along[0]])
    opening = _opening(picture, points, outline)
    painted = _painted(picture, opening > 0, points[list(iris)], share * width * upward)
    picture += _softened(opening, width) * (painted - picture)

    rows, columns = np.mgrid[0 : picture.shape[0], 0 : picture.shape[1]].astype(np.float32)
    across, down = columns - (start[0] + end[0]) / 2, rows - (start[1] + end[1]) / 2
    aside = (across * along[0] + down * along[1]) / width
    above = (across * upward[0] + down * upward[1]) / width
    edge = float((points[outline[UPPER_LID]] - (start + end) / 2) @ upward) / width
    near = np.clip(1 - (2 * aside) ** 2, 0, 1) * np.clip(1 - np.abs(above - edge) / LID_BAND, 0, 1)
    back = (LID_FOLLOWS * share * width * near).astype(np.float32)
    picture[:] = cv2.remap(
        picture, columns - np.float32(upward[0]) * back, rows - np.float32(upward[1]) * back, cv2.INTER_CUBIC
    )


def _painted(
    picture: NDArray[np.float32], opening: NDArray[np.bool_], iris: Points, moved: NDArray[np.float64]
) -> NDArray[np.float32]:
    """The picture (height, width, 3) with white where the iris was and an iris of the same colours where it is now."""
    rows, columns = np.mgrid[0 : picture.shape[0], 0 : picture.shape[1]].astype(np.float32)
    radius = float(np.linalg.norm(iris[1:] - iris[0], axis=1).mean())
    away = np.hypot(columns - iris[0][0], rows - iris[0][1])
    white = np.percentile(picture[opening & (away > RIM * radius)], WHITE_PERCENTILE, axis=0).astype(np.float32)
    rings = np.repeat(white[None], int(RIM * radius) + 2, axis=0)
    for number in range(len(rings) - 1):
        ring = opening & (np.abs(away - number) < 1)
        if ring.any():
            rings[number] = picture[ring].mean(axis=0)
    painted = picture.copy()
    painted[opening & (away <= RIM * radius)] = white
    now = np.hypot(columns - iris[0][0] - moved[0], rows - iris[0][1] - moved[1])
    within = now <= RIM * radius
    painted[within] = rings[np.round(now[within]).astype(int)]
    return painted
