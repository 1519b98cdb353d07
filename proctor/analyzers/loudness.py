"""Loudness after ITU-R BS.1770-4, with pyloudnorm's filters, and the level curve of a recording, in bounded memory."""

from __future__ import annotations

import math
import warnings
from collections import deque
from functools import cache, reduce
from typing import Final

import numpy as np
from numpy.typing import NDArray
from pyloudnorm import Meter
from scipy.signal import lfilter  # type: ignore[import-untyped]

from proctor.analyzers.vad import SILENCE_DBFS, level_dbfs

Samples = NDArray[np.float32]
"""Shape (samples, channels), one or two channels, full scale is 1.0."""

BLOCKS_PER_S: Final = 10
"""Blocks of 400 ms begin every 100 ms."""
BLOCK_STEPS: Final = 4
PART_STEPS: Final = 600
"""A minute is weighted at a time."""
LEAD_STEPS: Final = 20
"""Sound that is weighted again before each part, until the filters forget that it began (slowest pole: 38 Hz)."""
ABSOLUTE_GATE_LUFS: Final = -70.0
RELATIVE_GATE_LU: Final = 10.0
OFFSET_LUFS: Final = -0.691
LEVEL_WINDOW_S: Final = 0.125
"""As a sound level meter set to "fast"."""


class LoudnessMeter:
    """Takes a recording piece by piece and tells its integrated loudness at the end."""

    def __init__(self, rate_hz: int) -> None:
        self._meter = Meter(rate_hz)
        self._step_samples = rate_hz // BLOCKS_PER_S
        self._pieces: list[Samples] = []
        self.held_samples = 0
        """Samples in memory at the moment."""
        self._held_from_step = 0
        self._next_block = 0
        self._blocks: list[float] = []

    def add(self, samples: Samples) -> None:
        """Take the next piece."""
        self._pieces.append(samples)
        self.held_samples += len(samples)
        if self.held_samples >= (PART_STEPS + LEAD_STEPS + BLOCK_STEPS) * self._step_samples:
            self._measure()

    def finish(self) -> float | None:
        """Loudness in LUFS; None when nothing lasts 400 ms above the gate of -70 LUFS."""
        self._measure()
        above = [block for block in self._blocks if block >= ABSOLUTE_GATE_LUFS]
        if not above:
            return None
        gate = _mean(above) - RELATIVE_GATE_LU
        return _mean([block for block in above if block > gate])

    def _measure(self) -> None:
        """Append the blocks that are complete, and keep what the next ones need."""
        if self.held_samples < BLOCK_STEPS * self._step_samples:
            return
        held = np.concatenate(self._pieces).astype(np.float64)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)  # digital silence: pyloudnorm takes the logarithm of zero
            self._meter.integrated_loudness(held)
        blocks: list[float] = [float(block) for block in self._meter.blockwise_loudness]
        self._blocks += blocks[self._next_block - self._held_from_step :]
        self._next_block = self._held_from_step + len(blocks)
        keep_from = max(self._held_from_step, self._next_block - LEAD_STEPS)
        rest = held[(keep_from - self._held_from_step) * self._step_samples :].astype(np.float32)
        self._pieces, self.held_samples, self._held_from_step = [rest], len(rest), keep_from


class RunningLoudness:
    """Momentary loudness of mono sound while it comes; keeps less than 100 ms of it."""

    def __init__(self, rate_hz: int) -> None:
        self._weighting = _weighting(rate_hz)
        self._step_samples = rate_hz // BLOCKS_PER_S
        self.reset()

    def reset(self) -> None:
        """Forget what was heard; what comes next does not follow it."""
        self._state = np.zeros(len(self._weighting[1]) - 1)
        self._rest = np.zeros(0)
        self._powers: deque[float] = deque(maxlen=BLOCK_STEPS)

    def add(self, pcm: NDArray[np.float32]) -> None:
        """Take the next samples, shape (samples,)."""
        weighted: NDArray[np.float64]
        weighted, self._state = lfilter(*self._weighting, pcm.astype(np.float64), zi=self._state)
        held = np.concatenate([self._rest, weighted])
        whole = len(held) // self._step_samples * self._step_samples
        self._powers.extend(np.square(held[:whole].reshape(-1, self._step_samples)).mean(axis=1).tolist())
        self._rest = held[whole:]

    @property
    def momentary_lufs(self) -> float | None:
        """Loudness of the last 400 ms, on steps of 100 ms; None before so much was heard, -100 of silence."""
        if len(self._powers) < BLOCK_STEPS:
            return None
        power = sum(self._powers) / BLOCK_STEPS
        return max(SILENCE_DBFS, OFFSET_LUFS + 10.0 * math.log10(power)) if power > 0.0 else SILENCE_DBFS


Filter = tuple[NDArray[np.float64], NDArray[np.float64]]
"""Numerator and denominator, highest power first."""


@cache
def _weighting(rate_hz: int) -> Filter:
    """The K-weighting for that rate, its two sections in one: half the calls; what differs is below 1e-6 LU."""
    filters = Meter(rate_hz)._filters.values()  # noqa: SLF001 - there is no public way to them; a test holds the result
    numerators = [each.passband_gain * each.b for each in filters]
    return reduce(np.convolve, numerators), reduce(np.convolve, [each.a for each in filters])


class LevelCurve:
    """RMS level over every 125 ms of a recording, all channels together; keeps one figure for each."""

    def __init__(self, rate_hz: int) -> None:
        self._window_samples = round(rate_hz * LEVEL_WINDOW_S)
        self._pending: list[Samples] = []
        self._pending_samples = 0
        self._levels: list[float] = []

    def add(self, samples: Samples) -> None:
        """Take the next piece."""
        self._pending.append(samples)
        self._pending_samples += len(samples)
        if self._pending_samples < self._window_samples:
            return
        held = np.concatenate(self._pending)
        whole = len(held) // self._window_samples * self._window_samples
        for begin in range(0, whole, self._window_samples):
            self._levels.append(level_dbfs(held[begin : begin + self._window_samples]))
        self._pending, self._pending_samples = [held[whole:]], len(held) - whole

    def percentiles(self, *percents: float) -> tuple[float, ...]:
        """Levels in dBFS below which those parts of the recording lie, in per cent.

        What is shorter than a window is measured as it is; nothing at all is silence.
        """
        levels = self._levels or [level_dbfs(np.concatenate(self._pending)) if self._pending else SILENCE_DBFS]
        return tuple(float(value) for value in np.percentile(levels, percents))


def _mean(blocks: list[float]) -> float:
    """Mean of loudness, taken over power."""
    return 10.0 * math.log10(sum(10.0 ** (block / 10.0) for block in blocks) / len(blocks))
