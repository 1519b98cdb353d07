"""NanoDet 416: finds objects of COCO's classes (RangiLyu, "NanoDet", 2020).

Boxes are decoded as in X. Li et al., "Generalized focal loss", 2020: each side's distance from a cell is the mean of a
distribution over eleven bins.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from proctor.analyzers.coco import CLASSES
from proctor.analyzers.geometry import Picture
from proctor.analyzers.inference import OnnxModel
from proctor.analyzers.suppression import Candidates, kept_objects
from proctor.domain.observations import ObjectSeen

SIDE_PX: Final = 416
STRIDES: Final = (8, 16, 32)
BINS: Final = 11
BLUE_GREEN_RED_MEAN: Final = np.array((103.53, 116.28, 123.675), np.float32)
BLUE_GREEN_RED_DEVIATION: Final = np.array((57.375, 57.12, 58.395), np.float32)
"""ImageNet's, as the network was trained."""


class NanodetDetector:
    """Finds objects in one or more pictures at once."""

    def __init__(self, path: Path) -> None:
        self._model = OnnxModel(path)

    def detect(self, pictures: Sequence[Picture], *, least_score: float) -> list[list[ObjectSeen]]:
        """Objects of each picture, surest first, boxes in its pixels; each of shape (height, width, 3)."""
        if not pictures:
            return []
        fitted = [_fitted(rgb) for rgb in pictures]
        outputs = self._model.run(pixels=np.stack([pixels for pixels, _ in fitted]))
        found = []
        for index, (_, scale) in enumerate(fitted):
            parts = [
                _decode(outputs[f"classes_{stride}"][index], outputs[f"sides_{stride}"][index], stride, least_score)
                for stride in STRIDES
            ]
            boxes, scores, labels = (np.concatenate(column) for column in zip(*parts, strict=True))
            found.append(kept_objects(Candidates(boxes / scale, scores, labels), CLASSES, pictures[index].shape))
        return found


def _fitted(rgb: Picture) -> tuple[NDArray[np.float32], float]:
    """Scale the longer side to the network's, fill the rest with black; returns (3, 416, 416) and the scale."""
    height, width = rgb.shape[:2]
    scale = SIDE_PX / max(height, width)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    canvas = np.zeros((SIDE_PX, SIDE_PX, 3), np.uint8)
    way = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    canvas[: size[1], : size[0]] = cv2.resize(rgb, size, interpolation=way)
    pixels = (canvas[..., ::-1] - BLUE_GREEN_RED_MEAN) / BLUE_GREEN_RED_DEVIATION
    return np.ascontiguousarray(pixels.transpose(2, 0, 1), dtype=np.float32), scale


def _decode(
    classes: NDArray[np.float32], sides: NDArray[np.float32], stride: int, least_score: float
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.intp]]:
    """Boxes (n, 4) of x, y, width, height in the network's pixels, scores and class numbers of one grid."""
    columns = SIDE_PX // stride
    cells, labels = np.nonzero(classes >= least_score)
    logits = sides[cells].reshape(-1, 4, BINS).astype(np.float64)
    weights = np.exp(logits - logits.max(axis=2, keepdims=True))
    distances = (weights / weights.sum(axis=2, keepdims=True)) @ np.arange(BINS) * stride
    centres = (np.stack([cells % columns, cells // columns], axis=1) + 0.5) * stride
    boxes = np.concatenate([centres - distances[:, :2], distances[:, :2] + distances[:, 2:]], axis=1)
    return boxes, classes[cells, labels].astype(np.float64), labels
