"""Bodies in a picture, with or without a face: who sits there with the back to the camera, and who beside.

Mediapipe's pose network finds one body a picture. A second one is looked for in the same picture once the first is
painted over. How often either is missed or invented is measured by `benchmarks/accuracy/body.py`.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from proctor.analyzers.geometry import Picture, overlap
from proctor.analyzers.mediapipe_graph import Graph, quiet
from proctor.domain.media import Frame
from proctor.domain.observations import Body, BodyObserved, Box, PeopleObserved
from proctor.ports.model_files import ModelFiles

BodyPoints = NDArray[np.float64]
"""Shape (33, 3): x, y in pixels, visibility from 0 to 1."""

LOOK_PX: Final = 640
"""Longer side of the picture that the network sees."""
LEAST_DEVIATION: Final = 6.0
"""Standard deviation of the picture's luma, of 255, below which nothing is to be seen at all: a covered lens, a dark
room. That is no empty chair."""
LEAST_DETECTION_CONFIDENCE: Final = 0.5
COMPLEXITY: Final = 1
"""The only one of the three networks that the package brings."""
LEAST_VISIBILITY: Final = 0.5
LEAST_SIZE: Final = 0.07
"""Shoulder width and distance from shoulders to head, together, as a share of the picture's longer side: 45 pixels of
640. Smaller bodies on labelled pictures were bags and chairs, or people across a hall."""
FARTHEST_OUTSIDE: Final = 0.15
"""A point this far outside the picture, as a share of its sides, is still told by what is inside."""
SAME_BODY: Final = 0.5
"""Overlap from which on the second look has found the first body again."""
NEAR_HEAD: Final = 0.45
"""Distance of a hand from a point of the face, in distances from head to shoulders."""

NOSE: Final = 0
FACE: Final = (0, 7, 8, 9, 10)
"""Nose, ears, corners of the mouth."""
LEFT_SHOULDER: Final = 11
RIGHT_SHOULDER: Final = 12
HANDS: Final = ((15, 17, 19, 21), (16, 18, 20, 22))
"""Wrist, little finger, index finger, thumb; of the own left and right hand."""
HIPS: Final = (23, 24)
TRUNK: Final = (0, 7, 8, 11, 12)

ASIDE: Final = 0.35
ABOVE: Final = 0.6
BELOW: Final = 0.3
"""How far a body is painted over beyond its points, in its own size."""


class BodyAnalyzer:
    """Finds bodies; one instance a process, shared by all sittings."""

    def __init__(self, files: ModelFiles) -> None:
        """Start the network, about half a second.

        Raises:
            ModelMissingError: a model file is not installed.
        """
        files.path("body_pose")
        self.model = f"body_pose@{files.version('body_pose')}"
        with quiet():
            self._graph = Graph(_start_solution(), "pose_landmarks")
            self._graph.landmarks(np.zeros((64, 64, 3), np.uint8))

    def observe(self, frame: Frame, people: PeopleObserved | None) -> BodyObserved | None:
        """Look for up to two bodies; about 35 ms for the first and 15 to 35 for the second.

        `people` are those of the same picture; the candidate's body is the one that carries the largest face, or the
        larger one where no face is seen. None where the picture shows nothing, so that nobody can tell.
        """
        if float(cv2.cvtColor(frame.rgb, cv2.COLOR_RGB2GRAY).std()) < LEAST_DEVIATION:
            return None
        bodies = self.detect(frame.rgb)
        faces = () if people is None else people.faces
        if faces and len(bodies) > 1 and _carries(bodies[1], faces[0].box) and not _carries(bodies[0], faces[0].box):
            bodies = bodies[::-1]
        return BodyObserved(frame.track, frame.at, bodies, len(faces), self.model)

    def detect(self, rgb: Picture) -> tuple[Body, ...]:
        """Up to two bodies, the larger one first; shape of `rgb` (height, width, 3)."""
        scale = LOOK_PX / max(rgb.shape[:2])
        if scale < 1:
            small = np.asarray(cv2.resize(rgb, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)
        else:
            scale, small = 1.0, rgb
        first = self._points(small)
        if first is None:
            return ()
        found = [first]
        second = self._points(_painted_over(small, first))
        if second is not None and overlap(_box(second, small.shape), _box(first, small.shape)) < SAME_BODY:
            found.append(second)
        found.sort(key=_size, reverse=True)
        return tuple(body_of(points, small.shape, scale) for points in found)

    def _points(self, rgb: Picture) -> BodyPoints | None:
        found = self._graph.landmarks(np.ascontiguousarray(rgb))
        if not found:
            return None
        height, width = rgb.shape[:2]
        points = np.array([(point.x * width, point.y * height, point.visibility) for point in found.landmark])
        is_seen = float(points[list(TRUNK), 2].mean()) >= LEAST_VISIBILITY
        return points if is_seen and _size(points) >= LEAST_SIZE * max(width, height) else None


def _size(points: BodyPoints) -> float:
    """Shoulder width and distance from shoulders to head, in pixels."""
    shoulders = points[LEFT_SHOULDER, :2], points[RIGHT_SHOULDER, :2]
    return float(np.linalg.norm(shoulders[0] - shoulders[1])) + _head_to_shoulders(points)


def _head_to_shoulders(points: BodyPoints) -> float:
    middle = (points[LEFT_SHOULDER, :2] + points[RIGHT_SHOULDER, :2]) / 2
    return float(np.linalg.norm(points[NOSE, :2] - middle))


def _box(points: BodyPoints, shape: Sequence[int]) -> Box:
    """Around the visible points, inside the picture."""
    seen = points[points[:, 2] >= LEAST_VISIBILITY, :2]
    x0, y0 = np.clip(seen.min(axis=0), 0, (shape[1], shape[0]))
    x1, y1 = np.clip(seen.max(axis=0), 0, (shape[1], shape[0]))
    return float(x0), float(y0), float(x1 - x0), float(y1 - y0)


def _painted_over(rgb: Picture, points: BodyPoints) -> Picture:
    """The picture with that body under its mean colour; down to the lower edge where hips are not seen."""
    x, y, width, height = _box(points, rgb.shape)
    size = _size(points) / 2
    below = y + height + BELOW * size
    if float(points[list(HIPS), 2].min()) < LEAST_VISIBILITY:
        below = rgb.shape[0]
    x0, y0 = max(0, math.floor(x - ASIDE * size)), max(0, math.floor(y - ABOVE * size))
    painted = rgb.copy()
    painted[y0 : math.ceil(below), x0 : math.ceil(x + width + ASIDE * size)] = np.array(cv2.mean(rgb)[:3], np.uint8)
    return painted


def body_of(points: BodyPoints, shape: Sequence[int], scale: float) -> Body:
    """The body of points in a picture of that shape, in pixels of the one that it was shrunk from by `scale`."""
    left, right = (_shoulder(points[index], shape) for index in (LEFT_SHOULDER, RIGHT_SHOULDER))
    lean_deg = None
    if left is not None and right is not None:
        lean_deg = math.degrees(math.atan2(left[1] - right[1], abs(left[0] - right[0])))
    x, y, width, height = (value / scale for value in _box(points, shape))
    head = points[list(FACE), :2].mean(axis=0) / scale
    return Body(
        box=(x, y, width, height),
        head=(float(head[0]), float(head[1])),
        score=float(points[list(TRUNK), 2].mean()),
        left_shoulder=None if left is None else (left[0] / scale, left[1] / scale),
        right_shoulder=None if right is None else (right[0] / scale, right[1] / scale),
        lean_deg=lean_deg,
        hands_near_face=sum(_is_near_face(points, hand) for hand in HANDS),
    )


def _shoulder(point: NDArray[np.float64], shape: Sequence[int]) -> tuple[float, float] | None:
    height, width = shape[:2]
    inside = -FARTHEST_OUTSIDE * width <= point[0] <= (1 + FARTHEST_OUTSIDE) * width
    inside = inside and -FARTHEST_OUTSIDE * height <= point[1] <= (1 + FARTHEST_OUTSIDE) * height
    return (float(point[0]), float(point[1])) if inside and point[2] >= LEAST_VISIBILITY else None


def _is_near_face(points: BodyPoints, hand: Sequence[int]) -> bool:
    seen = [index for index in hand if points[index, 2] >= LEAST_VISIBILITY]
    if not seen:
        return False
    apart = np.linalg.norm(points[seen][:, None, :2] - points[list(FACE)][None, :, :2], axis=2)
    return bool(apart.min() <= NEAR_HEAD * _head_to_shoulders(points))


def _carries(body: Body, face: Box) -> bool:
    """Whether the body's head lies in the face's box."""
    return face[0] <= body.head[0] <= face[0] + face[2] and face[1] <= body.head[1] <= face[1] + face[3]


def _start_solution() -> Any:  # noqa: ANN401 - mediapipe publishes no types
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # deprecations inside mediapipe and what it imports
        from mediapipe.python.solutions import pose  # noqa: PLC0415 - costs a second and 100 MB

        return pose.Pose(
            static_image_mode=True,
            model_complexity=COMPLEXITY,
            enable_segmentation=False,
            min_detection_confidence=LEAST_DETECTION_CONFIDENCE,
        )
