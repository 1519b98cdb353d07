"""Gaze and bodies on the labelled data: people of several origins, with glasses, from behind, and nobody."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from benchmarks.accuracy.body import measure_body
from benchmarks.accuracy.gaze import measure_gaze
from benchmarks.accuracy.labelled import LabelledData, video_pictures
from proctor.analyzers.own_zero import CandidateZero, with_gaze
from proctor.analyzers.suite import AnalyzerSuite
from proctor.domain.media import Frame, TrackKind
from proctor.domain.observations import Face, GazeZone, OwnZero
from proctor.domain.time import MediaTime
from server.perception.recorded import read_picture

pytestmark = [pytest.mark.shared_data, pytest.mark.slow]
NOT_AWAY = {GazeZone.SCREEN, GazeZone.UNKNOWN}


def face_of(suite: AnalyzerSuite, rgb: np.ndarray) -> Face | None:
    faces = suite.faces.observe(Frame(TrackKind.CAMERA, MediaTime(0), rgb), thorough=True).faces
    return faces[0] if faces else None


def test_zones_are_as_labelled_and_nobody_who_looks_into_the_camera_looks_aside(
    shared_data: Path, suite: AnalyzerSuite
) -> None:
    result = measure_gaze(LabelledData(shared_data), suite)
    assert result["told"]["hits"] == result["told"]["cases"] > 50
    assert result["speaking"]["hits"] == 0
    assert set(result["portraits"]) == {"black", "east_asian", "west_asian", "white"}
    for group, zones in result["portraits"].items():
        assert set(zones) <= NOT_AWAY, group
        assert zones[GazeZone.SCREEN] >= 0.8 * sum(zones.values()), group


def test_bodies_are_found_from_behind_and_none_is_invented(shared_data: Path, suite: AnalyzerSuite) -> None:
    shares = measure_body(LabelledData(shared_data), suite)["shares"]
    for name in (
        "body seen from behind",
        "body seen with a face",
        "no body in an empty room",
        "no body in a picture without people",
        "no second body invented",
    ):
        assert shares[name]["share"] >= 0.95, name
    assert shares["second body found beside the first"]["share"] >= 0.5


def test_a_man_in_glasses_who_speaks_to_the_camera_looks_at_the_screen(shared_data: Path, suite: AnalyzerSuite) -> None:
    zero = CandidateZero()
    zones = []
    for at, rgb in video_pictures(shared_data / "video" / "clips" / "talk_lbax4n.mp4", 5.0):
        zones += [face.gaze for face in zero.observe(suite.faces.observe(Frame(TrackKind.CAMERA, at, rgb))).faces]
    assert set(zones) <= NOT_AWAY
    assert GazeZone.SCREEN in zones


@pytest.mark.parametrize("light", [1.0, 0.5, 0.25])
def test_frontal_faces_from_kazakhstan_do_not_look_aside_in_any_light(
    shared_data: Path, suite: AnalyzerSuite, light: float
) -> None:
    with (shared_data / "head_pose" / "labels.csv").open(newline="", encoding="utf-8") as stream:
        rows = [row for row in csv.DictReader(stream) if row["source"] == "speakingfaces"]
    frontal = [row["file"] for row in rows if row["yaw_toward"] == "frontal"]
    assert frontal
    for file in frontal:
        rgb = read_picture(shared_data / "head_pose" / file)
        face = face_of(suite, rgb)
        assert face is not None
        assert face.pose is not None
        grain = np.random.default_rng(4).normal(0, 2.5, rgb.shape)
        dim = face_of(suite, np.clip(rgb * light + grain, 0, 255).astype(np.uint8))
        if dim is not None:
            assert with_gaze(dim, OwnZero(face.pose, face.eyes, 1)).gaze in NOT_AWAY, file


def test_a_mirrored_clip_gives_the_other_side(shared_data: Path, suite: AnalyzerSuite) -> None:
    clip = shared_data / "video" / "clips" / "gaze_center_left_center.mp4"
    straight, mirrored = CandidateZero(), CandidateZero()
    pairs = []
    for at, rgb in video_pictures(clip, 2.0):
        flipped = np.ascontiguousarray(rgb[:, ::-1])
        faces = [
            zero.observe(suite.faces.observe(Frame(TrackKind.CAMERA, at, picture))).faces[0]
            for zero, picture in ((straight, rgb), (mirrored, flipped))
        ]
        if GazeZone.UNKNOWN not in {face.gaze for face in faces}:
            pairs.append((faces[0].gaze, faces[1].gaze))
    sides = {GazeZone.RIGHT: GazeZone.LEFT, GazeZone.SCREEN: GazeZone.SCREEN}
    assert {first for first, _ in pairs} == set(sides)
    assert sum(second is sides[first] for first, second in pairs) >= 0.9 * len(pairs)
