"""Rotations of a camera that turns on the spot.

Axes of a camera: x to the right, y down, z forward. A rotation R of a camera takes its axes to the room's. Points are
pixels from the picture's centre; a point (u, v) lies on the ray (u, v, focal).
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float64]
"""Shape (..., 2): pixels to the right and down from the picture's centre."""
Rays = NDArray[np.float64]
"""Shape (..., 3): directions of length 1."""
Rotation = NDArray[np.float64]
"""Shape (3, 3), or (..., 3, 3) for many."""

NEARLY_ZERO: Final = 1e-6
UPRIGHT_PULL: Final = 0.05
"""How much the cameras' own down counts beside the plane in which they turn: decides where there was hardly a turn."""


def rays(points: Points, focal: float) -> Rays:
    """Directions in which a camera sees points."""
    directions = np.concatenate([points, np.full((*points.shape[:-1], 1), focal)], axis=-1)
    unit: Rays = directions / np.linalg.norm(directions, axis=-1, keepdims=True)
    return unit


def fit_rotation(source: Rays, target: Rays) -> Rotation:
    """The rotation that brings `source` nearest to `target` in the least squares sense; shapes (..., n, 3).

    W. Kabsch, "A solution for the best rotation to relate two sets of vectors", Acta Cryst. A32, 1976.
    """
    left, _, right = np.linalg.svd(np.swapaxes(target, -1, -2) @ source)
    left[..., :, 2] *= np.sign(np.linalg.det(left @ right))[..., None]
    rotation: Rotation = left @ right
    return rotation


def project(directions: Rays, focal: float) -> Points:
    """Pixels at which a camera sees directions of its own; those beside or behind it land far outside."""
    depth = np.maximum(directions[..., 2:], NEARLY_ZERO)
    points: Points = focal * directions[..., :2] / depth
    return points


def cross_matrices(vectors: NDArray[np.float64]) -> NDArray[np.float64]:
    """For each v of shape (..., 3) the matrix of u -> v x u."""
    x, y, z = np.moveaxis(vectors, -1, 0)
    zero = np.zeros_like(x)
    rows = [np.stack(row, axis=-1) for row in ((zero, -z, y), (z, zero, -x), (-y, x, zero))]
    return np.stack(rows, axis=-2)


def turned(rotations: Rotation, steps: NDArray[np.float64]) -> Rotation:
    """Rotations (n, 3, 3) after a further turn each by a rotation vector (n, 3), in the camera's own axes."""
    angles = np.linalg.norm(steps, axis=-1)[:, None, None]
    axes = cross_matrices(steps / np.maximum(angles[:, :, 0], 1e-12))
    further = np.eye(3) + np.sin(angles) * axes + (1.0 - np.cos(angles)) * axes @ axes
    result: Rotation = rotations @ further
    return result


def around_down(angles_deg: NDArray[np.float64]) -> Rotation:
    """Turns of a levelled room to the right by each of the angles (n,); shape (n, 3, 3)."""
    zero = np.zeros((len(angles_deg), 3))
    zero[:, 1] = np.radians(angles_deg)
    return turned(np.tile(np.eye(3), (len(angles_deg), 1, 1)), zero)


def angle_deg(rotations: Rotation) -> NDArray[np.float64]:
    """How far rotations (..., 3, 3) turn, 0 to 180."""
    traces = np.trace(rotations, axis1=-2, axis2=-1)
    angles: NDArray[np.float64] = np.degrees(np.arccos(np.clip((traces - 1.0) / 2.0, -1.0, 1.0)))
    return angles


def down_axis(rotations: Rotation) -> NDArray[np.float64]:
    """The room's down: the direction that the cameras' horizontal axes keep away from, shape (3,).

    M. Brown and D. Lowe, "Automatic panoramic image stitching using invariant features", IJCV 2007, section 5; the
    cameras' own down decides where they hardly turned.
    """
    across, down = rotations[:, :, 0], rotations[:, :, 1]
    spread = across.T @ across - UPRIGHT_PULL * (down.T @ down)
    axis: NDArray[np.float64] = np.linalg.eigh(spread)[1][:, 0]
    return axis if float(axis @ down.mean(axis=0)) >= 0 else -axis


def levelled(rotations: Rotation) -> Rotation:
    """The same rotations in a room whose y axis is its down, and in which the first camera looks along z."""
    down = down_axis(rotations)
    ahead = rotations[0, :, 2] - (rotations[0, :, 2] @ down) * down
    length = float(np.linalg.norm(ahead))
    ahead = ahead / length if length > NEARLY_ZERO else np.cross(rotations[0, :, 0], down)
    room = np.stack([np.cross(down, ahead), down, ahead])
    result: Rotation = room @ rotations
    return result


def yaw_deg(rotation: Rotation) -> float:
    """Where a camera looks in a levelled room: 0 as the first one, positive to the right, -180 to 180."""
    return math.degrees(math.atan2(float(rotation[0, 2]), float(rotation[2, 2])))


def wrapped_deg(angle: float) -> float:
    """The same direction between -180 (included) and 180."""
    return (angle + 180.0) % 360.0 - 180.0
