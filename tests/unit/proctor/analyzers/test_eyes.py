from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
import pytest

from proctor.analyzers.eyes import supported_eyes
from proctor.analyzers.geometry import Picture
from proctor.analyzers.suite import AnalyzerSuite
from proctor.domain.observations import EyeDirection, HeadPose
from tests.media.portraits import astronaut

FRONTAL = HeadPose(0.0, 0.0, 0.0)
CORNERS = ((33, 133), (362, 263))
LIDS = ((159, 145), (386, 374))
IRISES = ((468, 469, 470, 471, 472), (473, 474, 475, 476, 477))
UPPER = ((246, 161, 160, 159, 158, 157, 173), (398, 384, 385, 386, 387, 388, 466))
LOWER = ((7, 163, 144, 145, 153, 154, 155), (382, 381, 380, 374, 373, 390, 249))
WIDTH = 40.0
CENTRES = ((120.0, 100.0), (220.0, 100.0))


@dataclass(frozen=True)
class DrawnEyes:
    """Two eyes with their mesh, as shares of an eye's width; brightness from 0 to 255."""

    left: float = 0.0
    up: float = 0.0
    openness: float = 0.32
    white: int = 190
    iris: int = 60
    skin: int = 150
    light: float = 1.0
    glare: bool = False
    scale: float = 1.0

    def drawn(self) -> tuple[Picture, np.ndarray]:
        picture: Picture = np.full((200, 340, 3), self.skin, np.uint8)
        points = np.zeros((478, 3))
        for eye, (x, y) in enumerate(CENTRES):
            half = self.openness * WIDTH / 2
            axes = (WIDTH / 2, half)
            ring = {CORNERS[eye][0]: math.pi, CORNERS[eye][1]: 0.0}
            ring |= {index: math.pi - (i + 1) * math.pi / 8 for i, index in enumerate(UPPER[eye])}
            ring |= {index: math.pi + (i + 1) * math.pi / 8 for i, index in enumerate(LOWER[eye])}
            for index, angle in ring.items():
                points[index, :2] = x + axes[0] * math.cos(angle), y - axes[1] * math.sin(angle)
            iris_x, iris_y = x + self.left * WIDTH, y - self.up * WIDTH
            radius = 0.21 * WIDTH
            around = ((0, 0), (radius, 0), (0, -radius), (-radius, 0), (0, radius))
            for index, (dx, dy) in zip(IRISES[eye], around, strict=True):
                points[index, :2] = iris_x + dx, iris_y + dy
            opening: Picture = np.zeros(picture.shape[:2], np.uint8)
            cv2.ellipse(opening, (round(x), round(y)), (round(axes[0]), round(axes[1])), 0, 0, 360, (1.0,), -1)
            eyeball = np.full_like(picture, self.white)
            cv2.circle(eyeball, (round(iris_x), round(iris_y)), round(radius), (float(self.iris),) * 3, -1)
            picture[opening > 0] = eyeball[opening > 0]
            if self.glare:
                cv2.circle(picture, (round(x), round(y)), 9, (255.0, 255.0, 255.0), -1)
        lit = np.clip(picture * self.light, 0, 255).astype(np.uint8)
        size = (round(340 * self.scale), round(200 * self.scale))
        return np.asarray(cv2.resize(lit, size, interpolation=cv2.INTER_AREA), np.uint8), points * self.scale

    def measured(self, pose: HeadPose = FRONTAL) -> EyeDirection | None:
        return supported_eyes(*self.drawn(), pose)


@pytest.mark.parametrize(("left", "up"), [(0.0, 0.0), (0.15, 0.0), (-0.2, 0.0), (0.05, 0.04), (-0.1, -0.03)])
def test_the_offset_of_the_irises_is_measured_in_eye_widths(left: float, up: float) -> None:
    eyes = DrawnEyes(left=left, up=up).measured()
    assert eyes is not None
    assert (eyes.left, eyes.up) == pytest.approx((left, up), abs=0.01)
    assert eyes.openness == pytest.approx(0.32, abs=0.01)


