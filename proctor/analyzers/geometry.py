"""Geometry of faces in pictures: alignment, crops, overlaps."""

from __future__ import annotations

import math
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from proctor.domain.observations import Box

Picture = NDArray[np.uint8]
Points = NDArray[np.float64]
"""Shape (n, 2): x, y in pixels."""
Affine = NDArray[np.float64]
"""Shape (2, 3): maps a picture's pixels to a crop's."""

SHRINK_ALIASING: Final = 0.6
"""Below this scale bilinear sampling skips source pixels; the source is averaged down first."""


def similarity_transform(source: Points, target: Points) -> Affine:
    """Rotation, uniform scale and shift that bring `source` nearest to `target` in the least squares sense.

    S. Umeyama, "Least-squares estimation of transformation parameters between two point patterns", PAMI 1991.
    """
    source_centre, target_centre = source.mean(axis=0), target.mean(axis=0)
    centred_source, centred_target = source - source_centre, target - target_centre
    left, strengths, right = np.linalg.svd(centred_target.T @ centred_source)
    signs = np.array([1.0, np.sign(np.linalg.det(left @ right))])
    rotation = left @ np.diag(signs) @ right
    scale = float((strengths * signs).sum() / (centred_source**2).sum())
    transform = np.empty((2, 3))
    transform[:, :2] = scale * rotation
    transform[:, 2] = target_centre - scale * rotation @ source_centre
    return transform


def square_crop_transform(box: Box, *, context: float, size_px: int) -> Affine:
    """Map a square around the box's centre, `context` times its longer side, to a crop of `size_px`."""
    x, y, width, height = box
    side = max(width, height) * context
    scale = size_px / side
    return np.array(
        [
            [scale, 0.0, size_px / 2 - (x + width / 2) * scale],
            [0.0, scale, size_px / 2 - (y + height / 2) * scale],
        ]
    )


def warp(rgb: Picture, transform: Affine, size_px: int) -> Picture:
    """Cut a square crop of `size_px` by an affine map; outside the picture it is black."""
    scale = math.sqrt(abs(float(np.linalg.det(transform[:, :2]))))
    if scale < SHRINK_ALIASING:
        factor = 1 / max(1, round(1 / (1.2 * scale)))
        rgb = cv2.resize(rgb, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False)
        transform = transform.copy()
        transform[:, :2] /= factor
    return cv2.warpAffine(rgb, transform, (size_px, size_px), flags=cv2.INTER_LINEAR).astype(np.uint8, copy=False)


def map_points(transform: Affine, points: Points) -> Points:
    """Apply an affine map to points."""
    mapped: Points = points @ transform[:, :2].T + transform[:, 2]
    return mapped


def inverse(transform: Affine) -> Affine:
    """The map back from the crop to the picture."""
    return cv2.invertAffineTransform(transform).astype(np.float64, copy=False)


def overlap(first: Box, second: Box) -> float:
    """Intersection over union, 0 to 1."""
    width = min(first[0] + first[2], second[0] + second[2]) - max(first[0], second[0])
    height = min(first[1] + first[3], second[1] + second[3]) - max(first[1], second[1])
    if width <= 0 or height <= 0:
        return 0.0
    common = width * height
    return common / (first[2] * first[3] + second[2] * second[3] - common)


def part_inside(box: Box, picture_width: int, picture_height: int) -> float:
    """Share of the box's area that lies inside the picture, 0 to 1."""
    x, y, width, height = box
    visible_width = min(x + width, picture_width) - max(x, 0.0)
    visible_height = min(y + height, picture_height) - max(y, 0.0)
    if visible_width <= 0 or visible_height <= 0:
        return 0.0
    return visible_width * visible_height / (width * height)
