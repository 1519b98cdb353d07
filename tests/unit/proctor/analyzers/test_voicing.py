from __future__ import annotations

import numpy as np
import pytest
from scipy.signal import resample_poly

from proctor.analyzers.suite import AnalyzerSuite
from proctor.analyzers.vad import STEP_SAMPLES
from proctor.analyzers.voicing import LEAST_FRAMES, voiced_share
from proctor.domain.media import AUDIO_RATE_HZ, AudioChunk
from proctor.domain.time import MediaTime
from tests.media.sounds import RATE_HZ, SENTENCE, spoken

WINDOWS = 16
TIME_S = np.arange(WINDOWS * STEP_SAMPLES) / AUDIO_RATE_HZ
ALL = np.ones(WINDOWS, np.bool_)


def pulses(hertz: float) -> np.ndarray:
    """A buzz with all overtones, as the vocal folds make it."""
    return (0.1 * np.sign(np.sin(2 * np.pi * hertz * TIME_S) - 0.9)).astype(np.float32)


@pytest.mark.parametrize("hertz", [70, 110, 220, 380])
def test_a_buzz_at_the_pitch_of_a_voice_is_voiced(hertz: float) -> None:
    assert voiced_share(pulses(hertz), ALL) == 1.0


def test_noise_is_not_voiced() -> None:
    noise = np.random.default_rng(1).normal(0, 0.1, len(TIME_S)).astype(np.float32)
    assert voiced_share(noise, ALL) == 0.0


def test_only_the_stretches_of_speech_count() -> None:
    noise = np.random.default_rng(1).normal(0, 0.1, len(TIME_S)).astype(np.float32)
    half = len(TIME_S) // 2
    sound = np.concatenate([pulses(120)[:half], noise[half:]])
    first = np.arange(WINDOWS) < WINDOWS // 2
    assert voiced_share(sound, first) == 1.0
    assert voiced_share(sound, ~first) == 0.0


@pytest.mark.parametrize("spoken_windows", [0, 1, LEAST_FRAMES])
def test_too_little_speech_says_nothing(spoken_windows: int) -> None:
    assert voiced_share(pulses(120), np.arange(WINDOWS) < spoken_windows) is None


def test_a_last_window_shorter_than_the_others_says_nothing() -> None:
    assert voiced_share(pulses(120)[: 2 * STEP_SAMPLES + 7], ALL[:2]) is None


def test_digital_silence_is_not_voiced() -> None:
    assert voiced_share(np.zeros(len(TIME_S), np.float32), ALL) == 0.0


@pytest.mark.parametrize(
    ("voice", "is_whisper"),
    [("kk", False), ("ru", False), ("en-us", False), ("kk+whisper", True), ("en-us+whisper", True)],
)
def test_a_spoken_sentence_has_voice_and_a_whispered_one_has_none(
    suite: AnalyzerSuite, voice: str, *, is_whisper: bool
) -> None:
    sound = resample_poly(spoken(3 * SENTENCE, voice), AUDIO_RATE_HZ, RATE_HZ).astype(np.float32)
    stream = suite.speech.stream()
    shares = [
        seen.voiced_share
        for seen in stream.observe(AudioChunk(MediaTime(0), sound))
        if seen.speech_probability >= 0.5 and seen.voiced_share is not None
    ]
    assert len(shares) >= 4
    assert (np.mean(shares) < 0.3) is np.bool_(is_whisper)
