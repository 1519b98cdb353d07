"""Level and speech of the microphone track, in the windows that the rules read."""

from __future__ import annotations

from typing import Final

import numpy as np

from proctor.analyzers.loudness import RunningLoudness
from proctor.analyzers.speech_curve import SpeechCurve
from proctor.analyzers.vad import (
    DEFAULT_GATE_DBFS,
    LARGEST_SEAM_MS,
    STEP_MS,
    STEP_SAMPLES,
    Pcm,
    SileroVad,
    SpeechMemory,
    crest_db,
    level_dbfs,
)
from proctor.analyzers.voicing import voiced_share
from proctor.domain.media import AUDIO_RATE_HZ, AudioChunk
from proctor.domain.observations import SoundObserved
from proctor.domain.time import NS_PER_MS, NS_PER_S, MediaTime
from proctor.ports.model_files import ModelFiles

DEFAULT_WINDOW_MS: Final = 512
LIKELY: Final = 0.5
"""From here on speech is more likely than not."""


class SpeechAnalyzer:
    """Makes a stream for each sitting over the shared model."""

    def __init__(self, vad: SileroVad, model: str) -> None:
        self._vad = vad
        self._model = model

    @classmethod
    def load(cls, files: ModelFiles) -> SpeechAnalyzer:
        """Load the model.

        Raises:
            ModelMissingError: the model file is not installed.
        """
        return cls(SileroVad(files.path("silero_vad")), f"silero_vad@{files.version('silero_vad')}")

    def stream(self, *, window_ms: int = DEFAULT_WINDOW_MS, gate_dbfs: float = DEFAULT_GATE_DBFS) -> SoundStream:
        """Start listening to one track; `window_ms` is rounded to whole windows of 32 ms."""
        return SoundStream(self._vad, self._model, window_ms=window_ms, gate_dbfs=gate_dbfs)

    def curve(self) -> SpeechCurve:
        """Start measuring one recording as a whole."""
        return SpeechCurve(self._vad)


class SoundStream:
    """Collects one sitting's sound into windows and measures them. Holds at most one window of sound."""

    def __init__(self, vad: SileroVad, model: str, *, window_ms: int, gate_dbfs: float) -> None:
        self._vad = vad
        self._model = model
        self._window_samples = max(1, round(window_ms / STEP_MS)) * STEP_SAMPLES
        self._gate_dbfs = gate_dbfs
        self._memory = SpeechMemory()
        self._loudness = RunningLoudness(AUDIO_RATE_HZ)
        self._pending: list[Pcm] = []
        self._pending_samples = 0
        self._start = MediaTime(0)

    def observe(self, chunk: AudioChunk) -> list[SoundObserved]:
        """Take the next chunk; return the windows that it completes.

        A chunk that does not follow the previous one ends the window that was open (if it held at least 32 ms) and
        starts anew.
        """
        observed: list[SoundObserved] = []
        if self._pending and abs(chunk.at - self._end()) > LARGEST_SEAM_MS * NS_PER_MS:
            observed += self.finish()
        if not self._pending:
            self._start = chunk.at
        self._pending.append(chunk.pcm)
        self._pending_samples += len(chunk.pcm)
        if self._pending_samples >= self._window_samples:
            observed += self._complete()
        return observed

    def finish(self) -> list[SoundObserved]:
        """Measure what is left, if it is at least 32 ms, and forget everything."""
        rest = np.concatenate(self._pending) if self._pending else np.zeros(0, np.float32)
        observed = [self._measure(rest)] if len(rest) >= STEP_SAMPLES else []
        self._pending, self._pending_samples = [], 0
        self._memory = SpeechMemory()
        self._loudness.reset()
        return observed

    def _end(self) -> MediaTime:
        return MediaTime(self._start + self._pending_samples * NS_PER_S // AUDIO_RATE_HZ)

    def _complete(self) -> list[SoundObserved]:
        sound = np.concatenate(self._pending)
        observed = []
        begin = 0
        while len(sound) - begin >= self._window_samples:
            observed.append(self._measure(sound[begin : begin + self._window_samples]))
            begin += self._window_samples
            self._start = MediaTime(self._start + self._window_samples * NS_PER_S // AUDIO_RATE_HZ)
        self._pending = [sound[begin:].copy()] if begin < len(sound) else []
        self._pending_samples = len(sound) - begin
        return observed

    def _measure(self, sound: Pcm) -> SoundObserved:
        level = level_dbfs(sound)
        self._loudness.add(sound)
        probabilities = np.zeros(1, np.float32)
        voiced = None
        if level >= self._gate_dbfs:
            whole = len(sound) // STEP_SAMPLES * STEP_SAMPLES
            probabilities = self._vad.judge(sound[:whole], self._memory)
            voiced = voiced_share(sound, probabilities >= LIKELY)
        else:
            self._memory = SpeechMemory()
        return SoundObserved(
            at=self._start,
            duration_ms=1000 * len(sound) // AUDIO_RATE_HZ,
            level_dbfs=level,
            speech_probability=float(probabilities.max()),
            model=self._model,
            lufs=self._loudness.momentary_lufs,
            speech_share=float(np.mean(probabilities >= LIKELY)),
            crest_db=crest_db(sound),
            voiced_share=voiced,
        )
