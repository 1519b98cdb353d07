"""Draws a textured triangle mesh through a pinhole camera: a depth buffer, perspective-correct texture and one light.

It knows nothing of faces and shares nothing with what is measured on its pictures.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]
Floats = NDArray[np.float64]
Indices = NDArray[np.intp]

BACKGROUND: Final = 110
"""Grey behind the mesh."""
FINER: Final = 2
"""Pictures are drawn so many times larger and made smaller, against jagged edges."""
SMALLEST_AREA: Final = 1e-4
"""Of a triangle that is seen edge-on, in square pixels; it covers none."""


@dataclass(frozen=True, slots=True, eq=False)
class TexturedMesh:
    """A surface of triangles: axes x right, y up, z toward the viewer, in millimetres."""

    points: Floats
    """Shape (n, 3)."""
    triangles: Indices
    """Shape (m, 3): the points of each triangle."""
    corners: Floats
    """Shape (m, 3, 2): where in the texture the corners of each triangle lie, in its pixels."""
    texture: Picture
    """RGB."""


@dataclass(frozen=True, slots=True)
class Camera:
    """Looks along its axis at the point around which the mesh is turned."""

    distance_mm: float
    focal_px: float
    width_px: int = 640
    height_px: int = 480


@dataclass(frozen=True, slots=True)
class Light:
    """Parallel light on a surface that scatters it evenly; `toward` points from the mesh to it, in the camera's axes.

    The brightness is `ambient` where it does not reach, and `ambient + direct` where it falls straight on the surface.
    """

    toward: tuple[float, float, float]
    ambient: float
    direct: float


@dataclass(frozen=True, slots=True, eq=False)
class Surface:
    """What the k covered pixels of the enlarged picture show."""

    covered: NDArray[np.bool_]
    """Shape (height, width), k of them True."""
    colours: Floats
    """Shape (k, 3): the texture's."""
    normals: Floats
    """Shape (k, 3), of length 1 in the camera's axes."""

    def lit(self, light: Light | None) -> Picture:
        """RGB of the camera's size; without a light as the texture was photographed."""
        colours = self.colours
        if light is not None:
            toward = np.array(light.toward) / np.linalg.norm(light.toward)
            brightness = light.ambient + light.direct * np.clip(self.normals @ toward, 0.0, None)
            colours = colours * brightness[:, None]
        height, width = self.covered.shape
        drawn = np.full((height, width, 3), BACKGROUND, np.float32)
        drawn[self.covered] = np.clip(colours, 0, 255)
        small = cv2.resize(drawn, (width // FINER, height // FINER), interpolation=cv2.INTER_AREA)
        return np.round(small).astype(np.uint8)


def seen(mesh: TexturedMesh, turn: Floats, camera: Camera) -> Surface:
    """The mesh turned around the middle of its axes by a rotation (3, 3), in front of the camera."""
    placed = mesh.points @ turn.T
    width, height = camera.width_px * FINER, camera.height_px * FINER
    away = camera.distance_mm - placed[:, 2]
    scale = camera.focal_px * FINER / away
    flat = np.stack([width / 2 + placed[:, 0] * scale, height / 2 - placed[:, 1] * scale], axis=1)
    triangle, weights = _nearest(flat[mesh.triangles], away[mesh.triangles], (height, width))
    covered = triangle >= 0
    shown, weights = triangle[covered], weights[covered]
    colours = _sampled(mesh.texture, np.einsum("kc,kcd->kd", weights, mesh.corners[shown]))
    normals = np.einsum("kc,kcd->kd", weights, _normals(placed, mesh.triangles)[mesh.triangles[shown]])
    return Surface(covered, colours, _unit(normals))


def _sampled(texture: Picture, places: Floats) -> Floats:
    """Colours (k, 3) at places (k, 2), between its pixels in proportion."""
    height, width = texture.shape[:2]
    places = np.clip(places, 0, (width - 1.001, height - 1.001))
    first = places.astype(np.intp)
    (right, down), (x, y) = (places - first).T[:, :, None], first.T
    above = texture[y, x] * (1 - right) + texture[y, x + 1] * right
    below = texture[y + 1, x] * (1 - right) + texture[y + 1, x + 1] * right
    return np.asarray(above * (1 - down) + below * down)


def _normals(points: Floats, triangles: Indices) -> Floats:
    """Of each point: those of its triangles, by their area, pointing toward a viewer of the scan's front."""
    one, other = points[triangles[:, 1]] - points[triangles[:, 0]], points[triangles[:, 2]] - points[triangles[:, 0]]
    across = np.cross(one, other)
    normals = np.zeros_like(points)
    for corner in range(3):
        np.add.at(normals, triangles[:, corner], across)
    return _unit(normals)


def _unit(vectors: Floats) -> Floats:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.where(lengths > 0, lengths, 1.0))


def _nearest(corners: Floats, away: Floats, size: tuple[int, int]) -> tuple[Indices, Floats]:
    """Of each pixel the nearest triangle, -1 where there is none, and the weights (height, width, 3) of its corners.

    `corners` (m, 3, 2) in pixels; `away` (m, 3) is the corners' distance along the camera's axis.
    """
    height, width = size
    triangles = np.full(height * width, -1, np.intp)
    weights = np.zeros((height * width, 3))
    found = list(_samples(corners, away, size))
    pixels, nearness, which, shares = (np.concatenate(each) for each in zip(*found, strict=True))
    # Of several values for one place numpy keeps the last: so the nearest come last.
    order = np.argsort(nearness, kind="stable")
    triangles[pixels[order]], weights[pixels[order]] = which[order], shares[order]
    return triangles.reshape(size), weights.reshape(height, width, 3)


def _samples(corners: Floats, away: Floats, size: tuple[int, int]) -> Iterator[tuple[Indices, Floats, Indices, Floats]]:
    """Pixel, one over its distance, triangle and weights of every pixel that a triangle covers; by triangles' size."""
    height, width = size
    first = np.floor(corners.min(axis=1)).astype(np.intp)
    spans = np.ceil(corners.max(axis=1)).astype(np.intp) - first + 1
    sides = 2 ** np.ceil(np.log2(spans.max(axis=1))).astype(np.intp)
    # Counted from each triangle's own first pixel, numbers stay small enough for 32 bits.
    local = (corners - first[:, None] - 0.5).astype(np.float32)
    for side in np.unique(sides):
        which = np.flatnonzero(sides == side)
        down, across = np.divmod(np.arange(side * side), side)
        of_b, of_c = _shares(local[which], across.astype(np.float32), down.astype(np.float32))
        row, place = np.nonzero((of_b >= 0) & (of_c >= 0) & (of_b + of_c <= 1))
        x, y = first[which[row], 0] + across[place], first[which[row], 1] + down[place]
        within = (x >= 0) & (x < width) & (y >= 0) & (y < height)
        row, place, pixels = row[within], place[within], (y * width + x)[within]
        b, c = of_b[row, place], of_c[row, place]
        near = np.stack([1 - b - c, b, c], axis=1) / away[which[row]]
        nearness = near.sum(axis=1)
        yield pixels, nearness, which[row], near / nearness[:, None]


def _shares(
    corners: NDArray[np.float32], x: NDArray[np.float32], y: NDArray[np.float32]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Of points (s,) in triangles (k, 3, 2) how much they belong to the second and the third corner: (k, s) each."""
    ax, ay = corners[:, 0].T[:, :, None]
    bx, by = corners[:, 1].T[:, :, None] - (ax, ay)
    cx, cy = corners[:, 2].T[:, :, None] - (ax, ay)
    area = bx * cy - by * cx
    area[np.abs(area) < SMALLEST_AREA] = np.nan  # such a triangle covers nothing, as no comparison holds
    x, y = x - ax, y - ay
    return (x * cy - y * cx) / area, (bx * y - by * x) / area
