"""YuNet: finds faces with five landmarks each (W. Wu et al., "YuNet: a tiny millisecond-level face detector", 2023)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from proctor.analyzers.geometry import Picture, Points
from proctor.analyzers.inference import OnnxModel, Tensor
from proctor.domain.observations import Box

STRIDES: Final = (8, 16, 32)
SIZE_MULTIPLE_PX: Final = 32
ROW: Final = 15
"""Figures of a face: x, y, width, height, score, ten landmark coordinates."""
SAME_FACE_OVERLAP: Final = 0.3
"""Boxes that overlap more are one face; the value that YuNet is published with."""
LARGEST_ENLARGEMENT: Final = 2.0
"""Small pictures are enlarged at most this much: more only invents pixels."""


@dataclass(frozen=True, slots=True, eq=False)
class DetectedFace:
    """One face as the detector sees it."""

    box: Box
    score: float
    landmarks: Points
    """Shape (5, 2): the eye on the picture's left, the other eye, nose tip, mouth corner on the left, the other one."""

    @property
    def height_px(self) -> float:
        """Height of the box in pixels of the picture."""
        return self.box[3]


class YunetDetector:
    """YuNet at any working size."""

    def __init__(self, path: Path) -> None:
        self._model = OnnxModel(path)

    def detect(self, rgb: Picture, *, longer_side_px: int, least_score: float) -> tuple[DetectedFace, ...]:
        """Find faces in a picture that is first scaled so that its longer side is `longer_side_px`; largest first.

        Boxes and landmarks are pixels of `rgb`, of shape (height, width, 3).
        """
        height, width = rgb.shape[:2]
        scale = min(longer_side_px / max(height, width), LARGEST_ENLARGEMENT)
        scaled = _scaled(rgb, scale)
        rows = self._rows(scaled, least_score)
        if not len(rows):
            return ()
        kept = cv2.dnn.NMSBoxes(rows[:, :4].tolist(), rows[:, 4].tolist(), least_score, SAME_FACE_OVERLAP)
        ratio = np.array([width / scaled.shape[1], height / scaled.shape[0]])
        faces = [_face(rows[index], ratio) for index in np.asarray(kept).reshape(-1)]
        return tuple(sorted(faces, key=lambda face: -face.box[2] * face.box[3]))

    def _rows(self, rgb: Picture, least_score: float) -> NDArray[np.float64]:
        """Decode raw outputs to rows of `ROW` figures."""
        height, width = rgb.shape[:2]
        rows, columns = _round_up(height), _round_up(width)
        if (rows, columns) != (height, width):
            rgb = np.asarray(
                cv2.copyMakeBorder(rgb, 0, rows - height, 0, columns - width, cv2.BORDER_CONSTANT), np.uint8
            )
        # The network was trained on blue, green, red.
        outputs = self._model.run(input=cv2.dnn.blobFromImage(rgb, swapRB=True))
        return np.concatenate([_decode(outputs, stride, columns // stride, least_score) for stride in STRIDES])


def _decode(outputs: dict[str, Tensor], stride: int, columns: int, least_score: float) -> NDArray[np.float64]:
    """Anchor-free decoding: each cell predicts offsets in units of its stride, sizes as logarithms."""
    classes = np.clip(outputs[f"cls_{stride}"][0, :, 0], 0.0, 1.0)
    objectness = np.clip(outputs[f"obj_{stride}"][0, :, 0], 0.0, 1.0)
    scores = np.sqrt(classes * objectness)
    cells = np.flatnonzero(scores >= least_score)
    if not len(cells):
        return np.empty((0, ROW))
    origin = np.stack([cells % columns, cells // columns], axis=1).astype(np.float64)
    boxes = outputs[f"bbox_{stride}"][0, cells].astype(np.float64)
    centres = (origin + boxes[:, :2]) * stride
    sizes = np.exp(boxes[:, 2:]) * stride
    landmarks = outputs[f"kps_{stride}"][0, cells].reshape(-1, 5, 2).astype(np.float64)
    landmarks = (landmarks + origin[:, None]) * stride
    return np.concatenate([centres - sizes / 2, sizes, scores[cells, None], landmarks.reshape(-1, 10)], axis=1)


def _face(row: NDArray[np.float64], ratio: NDArray[np.float64]) -> DetectedFace:
    x, y = row[:2] * ratio
    width, height = row[2:4] * ratio
    return DetectedFace(
        box=(float(x), float(y), float(width), float(height)),
        score=float(row[4]),
        landmarks=row[5:].reshape(5, 2) * ratio,
    )


def _scaled(rgb: Picture, scale: float) -> Picture:
    if scale == 1.0:
        return rgb
    size = (max(1, round(rgb.shape[1] * scale)), max(1, round(rgb.shape[0] * scale)))
    way = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    return cv2.resize(rgb, size, interpolation=way).astype(np.uint8, copy=False)


def _round_up(pixels: int) -> int:
    return -(-pixels // SIZE_MULTIPLE_PX) * SIZE_MULTIPLE_PX
