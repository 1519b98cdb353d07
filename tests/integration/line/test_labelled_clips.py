"""Recorded clips of real people, labelled by eye, through `analyze`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from server.cli.analyze import analyze

EXPECTED = {
    "classroom_four.mp4": [("multiple_faces", 0.0)],
    "foreman_leaves_view.mp4": [("face_absent", 7.6)],
    "two_heads_moving.mp4": [("multiple_faces", 0.0)],
    "gaze_center_left_center.mp4": [("gaze_away", 6.0)],
    "talk_bbaf2n.mp4": [],
    "talk_brbk7n.mp4": [],
    "talk_lbax4n.mp4": [],
    "talk_lrwp9a.mp4": [],
    "talk_swiz3n.mp4": [],
}


@pytest.mark.shared_data
def test_labelled_clips_give_the_labelled_signals_and_no_other(shared_data: Path, tmp_path: Path) -> None:
    clips = [shared_data / "video" / "clips" / name for name in EXPECTED]
    out = tmp_path / "out.jsonl"
    analyze(clips, jsonl=out)
    lines = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    for clip in clips:
        found = [line for line in lines if line["file"] == str(clip) and line["type"] == "signal"]
        expected = EXPECTED[clip.name]
        assert [line["kind"] for line in found] == [kind for kind, _ in expected], clip.name
        for line, (_, start_s) in zip(found, expected, strict=True):
            assert line["start_s"] == pytest.approx(start_s, abs=0.6)
