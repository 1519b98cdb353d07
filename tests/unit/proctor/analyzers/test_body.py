from __future__ import annotations

import cv2
import numpy as np
import pytest

from proctor.analyzers.body import body_of
from proctor.analyzers.geometry import Picture
from proctor.analyzers.suite import AnalyzerSuite
from proctor.domain.media import Frame, TrackKind
from proctor.domain.time import MediaTime
from tests.media.scenes import Scene, Shot, pictures

AT = MediaTime(5)


def scene(which: Scene) -> Picture:
    return next(rgb for _, rgb in pictures([Shot(which, 1)], 1))


def without_face(rgb: Picture) -> Picture:
    """The person of the scene with a face that nobody can make out."""
    blurred = rgb.copy()
    blurred[110:300, 240:400] = cv2.GaussianBlur(rgb[110:300, 240:400], (0, 0), 14)
    return blurred


def test_a_seated_person_has_one_body_around_the_face(suite: AnalyzerSuite) -> None:
    frame = Frame(TrackKind.CAMERA, AT, scene(Scene.PRESENT))
    people = suite.faces.observe(frame)
    observed = suite.body.observe(frame, people)
    assert observed is not None
    (body,) = observed.bodies
    x, y, width, height = people.faces[0].box
    assert x < body.head[0] < x + width
    assert y < body.head[1] < y + height
    assert body.score > 0.8
    assert body.hands_near_face == 0
    assert (observed.track, observed.at, observed.faces) == (TrackKind.CAMERA, AT, 1)
    assert observed.model == suite.body.model


def test_an_empty_room_has_none(suite: AnalyzerSuite) -> None:
    frame = Frame(TrackKind.CAMERA, AT, scene(Scene.EMPTY))
    observed = suite.body.observe(frame, suite.faces.observe(frame))
    assert observed is not None
    assert observed.bodies == ()
    assert observed.faces == 0


def test_a_covered_camera_cannot_tell(suite: AnalyzerSuite) -> None:
    frame = Frame(TrackKind.CAMERA, AT, scene(Scene.COVERED))
    assert suite.body.observe(frame, suite.faces.observe(frame)) is None


def test_a_body_without_a_face_is_told_from_an_empty_chair(suite: AnalyzerSuite) -> None:
    rgb = without_face(scene(Scene.PRESENT))
    frame = Frame(TrackKind.CAMERA, AT, rgb)
    people = suite.faces.observe(frame, thorough=True)
    assert people.faces == ()
    observed = suite.body.observe(frame, people)
    assert observed is not None
    assert len(observed.bodies) == 1


def test_of_two_bodies_the_one_with_the_largest_face_comes_first(suite: AnalyzerSuite) -> None:
    for rgb in (scene(Scene.TWO_PEOPLE), np.ascontiguousarray(scene(Scene.TWO_PEOPLE)[:, ::-1])):
        frame = Frame(TrackKind.CAMERA, AT, rgb)
        people = suite.faces.observe(frame, thorough=True)
        observed = suite.body.observe(frame, people)
        assert observed is not None
        bodies = observed.bodies
        assert len(bodies) == 2
        x, _, width, _ = people.faces[0].box
        assert x < bodies[0].head[0] < x + width


def test_the_own_left_shoulder_is_on_the_right_of_the_picture_and_mirrors(suite: AnalyzerSuite) -> None:
    rgb = scene(Scene.PRESENT)
    (body,) = suite.body.detect(rgb)
    (mirrored,) = suite.body.detect(np.ascontiguousarray(rgb[:, ::-1]))
    for found in (body, mirrored):
        assert found.left_shoulder is not None
        assert found.right_shoulder is not None
        assert found.left_shoulder[0] > found.head[0] > found.right_shoulder[0]
    assert mirrored.head[0] == pytest.approx(rgb.shape[1] - body.head[0], abs=12)


def test_shoulders_slope_with_the_body(suite: AnalyzerSuite) -> None:
    rgb = scene(Scene.PRESENT)
    clockwise = cv2.getRotationMatrix2D((320, 300), -18, 1.0)
    leaning = cv2.warpAffine(rgb, clockwise, (640, 480), borderMode=cv2.BORDER_REPLICATE).astype(np.uint8)
    (upright,), (tilted,) = suite.body.detect(rgb), suite.body.detect(leaning)
    assert upright.lean_deg is not None
    assert tilted.lean_deg is not None
    assert tilted.lean_deg - upright.lean_deg == pytest.approx(18, abs=7)


def test_large_pictures_are_measured_in_their_own_pixels(suite: AnalyzerSuite) -> None:
    rgb = scene(Scene.PRESENT)
    large = cv2.resize(rgb, None, fx=3, fy=3).astype(np.uint8)
    (body,), (same,) = suite.body.detect(rgb), suite.body.detect(large)
    assert same.head == pytest.approx((3 * body.head[0], 3 * body.head[1]), abs=30)


@pytest.mark.parametrize("size", [(1, 1), (8, 640), (480, 8)])
def test_pictures_of_any_shape_have_an_answer(suite: AnalyzerSuite, size: tuple[int, int]) -> None:
    assert suite.body.detect(np.zeros((*size, 3), np.uint8)) == ()


@pytest.mark.parametrize(
    ("hand", "near"),
    [((320.0, 235.0), 1), ((262.0, 185.0), 1), ((320.0, 420.0), 0), ((120.0, 190.0), 0)],
    ids=["on the chin", "at the ear", "on the desk", "raised aside"],
)
def test_hands_near_the_face_are_counted(hand: tuple[float, float], near: int) -> None:
    points = np.zeros((33, 3))
    points[:, 2] = 0.1
    for index, x, y in ((0, 320, 200), (7, 350, 195), (8, 290, 195), (9, 330, 220), (10, 310, 220)):
        points[index] = (x, y, 1.0)
    points[11], points[12] = (420, 330, 1.0), (220, 330, 1.0)
    points[15], points[19] = (hand[0] - 20, hand[1] + 40, 0.9), (*hand, 0.9)
    assert body_of(points, (480, 640, 3), 1.0).hands_near_face == near
