"""Where the irises stand within the eyes, from the points that the face mesh finds anyway; no model runs for it.

The mesh draws an iris into every eye, seen or not: behind glare, under a lid or in the dark it is invented. A direction
is therefore only given where the picture itself shows a dark iris beside a brighter white in both eyes. How dark or
bright the face is does not count, only the difference within the eye; how narrow the eye is does not count either, as
long as a part of the iris can be seen.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from proctor.analyzers.geometry import Picture
from proctor.domain.observations import EyeDirection, HeadPose

MeshPoints = NDArray[np.float64]

LEAST_EYE_PX: Final = 9.0
"""Width of an eye, from corner to corner, below which the iris is a few pixels and its place a guess."""
LEAST_OPENNESS: Final = 0.13
"""Distance of the lids as a share of the eye's width. Blinks and eyes cast down lie below; the narrowest open eyes of
about 200 labelled pictures were 0.18."""
FARTHEST_YAW_DEG: Final = 32.0
"""Beyond it the far eye is too foreshortened."""
FARTHEST_PITCH_DEG: Final = 30.0
LEAST_CONTRAST: Final = 12.0
"""Luma, of 255, by which the white must be brighter than the iris. On labelled pictures it is 40 to 120 in studio light
(65 and more on the darkest skins), 20 to 60 on webcams."""
GLARE_LUMA: Final = 245
MOST_GLARE: Final = 0.12
"""Share of the eye's area that may be as bright as a lamp's reflection in glasses."""
MOST_BRIGHT_IRIS: Final = 0.3
"""Share of the iris that may be nearer to the white than to the iris: a catchlight is less, a lamp or a screen that
glasses mirror before the iris is more, however dim the room."""
IRIS_INNER: Final = 0.9
"""Part of the iris's radius that surely is iris."""
IRIS_OUTER: Final = 1.15
WHITE_PERCENTILE: Final = 70.0
LEAST_PIXELS: Final = 4
SUBPIXEL_BITS: Final = 3


@dataclass(frozen=True, slots=True)
class _Eye:
    """Indices of mesh points."""

    corners: tuple[int, int]
    """That on the picture's left first."""
    upper_lid: int
    lower_lid: int
    iris: tuple[int, ...]
    """Centre, then four points around it."""
    outline: tuple[int, ...]


_EYES: Final = (
    _Eye(
        (33, 133),
        159,
        145,
        (468, 469, 470, 471, 472),
        (33, 246, 161, 160, 159, 158, 157, 173, 133, 155, 154, 153, 145, 144, 163, 7),
    ),
    _Eye(
        (362, 263),
        386,
        374,
        (473, 474, 475, 476, 477),
        (362, 398, 384, 385, 386, 387, 388, 466, 263, 249, 390, 373, 374, 380, 381, 382),
    ),
)


def supported_eyes(rgb: Picture, points: MeshPoints | None, pose: HeadPose | None) -> EyeDirection | None:
    """Direction of the eyes in the head, or None where the picture does not support one.

    `rgb` has the shape (height, width, 3); `points` (478, 3) are in its pixels.
    """
    if points is None or pose is None:
        return None
    if abs(pose.yaw_deg) > FARTHEST_YAW_DEG or abs(pose.pitch_deg) > FARTHEST_PITCH_DEG:
        return None
    measured = [_place(points, eye) for eye in _EYES]
    if any(width < LEAST_EYE_PX or openness < LEAST_OPENNESS for _, _, openness, width in measured):
        return None
    if not all(_is_seen(rgb, points[:, :2], eye) for eye in _EYES):
        return None
    left, up, openness, _ = np.mean(measured, axis=0)
    return EyeDirection(left=float(left), up=float(up), openness=float(openness))


def _place(points: MeshPoints, eye: _Eye) -> tuple[float, float, float, float]:
    """Offset of the iris toward the picture's right and up, and openness, in eye widths; the width in pixels."""
    start, end = points[eye.corners[0], :2], points[eye.corners[1], :2]
    width = float(np.linalg.norm(end - start))
    if width < 1.0:
        return 0.0, 0.0, 0.0, width
    along = (end - start) / width
    upward = np.array([along[1], -along[0]])
    offset = points[list(eye.iris), :2].mean(axis=0) - (start + end) / 2
    lids = points[eye.upper_lid, :2] - points[eye.lower_lid, :2]
    return float(offset @ along) / width, float(offset @ upward) / width, float(lids @ upward) / width, width


def _is_seen(rgb: Picture, points: MeshPoints, eye: _Eye) -> bool:
    """Whether the picture shows a dark iris beside a brighter white inside the outline, and no glare."""
    outline = points[list(eye.outline)]
    x0, y0 = (max(0, math.floor(value)) for value in outline.min(axis=0))
    x1, y1 = (math.ceil(value) + 1 for value in outline.max(axis=0))
    part = rgb[y0:y1, x0:x1]
    if min(part.shape[:2]) < 2:  # noqa: PLR2004 - cut away by the picture's edge
        return False
    luma = np.asarray(cv2.cvtColor(part, cv2.COLOR_RGB2GRAY), np.uint8)
    opening: Picture = np.zeros(luma.shape, np.uint8)
    cv2.fillPoly(opening, [_fixed_point(outline - (x0, y0))], (1.0,), shift=SUBPIXEL_BITS)
    centre = points[eye.iris[0]]
    radius = float(np.linalg.norm(points[list(eye.iris[1:])] - centre, axis=1).mean())
    iris = luma[(opening > 0) & _disc(luma.shape, centre - (x0, y0), IRIS_INNER * radius)]
    white = luma[(opening > 0) & ~_disc(luma.shape, centre - (x0, y0), IRIS_OUTER * radius)]
    if min(len(iris), len(white)) < LEAST_PIXELS:
        return False
    if float((luma[opening > 0] >= GLARE_LUMA).mean()) > MOST_GLARE:
        return False
    dark, bright = float(np.median(iris)), float(np.percentile(white, WHITE_PERCENTILE))
    return bright - dark >= LEAST_CONTRAST and float((iris > (dark + bright) / 2).mean()) <= MOST_BRIGHT_IRIS


def _disc(shape: tuple[int, ...], centre: NDArray[np.float64], radius: float) -> NDArray[np.bool_]:
    down, across = np.ogrid[: shape[0], : shape[1]]
    return np.asarray((across - centre[0]) ** 2 + (down - centre[1]) ** 2 <= radius**2, np.bool_)


def _fixed_point(points: NDArray[np.float64]) -> NDArray[np.int32]:
    return np.asarray(np.round(points * (1 << SUBPIXEL_BITS)), np.int32)
