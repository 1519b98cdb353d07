"""The colour of the skin in a picture: what a screen's colour is measured on."""

from __future__ import annotations

from typing import Final

from proctor.analyzers.geometry import Picture
from proctor.domain.observations import Box

ACROSS: Final = (0.2, 0.8)
DOWN: Final = (0.4, 0.75)
"""Part of a face's box that holds cheeks and nose, and next to no hair, eyes or mouth."""
LEAST_PX: Final = 12


def skin_colour(rgb: Picture, box: Box) -> tuple[float, float, float] | None:
    """Mean red, green and blue of cheeks and nose; None where they are too small or outside the picture."""
    height, width = rgb.shape[:2]
    x, y, box_width, box_height = box
    left, right = (round(min(max(x + part * box_width, 0), width)) for part in ACROSS)
    top, bottom = (round(min(max(y + part * box_height, 0), height)) for part in DOWN)
    if right - left < LEAST_PX or bottom - top < LEAST_PX:
        return None
    red, green, blue = rgb[top:bottom, left:right].mean(axis=(0, 1))
    return float(red), float(green), float(blue)
