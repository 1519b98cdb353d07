from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from models.registry import InstalledModels
from proctor.analyzers.sound import SpeechAnalyzer
from proctor.analyzers.voice_print import BANDS, VoiceEncoder, mel_frames
from proctor.analyzers.voices import VoiceAnalyzer
from proctor.domain.media import AUDIO_RATE_HZ, AudioChunk
from proctor.domain.observations import SoundObserved, VoiceObserved
from proctor.domain.time import MediaTime, media_time_from_s
from tests.media.sounds import spoken

TEXT = (
    "The answer to the second question is forty two, and then you multiply by the height of the triangle. "
    "After that the volume of the prism is the area of its base times the length of an edge."
)
WINDOW_MS = 512


@pytest.fixture(scope="module")
def speech() -> SpeechAnalyzer:
    return SpeechAnalyzer.load(InstalledModels())


@pytest.fixture(scope="module")
def analyzer() -> VoiceAnalyzer:
    return VoiceAnalyzer.load(InstalledModels())


def voice(name: str) -> np.ndarray:
    """Some ten seconds at 16 kHz by a made voice."""
    at_48k = spoken(TEXT, name)
    return at_48k[: len(at_48k) // 3 * 3].reshape(-1, 3).mean(axis=1).astype(np.float32)


def larger(sound: np.ndarray) -> np.ndarray:
    """The same words by a body with a longer throat and a lower pitch: played at 0.7 of the speed."""
    return np.interp(np.arange(0, len(sound) - 1, 0.7), np.arange(len(sound)), sound).astype(np.float32)


def quiet(seconds: float) -> np.ndarray:
    return np.random.default_rng(3).normal(0, 1e-3, round(seconds * AUDIO_RATE_HZ)).astype(np.float32)


def heard(
    speech: SpeechAnalyzer,
    analyzer: VoiceAnalyzer,
    *parts: np.ndarray,
    chunk: int = 960,
    start_s: float = 0.0,
    guided_until_s: float = 0.0,
) -> list[VoiceObserved]:
    sound = np.concatenate(parts)
    windows, voices = speech.stream(window_ms=WINDOW_MS), analyzer.stream()
    observed: list[VoiceObserved] = []
    for begin in range(0, len(sound), chunk):
        piece = AudioChunk(media_time_from_s(start_s + begin / AUDIO_RATE_HZ), sound[begin : begin + chunk])
        is_guided = piece.at < media_time_from_s(guided_until_s)
        observed += voices.observe(piece, [replace(window, is_guided=is_guided) for window in windows.observe(piece)])
    return observed + voices.finish()


def test_one_voice_stays_one(speech: SpeechAnalyzer, analyzer: VoiceAnalyzer) -> None:
    observed = heard(speech, analyzer, quiet(3), voice("en"), quiet(4), voice("en"))
    assert len(observed) >= 5
    assert [each.similarity for each in observed[:2]] == [None, None]
    assert all(each.similarity is not None and each.similarity > 0.7 for each in observed[2:])
    assert {each.voices for each in observed} == {1}


def test_another_voice_stands_out_and_is_counted(speech: SpeechAnalyzer, analyzer: VoiceAnalyzer) -> None:
    first, second = voice("en"), larger(voice("en"))
    observed = heard(speech, analyzer, quiet(3), first, quiet(3), second)
    turn = media_time_from_s(3 + len(first) / AUDIO_RATE_HZ + 2)
    others = [each for each in observed if each.at > turn]
    assert len(others) >= 5
    assert np.mean([each.similarity is not None and each.similarity < 0.65 for each in others]) > 0.8
    assert others[-1].voices == 2


def test_the_hints_of_a_check_are_not_taken_for_the_candidates_voice(
    speech: SpeechAnalyzer, analyzer: VoiceAnalyzer
) -> None:
    hints, candidate = voice("en"), larger(voice("en"))
    until_s = 3 + len(hints) / AUDIO_RATE_HZ + 1
    parts = (quiet(3), hints, quiet(3), candidate)
    observed = heard(speech, analyzer, *parts, guided_until_s=until_s)
    assert {each.voices for each in observed} == {1}
    assert min(each.at for each in observed) > media_time_from_s(until_s)
    assert all(each.similarity is None or each.similarity > 0.65 for each in observed)
    taken_for_it = heard(speech, analyzer, *parts)
    assert any(each.similarity is not None and each.similarity < 0.65 for each in taken_for_it)


def test_times_are_those_of_the_sound(speech: SpeechAnalyzer, analyzer: VoiceAnalyzer) -> None:
    first = heard(speech, analyzer, quiet(3), voice("en"), start_s=60.0)[0]
    assert 62.5 < first.at / 1e9 < 64.5
    assert 2000 <= first.duration_ms <= 4500


def test_how_the_sound_is_cut_into_chunks_does_not_matter(speech: SpeechAnalyzer, analyzer: VoiceAnalyzer) -> None:
    sound = (quiet(2), voice("en"), quiet(2), larger(voice("en")))
    fine, coarse = heard(speech, analyzer, *sound), heard(speech, analyzer, *sound, chunk=16_000)
    assert [(each.at, each.voices) for each in fine] == [(each.at, each.voices) for each in coarse]
    assert [each.similarity for each in fine] == pytest.approx([each.similarity for each in coarse], abs=1e-3)


def test_short_speech_cannot_be_told(speech: SpeechAnalyzer, analyzer: VoiceAnalyzer) -> None:
    word = voice("en")[: round(1.4 * AUDIO_RATE_HZ)]
    assert heard(speech, analyzer, quiet(2), word, quiet(3), word, quiet(3)) == []


def test_speech_in_noise_cannot_be_told(speech: SpeechAnalyzer, analyzer: VoiceAnalyzer) -> None:
    talk = np.concatenate([np.zeros(5 * AUDIO_RATE_HZ, np.float32), voice("en"), voice("en")])
    level = np.sqrt(np.mean(voice("en") ** 2)) * 10 ** (-6 / 20)
    noise = np.random.default_rng(4).normal(0, level, len(talk)).astype(np.float32)
    observed = heard(speech, analyzer, talk + noise)
    assert observed
    assert {(each.similarity, each.voices) for each in observed} == {(None, None)}


def test_other_sound_is_no_voice(speech: SpeechAnalyzer, analyzer: VoiceAnalyzer) -> None:
    hum = (0.2 * np.sin(2 * np.pi * 150 * np.arange(6 * AUDIO_RATE_HZ) / AUDIO_RATE_HZ)).astype(np.float32)
    assert heard(speech, analyzer, hum, 100 * quiet(6), np.zeros(6 * AUDIO_RATE_HZ, np.float32)) == []


def test_two_sittings_do_not_hear_each_other(speech: SpeechAnalyzer, analyzer: VoiceAnalyzer) -> None:
    alone = heard(speech, analyzer, voice("en"))
    heard(speech, analyzer, larger(voice("en")))
    assert heard(speech, analyzer, voice("en")) == alone


def test_windows_without_their_sound_say_nothing(analyzer: VoiceAnalyzer) -> None:
    stream = analyzer.stream()
    chunk = AudioChunk(media_time_from_s(100), np.zeros(960, np.float32))
    windows = [
        SoundObserved(media_time_from_s(50 + index / 2), 500, -20.0, 0.9, "m", speech_share=1.0) for index in range(8)
    ]
    assert {each.similarity for each in stream.observe(chunk, windows)} == {None}


def test_a_tone_lies_in_its_mel_band() -> None:
    tone = np.sin(2 * np.pi * 1000 * np.arange(AUDIO_RATE_HZ) / AUDIO_RATE_HZ).astype(np.float32)
    frames = mel_frames(tone, 100)
    assert frames.shape == (100, BANDS)
    assert set(frames[5:95].argmax(axis=1)) <= {12, 13, 14}
    assert frames[150:].sum() == 0.0


def test_a_print_has_length_one_and_does_not_depend_on_level(analyzer: VoiceAnalyzer) -> None:
    del analyzer
    encoder = VoiceEncoder(InstalledModels().path("voice_encoder"))
    talk = voice("en")[: 3 * AUDIO_RATE_HZ] * 0.05
    quieter = (talk * 0.1).astype(np.float32)
    loud, soft = encoder.print_of(talk), encoder.print_of(quieter)
    assert np.linalg.norm(loud) == pytest.approx(1.0, abs=1e-5)
    assert float(loud @ soft) > 0.99
    assert encoder.print_of(np.zeros(800, np.float32)).shape == (256,)


def test_memory_stays_small(speech: SpeechAnalyzer, analyzer: VoiceAnalyzer) -> None:
    windows, voices = speech.stream(window_ms=WINDOW_MS), analyzer.stream()
    for second in range(120):
        piece = AudioChunk(MediaTime(second * 1_000_000_000), quiet(1))
        voices.observe(piece, windows.observe(piece))
    held = sum(len(chunk.pcm) for chunk in voices._sound._chunks)
    assert held <= 12 * AUDIO_RATE_HZ
