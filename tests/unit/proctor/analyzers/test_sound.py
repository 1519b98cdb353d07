from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from proctor.analyzers.sound import SoundStream, SpeechAnalyzer
from proctor.analyzers.suite import AnalyzerSuite
from proctor.analyzers.vad import SILENCE_DBFS, crest_db, level_dbfs
from proctor.domain.media import AUDIO_RATE_HZ, AudioChunk
from proctor.domain.observations import SoundObserved
from proctor.domain.time import MediaTime, media_time_from_s
from tests.media.sounds import RATE_HZ, spoken

CHUNK = 960


@pytest.fixture
def speech(suite: AnalyzerSuite) -> SpeechAnalyzer:
    return suite.speech


@pytest.fixture(scope="module")
def voice() -> np.ndarray:
    """Speech at 16 kHz."""
    at_48k = spoken()[: len(spoken()) // 3 * 3]
    assert RATE_HZ == 3 * AUDIO_RATE_HZ
    return at_48k.reshape(-1, 3).mean(axis=1).astype(np.float32)


def tone(seconds: float, amplitude: float, hertz: float = 1000.0) -> np.ndarray:
    time_s = np.arange(round(seconds * AUDIO_RATE_HZ)) / AUDIO_RATE_HZ
    return (amplitude * np.sin(2 * np.pi * hertz * time_s)).astype(np.float32)


def hiss(seconds: float, level: float) -> np.ndarray:
    return np.random.default_rng(2).normal(0, 10 ** (level / 20), round(seconds * AUDIO_RATE_HZ)).astype(np.float32)


def heard(stream: SoundStream, sound: np.ndarray, start_s: float = 0.0, *, finish: bool = True) -> list[SoundObserved]:
    observed = []
    for begin in range(0, len(sound), CHUNK):
        at = media_time_from_s(start_s + begin / AUDIO_RATE_HZ)
        observed += stream.observe(AudioChunk(at, sound[begin : begin + CHUNK]))
    return observed + (stream.finish() if finish else [])


@pytest.mark.parametrize(
    ("sound", "expected"),
    [
        (tone(1, 1.0), -3.01),
        (tone(1, 0.1), -23.01),
        (np.full(160, 1.0, np.float32), 0.0),
        (np.zeros(160, np.float32), SILENCE_DBFS),
        (np.zeros(0, np.float32), SILENCE_DBFS),
        (np.full(160, 1e-9, np.float32), SILENCE_DBFS),
    ],
)
def test_level_is_rms_against_full_scale(sound: np.ndarray, expected: float) -> None:
    assert level_dbfs(sound) == pytest.approx(expected, abs=0.01)


def test_windows_follow_each_other_and_cover_everything(speech: SpeechAnalyzer) -> None:
    observed = heard(speech.stream(window_ms=512), hiss(3.0, -70), start_s=5.0)
    assert observed[0].at == media_time_from_s(5.0)
    assert [window.duration_ms for window in observed[:-1]] == [512] * (len(observed) - 1)
    assert all(later.at - earlier.at == earlier.duration_ms * 1_000_000 for earlier, later in pairwise(observed))
    assert sum(window.duration_ms for window in observed) == pytest.approx(3000, abs=1)


@pytest.mark.parametrize(("asked_ms", "given_ms"), [(96, 96), (100, 96), (500, 512), (2000, 1984)])
def test_the_window_is_a_whole_number_of_steps(speech: SpeechAnalyzer, asked_ms: int, given_ms: int) -> None:
    assert heard(speech.stream(window_ms=asked_ms), hiss(2.5, -70))[0].duration_ms == given_ms


def test_speech_is_heard_and_other_sound_is_not(speech: SpeechAnalyzer, voice: np.ndarray) -> None:
    assert np.mean([window.speech_probability > 0.5 for window in heard(speech.stream(), voice)]) > 0.8
    for other in (hiss(3, -20), tone(3, 0.3), tone(3, 0.3, 150.0)):
        assert max(window.speech_probability for window in heard(speech.stream(), other)) < 0.5


def test_below_the_gate_nothing_is_listened_to(speech: SpeechAnalyzer, voice: np.ndarray) -> None:
    quiet = (voice * 10 ** (-45 / 20)).astype(np.float32)
    assert max(window.speech_probability for window in heard(speech.stream(gate_dbfs=-50.0), quiet)) == 0.0
    assert max(window.speech_probability for window in heard(speech.stream(gate_dbfs=-80.0), quiet)) > 0.5


def test_how_the_sound_is_cut_into_chunks_does_not_matter(speech: SpeechAnalyzer, voice: np.ndarray) -> None:
    whole = speech.stream()
    at_once = whole.observe(AudioChunk(MediaTime(0), voice)) + whole.finish()
    assert heard(speech.stream(), voice) == at_once


def test_a_gap_ends_the_window_and_starts_anew_at_the_right_time(speech: SpeechAnalyzer) -> None:
    stream = speech.stream()
    before = heard(stream, hiss(0.8, -40), finish=False)
    after = heard(stream, hiss(1.1, -40), start_s=10.0)
    assert [window.at for window in before] == [MediaTime(0)]
    assert after[0].at == media_time_from_s(0.512)
    assert after[0].duration_ms == 288
    assert after[1].at == media_time_from_s(10.0)


def test_small_differences_of_time_are_no_gap(speech: SpeechAnalyzer) -> None:
    stream = speech.stream()
    stream.observe(AudioChunk(MediaTime(0), hiss(0.3, -40)))
    assert [w.at for w in stream.observe(AudioChunk(media_time_from_s(0.33), hiss(0.3, -40)))] == [MediaTime(0)]


def test_two_sittings_do_not_hear_each_other(speech: SpeechAnalyzer, voice: np.ndarray) -> None:
    alone = heard(speech.stream(), voice)
    one, other = speech.stream(), speech.stream()
    together = []
    for begin in range(0, len(voice), CHUNK):
        at = media_time_from_s(begin / AUDIO_RATE_HZ)
        together += one.observe(AudioChunk(at, voice[begin : begin + CHUNK]))
        other.observe(AudioChunk(at, hiss(CHUNK / AUDIO_RATE_HZ, -20)))
    assert together + one.finish() == alone


def test_a_finished_stream_can_start_again(speech: SpeechAnalyzer) -> None:
    stream = speech.stream()
    heard(stream, hiss(0.7, -40))
    assert stream.finish() == []
    assert heard(stream, hiss(0.6, -40), start_s=50.0)[0].at == media_time_from_s(50.0)


def test_windows_carry_loudness_after_the_first_400_ms(speech: SpeechAnalyzer) -> None:
    observed = heard(speech.stream(window_ms=256), tone(2, 0.1, 997.0), finish=False)
    assert observed[0].lufs is None
    assert [window.lufs for window in observed[2:]] == pytest.approx([-23.0] * (len(observed) - 2), abs=0.1)


def test_windows_tell_how_much_of_them_is_speech(speech: SpeechAnalyzer, voice: np.ndarray) -> None:
    in_voice = heard(speech.stream(), voice)
    assert np.mean([window.speech_share for window in in_voice]) > 0.7
    assert all(0.0 <= window.speech_share <= 1.0 for window in in_voice)
    assert {window.speech_share for window in heard(speech.stream(), hiss(2, -20))} == {0.0}


def test_keys_stand_out_of_the_quiet_between_them_and_steady_sound_does_not() -> None:
    keys = hiss(0.512, -60)
    for begin in (500, 3000, 6500):
        keys[begin : begin + 400] += hiss(400 / AUDIO_RATE_HZ, -10)
    assert crest_db(keys) > 15
    assert crest_db(hiss(0.512, -30)) < 0.5
    assert crest_db(tone(0.512, 0.3)) < 0.5
    assert crest_db(np.zeros(8192, np.float32)) == 0.0
    assert crest_db(np.zeros(100, np.float32)) == 0.0