@pytest.mark.parametrize(
    "eyes",
    [
        pytest.param(DrawnEyes(left=0.12, openness=0.19), id="narrow eyes"),
        pytest.param(DrawnEyes(left=0.12, skin=35, white=120, iris=25), id="darker skin"),
        pytest.param(DrawnEyes(left=0.12, skin=230, white=235, iris=120), id="light eyes on light skin"),
        pytest.param(DrawnEyes(left=0.12, light=0.3), id="a dim room"),
        pytest.param(DrawnEyes(left=0.12, scale=0.3), id="a small face"),
    ],
)
def test_eyes_that_can_be_seen_are_measured_whatever_they_look_like(eyes: DrawnEyes) -> None:
    found = eyes.measured()
    assert found is not None
    assert found.left == pytest.approx(0.12, abs=0.02)


@pytest.mark.parametrize(
    "eyes",
    [
        pytest.param(DrawnEyes(left=0.15, openness=0.1), id="closed"),
        pytest.param(DrawnEyes(left=0.15, glare=True), id="glare in glasses"),
        pytest.param(DrawnEyes(left=0.15, light=0.08), id="in the dark"),
        pytest.param(DrawnEyes(left=0.15, white=20, iris=20), id="dark glasses"),
        pytest.param(DrawnEyes(left=0.15, scale=0.2), id="far too small"),
    ],
)
def test_eyes_that_cannot_be_seen_have_no_direction(eyes: DrawnEyes) -> None:
    assert eyes.measured() is None


@pytest.mark.parametrize("pose", [HeadPose(45.0, 0.0, 0.0), HeadPose(0.0, -35.0, 0.0)])
def test_eyes_of_a_head_turned_far_have_no_direction(pose: HeadPose) -> None:
    assert DrawnEyes().measured(pose) is None


def test_without_mesh_or_pose_there_are_no_eyes() -> None:
    picture, points = DrawnEyes().drawn()
    assert supported_eyes(picture, None, FRONTAL) is None
    assert supported_eyes(picture, points, None) is None


def test_eyes_at_the_edge_of_the_picture_have_no_direction() -> None:
    picture, points = DrawnEyes().drawn()
    assert supported_eyes(picture, points - (400.0, 0.0, 0.0), FRONTAL) is None


def test_eyes_of_a_portrait_are_measured_and_mirror(suite: AnalyzerSuite) -> None:
    found = []
    for rgb in (astronaut(), np.ascontiguousarray(astronaut()[:, ::-1])):
        points = suite.faces.mesh.points(rgb, suite.faces.detect(rgb)[0].box)
        eyes = supported_eyes(rgb, points, FRONTAL)
        assert eyes is not None
        found.append(eyes)
    assert found[0].left == pytest.approx(-found[1].left, abs=0.04)
    assert found[0].up == pytest.approx(found[1].up, abs=0.03)


@pytest.mark.parametrize("change", ["dark", "bar over the eyes", "lamp in the glasses"])
def test_the_same_portrait_with_hidden_eyes_cannot_tell(suite: AnalyzerSuite, change: str) -> None:
    rgb = astronaut().copy()
    points = suite.faces.mesh.points(rgb, suite.faces.detect(rgb)[0].box)
    assert points is not None
    if change == "dark":
        rgb = (rgb * 0.06).astype(np.uint8)
    for eye in CORNERS:
        x, y = (round(float(value)) for value in points[list(eye), :2].mean(axis=0))
        if change == "bar over the eyes":
            cv2.rectangle(rgb, (x - 14, y - 8), (x + 14, y + 8), (15.0, 15.0, 15.0), -1)
        elif change == "lamp in the glasses":
            cv2.circle(rgb, (x, y), 6, (255.0, 255.0, 255.0), -1)
    assert supported_eyes(rgb, points, FRONTAL) is None
