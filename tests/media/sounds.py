"""Sound made at test time: a quiet room, and speech spoken by espeak-ng."""

from __future__ import annotations

import ctypes
from collections.abc import Mapping
from functools import cache

import espeakng_loader
import numpy as np
from numpy.typing import NDArray

Sound = NDArray[np.float32]

RATE_HZ = 48_000
SENTENCE = "The answer to the second question is forty two, and then you multiply by the height of the triangle."
_SYNCHRONOUS = 2  # AUDIO_OUTPUT_SYNCHRONOUS of speak_lib.h
_UTF8 = 1
_CALLBACK = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p)


@cache
def spoken(text: str = SENTENCE, voice: str = "en") -> Sound:
    """Mono speech at 48 kHz, its loudest sample at half of full scale."""
    library = ctypes.CDLL(espeakng_loader.get_library_path())
    rate_hz = library.espeak_Initialize(_SYNCHRONOUS, 0, espeakng_loader.get_data_path().encode(), 0)
    assert rate_hz > 0, "espeak-ng cannot find its data"
    pieces: list[NDArray[np.int16]] = []

    @_CALLBACK
    def collect(samples: ctypes._Pointer[ctypes.c_short], count: int, _events: int | None) -> int:
        if samples and count:
            pieces.append(np.ctypeslib.as_array(samples, (count,)).copy())
        return 0

    ctypes.CDLL(None).srand(1)  # the noise of a whisper is the C library's; each run is to hear the same
    library.espeak_SetSynthCallback(collect)
    library.espeak_SetVoiceByName(voice.encode())
    encoded = text.encode()
    library.espeak_Synth(encoded, len(encoded) + 1, 0, 0, 0, _UTF8, None, None)
    library.espeak_Synchronize()
    library.espeak_Terminate()
    wave = np.concatenate(pieces).astype(np.float32)
    length = round(len(wave) * RATE_HZ / rate_hz)
    at_48k = np.interp(np.arange(length) * rate_hz / RATE_HZ, np.arange(len(wave)), wave)
    return (at_48k / np.abs(at_48k).max() * 0.5).astype(np.float32)


def soundtrack(
    seconds: float, speech_at_s: Mapping[float, float] | None = None, *, room_dbfs: float = -62.0, seed: int = 5
) -> Sound:
    """Mono sound at 48 kHz: a quiet room in which somebody speaks; `speech_at_s` maps start to duration in seconds."""
    samples = round(seconds * RATE_HZ)
    sound = np.random.default_rng(seed).normal(0, 10 ** (room_dbfs / 20), samples).astype(np.float32)
    for start_s, duration_s in (speech_at_s or {}).items():
        start, count = round(start_s * RATE_HZ), round(duration_s * RATE_HZ)
        voice = np.resize(spoken(), count)[: samples - start]
        sound[start : start + len(voice)] += voice
    return sound
