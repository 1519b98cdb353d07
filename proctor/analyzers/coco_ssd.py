"""COCO-SSD: finds objects of COCO's classes (SSDLite on MobileNet v2; M. Sandler et al., "MobileNetV2", 2018)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import cv2
import numpy as np

from proctor.analyzers.coco import CLASSES, IDENTIFIERS
from proctor.analyzers.geometry import Picture
from proctor.analyzers.inference import OnnxModel
from proctor.analyzers.suppression import Candidates, kept_objects
from proctor.domain.observations import ObjectSeen

SIDE_PX: Final = 300
IN_USE: Final = tuple(number for number, name in enumerate(IDENTIFIERS) if name is not None)


class CocoSsdDetector:
    """Finds objects in one or more pictures at once."""

    def __init__(self, path: Path) -> None:
        self._model = OnnxModel(path)

    def detect(self, pictures: Sequence[Picture], *, least_score: float) -> list[list[ObjectSeen]]:
        """Objects of each picture, surest first, boxes in its pixels; each of shape (height, width, 3)."""
        if not pictures:
            return []
        # As it was trained: the picture is squeezed into a square.
        squares = [cv2.resize(rgb, (SIDE_PX, SIDE_PX), interpolation=cv2.INTER_AREA) for rgb in pictures]
        outputs = self._model.run(pixels=np.stack(squares).astype(np.float32))
        found = []
        for index, rgb in enumerate(pictures):
            scores = outputs["scores"][index][:, IN_USE]
            anchors, labels = np.nonzero(scores >= least_score)
            top, left, bottom, right = outputs["boxes"][index][anchors, 0].astype(np.float64).T
            height, width = rgb.shape[:2]
            boxes = np.stack([left * width, top * height, (right - left) * width, (bottom - top) * height], axis=1)
            found.append(
                kept_objects(Candidates(boxes, scores[anchors, labels].astype(np.float64), labels), CLASSES, rgb.shape)
            )
        return found
