"""Whispering: speech whose voice was taken out, and how often the rule tells it from speech with a voice.

No recording of whispered speech was at hand. What a whisperer does is copied instead: the vocal tract of each stretch
of a labelled recording (linear prediction, Makhoul 1975) is excited by noise in place of the vocal folds, as in the
method's own synthesis of unvoiced sounds. The recording's pauses, words and tract stay, its pitch goes; the tilt of the
voice's spectrum, which a whisper lacks, is left out with it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import solve_toeplitz
from scipy.signal import lfilter, resample_poly

from benchmarks.accuracy.estimate import share_of
from benchmarks.accuracy.labelled import LabelledData, Row, sound_chunks, speaker_of
from benchmarks.accuracy.tables import Json, headline, paragraph, table
from proctor.analyzers.suite import AnalyzerSuite
from proctor.analyzers.vad import Pcm
from proctor.detectors.rules.speech import Speech, SpeechConfig
from proctor.detectors.rules.whisper import Whisper, WhisperConfig
from proctor.domain.media import AUDIO_RATE_HZ, AudioChunk
from proctor.domain.time import MediaTime, media_time_from_s
from tests.media.sounds import RATE_HZ, spoken

LABELS = "audio/labels.csv"
HEARD_S = 20.0
"""Each recording is repeated for so long."""
WHISPERS_DBFS: Final = (-35.0, -47.0)
"""Near the microphone, and a quarter as loud."""
ROOM_DBFS: Final = -62.0
CHUNK_SAMPLES: Final = 960
ORDER: Final = 20
FRAME_SAMPLES: Final = AUDIO_RATE_HZ // 40
HOP_SAMPLES: Final = AUDIO_RATE_HZ // 100
LEAST_ENERGY: Final = 1e-9
PRE_EMPHASIS: Final = 0.97
SEED: Final = 11

SENTENCES: Final = {
    "kk": "Үшінші сұрақтың жауабы қырық екі, содан кейін оны үшбұрыштың биіктігіне көбейтесің де, екіге бөлесің.",
    "ru": "Ответ на третий вопрос сорок два, потом надо умножить это на высоту треугольника и разделить пополам.",
    "en": "The answer to the third question is forty two, then you multiply it by the height and divide it by two.",
}
SYNTHETIC: Final = {"a program's voices": ("", "+f3", "+m4"), "a program's whisper": ("+whisper", "+whisperf")}
"""Voices of espeak-ng: male and female ones, and its two that whisper."""

OTHERS: Final = "keyboards, noises, music, quiet rooms"

Cases = list[tuple[str, bool]]


def measure_whisper(data: LabelledData, suite: AnalyzerSuite) -> Json:
    """What `whisper` and `speech` notice of recordings as they are, and of those of one voice without their voice."""
    found: dict[str, tuple[Cases, Cases]] = {}
    wrong: list[str] = []
    for row in data.rows(LABELS):
        sound = np.concatenate([chunk.pcm for chunk in sound_chunks(data.folder / "audio" / row["file"])])
        for name, variant in _variants(row, sound):
            whisper, speech = _noticed(suite, variant)
            cases = found.setdefault(name, ([], []))
            cases[0].append((speaker_of(row), whisper))
            cases[1].append((speaker_of(row), speech))
            if whisper != name.startswith("whispered"):
                wrong.append(f"{row['file']} ({name})")
    for name, tongue, variant in _synthetic():
        cases = found.setdefault(name, ([], []))
        for kept, told in zip(cases, _noticed(suite, variant), strict=True):
            kept.append((tongue, told))
    rows = {name: {"whisper": share_of(a).as_json(), "speech": share_of(b).as_json()} for name, (a, b) in found.items()}
    whispered = [case for name, (cases, _) in found.items() if name.startswith("whispered") for case in cases]
    others = [case for name in ("speech", OTHERS) if name in found for case in found[name][0]]
    return {
        "headline": [
            headline("recordings without their voice told as whispering", share_of(whispered).as_json()),
            headline("recordings as they are told as whispering", share_of(others).as_json()),
        ],
        "detector": f"{Whisper.id}@{Whisper.version}",
        "recall": share_of(whispered).as_json(),
        "precision": share_of(
            [
                (who, is_whisper)
                for cases, is_whisper in ((whispered, True), (others, False))
                for who, told in cases
                if told
            ]
        ).as_json(),
        "variants": rows,
        "wrong": wrong,
        "threshold": WhisperConfig().voiced_share,
    }


def report_whisper(result: Json) -> list[str]:
    """Table of the variants."""
    rows = [[name, found["whisper"], found["speech"]] for name, found in result["variants"].items()]
    return [
        *table(["recordings", "`whisper`", "`speech`"], rows),
        *paragraph(
            f"Wrong: {', '.join(result['wrong']) or 'none'}. No recording of whispered speech was at hand: in those of "
            "one voice the vocal folds were replaced by noise, stretch by stretch, and the noise of a quiet room put "
            f"under them. Each is heard for {HEARD_S:g} s, repeated. The threshold (voice in at most "
            f"{100 * result['threshold']:g} % of the speech) was chosen with these recordings in view: not held out; "
            "the program's voices (espeak-ng, in Kazakh, Russian and English) had not been looked at; "
            "what it whispers is drawn anew in each run. "
            "A real whisper is aimed away from the microphone, breathier, and lost in a browser's noise suppression "
            "where that cannot be switched off; how often one is noticed is not known."
        ),
    ]


def _variants(row: Row, sound: Pcm) -> Iterator[tuple[str, Pcm]]:
    speakers = int(row["speakers"])
    yield ("speech" if speakers else OTHERS), sound
    if speakers == 1:
        noise = np.random.default_rng(SEED)
        voiceless = without_voice(sound, noise)
        rms = float(np.sqrt(np.mean(voiceless**2)))
        for level_dbfs in WHISPERS_DBFS:
            room = noise.normal(0.0, 10 ** (ROOM_DBFS / 20), len(sound))
            yield (
                f"whispered, {level_dbfs:g} dBFS",
                (voiceless * (10 ** (level_dbfs / 20) / rms) + room).astype(np.float32),
            )


def _synthetic() -> Iterator[tuple[str, str, Pcm]]:
    """What is measured, language and sound."""
    room = np.random.default_rng(SEED)
    for name, voices in SYNTHETIC.items():
        for tongue, sentence in SENTENCES.items():
            for voice in voices:
                wave = resample_poly(spoken(sentence, tongue + voice), AUDIO_RATE_HZ, RATE_HZ)
                level = 10 ** (WHISPERS_DBFS[0] / 20) / float(np.sqrt(np.mean(wave**2)))
                yield (
                    name,
                    tongue,
                    (wave * level + room.normal(0.0, 10 ** (ROOM_DBFS / 20), len(wave))).astype(np.float32),
                )


def without_voice(sound: Pcm, noise: np.random.Generator) -> NDArray[np.float64]:
    """Speech, shape (samples,) at 16 kHz, with noise in the place of the vocal folds; same shape, level free."""
    bright = lfilter([1.0, -PRE_EMPHASIS], [1.0], sound.astype(np.float64))
    window = np.hanning(FRAME_SAMPLES + 1)[:-1]
    spoken, weight = np.zeros(len(sound)), np.full(len(sound), 0.1)
    for begin in range(0, len(sound) - FRAME_SAMPLES, HOP_SAMPLES):
        here = slice(begin, begin + FRAME_SAMPLES)
        frame = bright[here] * window
        lags = np.correlate(frame, frame, "full")[FRAME_SAMPLES - 1 :][: ORDER + 1]
        if lags[0] < LEAST_ENERGY:
            continue
        lags[0] *= 1.0001
        tract = solve_toeplitz(lags[:ORDER], lags[1:])
        gain = np.sqrt(max(lags[0] - tract @ lags[1:], 0.0) / np.sum(window**2))
        breath = lfilter([1.0], np.concatenate([[1.0], -tract]), gain * noise.standard_normal(FRAME_SAMPLES))
        spoken[here] += breath * window
        weight[here] = np.maximum(weight[here], 0.0) + window**2
    return spoken / np.sqrt(weight)


def _noticed(suite: AnalyzerSuite, sound: Pcm) -> tuple[bool, bool]:
    rules = Whisper(WhisperConfig()), Speech(SpeechConfig())
    signals: list[list[object]] = [[], []]
    stream = suite.speech.stream()
    heard = np.resize(sound, round(HEARD_S * AUDIO_RATE_HZ))
    for begin in range(0, len(heard), CHUNK_SAMPLES):
        at: MediaTime = media_time_from_s(begin / AUDIO_RATE_HZ)
        for observed in stream.observe(AudioChunk(at, heard[begin : begin + CHUNK_SAMPLES])):
            for rule, signals_of_rule in zip(rules, signals, strict=True):
                signals_of_rule.extend(rule.update(observed))
    return bool(signals[0]), bool(signals[1])
