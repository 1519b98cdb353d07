from __future__ import annotations

import numpy as np
import pytest
from pyloudnorm import Meter

from proctor.analyzers.loudness import LevelCurve, LoudnessMeter, RunningLoudness


def loudness(samples: np.ndarray, rate_hz: int, piece: int = 1024) -> float | None:
    meter = LoudnessMeter(rate_hz)
    for begin in range(0, len(samples), piece):
        meter.add(samples[begin : begin + piece])
    return meter.finish()


def sine(seconds: float, amplitude: float, rate_hz: int, channels: int = 1) -> np.ndarray:
    wave = amplitude * np.sin(2 * np.pi * 997 * np.arange(round(seconds * rate_hz)) / rate_hz)
    return np.repeat(wave[:, None], channels, axis=1).astype(np.float32)


@pytest.mark.parametrize("rate_hz", [16_000, 44_100, 48_000])
def test_the_reference_tone_has_its_defined_loudness(rate_hz: int) -> None:
    """BS.1770: a 997 Hz sine at 0 dBFS in one channel has -3.01 LKFS, in two channels 0."""
    assert loudness(sine(5, 1.0, rate_hz), rate_hz) == pytest.approx(-3.01, abs=0.1)
    assert loudness(sine(5, 1.0, rate_hz, 2), rate_hz) == pytest.approx(0.0, abs=0.1)


def test_a_short_recording_equals_pyloudnorm_to_the_digit() -> None:
    samples = np.random.default_rng(4).normal(0, 0.05, (7 * 48_000 + 123, 2)).astype(np.float32)
    assert loudness(samples, 48_000) == pytest.approx(
        Meter(48_000).integrated_loudness(samples.astype(float)), abs=1e-6
    )


def test_a_long_recording_of_changing_level_equals_pyloudnorm() -> None:
    rate_hz = 8_000
    rng = np.random.default_rng(5)
    levels = np.repeat(10 ** rng.uniform(-3, -0.5, 200), rate_hz)
    samples = (rng.normal(0, 1, len(levels)) * levels)[:, None].astype(np.float32)
    whole = Meter(rate_hz).integrated_loudness(samples.astype(float))
    assert loudness(samples, rate_hz, piece=4001) == pytest.approx(whole, abs=0.005)


@pytest.mark.parametrize(
    "samples",
    [np.zeros((48_000, 1), np.float32), np.zeros((0, 1), np.float32), sine(0.2, 0.5, 48_000), sine(2, 1e-5, 48_000)],
    ids=["silence", "nothing", "too short", "under the gate"],
)
def test_nothing_above_the_gate_has_no_loudness(samples: np.ndarray) -> None:
    assert loudness(samples, 48_000) is None


def test_memory_does_not_grow_with_length() -> None:
    meter = LoudnessMeter(16_000)
    for _ in range(200):
        meter.add(np.full((16_000, 1), 0.1, np.float32))
        assert meter.held_samples <= 65 * 16_000


def test_the_level_curve_is_rms_over_an_eighth_of_a_second() -> None:
    curve = LevelCurve(48_000)
    quiet, loud = sine(3, 0.01, 48_000, 2), sine(1, 0.1, 48_000, 2)
    for piece in np.array_split(np.concatenate([quiet, loud]), 77):
        curve.add(piece)
    assert curve.percentiles(50, 95) == pytest.approx((-43.01, -23.01), abs=0.05)


def test_less_than_a_window_is_measured_as_it_is_and_nothing_is_silence() -> None:
    curve = LevelCurve(16_000)
    assert curve.percentiles(50) == (-100.0,)
    curve.add(np.full((100, 1), 0.1, np.float32))
    assert curve.percentiles(50, 95) == pytest.approx((-20.0, -20.0), abs=0.01)


@pytest.mark.parametrize("rate_hz", [8_000, 16_000, 48_000])
def test_momentary_loudness_follows_pyloudnorm_s_blocks(rate_hz: int) -> None:
    rng = np.random.default_rng(6)
    levels = np.repeat(10 ** rng.uniform(-4, -0.3, 40), rate_hz // 4)
    sound = (rng.normal(0, 0.5, len(levels)) * levels).astype(np.float32)
    meter = Meter(rate_hz)
    meter.integrated_loudness(sound.astype(np.float64))
    step = rate_hz // 10
    running = RunningLoudness(rate_hz)
    found = []
    for begin in range(0, len(sound), step):
        running.add(sound[begin : begin + step])
        found.append(running.momentary_lufs)
    assert found[:3] == [None, None, None]
    assert found[3:] == pytest.approx(list(meter.blockwise_loudness), abs=0.01)


def test_momentary_loudness_does_not_depend_on_how_sound_comes() -> None:
    sound = np.random.default_rng(7).normal(0, 0.1, 16_000).astype(np.float32)
    at_once, in_pieces = RunningLoudness(16_000), RunningLoudness(16_000)
    at_once.add(sound)
    for begin in range(0, len(sound), 777):
        in_pieces.add(sound[begin : begin + 777])
    assert in_pieces.momentary_lufs == pytest.approx(at_once.momentary_lufs, abs=1e-9)


def test_silence_has_the_lowest_loudness_and_a_gap_forgets() -> None:
    running = RunningLoudness(16_000)
    running.add(np.zeros(8_000, np.float32))
    assert running.momentary_lufs == -100.0
    running.reset()
    assert running.momentary_lufs is None
