"""Puts things over a real face that candidates wear: a headscarf, glasses, a mask. Drawn by the face's own mesh."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from tests.media.turned_head import OUTLINE

Picture = NDArray[np.uint8]
Points = NDArray[np.float64]
EYE_CORNERS = ((33, 133), (362, 263))
NOSE_BRIDGE = 168
CLOTH = (62, 44, 108)
FRAME = (28.0, 24.0, 22.0)


def in_headscarf(rgb: Picture, mesh: Points) -> Picture:
    """The face in a cloth that covers hair, ears, neck and the edge of forehead and jaw."""
    outline = mesh[list(OUTLINE), :2]
    x, y = outline.mean(axis=0)
    height = float(np.ptp(outline[:, 1]))
    covered: Picture = np.zeros(rgb.shape[:2], np.uint8)
    cv2.ellipse(covered, (round(x), round(y)), (round(0.62 * height), round(0.78 * height)), 0, 0, 360, (1.0,), -1)
    shoulders = [(x - 0.62 * height, y), (x + 0.62 * height, y)]
    shoulders += [(x + height, y + 1.4 * height), (x - height, y + 1.4 * height)]
    cv2.fillPoly(covered, [_whole(np.array(shoulders))], (1.0,))
    opening = (outline - (x, y)) * (0.97, 0.9) + (x, y + 0.03 * height)
    cv2.fillPoly(covered, [_whole(opening)], (0.0,))
    folds = np.sin(np.arange(rgb.shape[0]) / 6)[:, None, None]
    cloth = np.broadcast_to(np.array(CLOTH) + 12 * folds, rgb.shape)
    return np.where(covered[:, :, None] > 0, cloth, rgb).astype(np.uint8)


def in_glasses(rgb: Picture, mesh: Points, *, glare: float = 0.0, dark: bool = False) -> Picture:
    """The face in glasses; `glare` is the share of each lens that reflects a window, `dark` makes them sunglasses."""
    worn = rgb.copy()
    for corners in EYE_CORNERS:
        x, y = mesh[list(corners), :2].mean(axis=0)
        width = float(np.linalg.norm(mesh[corners[1], :2] - mesh[corners[0], :2]))
        centre, axes = (round(x), round(y)), (round(0.85 * width), round(0.62 * width))
        if dark:
            cv2.ellipse(worn, centre, axes, 0, 0, 360, FRAME, -1)
        if glare:
            reach = (round(0.85 * width * glare), round(0.5 * width * glare))
            cv2.ellipse(worn, centre, reach, 0, 0, 360, (255.0, 255.0, 255.0), -1)
        cv2.ellipse(worn, centre, axes, 0, 0, 360, FRAME, max(1, round(0.07 * width)))
    return worn


def in_mask(rgb: Picture, mesh: Points) -> Picture:
    """The face in a mask from the nose down."""
    outline = mesh[list(OUTLINE), :2]
    below = outline[outline[:, 1] > mesh[NOSE_BRIDGE, 1] + 0.25 * np.ptp(outline[:, 1])]
    worn = rgb.copy()
    cv2.fillConvexPoly(worn, cv2.convexHull(_whole(below)), (176.0, 196.0, 205.0))
    return worn


def _whole(points: Points) -> NDArray[np.int32]:
    return np.asarray(np.round(points), np.int32)
