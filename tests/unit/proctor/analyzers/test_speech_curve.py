from __future__ import annotations

import numpy as np
import pytest

from proctor.analyzers.speech_curve import speech_segments
from proctor.analyzers.suite import AnalyzerSuite
from proctor.domain.media import AUDIO_RATE_HZ, AudioChunk
from proctor.domain.time import MediaTime, media_time_from_s
from tests.media.sounds import spoken

STEP_S = 0.032


def steps(*runs: tuple[float, float]) -> list[float]:
    """Probabilities: each (probability, seconds) in turn."""
    return [value for value, seconds in runs for _ in range(round(seconds / STEP_S))]


def test_speech_is_one_interval_with_a_margin() -> None:
    curve = steps((0.0, 0.96), (0.9, 0.96), (0.0, 0.96))
    assert speech_segments(curve, 2.88) == [pytest.approx((0.76, 2.12))]


def test_a_weaker_stretch_does_not_end_speech_but_does_not_begin_it_either() -> None:
    assert speech_segments(steps((0.4, 1.0), (0.9, 0.5), (0.4, 1.0), (0.1, 1.0)), 3.5) == [
        pytest.approx((0.792, 2.664), abs=0.04)
    ]


def test_pauses_in_talk_are_bridged_and_longer_ones_are_not() -> None:
    assert len(speech_segments(steps((0.9, 1.0), (0.0, 1.4), (0.9, 1.0)), 3.4)) == 1
    assert len(speech_segments(steps((0.9, 1.0), (0.0, 1.6), (0.9, 1.0)), 3.6)) == 2
    assert len(speech_segments(steps((0.9, 1.0), (0.0, 0.6), (0.9, 1.0)), 2.6, pause_s=0.5)) == 2


def test_a_click_is_no_speech() -> None:
    assert speech_segments(steps((0.0, 1.0), (0.9, 0.2), (0.0, 1.0)), 2.2) == []


def test_ticks_do_not_add_up_to_talk() -> None:
    assert speech_segments(steps(*[(0.9, 0.128), (0.0, 0.5)] * 20), 12.56) == []


def test_sounds_of_a_word_are_one_word() -> None:
    (word,) = speech_segments(steps((0.0, 1.6), (0.9, 0.16), (0.2, 0.064), (0.9, 0.16), (0.0, 1.6)), 3.584)
    assert word == pytest.approx((1.4, 2.184), abs=0.01)


def test_speech_up_to_the_end_ends_with_the_recording() -> None:
    assert speech_segments(steps((0.0, 0.96), (0.9, 0.96)), 1.93)[0][1] == 1.93


def test_a_recording_gives_intervals_where_it_speaks(suite: AnalyzerSuite) -> None:
    voice = spoken()[: len(spoken()) // 3 * 3].reshape(-1, 3).mean(axis=1).astype(np.float32)
    quiet = np.random.default_rng(0).normal(0, 1e-4, 2 * AUDIO_RATE_HZ).astype(np.float32)
    curve = suite.speech.curve()
    for part, at_s in ((quiet, 0.0), (voice, 2.0), (quiet, 2.0 + len(voice) / AUDIO_RATE_HZ)):
        curve.observe(AudioChunk(media_time_from_s(at_s), part))
    curve.finish()
    segments = curve.segments()
    assert segments[0][0] == pytest.approx(2.0, abs=0.3)
    assert segments[-1][1] == pytest.approx(2.0 + len(voice) / AUDIO_RATE_HZ, abs=0.4)


def test_a_jump_in_time_is_silence(suite: AnalyzerSuite) -> None:
    curve = suite.speech.curve()
    curve.observe(AudioChunk(MediaTime(0), np.full(1600, 0.1, np.float32)))
    curve.observe(AudioChunk(media_time_from_s(5.0), np.full(1600, 0.1, np.float32)))
    curve.finish()
    assert curve.duration_s == pytest.approx(5.1)
