from __future__ import annotations

import cv2
import numpy as np
import pytest

from proctor.analyzers.head_pose import (
    CHIN,
    FOREHEAD,
    LEAN_DEG,
    MEASURED_BOTH_WAYS_DEG,
    MOST_DISAGREEMENT_DEG,
    MOST_FAR_DISAGREEMENT_DEG,
    TEMPLATE,
    TEMPLATE_POINTS,
    agreed_pose,
    five_landmarks,
    head_pose,
    mesh_yaw_deg,
    supported_pose,
    true_yaw_deg,
)
from proctor.analyzers.suite import AnalyzerSuite
from proctor.domain.media import Frame, TrackKind
from proctor.domain.observations import Box, HeadPose
from proctor.domain.time import MediaTime
from tests.media.portraits import astronaut
from tests.media.turned_head import TurnableHead, rotation

FRONTAL = HeadPose(0.0, 0.0, 0.0)


@pytest.fixture(scope="module")
def head(suite: AnalyzerSuite) -> TurnableHead:
    rgb = astronaut()
    mesh = suite.faces.mesh.points(rgb, suite.faces.detect(rgb)[0].box)
    assert mesh is not None
    return TurnableHead(rgb, mesh, head_pose(mesh))


def measured(suite: AnalyzerSuite, rgb: np.ndarray) -> HeadPose:
    pose = supported_pose(suite.faces.mesh.points(rgb, suite.faces.detect(rgb)[0].box))
    assert pose is not None
    return pose


def template_mesh() -> np.ndarray:
    """The mean face as a mesh, in pixels; the points that it does not have lie in the middle."""
    mesh = np.zeros((478, 3))
    mesh[TEMPLATE_POINTS] = TEMPLATE * (60.0, -60.0, -60.0)
    mesh[CHIN] = mesh[FOREHEAD] + (0.0, 130.0, 0.0)
    return mesh


@pytest.mark.parametrize("angles", [(25, 0, 0), (-40, 10, 5), (0, -20, 0), (0, 15, -30), (10, -5, 20), (70, 0, 0)])
def test_the_mean_face_turned_in_space_gives_back_the_angles(angles: tuple[float, float, float]) -> None:
    pose = head_pose(template_mesh() @ rotation(HeadPose(*angles)).T + (300.0, 200.0, 0.0))
    expected = (true_yaw_deg(angles[0] - LEAN_DEG), *angles[1:])
    assert (pose.yaw_deg, pose.pitch_deg, pose.roll_deg) == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("depth", [0.5, 0.8, 1.3])
def test_how_deep_the_network_thinks_the_face_is_does_not_change_the_yaw(depth: float) -> None:
    turned = template_mesh() @ rotation(HeadPose(30.0, 5.0, 0.0)).T
    assert mesh_yaw_deg(turned * (1.0, 1.0, depth)) == pytest.approx(30.0, abs=1e-6)


def test_yaw_is_stretched_the_same_to_both_sides_and_without_a_step() -> None:
    turns = np.arange(-90.0, 90.5, 0.5)
    stretched = np.array([true_yaw_deg(turn) for turn in turns])
    assert stretched == pytest.approx(-stretched[::-1])
    assert np.diff(stretched).min() > 0.4
    assert np.diff(stretched).max() < 1.0
    assert true_yaw_deg(28.0) == pytest.approx(30.5, abs=0.5)


@pytest.mark.parametrize("yaw_deg", [-30.0, -20.0, -10.0, 0.0, 10.0, 20.0, 30.0, 40.0])
def test_yaw_of_a_drawn_head_is_near_the_truth(suite: AnalyzerSuite, head: TurnableHead, yaw_deg: float) -> None:
    assert measured(suite, head.drawn(HeadPose(yaw_deg, 0.0, 0.0))).yaw_deg == pytest.approx(yaw_deg, abs=6)


@pytest.mark.parametrize("yaw_deg", [-45.0, -30.0, -15.0, 15.0, 30.0, 45.0])
def test_a_drawn_turn_has_the_right_sign_and_order(suite: AnalyzerSuite, head: TurnableHead, yaw_deg: float) -> None:
    found = measured(suite, head.drawn(HeadPose(yaw_deg, 0.0, 0.0)))
    assert 0.7 <= found.yaw_deg / yaw_deg <= 1.15
    assert found.pitch_deg == pytest.approx(0.0, abs=7)
    assert found.roll_deg == pytest.approx(0.0, abs=3)


