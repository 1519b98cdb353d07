"""A face brought to the place and size that the encoders were trained on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from proctor.analyzers.geometry import Picture, Points, similarity_transform, warp
from proctor.domain.observations import Box, HeadPose

SFACE_CHIP_PX: Final = 112
SFACE_TEMPLATE: Final[Points] = np.array(
    [(38.2946, 51.6963), (73.5318, 51.5014), (56.0252, 71.7366), (41.5493, 92.3655), (70.7299, 92.2041)]
)
"""Where SFace was trained to find eyes, nose tip and mouth corners (the usual 112 x 112 alignment)."""
DLIB_CHIP_PX: Final = 150
DLIB_TEMPLATE: Final[Points] = np.array(
    [(46.04, 46.09), (101.16, 45.35), (74.42, 77.73), (50.67, 102.60), (98.13, 102.17)]
)
"""Where the same five points lie in dlib's own chips (padding 0.25): means over 206 frontal pictures."""


@dataclass(frozen=True, slots=True, eq=False)
class AlignedFace:
    """One face of a picture with what is needed to judge and to encode it."""

    rgb: Picture
    """The whole picture."""
    box: Box
    landmarks: Points
    """Shape (5, 2): eyes, nose tip, mouth corners; those on the picture's left first."""
    pose: HeadPose | None
    """None where it could not be measured."""
    eyes_open: bool | None = None
    """None where it cannot be told."""

    def chip(self, template: Points, size_px: int) -> Picture:
        """Cut the face out so that its landmarks come nearest to the template."""
        return warp(self.rgb, similarity_transform(self.landmarks, template), size_px)
