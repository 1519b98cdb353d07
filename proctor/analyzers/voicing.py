"""Whether the vocal folds sound in speech; in whispered speech they do not.

The strength of a period in a short stretch is the highest autocorrelation at the lags of a speaking voice, divided by
that of the window itself, so that a perfectly periodic stretch comes to 1 (Boersma 1993, "Accurate short-term analysis
of the fundamental frequency and the harmonics-to-noise ratio of a sampled sound").
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from proctor.analyzers.vad import STEP_SAMPLES, Pcm
from proctor.domain.media import AUDIO_RATE_HZ

FRAME_SAMPLES: Final = 2 * STEP_SAMPLES
"""64 ms: three periods of the deepest voice, as the method asks for."""
_TRANSFORM_SAMPLES: Final = 2 * FRAME_SAMPLES
_LOWEST_HZ, _HIGHEST_HZ = 60, 400
"""From a deep man's voice to a child's."""
_SHORTEST_LAG: Final = AUDIO_RATE_HZ // _HIGHEST_HZ
_LONGEST_LAG: Final = AUDIO_RATE_HZ // _LOWEST_HZ + 1
VOICED_FROM: Final = 0.5
"""Strength of the period from which a stretch is voiced; Boersma's default is 0.45."""
LEAST_FRAMES: Final = 3
"""Stretches of speech below which nothing is said: about a tenth of a second."""


def _spectrum(frames: NDArray[np.float64]) -> NDArray[np.float64]:
    transformed = np.fft.rfft(frames, _TRANSFORM_SAMPLES)
    power: NDArray[np.float64] = transformed.real**2 + transformed.imag**2
    return power


_WINDOW: Final = np.hanning(FRAME_SAMPLES)
_OF_WINDOW: Final = np.fft.irfft(_spectrum(_WINDOW))[: _LONGEST_LAG + 1]


def voiced_share(sound: Pcm, is_speech: NDArray[np.bool_]) -> float | None:
    """Part of the stretches of speech in which the voice sounds, 0 to 1; None where there is too little speech.

    `is_speech`, shape (windows,), says it for each of the first whole 32 ms of `sound`, shape (samples,) at 16 kHz.
    """
    whole = sound[: len(is_speech) * STEP_SAMPLES].astype(np.float64)
    if len(is_speech) < LEAST_FRAMES + 1:
        return None
    spoken = is_speech[:-1] & is_speech[1:]
    frames = np.lib.stride_tricks.sliding_window_view(whole, FRAME_SAMPLES)[::STEP_SAMPLES][spoken]
    if len(frames) < LEAST_FRAMES:
        return None
    level = frames - frames.mean(axis=1, keepdims=True)
    correlation = np.fft.irfft(_spectrum(level * _WINDOW))[:, : _LONGEST_LAG + 1]
    energy = correlation[:, :1]
    lags = slice(_SHORTEST_LAG, _LONGEST_LAG + 1)
    strength = correlation[:, lags] * (_OF_WINDOW[0] / _OF_WINDOW[lags]) / np.maximum(energy, np.finfo(float).tiny)
    return float(np.mean(strength.max(axis=1) >= VOICED_FROM))
