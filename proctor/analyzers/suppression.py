"""Of several boxes around one object the surest is kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from proctor.domain.observations import Box, ObjectSeen

SAME_OBJECT_OVERLAP: Final = 0.5
"""Boxes of one class that overlap more are one object; the value that both detectors are published with, or near it."""


@dataclass(frozen=True, slots=True, eq=False)
class Candidates:
    """What a detector proposes: boxes (n, 4) of x, y, width, height, scores (n,) and numbers of classes (n,)."""

    boxes: NDArray[np.float64]
    scores: NDArray[np.float64]
    labels: NDArray[np.intp]


def kept_objects(candidates: Candidates, classes: Sequence[str], shape: tuple[int, ...]) -> list[ObjectSeen]:
    """The surest box of each object, cut to a picture of `shape` (height, width, ...); surest first."""
    if not len(candidates.scores):
        return []
    kept = cv2.dnn.NMSBoxesBatched(
        candidates.boxes.tolist(), candidates.scores.tolist(), candidates.labels.tolist(), 0.0, SAME_OBJECT_OVERLAP
    )
    objects = [
        ObjectSeen(
            label=classes[int(candidates.labels[index])],
            score=float(candidates.scores[index]),
            box=_cut(candidates.boxes[index], shape),
        )
        for index in np.asarray(kept).reshape(-1)
    ]
    return sorted(objects, key=lambda seen: -seen.score)


def _cut(box: NDArray[np.float64], shape: tuple[int, ...]) -> Box:
    x, y = max(0.0, float(box[0])), max(0.0, float(box[1]))
    right, bottom = min(float(shape[1]), float(box[0] + box[2])), min(float(shape[0]), float(box[1] + box[3]))
    return x, y, max(0.0, right - x), max(0.0, bottom - y)