@pytest.mark.parametrize("pitch_deg", [-25.0, -15.0, 0.0, 15.0, 25.0])
def test_pitch_of_a_drawn_face_is_near_the_truth(suite: AnalyzerSuite, head: TurnableHead, pitch_deg: float) -> None:
    assert measured(suite, head.drawn(HeadPose(0.0, pitch_deg, 0.0))).pitch_deg == pytest.approx(pitch_deg, abs=7)


@pytest.mark.parametrize("roll_deg", [-30.0, -10.0, 10.0, 30.0])
def test_roll_of_a_drawn_face_is_the_truth(suite: AnalyzerSuite, head: TurnableHead, roll_deg: float) -> None:
    assert measured(suite, head.drawn(HeadPose(0.0, 0.0, roll_deg))).roll_deg == pytest.approx(roll_deg, abs=3)


def test_roll_is_positive_when_the_top_of_the_head_leans_to_the_right_of_the_picture(suite: AnalyzerSuite) -> None:
    rgb = astronaut()
    clockwise = cv2.getRotationMatrix2D((224, 118), -20, 1.0)
    leaning = cv2.warpAffine(rgb, clockwise, (512, 512)).astype(np.uint8)
    assert measured(suite, leaning).roll_deg - measured(suite, rgb).roll_deg == pytest.approx(20, abs=4)


def test_a_mirrored_picture_gives_mirrored_angles(suite: AnalyzerSuite, head: TurnableHead) -> None:
    picture = head.drawn(HeadPose(25.0, 5.0, 10.0))
    pose, mirrored = measured(suite, picture), measured(suite, np.ascontiguousarray(picture[:, ::-1]))
    assert mirrored.yaw_deg == pytest.approx(-pose.yaw_deg, abs=6)
    assert mirrored.pitch_deg == pytest.approx(pose.pitch_deg, abs=6)
    assert mirrored.roll_deg == pytest.approx(-pose.roll_deg, abs=4)


@pytest.mark.parametrize("yaw_deg", [-45.0, -30.0, 30.0, 45.0])
def test_a_far_turn_is_measured_both_ways_and_so_is_the_same_in_the_mirror(
    suite: AnalyzerSuite, head: TurnableHead, yaw_deg: float
) -> None:
    rgb = head.drawn(HeadPose(yaw_deg, 5.0, 10.0))
    x, y, width, height = box = suite.faces.detect(rgb)[0].box
    mirror_image, mirrored_box = np.ascontiguousarray(rgb[:, ::-1]), (rgb.shape[1] - x - width, y, width, height)
    pose, other = suite.faces.mesh.pose(rgb, box), suite.faces.mesh.pose(mirror_image, mirrored_box)
    assert pose is not None
    assert other is not None
    assert pose == suite.faces.mesh.pose_both_ways(rgb, box)
    assert (other.yaw_deg, other.pitch_deg, other.roll_deg) == pytest.approx(
        (-pose.yaw_deg, pose.pitch_deg, -pose.roll_deg), abs=1.5
    )
    assert pose.yaw_deg == pytest.approx(yaw_deg, abs=6)


@pytest.mark.parametrize("yaw_deg", [-10.0, 0.0, 10.0])
def test_a_quick_look_measures_a_small_turn_in_the_picture_alone(
    suite: AnalyzerSuite, head: TurnableHead, yaw_deg: float
) -> None:
    rgb = head.drawn(HeadPose(yaw_deg, 0.0, 0.0))
    box = suite.faces.detect(rgb)[0].box
    pose = suite.faces.mesh.pose(rgb, box)
    assert pose == supported_pose(suite.faces.mesh.points(rgb, box))
    assert pose is not None
    assert abs(pose.yaw_deg) < MEASURED_BOTH_WAYS_DEG


@pytest.mark.parametrize("yaw_deg", [-10.0, 0.0, 10.0])
def test_a_thorough_look_measures_a_small_turn_both_ways_as_well(
    suite: AnalyzerSuite, head: TurnableHead, yaw_deg: float
) -> None:
    frame = Frame(TrackKind.CAMERA, MediaTime(0), head.drawn(HeadPose(yaw_deg, 0.0, 0.0)))
    face = suite.faces.observe(frame, thorough=True).faces[0]
    assert face.pose is not None
    assert face.pose == suite.faces.mesh.pose_both_ways(frame.rgb, face.box)
    assert face.pose != supported_pose(suite.faces.mesh.points(frame.rgb, face.box))
    assert face.pose.yaw_deg == pytest.approx(yaw_deg, abs=3)


