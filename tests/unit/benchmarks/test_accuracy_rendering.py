from __future__ import annotations

import numpy as np
import pytest

from benchmarks.accuracy.rendering import BACKGROUND, Camera, Light, TexturedMesh, seen
from proctor.domain.observations import HeadPose
from tests.media.turned_head import rotation as camera_rotation

CAMERA = Camera(distance_mm=1000.0, focal_px=500.0, width_px=200, height_px=160)
STILL = np.eye(3)
RED, BLUE = (200, 0, 0), (0, 0, 200)


def squares(*squares: tuple[float, float, float, float]) -> TexturedMesh:
    """Squares that face the viewer: middle x, y, z and side in millimetres; the first is red, the others are blue."""
    texture = np.zeros((8, 16, 3), np.uint8)
    texture[:, :8], texture[:, 8:] = RED, BLUE
    points, triangles, corners = [], [], []
    for number, (x, y, z, side) in enumerate(squares):
        half, at = side / 2, 4 * number
        points += [(x - half, y - half, z), (x + half, y - half, z), (x + half, y + half, z), (x - half, y + half, z)]
        triangles += [(at, at + 1, at + 2), (at, at + 2, at + 3)]
        corners += [[(4.0 if number == 0 else 12.0, 4.0)] * 3] * 2
    return TexturedMesh(np.array(points), np.array(triangles), np.array(corners), texture)


def rotation(yaw_deg: float, pitch_deg: float = 0.0) -> np.ndarray:
    """That of a head, in the axes of a mesh."""
    to_camera = np.diag([1.0, -1.0, -1.0])
    return np.asarray(to_camera @ camera_rotation(HeadPose(yaw_deg, pitch_deg, 0.0)) @ to_camera)


def middle(rgb: np.ndarray, colour: int) -> tuple[float, float]:
    """Mean place of what is of a colour, from the picture's middle: to the right and up."""
    down, across = np.nonzero((rgb[..., colour] > 150) & (rgb[..., 1] < 50))
    return float(across.mean()) + 0.5 - CAMERA.width_px / 2, CAMERA.height_px / 2 - float(down.mean()) - 0.5


def test_a_square_has_the_size_and_the_place_that_the_camera_gives_it() -> None:
    rgb = seen(squares((20.0, 30.0, 0.0, 100.0)), STILL, CAMERA).lit(None)
    assert rgb.shape == (160, 200, 3)
    covered = (rgb == RED).all(axis=2)
    assert covered.sum() == 50 * 50
    assert middle(rgb, 0) == pytest.approx((10.0, 15.0), abs=0.01)
    assert (rgb[~covered] == BACKGROUND).all()


@pytest.mark.parametrize("first_is_nearer", [True, False])
def test_the_nearer_surface_hides_the_farther_whichever_comes_first(*, first_is_nearer: bool) -> None:
    small, large = (0.0, 0.0, 50.0, 40.0), (0.0, 0.0, 0.0, 100.0)
    mesh = squares(small, large) if first_is_nearer else squares(large, small)
    rgb = seen(mesh, STILL, CAMERA).lit(None)
    assert (rgb[80, 100] == (RED if first_is_nearer else BLUE)).all()
    assert (rgb[80, 78] == (BLUE if first_is_nearer else RED)).all()


@pytest.mark.parametrize(("yaw_deg", "pitch_deg"), [(30.0, 0.0), (-30.0, 0.0), (0.0, 20.0), (0.0, -20.0), (20.0, 10.0)])
def test_what_is_in_front_moves_to_the_side_that_the_head_turns_to(yaw_deg: float, pitch_deg: float) -> None:
    nose = squares((0.0, 0.0, 100.0, 20.0))
    right, up = middle(seen(nose, rotation(yaw_deg, pitch_deg), CAMERA).lit(None), 0)
    forward = rotation(yaw_deg, pitch_deg) @ (0.0, 0.0, 100.0)
    scale = CAMERA.focal_px / (CAMERA.distance_mm - forward[2])
    assert (right, up) == pytest.approx((forward[0] * scale, forward[1] * scale), abs=0.3)
    assert np.sign(round(right)) == np.sign(yaw_deg)
    assert np.sign(round(up)) == np.sign(pitch_deg)


def test_texture_is_laid_on_a_slanted_surface_as_perspective_has_it() -> None:
    texture = np.zeros((4, 201, 3), np.uint8)
    texture[..., 0] = np.arange(201)
    points = np.array([(-100.0, -50.0, 0.0), (100.0, -50.0, 0.0), (100.0, 50.0, 0.0), (-100.0, 50.0, 0.0)])
    corners = np.array([[(0, 2), (200, 2), (200, 1)], [(0, 2), (200, 1), (0, 1)]], np.float64)
    mesh = TexturedMesh(points, np.array([(0, 1, 2), (0, 2, 3)]), corners, texture)
    rgb = seen(mesh, rotation(60.0), CAMERA).lit(None)
    assert rgb[80, 100, 0] == pytest.approx(100, abs=4)
    for along in (-60.0, 60.0):
        x, _, z = rotation(60.0) @ (along, 0.0, 0.0)
        column = round(100 + CAMERA.focal_px * x / (CAMERA.distance_mm - z))
        assert rgb[80, column, 0] == pytest.approx(100 + along, abs=6)


def test_light_falls_on_the_side_that_it_comes_from() -> None:
    square = squares((0.0, 0.0, 0.0, 100.0))
    lamp = Light((1.0, 0.0, 0.0), ambient=0.25, direct=0.5)
    shades = [int(seen(square, rotation(yaw), CAMERA).lit(lamp)[80, 100, 0]) for yaw in (-60.0, 30.0, 60.0)]
    assert shades == pytest.approx([50, 100, 50 + 100 * np.sin(np.radians(60))], abs=1)
