"""Speech in a whole recording, finer than the live windows: where it begins and ends."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from proctor.analyzers.vad import (
    LARGEST_SEAM_MS,
    STEP_MS,
    STEP_SAMPLES,
    Pcm,
    SileroVad,
    SpeechMemory,
    level_dbfs,
)
from proctor.domain.media import AUDIO_RATE_HZ, AudioChunk
from proctor.domain.time import NS_PER_MS, NS_PER_S

GROUP_STEPS: Final = 16
"""The level gate opens and closes for 512 ms at a time."""
GATE_DBFS: Final = -90.0
"""Only silence is passed over: a recording may have been made quietly, and nobody waits for it."""

SPEECH_BEGINS: Final = 0.5
SPEECH_ENDS: Final = 0.35
"""Silero's own pair of thresholds: begins at the first, lasts while above the second."""
SHORTEST_GAP_S: Final = 0.1
SHORTEST_SPEECH_S: Final = 0.25
"""Silero's own lengths: a shorter gap does not part two sounds of a word, and what is shorter then is no word."""
SHORTEST_PAUSE_S: Final = 1.5
"""Shorter pauses belong to the talk around them, as people who mark turns of talk by ear leave them in: of the lengths
tried, the one that is chosen on any three of the labelled recordings and holds on the fourth. Only what was long enough
to be a word takes part, so that ticks and clicks do not add up to talk."""
MARGIN_S: Final = 0.2
"""Added at either end: the first and last sounds of an utterance are weak, and Silero begins when it is sure."""

Segment = tuple[float, float]
"""Start and end in seconds."""


class SpeechCurve:
    """Takes the chunks of one recording; keeps one probability per 32 ms."""

    def __init__(self, vad: SileroVad, *, gate_dbfs: float = GATE_DBFS) -> None:
        self._vad = vad
        self._gate_dbfs = gate_dbfs
        self._memory = SpeechMemory()
        self._pending: Pcm = np.zeros(0, np.float32)
        self._samples = 0
        self._probabilities: list[float] = []

    @property
    def duration_s(self) -> float:
        """How long the recording is so far."""
        return self._samples / AUDIO_RATE_HZ

    def observe(self, chunk: AudioChunk) -> None:
        """Take the next chunk; a jump in its time is filled with silence."""
        missing = chunk.at * AUDIO_RATE_HZ // NS_PER_S - self._samples
        if missing * NS_PER_S // AUDIO_RATE_HZ > LARGEST_SEAM_MS * NS_PER_MS:
            self._take(np.zeros(missing, np.float32))
        self._take(chunk.pcm)

    def finish(self) -> None:
        """Judge the rest."""
        if len(self._pending):
            steps = -(-len(self._pending) // STEP_SAMPLES)
            self._judge(np.pad(self._pending, (0, steps * STEP_SAMPLES - len(self._pending))), len(self._pending))
            self._pending = np.zeros(0, np.float32)

    def segments(self, *, pause_s: float = SHORTEST_PAUSE_S) -> list[Segment]:
        """Speech so far; see `speech_segments`."""
        return speech_segments(self._probabilities, self.duration_s, pause_s=pause_s)

    def _take(self, pcm: Pcm) -> None:
        self._samples += len(pcm)
        pending = np.concatenate([self._pending, pcm])
        group = GROUP_STEPS * STEP_SAMPLES
        whole = len(pending) // group * group
        for begin in range(0, whole, group):
            self._judge(pending[begin : begin + group], group)
        self._pending = pending[whole:]

    def _judge(self, sound: Pcm, heard_samples: int) -> None:
        steps = sound.reshape(-1, STEP_SAMPLES)
        if level_dbfs(sound[:heard_samples]) < self._gate_dbfs:
            self._memory = SpeechMemory()
            self._probabilities += [0.0] * len(steps)
        else:
            self._probabilities += self._vad.judge(sound, self._memory).tolist()


def speech_segments(
    probabilities: list[float] | NDArray[np.float64], duration_s: float, *, pause_s: float = SHORTEST_PAUSE_S
) -> list[Segment]:
    """Merge probabilities per 32 ms into stretches of talk: words by hysteresis first, then the pauses between them.

    Pauses shorter than `pause_s` belong to the talk around them.
    """
    sounds: list[Segment] = []
    begin: float | None = None
    for index, probability in enumerate(probabilities):
        if begin is None and probability >= SPEECH_BEGINS:
            begin = index * STEP_MS / 1000
        elif begin is not None and probability < SPEECH_ENDS:
            sounds.append((begin, index * STEP_MS / 1000))
            begin = None
    if begin is not None:
        sounds.append((begin, duration_s))
    words = [sound for sound in _joined(sounds, SHORTEST_GAP_S) if sound[1] - sound[0] >= SHORTEST_SPEECH_S]
    talk = _joined(words, pause_s)
    return [(max(0.0, start - MARGIN_S), min(duration_s, end + MARGIN_S)) for start, end in talk]


def _joined(segments: list[Segment], shortest_s: float) -> list[Segment]:
    joined: list[Segment] = []
    for start, end in segments:
        if joined and start - joined[-1][1] < shortest_s:
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((start, end))
    return joined
