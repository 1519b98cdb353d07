from __future__ import annotations

import cv2
import numpy as np
import pytest

from proctor.analyzers.faces import FaceAnalyzer
from proctor.analyzers.suite import AnalyzerSuite
from proctor.domain.media import Frame, TrackKind
from proctor.domain.time import media_time_from_s
from tests.media.portraits import Picture, astronaut

FACE = (179.0, 63.0, 91.0, 110.0)


def frame_of(rgb: Picture, seconds: float = 0.0) -> Frame:
    return Frame(TrackKind.CAMERA, media_time_from_s(seconds), rgb)


def scene(*faces: tuple[int, int, int], size: tuple[int, int] = (640, 480)) -> Picture:
    """Grey room with the astronaut's head at each (centre x, centre y, face height)."""
    noise = np.random.default_rng(3).normal(118, 3, (size[1], size[0], 3))
    picture = np.clip(noise, 0, 255).astype(np.uint8)
    head = astronaut()[20:230, 120:330]
    for x, y, height in faces:
        scale = height / FACE[3]
        cut = cv2.resize(head, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        left, top = x - round(105 * scale), y - round(98 * scale)
        picture[top : top + cut.shape[0], left : left + cut.shape[1]] = cut
    return picture


@pytest.fixture
def faces(suite: AnalyzerSuite) -> FaceAnalyzer:
    return suite.faces


@pytest.mark.parametrize("thorough", [False, True])
def test_one_person_is_found_where_she_is(faces: FaceAnalyzer, *, thorough: bool) -> None:
    observed = faces.observe(frame_of(astronaut(), 1.5), thorough=thorough)
    assert observed.people == 1
    assert observed.at == media_time_from_s(1.5)
    assert observed.faces[0].box == pytest.approx(FACE, abs=12)
    assert observed.faces[0].score > 0.9
    assert observed.faces[0].pose is not None
    assert observed.model == "yunet@2023mar+face_mesh@0.10.21"


def test_without_pose_only_the_detector_runs(faces: FaceAnalyzer) -> None:
    observed = faces.observe(frame_of(astronaut()), with_pose=False)
    assert observed.faces[0].pose is None
    assert observed.model == "yunet@2023mar"


@pytest.mark.parametrize("thorough", [False, True])
def test_an_empty_room_holds_nobody(faces: FaceAnalyzer, *, thorough: bool) -> None:
    observed = faces.observe(frame_of(scene()), thorough=thorough)
    assert (observed.people, observed.faces) == (0, ())


@pytest.mark.parametrize("thorough", [False, True])
def test_two_people_are_counted_largest_first(faces: FaceAnalyzer, *, thorough: bool) -> None:
    observed = faces.observe(frame_of(scene((480, 200, 60), (200, 240, 150))), thorough=thorough)
    assert observed.people == 2
    assert observed.faces[0].box[3] > observed.faces[1].box[3]
    assert observed.faces[1].pose is None


def test_a_small_face_behind_is_seen_by_the_thorough_look(faces: FaceAnalyzer) -> None:
    picture = scene((540, 120, 20), (220, 250, 170))
    assert faces.observe(frame_of(picture), thorough=True).people == 2


@pytest.mark.parametrize("size", [(320, 240), (640, 480), (1280, 720), (1920, 1080), (360, 640)])
def test_boxes_are_pixels_of_the_picture_whatever_its_size(faces: FaceAnalyzer, size: tuple[int, int]) -> None:
    width, height = size
    side = min(size) // 3
    observed = faces.observe(frame_of(scene((width // 2, height // 2, side), size=size)), thorough=True)
    x, y, w, h = observed.faces[0].box
    assert observed.people == 1
    assert (x + w / 2, y + h / 2) == pytest.approx((width / 2, height / 2), abs=side / 4)
    assert h == pytest.approx(side, rel=0.25)


@pytest.mark.parametrize("size", [(1, 1), (7, 300), (31, 33)])
def test_tiny_pictures_are_looked_at_without_harm(faces: FaceAnalyzer, size: tuple[int, int]) -> None:
    assert faces.observe(frame_of(np.zeros((size[1], size[0], 3), np.uint8)), thorough=True).people == 0


def test_what_looks_like_a_face_at_one_scale_only_is_dropped(faces: FaceAnalyzer) -> None:
    wall = np.full((480, 640, 3), 150, np.uint8)
    cv2.circle(wall, (300, 200), 10, (190, 160, 140), -1)
    for x in (296, 304):
        cv2.circle(wall, (x, 197), 2, (40, 30, 30), -1)
    cv2.line(wall, (296, 206), (304, 206), (120, 60, 60), 2)
    assert faces.observe(frame_of(wall), thorough=True).people == 0


def test_nothing_is_kept_from_picture_to_picture(faces: FaceAnalyzer) -> None:
    first = faces.observe(frame_of(astronaut()))
    faces.observe(frame_of(scene()))
    assert faces.observe(frame_of(astronaut())) == first
