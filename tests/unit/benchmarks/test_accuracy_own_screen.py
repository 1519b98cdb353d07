"""The benchmark of the own screen: irises that are raised are measured as raised, and a person becomes a case."""

from __future__ import annotations

import numpy as np

from benchmarks.accuracy.own_screen import person_cases
from proctor.analyzers.suite import AnalyzerSuite
from proctor.domain.media import Frame, TrackKind
from proctor.domain.time import SITTING_START
from proctor.pipeline.challenge import face_sample
from tests.media.moved_eyes import Portrait, as_webcam


def test_raised_irises_are_measured_higher_and_lowered_ones_lower(portrait: Portrait, suite: AnalyzerSuite) -> None:
    rng = np.random.default_rng(3)
    looks = []
    for up_deg in (-12.0, 0.0, 12.0):
        rgb = as_webcam(portrait.looking_up(up_deg), 25 / portrait.eye_px, rng)
        sample, _ = face_sample(suite.faces, Frame(TrackKind.CAMERA, SITTING_START, rgb), SITTING_START)
        assert sample.look is not None
        looks.append(sample.look.up_deg)
    down, rest, up = looks
    assert down < rest - 1
    assert rest + 1 < up


def test_one_person_is_calibrated_and_judged_at_every_screen(portrait: Portrait, suite: AnalyzerSuite) -> None:
    cases = person_cases("someone", portrait, suite, np.random.default_rng(3))
    assert len(cases) == 4
    for case in cases.values():
        assert case["who"] == "someone"
        assert {len(case[name][part]) for name in ("own", "usual") for part in ("within", "past")} == {8}
    wide = cases[25.0, 16.0]
    assert wide["is_fitted"]
    assert all(wide["own"]["within"])
