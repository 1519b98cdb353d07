"""Silero VAD, and the level of sound.

Speech is judged by Silero VAD (Silero Team, v6) on windows of 512 samples. It runs only where the level passes a gate,
since most of a sitting is quiet; below the gate the probability is 0.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from proctor.analyzers.inference import OnnxModel, Tensor
from proctor.domain.media import AUDIO_RATE_HZ

Pcm = NDArray[np.float32]
"""Shape (samples,), mono, 16 kHz, full scale is 1.0."""

STEP_SAMPLES: Final = 512
STEP_MS: Final = 1000 * STEP_SAMPLES // AUDIO_RATE_HZ
CONTEXT_SAMPLES: Final = 64
"""Silero wants the end of the previous window before each new one."""
STATE_SHAPE: Final = (2, 1, 128)
FRAME_SAMPLES: Final = 256
SILENCE_DBFS: Final = -100.0
LEAST_POWER: Final = 10.0 ** (SILENCE_DBFS / 10.0)
DEFAULT_GATE_DBFS: Final = -70.0
"""What is quieter is not listened to: below the noise of most microphones in a quiet room, and below any speech of the
labelled recordings by 10 dB or more."""
LARGEST_SEAM_MS: Final = 40
"""Chunks whose times differ by more do not follow each other."""


class SileroVad:
    """The network; one for all sittings of a process. What it remembers of a sitting lies in `SpeechMemory`."""

    def __init__(self, path: Path) -> None:
        self._model = OnnxModel(path)

    def judge(self, samples: Pcm, memory: SpeechMemory) -> NDArray[np.float32]:
        """Speech probability of each of the next windows of 512 samples, shape (windows,); updates the memory.

        `samples` holds whole windows. Many in one call cost a third of as many calls and give the same figures.
        """
        heard = np.concatenate([memory.context, samples])
        windows = np.lib.stride_tricks.sliding_window_view(heard, CONTEXT_SAMPLES + STEP_SAMPLES)[::STEP_SAMPLES]
        outputs = self._model.run(windows=np.ascontiguousarray(windows), state=memory.state)
        memory.context = samples[-CONTEXT_SAMPLES:].copy()
        memory.state = outputs["next_state"]
        probabilities: NDArray[np.float32] = outputs["probability"]
        return probabilities


class SpeechMemory:
    """What Silero keeps from window to window (1.3 kB)."""

    def __init__(self) -> None:
        self.context: Pcm = np.zeros(CONTEXT_SAMPLES, np.float32)
        self.state: Tensor = np.zeros(STATE_SHAPE, np.float32)


def level_dbfs(sound: NDArray[np.float32]) -> float:
    """RMS level of samples of any shape in dB, 0 for an RMS of 1.0; silence is -100."""
    if not sound.size:
        return SILENCE_DBFS
    power = float(np.mean(np.square(sound, dtype=np.float64)))
    return max(SILENCE_DBFS, 10.0 * math.log10(power)) if power > 0.0 else SILENCE_DBFS


def crest_db(sound: Pcm) -> float:
    """Level of samples (samples,) above the level that they have half of the time, over 16 ms each, in dB."""
    whole = len(sound) // FRAME_SAMPLES * FRAME_SAMPLES
    if not whole:
        return 0.0
    powers = np.sort(np.square(sound[:whole].reshape(-1, FRAME_SAMPLES)).mean(axis=1))
    last = len(powers) - 1
    usual = max(float(powers[last // 2] + powers[last - last // 2]) / 2, LEAST_POWER)
    return 10.0 * math.log10(max(float(powers.mean()), usual) / usual)
