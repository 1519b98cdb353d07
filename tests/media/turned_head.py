"""Turns a real face by known angles: its mesh is rotated in space and drawn with the picture's own texture.

The mesh ends at temples, hairline and jaw. A face without the sides of its head looks less turned than it is, to people
and networks alike, so rings of points behind the outline carry what the picture shows around the face backward.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from proctor.domain.observations import HeadPose

Picture = NDArray[np.uint8]
Points = NDArray[np.float64]
SIDE_PX = 480
FACE_SHARE = 0.45
"""Height of the drawn face as a part of the picture."""
DISTANCE = 6.0
"""Of the camera, in face heights: about that of a webcam."""
BACKGROUND = 110
HAIR = (45, 36, 30)
OUTER_POINTS = 468
"""The points after these are the irises."""
OUTLINE = (
    10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377,
    152, 148, 176, 149, 150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109,
)  # fmt: skip
"""Mesh points around the face, clockwise in the picture."""
RINGS = ((1.06, 0.25), (1.12, 0.6), (1.17, 1.0), (1.18, 1.5))
"""How far each ring lies outside the outline, as a multiple of it, and behind it, in half widths of the face."""


class TurnableHead:
    """A face with its mesh (478, 3), in pixels of its picture, and the pose that it has there."""

    def __init__(self, rgb: Picture, mesh: Points, pose: HeadPose) -> None:
        self._rgb = rgb
        self._flat = mesh[:OUTER_POINTS, :2].astype(np.float32)
        self._height = float(np.ptp(mesh[:OUTER_POINTS, 1]))
        self._frontal = (mesh[:OUTER_POINTS] - mesh[:OUTER_POINTS].mean(axis=0)) @ rotation(pose)
        self._triangles = _triangles(self._flat)
        self._own_triangles = len(self._triangles)
        self._add_sides()

    def _add_sides(self) -> None:
        """Continue face and texture beyond the outline, around the head."""
        outline, flat = self._frontal[list(OUTLINE)], self._flat[list(OUTLINE)]
        middle = self._flat.mean(axis=0)
        half_width = float(np.ptp(self._frontal[:, 0])) / 2
        inner, count = np.array(OUTLINE), len(OUTLINE)
        for outward, behind in RINGS:
            ring = outline * (outward, outward, 1.0) + (0.0, 0.0, behind * half_width)
            outer = np.arange(count) + len(self._frontal)
            self._frontal = np.vstack([self._frontal, ring])
            self._flat = np.vstack([self._flat, (flat - middle) * outward + middle]).astype(np.float32)
            first = np.stack([inner, outer, np.roll(inner, -1)], axis=1)
            second = np.stack([np.roll(inner, -1), outer, np.roll(outer, -1)], axis=1)
            self._triangles = np.vstack([self._triangles, first, second])
            inner = outer

    def drawn(self, pose: HeadPose, sides: Picture | None = None) -> Picture:
        """RGB (480, 480, 3) with the face in that pose; its sides carry the portrait, or `sides`, a picture as large.

        What a portrait shows beside the face is hair, but also the wall, which no head has at its sides.
        """
        turned = self._frontal @ rotation(pose).T
        near = DISTANCE * self._height / (DISTANCE * self._height + turned[:, 2])
        scale = SIDE_PX * FACE_SHARE / self._height
        places = (turned[:, :2] * near[:, None] * scale + SIDE_PX / 2).astype(np.float32)
        picture = np.full((SIDE_PX, SIDE_PX, 3), BACKGROUND, np.uint8)
        farthest_first = np.argsort(-turned[self._triangles, 2].mean(axis=1))
        for number in farthest_first:
            triangle = self._triangles[number]
            source = self._rgb if sides is None or number < self._own_triangles else sides
            _draw(picture, places[triangle], source, self._flat[triangle])
        return picture

    def hair(self) -> Picture:
        """A picture as large as the portrait in one dark colour, the usual one of hair."""
        return np.full_like(self._rgb, HAIR)


def rotation(pose: HeadPose) -> Points:
    """Rotation of camera axes (x right, y down, z away) that turns a frontal face into that pose.

    Written with axes x right, y up, z toward the camera: roll first, then pitch, then yaw.
    """
    yaw, pitch, roll = np.radians([pose.yaw_deg, pose.pitch_deg, pose.roll_deg])
    about_y = np.array([[np.cos(yaw), 0, np.sin(yaw)], [0, 1, 0], [-np.sin(yaw), 0, np.cos(yaw)]])
    about_x = np.array([[1, 0, 0], [0, np.cos(pitch), np.sin(pitch)], [0, -np.sin(pitch), np.cos(pitch)]])
    about_z = np.array([[np.cos(roll), np.sin(roll), 0], [-np.sin(roll), np.cos(roll), 0], [0, 0, 1]])
    to_camera = np.diag([1.0, -1.0, -1.0])
    return np.asarray(to_camera @ about_y @ about_x @ about_z @ to_camera)


def _triangles(points: NDArray[np.float32]) -> NDArray[np.intp]:
    lowest, highest = points.min(axis=0) - 2, points.max(axis=0) + 2
    width, height = (highest - lowest).astype(int) + 1
    plane = cv2.Subdiv2D((int(lowest[0]), int(lowest[1]), int(width) + 1, int(height) + 1))
    plane.insert(points.tolist())
    corners = np.asarray(plane.getTriangleList()).reshape(-1, 3, 2)
    inside = ((corners >= lowest) & (corners <= highest)).all(axis=(1, 2))
    distances = np.linalg.norm(corners[inside][:, :, None] - points[None, None], axis=3)
    return distances.argmin(axis=2)


def _draw(onto: Picture, target: NDArray[np.float32], source: Picture, triangle: NDArray[np.float32]) -> None:
    begin = np.clip(np.floor(target.min(axis=0)).astype(int), 0, SIDE_PX)
    end = np.clip(np.ceil(target.max(axis=0)).astype(int) + 1, 0, SIDE_PX)
    if (end <= begin).any() or _winding(target) * _winding(triangle) <= 0:
        return
    size = (int(end[0] - begin[0]), int(end[1] - begin[1]))
    transform = cv2.getAffineTransform(triangle, target - begin.astype(np.float32))
    texture = cv2.warpAffine(source, transform, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
    mask = np.zeros((size[1], size[0]), np.uint8)
    cv2.fillConvexPoly(mask, np.asarray(np.round((target - begin) * 16), np.int32), (255.0,), shift=4)
    onto[begin[1] : end[1], begin[0] : end[0]][mask > 0] = texture[mask > 0]


def _winding(triangle: NDArray[np.float32]) -> float:
    (ax, ay), (bx, by) = triangle[1] - triangle[0], triangle[2] - triangle[0]
    return float(ax * by - ay * bx)
