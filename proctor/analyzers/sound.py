"""Level and speech of the microphone track.

Speech is judged by Silero VAD (Silero Team, v6) on windows of 512 samples. It runs only on windows whose level passes
a gate, since most of a sitting is quiet; below the gate the probability is 0.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from proctor.analyzers.inference import OnnxModel, Tensor
from proctor.domain.media import AUDIO_RATE_HZ, AudioChunk
from proctor.domain.observations import SoundObserved
from proctor.domain.time import NS_PER_MS, NS_PER_S, MediaTime
from proctor.ports.model_files import ModelFiles

Pcm = NDArray[np.float32]
"""Shape (samples,), mono, 16 kHz, full scale is 1.0."""

STEP_SAMPLES: Final = 512
STEP_MS: Final = 1000 * STEP_SAMPLES // AUDIO_RATE_HZ
CONTEXT_SAMPLES: Final = 64
"""Silero wants the end of the previous window before each new one."""
STATE_SHAPE: Final = (2, 1, 128)
SILENCE_DBFS: Final = -100.0
DEFAULT_GATE_DBFS: Final = -60.0
DEFAULT_WINDOW_MS: Final = 512
LARGEST_SEAM_MS: Final = 40
"""Chunks whose times differ by more do not follow each other: the stream starts anew."""


class SileroVad:
    """The network; one for all sittings of a process. What it remembers of a sitting lies in `SpeechMemory`."""

    def __init__(self, path: Path) -> None:
        self._model = OnnxModel(path)
        self._rate = np.array(AUDIO_RATE_HZ, np.int64)

    def step(self, samples: Pcm, memory: SpeechMemory) -> float:
        """Speech probability of the next 512 samples; updates the memory."""
        window = np.concatenate([memory.context, samples])
        outputs = self._model.run(input=window[None], state=memory.state, sr=self._rate)
        memory.context = samples[-CONTEXT_SAMPLES:].copy()
        memory.state = outputs["stateN"]
        return float(outputs["output"].item())


class SpeechMemory:
    """What Silero keeps from window to window (1.3 kB)."""

    def __init__(self) -> None:
        self.context: Pcm = np.zeros(CONTEXT_SAMPLES, np.float32)
        self.state: Tensor = np.zeros(STATE_SHAPE, np.float32)


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

    def probabilities(self, pcm: Pcm, *, gate_dbfs: float = DEFAULT_GATE_DBFS) -> NDArray[np.float64]:
        """Speech probability of every whole 32 ms of a recording; 0 where the 0.5 s around it are below the gate."""
        memory = SpeechMemory()
        steps = pcm[: len(pcm) // STEP_SAMPLES * STEP_SAMPLES].reshape(-1, STEP_SAMPLES)
        group = DEFAULT_WINDOW_MS // STEP_MS
        found = np.zeros(len(steps))
        for first in range(0, len(steps), group):
            if level_dbfs(steps[first : first + group].reshape(-1)) < gate_dbfs:
                memory = SpeechMemory()
                continue
            for index in range(first, min(first + group, len(steps))):
                found[index] = self._vad.step(steps[index], memory)
        return found


class SoundStream:
    """Collects one sitting's sound into windows and measures them. Holds at most one window of sound."""

    def __init__(self, vad: SileroVad, model: str, *, window_ms: int, gate_dbfs: float) -> None:
        self._vad = vad
        self._model = model
        self._window_samples = max(1, round(window_ms / STEP_MS)) * STEP_SAMPLES
        self._gate_dbfs = gate_dbfs
        self._memory = SpeechMemory()
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
        probability = 0.0
        if level >= self._gate_dbfs:
            steps = range(0, len(sound) - STEP_SAMPLES + 1, STEP_SAMPLES)
            probability = max(self._vad.step(sound[at : at + STEP_SAMPLES], self._memory) for at in steps)
        else:
            self._memory = SpeechMemory()
        return SoundObserved(
            at=self._start,
            duration_ms=1000 * len(sound) // AUDIO_RATE_HZ,
            level_dbfs=level,
            speech_probability=probability,
            model=self._model,
        )


def level_dbfs(sound: Pcm) -> float:
    """RMS level in dB, 0 for an RMS of 1.0; silence is -100."""
    if not len(sound):
        return SILENCE_DBFS
    power = float(np.mean(np.square(sound, dtype=np.float64)))
    return max(SILENCE_DBFS, 10.0 * math.log10(power)) if power > 0.0 else SILENCE_DBFS
