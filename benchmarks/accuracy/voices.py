"""Voices: how well two stretches of speech tell whether one person spoke, and what the rule makes of it.

Sittings are composed of the recordings: one voice speaks, is quiet, and then the same or another voice speaks, both at
the same level with the faint noise of one room. A recording's own microphone stays audible in it, so that voices of
different recordings are told apart more easily than two people in one room; pairs within one recording are therefore
given by themselves.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.accuracy.estimate import bootstrap, pair_weights, share_of
from benchmarks.accuracy.labelled import LabelledData, Row, sound_chunks
from benchmarks.accuracy.plots import trade_off
from benchmarks.accuracy.tables import Json, headline, paragraph, table
from proctor.analyzers.suite import AnalyzerSuite
from proctor.analyzers.vad import Pcm, level_dbfs
from proctor.analyzers.voices import ALIKE, SPOKEN_SHARE, STRETCH_MS
from proctor.detectors.rules.second_voice import SecondVoice, SecondVoiceConfig
from proctor.domain.media import AUDIO_RATE_HZ, AudioChunk
from proctor.domain.observations import VoiceObserved
from proctor.domain.time import MediaTime, media_time_from_s

LABELS = "audio/labels.csv"
TURNS = "audio/segments.csv"
STRETCH_SAMPLES = STRETCH_MS * AUDIO_RATE_HZ // 1000
FIRST_S, SECOND_S = 7.0, 5.0
"""Seconds of speech of the first and of the second voice of a composed sitting."""
LEVEL_DBFS, ROOM_DBFS = -28.0, -62.0
QUIET_S = 3.0
CHUNK_SAMPLES = 960


@dataclass(frozen=True, slots=True, eq=False)
class Spoken:
    """What one voice says in one recording, with pauses and other people left out."""

    voice: str
    recording: str
    speech: Pcm


def measure_voices(data: LabelledData, suite: AnalyzerSuite) -> Json:
    """Pairs of stretches, composed sittings, and the number of voices of each recording."""
    spoken = list(_spoken(data, suite))
    voices = sorted({each.voice for each in spoken})
    pairs = _pairs(spoken, suite, voices)
    everywhere = _errors(pairs, len(voices), same_recording=False)
    within = _errors(pairs, len(voices), same_recording=True)
    noticed, false = _composed(spoken, suite)
    counted = list(_counted(data, suite))
    return {
        "headline": [
            headline("second voice noticed in composed sittings", share_of(noticed).as_json()),
            headline("one voice taken for two in composed sittings", share_of(false).as_json()),
            headline(
                "equal error rate of pairs of 2 s of speech",
                everywhere["equal_error_rate"],
                None,
                f"{len(voices)} voices",
            ),
        ],
        "voices": len(voices),
        "pairs": everywhere,
        "pairs_within_a_recording": within,
        "scores": {
            "same": [round(score, 3) for _, _, same, _, score in pairs if same],
            "other": [round(score, 3) for _, _, same, _, score in pairs if not same],
        },
        "noticed": share_of(noticed).as_json(),
        "false": share_of(false).as_json(),
        "counted": counted,
    }


def report_voices(result: Json) -> list[str]:
    """Tables of pairs, sittings and counts."""
    rows = [
        [name, found["same"], found["other"], found["equal_error_rate"], found["interval_95"], found["below_when_same"]]
        for name, found in (
            ("all", result["pairs"]),
            ("within one recording", result["pairs_within_a_recording"]),
        )
    ]
    header = ["pairs of stretches", "one voice", "two voices", "equal error rate", "95 %, by voice", f"below {ALIKE}"]
    counts = [
        [row["file"], row["labelled"], "cannot tell" if row["found"] is None else row["found"]]
        for row in result["counted"]
    ]
    over = sum(row["found"] is not None and row["found"] > row["labelled"] for row in result["counted"])
    return [
        *table(header, rows),
        *paragraph(
            "The last column is the share of pairs of one voice that fall below the similarity at which the rule takes "
            f"a voice for another. Sittings composed of these recordings, {FIRST_S:g} s of one voice and then "
            f"{SECOND_S:g} s of another, or more of the same:"
        ),
        *table(
            ["", "share"],
            [["another voice noticed", result["noticed"]], ["the same voice noticed", result["false"]]],
        ),
        *paragraph(f"Number of voices of each recording with speech; too many in {over} of {len(counts)}:"),
        *table(["recording", "labelled", "found"], counts),
        *paragraph(
            "Voices that take turns within two seconds are counted as one. English only; a second voice of the same "
            "room, microphone and sex is the hard case, and the data holds two pairs of that kind."
        ),
    ]  # fmt: skip


def draw_voices(result: Json, folder: Path) -> dict[str, str]:
    """Error trade-off of pairs."""
    scores = result["scores"]
    curves = {"2 s of speech": (np.array(scores["same"]), np.array(scores["other"]))}
    trade_off(folder / "voices-det.png", curves, "One voice or two", "pairs of one voice")
    return {"voices-det.png": "Errors of the similarity of two stretches of speech at every threshold"}


Pair = tuple[int, int, bool, bool, float]
"""Numbers of both voices, whether they are one, whether the recording is one, similarity."""


def _pairs(spoken: Sequence[Spoken], suite: AnalyzerSuite, voices: Sequence[str]) -> list[Pair]:
    prints = []
    for each in spoken:
        for begin in range(0, len(each.speech) - STRETCH_SAMPLES + 1, STRETCH_SAMPLES):
            heard = suite.voices.encoder.print_of(each.speech[begin : begin + STRETCH_SAMPLES])
            prints.append((voices.index(each.voice), each.recording, heard))
    return [
        (first, second, first == second, here == there, float(one @ other))
        for (first, here, one), (second, there, other) in combinations(prints, 2)
    ]


def _errors(pairs: Sequence[Pair], voices: int, *, same_recording: bool) -> Json:
    chosen = [pair for pair in pairs if pair[3] or not same_recording]
    first = [pair[0] for pair in chosen]
    second = [pair[1] for pair in chosen]
    same = np.array([pair[2] for pair in chosen], np.bool_)
    scores = np.array([pair[4] for pair in chosen])

    def error(weights: NDArray[np.float64]) -> float | None:
        return _equal_error_rate(scores, same, pair_weights(first, second, weights))

    rate, interval = error(np.ones(voices)), bootstrap(voices, error, draws=400)
    below = scores[same] < ALIKE
    return {
        "same": int(same.sum()),
        "other": int((~same).sum()),
        "equal_error_rate": None if rate is None else round(rate, 4),
        "interval_95": None if interval is None else [round(edge, 4) for edge in interval],
        "below_when_same": round(float(below.mean()), 4) if len(below) else None,
    }


def _equal_error_rate(
    scores: NDArray[np.float64], same: NDArray[np.bool_], weights: NDArray[np.float64]
) -> float | None:
    """Where as large a share of the same falls below a threshold as of the others stays above it."""
    order = np.argsort(scores)
    ones = np.where(same, weights, 0.0)[order]
    others = np.where(same, 0.0, weights)[order]
    if not ones.sum() or not others.sum():
        return None
    missed = np.cumsum(ones) / ones.sum()
    passed = 1.0 - np.cumsum(others) / others.sum()
    at = int(np.argmin(np.abs(missed - passed)))
    return float((missed[at] + passed[at]) / 2)


def _composed(spoken: Sequence[Spoken], suite: AnalyzerSuite) -> tuple[list[tuple[str, bool]], list[tuple[str, bool]]]:
    """Whether the rule notices, for each pair of voices and for each voice alone; clusters are first voices."""
    first_samples, second_samples = round(FIRST_S * AUDIO_RATE_HZ), round(SECOND_S * AUDIO_RATE_HZ)
    noticed: list[tuple[str, bool]] = []
    false: list[tuple[str, bool]] = []
    for one in spoken:
        if len(one.speech) < first_samples:
            continue
        rest = one.speech[first_samples:]
        if len(rest) >= second_samples:
            false.append((one.voice, _notices(one.speech[:first_samples], rest, suite)))
        for other in spoken:
            if other.voice != one.voice and len(other.speech) >= second_samples:
                pair = one.speech[:first_samples], other.speech[:second_samples]
                noticed.append((one.voice, _notices(*pair, suite)))
    return noticed, false


def _notices(first: Pcm, second: Pcm, suite: AnalyzerSuite) -> bool:
    quiet = np.zeros(round(QUIET_S * AUDIO_RATE_HZ), np.float32)
    sound = np.concatenate([quiet, _levelled(first), quiet, _levelled(second), quiet])
    sound += np.random.default_rng(0).normal(0, 10 ** (ROOM_DBFS / 20), len(sound)).astype(np.float32)
    rule = SecondVoice(SecondVoiceConfig())
    return any(rule.update(heard) for heard in _heard(suite, _chunks(sound)))


def _levelled(speech: Pcm) -> Pcm:
    return (speech * 10 ** ((LEVEL_DBFS - level_dbfs(speech)) / 20)).astype(np.float32)


def _chunks(sound: Pcm) -> Iterator[AudioChunk]:
    for begin in range(0, len(sound), CHUNK_SAMPLES):
        yield AudioChunk(media_time_from_s(begin / AUDIO_RATE_HZ), sound[begin : begin + CHUNK_SAMPLES])


def _heard(suite: AnalyzerSuite, chunks: Iterator[AudioChunk]) -> Iterator[VoiceObserved]:
    windows, voices = suite.speech.stream(), suite.voices.stream()
    for chunk in chunks:
        yield from voices.observe(chunk, windows.observe(chunk))


def _counted(data: LabelledData, suite: AnalyzerSuite) -> Iterator[Json]:
    for row in data.rows(LABELS):
        if int(row["speakers"]):
            heard = list(_heard(suite, sound_chunks(data.folder / "audio" / row["file"])))
            found = heard[-1].voices if heard else None
            yield {"file": Path(row["file"]).stem, "labelled": int(row["speakers"]), "found": found}


def _spoken(data: LabelledData, suite: AnalyzerSuite) -> Iterator[Spoken]:
    """Recordings of one voice, and the turns of meetings in which one person speaks alone."""
    turns: dict[str, list[Row]] = {}
    for row in data.rows(TURNS, thin=False):
        if row["speaker"]:
            turns.setdefault(row["file"], []).append(row)
    for row in data.rows(LABELS):
        if row["label"] != "speech" and row["file"] not in turns:
            continue
        chunks = list(sound_chunks(data.folder / "audio" / row["file"]))
        sound = np.concatenate([chunk.pcm for chunk in chunks])
        stream = suite.speech.stream()
        windows = [each for chunk in chunks for each in stream.observe(chunk) if each.speech_share >= SPOKEN_SHARE]
        spans = [(each.at, MediaTime(each.at + each.duration_ms * 1_000_000)) for each in windows]
        for voice, mine in _by_voice(row, turns.get(row["file"]), spans).items():
            pieces = [sound[_sample(start) : _sample(end)] for start, end in mine]
            if pieces:
                yield Spoken(voice, row["file"], np.concatenate(pieces))


Span = tuple[MediaTime, MediaTime]


def _by_voice(row: Row, turns: Sequence[Row] | None, spans: Sequence[Span]) -> dict[str, list[Span]]:
    if turns is None:
        stem = Path(row["file"]).stem
        reader = {"libri": stem.split("-")[0], "vctk": "vctk_p287"}.get(stem.split("_")[0])
        return {reader or stem: list(spans)}
    found: dict[str, list[Span]] = {}
    for start, end in spans:
        here = {
            turn["speaker"]
            for turn in turns
            if media_time_from_s(float(turn["start_s"])) < end and media_time_from_s(float(turn["end_s"])) > start
        }
        if len(here) == 1:
            found.setdefault(here.pop(), []).append((start, end))
    return found


def _sample(at: MediaTime) -> int:
    return at * AUDIO_RATE_HZ // 1_000_000_000