def test_a_face_that_lies_partly_beyond_the_picture_is_measured_both_ways_in_a_quick_look_too(
    suite: AnalyzerSuite,
) -> None:
    cut = np.ascontiguousarray(astronaut()[:, 206:])
    box = suite.faces.detect(cut)[0].box
    pose, of_one_mesh = suite.faces.mesh.pose(cut, box), supported_pose(suite.faces.mesh.points(cut, box))
    assert of_one_mesh is not None
    assert abs(of_one_mesh.yaw_deg) < MEASURED_BOTH_WAYS_DEG
    assert pose == suite.faces.mesh.pose_both_ways(cut, box) != of_one_mesh


@pytest.mark.parametrize(
    ("yaw_deg", "most_deg"),
    [(0.0, MOST_DISAGREEMENT_DEG), (12.0, MOST_DISAGREEMENT_DEG), (-50.0, MOST_FAR_DISAGREEMENT_DEG)],
)
def test_where_picture_and_mirror_image_disagree_the_pose_cannot_be_told(yaw_deg: float, most_deg: float) -> None:
    pose = HeadPose(yaw_deg, 4.0, 1.0)
    assert agreed_pose(pose, HeadPose(-yaw_deg - most_deg - 0.1, 4.0, -1.0)) is None
    assert agreed_pose(pose, HeadPose(-yaw_deg + most_deg + 0.1, 4.0, -1.0)) is None
    agreed = agreed_pose(pose, HeadPose(-yaw_deg + most_deg - 0.1, 2.0, -2.0))
    assert agreed is not None
    expected = (yaw_deg - (most_deg - 0.1) / 2, 3.0, 1.5)
    assert (agreed.yaw_deg, agreed.pitch_deg, agreed.roll_deg) == pytest.approx(expected)


def test_measuring_the_mirror_image_leaves_the_mesh_that_identity_asks_for(
    suite: AnalyzerSuite, head: TurnableHead
) -> None:
    rgb = head.drawn(HeadPose(35.0, 0.0, 0.0))
    box = suite.faces.detect(rgb)[0].box
    mesh = suite.faces.mesh.points(rgb, box)
    assert suite.faces.mesh.pose(rgb, box) is not None
    assert suite.faces.mesh.points(rgb, box) is mesh


def test_there_is_no_mesh_where_there_is_no_face(suite: AnalyzerSuite) -> None:
    wall = np.full((480, 640, 3), 130, np.uint8)
    assert suite.faces.mesh.points(wall, (200.0, 100.0, 120.0, 150.0)) is None
    assert suite.faces.mesh.pose(wall, (200.0, 100.0, 120.0, 150.0)) is None
    assert suite.faces.mesh.pose_both_ways(wall, (200.0, 100.0, 120.0, 150.0)) is None
    assert supported_pose(None) is None


@pytest.mark.parametrize(
    "box", [(180.0, 65.0, 20.0, 24.0), (245.0, 63.0, 91.0, 110.0)], ids=["too small", "beside the face"]
)
def test_there_is_no_mesh_for_a_box_that_does_not_mean_the_face(suite: AnalyzerSuite, box: Box) -> None:
    assert suite.faces.mesh.points(astronaut(), box) is None


def test_the_five_landmarks_lie_on_the_face_in_order(suite: AnalyzerSuite) -> None:
    rgb = astronaut()
    face = suite.faces.detect(rgb)[0]
    mesh = suite.faces.mesh.points(rgb, face.box)
    assert mesh is not None
    assert np.abs(five_landmarks(mesh) - face.landmarks).max() < 0.1 * face.height_px


def test_the_mesh_of_the_same_face_is_measured_once_and_that_of_another_picture_anew(suite: AnalyzerSuite) -> None:
    rgb = astronaut()
    box = suite.faces.detect(rgb)[0].box
    mesh = suite.faces.mesh.points(rgb, box)
    assert suite.faces.mesh.points(rgb, box) is mesh
    wall = np.full_like(rgb, 120)
    assert suite.faces.mesh.points(wall, box) is None
    again = suite.faces.mesh.points(rgb, box)
    assert again is not mesh
    np.testing.assert_allclose(again, mesh)


def test_a_turn_beyond_what_the_mesh_sees_is_no_pose() -> None:
    profile = template_mesh() @ rotation(HeadPose(78.0, 0.0, 0.0)).T
    assert head_pose(profile).yaw_deg > 80
    assert supported_pose(profile) is None
