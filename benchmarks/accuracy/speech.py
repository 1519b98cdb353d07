"""Speech in recordings: is there any, and where, beside a plain level gate."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from benchmarks.accuracy.labelled import LabelledData, Row, sound_chunks
from benchmarks.accuracy.proportion import Proportion
from proctor.analyzers.sound import SpeechAnalyzer
from proctor.analyzers.vad import level_dbfs
from proctor.domain.media import AUDIO_RATE_HZ

Interval = tuple[float, float]
GRID_S = 0.01
GATE_DBFS = -45.0
GATE_WINDOW_S = 0.1
SPEECH_SHARE = 0.2
"""A recording counts as speech by the plain gate when this part of it is loud."""


def measure_speech(data: LabelledData, speech: SpeechAnalyzer) -> dict[str, object]:
    """Recordings told apart correctly, and the agreement of intervals on a 10 ms grid where they are labelled."""
    truth = _intervals(data.rows("audio/segments.csv", thin=False))
    rows = data.rows("audio/labels.csv")
    right = {"ours": 0, "level_gate": 0}
    wrong: list[str] = []
    agreement = {"ours": Agreement(), "level_gate": Agreement()}
    false_s = quiet_s = 0.0
    for row in rows:
        curve = speech.curve()
        pieces = []
        for chunk in sound_chunks(data.folder / "audio" / row["file"]):
            curve.observe(chunk)
            pieces.append(chunk.pcm)
        curve.finish()
        found = {"ours": curve.segments(), "level_gate": _loud(np.concatenate(pieces))}
        speaks = int(row["speakers"]) > 0
        loud_share = sum(end - start for start, end in found["level_gate"]) / curve.duration_s
        right["ours"] += bool(found["ours"]) == speaks
        right["level_gate"] += (loud_share > SPEECH_SHARE) == speaks
        if bool(found["ours"]) != speaks:
            wrong.append(row["file"])
        if not speaks:
            quiet_s += curve.duration_s
            false_s += sum(end - start for start, end in found["ours"])
        if row["file"] in truth:
            for way, intervals in found.items():
                agreement[way].add(truth[row["file"]], intervals, curve.duration_s)
    return {
        "clips": {way: Proportion(hits, len(rows)).as_json() for way, hits in right.items()},
        "clips_wrong": wrong,
        "segments": {way: counted.as_json() for way, counted in agreement.items()},
        "false_speech_share_of_other_sound": round(false_s / quiet_s, 5) if quiet_s else None,
    }


class Agreement:
    """Counts grid points over several recordings."""

    def __init__(self) -> None:
        self._both = self._found = self._true = 0

    def add(self, truth: Sequence[Interval], found: Sequence[Interval], duration_s: float) -> None:
        """Compare one recording."""
        points = round(duration_s / GRID_S)
        true, seen = _on_grid(truth, points), _on_grid(found, points)
        self._both += int((true & seen).sum())
        self._found += int(seen.sum())
        self._true += int(true.sum())

    def as_json(self) -> dict[str, float | None]:
        """Precision, recall and their harmonic mean."""
        if not self._found or not self._true:
            return {"precision": None, "recall": None, "f1": None}
        precision, recall = self._both / self._found, self._both / self._true
        f1 = 2 * self._both / (self._found + self._true)
        return {"precision": round(precision, 4), "recall": round(recall, 4), "f1": round(f1, 4)}


def _intervals(rows: Sequence[Row]) -> dict[str, list[Interval]]:
    intervals: dict[str, list[Interval]] = {}
    for row in rows:
        intervals.setdefault(row["file"], []).append((float(row["start_s"]), float(row["end_s"])))
    return intervals


def _on_grid(intervals: Sequence[Interval], points: int) -> NDArray[np.bool_]:
    grid = np.zeros(points, np.bool_)
    for start, end in intervals:
        grid[round(start / GRID_S) : round(end / GRID_S)] = True
    return grid


def _loud(sound: NDArray[np.float32]) -> list[Interval]:
    window = round(GATE_WINDOW_S * AUDIO_RATE_HZ)
    return [
        (begin / AUDIO_RATE_HZ, min(begin + window, len(sound)) / AUDIO_RATE_HZ)
        for begin in range(0, len(sound), window)
        if level_dbfs(sound[begin : begin + window]) >= GATE_DBFS
    ]
