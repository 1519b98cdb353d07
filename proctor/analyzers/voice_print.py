"""What a voice sounds like, as 256 numbers: Resemblyzer's encoder (Resemble AI; GE2E, Wan et al. 2018)."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from proctor.analyzers.inference import OnnxModel
from proctor.analyzers.vad import Pcm, level_dbfs
from proctor.domain.media import AUDIO_RATE_HZ

Print = NDArray[np.float32]
"""Shape (256,), length 1, no negative part."""

FFT_SAMPLES: Final = 400
HOP_SAMPLES: Final = 160
BANDS: Final = 40
PART_FRAMES: Final = 160
"""The encoder was trained on 1.6 s at a time."""
STEP_FRAMES: Final = 80
"""Parts overlap by half or more, as Resemblyzer lets them by default (1.3 a second)."""
LEAST_LEVEL_DBFS: Final = -30.0
"""Quieter speech is brought up to this level; the encoder is not told loudness apart."""
MEL_BREAK_HZ: Final = 1000.0
MEL_LINEAR_HZ: Final = 200.0 / 3.0
MEL_LOG_STEP: Final = float(np.log(6.4) / 27.0)


class VoiceEncoder:
    """The network; one for all sittings of a process."""

    def __init__(self, path: Path) -> None:
        self._model = OnnxModel(path)

    def parts(self, speech: Pcm) -> NDArray[np.float32]:
        """A print of each of the parts of 1.6 s that cover the speech evenly; shape (parts, 256).

        Speech is (samples,) with pauses left out; less than 1.6 s is padded with silence to one part.
        """
        gain = 10.0 ** (max(0.0, LEAST_LEVEL_DBFS - level_dbfs(speech)) / 20.0)
        frames = mel_frames(speech * np.float32(gain), max(PART_FRAMES, len(speech) // HOP_SAMPLES))
        spare = len(frames) - PART_FRAMES
        begins = np.linspace(0, spare, 1 + -(-spare // STEP_FRAMES)).astype(int)
        batch = np.stack([frames[begin : begin + PART_FRAMES] for begin in begins])
        embedded: NDArray[np.float32] = self._model.run(mels=batch)["embedding"]
        return embedded

    def print_of(self, speech: Pcm) -> Print:
        """One print of a stretch of speech: the direction of the mean of its parts."""
        return direction(self.parts(speech).sum(axis=0))


def direction(vector: NDArray[np.float32]) -> Print:
    """Bring to length 1."""
    return np.asarray(vector / max(float(np.linalg.norm(vector)), 1e-9), np.float32)


def mel_frames(sound: Pcm, frames: int) -> NDArray[np.float32]:
    """Power in 40 mel bands every 10 ms, shape (frames, 40), over windows of 25 ms centred on multiples of 10 ms."""
    half = FFT_SAMPLES // 2
    padded = np.pad(sound, (half, max(0, frames * HOP_SAMPLES + half - len(sound))))
    windows = np.lib.stride_tricks.sliding_window_view(padded, FFT_SAMPLES)[::HOP_SAMPLES][:frames]
    spectrum = np.fft.rfft(windows * _window(), axis=1)
    power = np.square(spectrum.real) + np.square(spectrum.imag)
    return np.asarray(power @ _mel_bands().T, np.float32)


@cache
def _window() -> NDArray[np.float64]:
    return np.asarray(0.5 - 0.5 * np.cos(2.0 * np.pi * np.arange(FFT_SAMPLES) / FFT_SAMPLES))


@cache
def _mel_bands() -> NDArray[np.float64]:
    """Triangles of equal area, even on Slaney's mel scale, 0 to 8 kHz; shape (40, 201). As librosa's default."""
    bins = np.fft.rfftfreq(FFT_SAMPLES, 1.0 / AUDIO_RATE_HZ)
    top = MEL_BREAK_HZ / MEL_LINEAR_HZ + np.log(AUDIO_RATE_HZ / 2 / MEL_BREAK_HZ) / MEL_LOG_STEP
    mels = np.linspace(0.0, top, BANDS + 2)
    knee = MEL_BREAK_HZ / MEL_LINEAR_HZ
    edges = np.where(mels < knee, mels * MEL_LINEAR_HZ, MEL_BREAK_HZ * np.exp(MEL_LOG_STEP * (mels - knee)))
    rising = (bins[None] - edges[:-2, None]) / np.diff(edges)[:-1, None]
    falling = (edges[2:, None] - bins[None]) / np.diff(edges)[1:, None]
    triangles = np.maximum(0.0, np.minimum(rising, falling))
    return np.asarray(triangles * (2.0 / (edges[2:] - edges[:-2]))[:, None])
