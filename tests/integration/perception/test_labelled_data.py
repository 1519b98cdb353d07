"""Floors on the labelled data: what was measured may not get worse unseen. The full report is `bench accuracy`."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from benchmarks.accuracy.events import measure_events
from benchmarks.accuracy.labelled import LabelledData
from benchmarks.accuracy.people import measure_people
from benchmarks.accuracy.speech import measure_speech
from benchmarks.accuracy.verification import measure_verification
from proctor.analyzers.suite import AnalyzerSuite
from proctor.domain.media import Frame, TrackKind
from proctor.domain.observations import HeadPose
from proctor.domain.time import MediaTime
from server.perception.recorded import read_picture

pytestmark = [pytest.mark.shared_data, pytest.mark.slow]


@pytest.fixture
def data(shared_data: Path) -> LabelledData:
    return LabelledData(shared_data)


def test_people_are_counted_at_least_as_well_as_by_plain_yunet(data: LabelledData, suite: AnalyzerSuite) -> None:
    result = measure_people(data, suite)
    assert result["bucket"]["ours"]["hits"] >= result["bucket"]["plain_yunet"]["hits"] >= 31
    assert result["bucket"]["ours_quick"]["hits"] >= 30


def test_faces_are_verified_better_than_by_plain_sface(data: LabelledData, suite: AnalyzerSuite) -> None:
    result = measure_verification(data, suite)
    ours, plain = result["ours"], result["plain_sface"]
    assert ours["tar_at_fmr_1e-2"]["share"] >= 0.985
    assert ours["all"]["true_accept"]["share"] >= 0.985
    assert ours["all"]["false_match"]["hits"] == 0
    assert ours["all"]["highest_impostor"] < plain["all"]["highest_impostor"]
    assert result["pictures_without_face"]["ours"] == 0


def test_speech_is_told_from_other_sound(data: LabelledData, suite: AnalyzerSuite) -> None:
    result = measure_speech(data, suite)
    assert result["clips"]["ours"]["hits"] >= 40
    assert result["segments"]["ours"]["f1"] >= 0.93
    assert result["false_speech_share_of_other_sound"] == 0.0
    assert result["loudness_lu"]["largest"] <= 0.1


def test_events_on_video_are_as_labelled(data: LabelledData, suite: AnalyzerSuite) -> None:
    result = measure_events(data, suite)
    assert result["people_with_faces"]["share"] >= 0.9
    assert result["head"]["hits"] == result["head"]["cases"]


def poses(shared_data: Path, suite: AnalyzerSuite) -> list[tuple[dict[str, str], HeadPose | None]]:
    with (shared_data / "head_pose" / "labels.csv").open(newline="", encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    found = []
    for row in rows:
        rgb = read_picture(shared_data / "head_pose" / row["file"])
        observed = suite.faces.observe(Frame(TrackKind.CAMERA, MediaTime(0), rgb), thorough=True)
        found.append((row, observed.faces[0].pose if observed.faces else None))
    return found


def test_heads_turn_the_way_that_people_see_them_turn(shared_data: Path, suite: AnalyzerSuite) -> None:
    measured = poses(shared_data, suite)
    assert sum(pose is None for _, pose in measured) <= 1
    for row, pose in measured:
        if pose is None:
            continue
        side = {"left": -1, "right": 1}.get(row["yaw_toward"])
        if side is None:
            assert abs(pose.yaw_deg) < 20, row["file"]
        else:
            assert pose.yaw_deg * side > (20 if row["yaw_amount"] == "half" else 8), row["file"]
        if row["roll_top_toward"] == "image_left":
            assert pose.roll_deg < -10, row["file"]
    half_up = [pose.pitch_deg for row, pose in measured if pose and row["pitch"] == "up"]
    down = [pose.pitch_deg for row, pose in measured if pose and row["pitch"] == "down"]
    assert min(half_up) > max(down)
