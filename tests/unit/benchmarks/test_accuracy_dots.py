"""Portraits whose irises are moved: by how much the measurement sees them go, and that nothing else moves."""

from __future__ import annotations

import numpy as np

from benchmarks.accuracy.dots import portrait_of
from proctor.analyzers.suite import AnalyzerSuite
from proctor.domain.media import Frame, TrackKind
from proctor.domain.time import SITTING_START
from proctor.pipeline.challenge import face_sample
from tests.media.moved_eyes import Portrait, as_webcam


def test_moved_irises_are_measured_on_their_side(portrait: Portrait, suite: AnalyzerSuite) -> None:
    rng = np.random.default_rng(3)
    looks = []
    for left_deg in (-12.0, 0.0, 12.0):
        rgb = as_webcam(portrait.looking(left_deg), 25 / portrait.eye_px, rng)
        assert rgb.shape == (480, 640, 3)
        sample, _ = face_sample(suite.faces, Frame(TrackKind.CAMERA, SITTING_START, rgb), SITTING_START)
        assert sample.look is not None
        looks.append(sample.look.left_deg)
    right, rest, left = looks
    assert 3 < left - rest < 18
    assert 3 < rest - right < 18


def test_only_the_openings_of_the_eyes_change(portrait: Portrait) -> None:
    moved = np.abs(portrait.looking(10.0).astype(int) - portrait.rgb).max(axis=2) > 2
    rows, columns = np.nonzero(moved)
    eyes = portrait.mesh[[33, 133, 362, 263], :2]
    margin = portrait.eye_px / 2
    assert eyes[:, 0].min() - margin < columns.min() < columns.max() < eyes[:, 0].max() + margin
    assert eyes[:, 1].min() - margin < rows.min() < rows.max() < eyes[:, 1].max() + margin
    assert np.array_equal(portrait.looking(0.0), portrait.rgb)


def test_a_picture_without_a_face_gives_no_portrait(suite: AnalyzerSuite) -> None:
    assert portrait_of(np.full((200, 200, 3), 127, np.uint8), suite) is None
