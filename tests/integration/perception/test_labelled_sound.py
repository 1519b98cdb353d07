"""Floors for voices on the labelled data, and what sounds that are none must not be taken for."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from benchmarks.accuracy.labelled import LabelledData, sound_chunks
from benchmarks.accuracy.voices import measure_voices
from proctor.analyzers.suite import AnalyzerSuite
from proctor.analyzers.vad import level_dbfs
from proctor.domain.media import AUDIO_RATE_HZ, AudioChunk
from proctor.domain.observations import SoundObserved
from proctor.domain.time import MediaTime


def windows(suite: AnalyzerSuite, sound: np.ndarray) -> list[SoundObserved]:
    stream = suite.speech.stream()
    return stream.observe(AudioChunk(MediaTime(0), sound.astype(np.float32))) + stream.finish()


def made_sounds() -> dict[str, np.ndarray]:
    """Silence, white noise, a fan, keys, and music, half a minute each."""
    rng = np.random.default_rng(8)
    count = 30 * AUDIO_RATE_HZ
    time_s = np.arange(count) / AUDIO_RATE_HZ
    white = rng.normal(0, 0.1, count)
    rumble = np.convolve(rng.normal(0, 1, count), np.ones(64) / 64, mode="same")
    fan = 0.2 * rumble + 0.02 * sum(np.sin(2 * np.pi * 118 * order * time_s) / order for order in range(1, 6))
    keys = np.zeros(count)
    for at in np.cumsum(rng.uniform(0.08, 0.4, 100)):
        begin = round(at * AUDIO_RATE_HZ)
        if begin + 800 < count:
            keys[begin : begin + 800] += rng.normal(0, 0.4, 800) * np.exp(-np.arange(800) / 120)
    notes = rng.choice([262, 294, 330, 349, 392, 440, 494], 60)
    length = AUDIO_RATE_HZ // 2
    decay = np.exp(-np.arange(length) / 3000)
    tune = [
        decay * sum(np.sin(2 * np.pi * note * part * time_s[:length]) / part**2 for part in (1, 2, 3)) for note in notes
    ]
    music = 0.2 * np.concatenate(tune)
    return {"silence": np.zeros(count), "white noise": white, "fan": fan, "keys": keys, "music": music}


@pytest.mark.parametrize("name", list(made_sounds()))
def test_sounds_that_are_no_speech_have_none(suite: AnalyzerSuite, name: str) -> None:
    observed = windows(suite, made_sounds()[name])
    assert max(window.speech_probability for window in observed) < 0.5
    assert {window.speech_share for window in observed} == {0.0}


@pytest.mark.shared_data
def test_recorded_keys_are_no_speech(suite: AnalyzerSuite, shared_data: Path) -> None:
    data = LabelledData(shared_data)
    recordings = [row["file"] for row in data.rows("audio/labels.csv") if row["label"] == "keyboard"]
    assert recordings
    for file in recordings:
        sound = np.concatenate([chunk.pcm for chunk in sound_chunks(data.folder / "audio" / file)])
        louder = sound * 10 ** ((-30 - level_dbfs(sound)) / 20)
        for played in (sound, louder):
            observed = windows(suite, played)
            assert max(window.speech_probability for window in observed) < 0.5, file
            assert np.median([window.crest_db for window in observed]) > 6, file


@pytest.mark.shared_data
@pytest.mark.slow
def test_voices_are_told_apart_without_seeing_two_where_one_speaks(suite: AnalyzerSuite, shared_data: Path) -> None:
    result = measure_voices(LabelledData(shared_data), suite)
    assert result["pairs"]["equal_error_rate"] <= 0.04
    assert result["noticed"]["share"] >= 0.75
    assert result["false"]["hits"] == 0
    for row in result["counted"]:
        assert row["found"] is None or row["found"] <= row["labelled"], row
