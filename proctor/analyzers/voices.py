"""Whether the voice that speaks is the one that spoke first: stretches of speech, compared with earlier ones.

A stretch is two seconds of speech with its pauses left out. The first voice that is heard twice is taken for the
candidate's; a stretch that is like none of the voices heard so far begins another one. Two people who speak at once, or
take turns within two seconds, come out as one blurred stretch; a television is a voice like any other.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean, median
from typing import Final

import numpy as np

from proctor.analyzers.vad import Pcm
from proctor.analyzers.voice_print import Print, VoiceEncoder, direction
from proctor.domain.media import AUDIO_RATE_HZ, AudioChunk
from proctor.domain.observations import SoundObserved, VoiceObserved
from proctor.domain.time import NS_PER_MS, NS_PER_S, MediaTime
from proctor.ports.model_files import ModelFiles

STRETCH_MS: Final = 2_000
"""Less speech does not tell two voices of one room apart well enough (models/cards/voice_encoder.md)."""
SPOKEN_SHARE: Final = 0.5
"""A window belongs to a stretch when this part of it is speech."""
LONGEST_PAUSE_MS: Final = 1_000
"""A longer pause ends a stretch: whoever speaks next may be somebody else."""
ALIKE: Final = 0.65
"""Stretches of one voice are more alike than this, of two voices less, in 97 of 100 cases (same place)."""
SURELY_ALIKE: Final = 0.75
"""Only such stretches teach what a voice sounds like, so that blurred ones do not spoil it."""
STRETCHES_KEPT: Final = 20
"""A voice is the mean of so many stretches at most; later ones no longer change it."""
CLEAR_DB: Final = 10.0
"""Speech less far above the sound of the room is too noisy: noise makes all voices alike."""
ROOM_WINDOWS: Final = 60
"""The sound of the room is the median level of the last windows without speech, about half a minute."""
ROOM_KNOWN_WINDOWS: Final = 6
"""Fewer may be no more than the breath before a word."""
MOST_VOICES: Final = 8
"""More are not counted; it bounds what is kept of a sitting."""
HELD_MS: Final = 10_000
"""Sound is kept this long for windows that are still to come."""


@dataclass(slots=True)
class _Voice:
    total: Print
    stretches: int = 1

    def similarity(self, heard: Print) -> float:
        return float(direction(self.total) @ heard)

    def learn(self, heard: Print) -> None:
        if self.stretches < STRETCHES_KEPT:
            self.total = self.total + heard
        self.stretches += 1


class VoiceAnalyzer:
    """Makes a stream for each sitting over the shared model."""

    def __init__(self, encoder: VoiceEncoder, model: str) -> None:
        self.encoder = encoder
        self._model = model

    @classmethod
    def load(cls, files: ModelFiles) -> VoiceAnalyzer:
        """Load the model.

        Raises:
            ModelMissingError: the model file is not installed.
        """
        return cls(VoiceEncoder(files.path("voice_encoder")), f"voice_encoder@{files.version('voice_encoder')}")

    def stream(self) -> VoiceStream:
        """Start listening to one sitting or recording."""
        return VoiceStream(self.encoder, self._model)


class VoiceStream:
    """Tells the voices of one sitting apart. Holds at most ten seconds of sound."""

    def __init__(self, encoder: VoiceEncoder, model: str) -> None:
        self._encoder = encoder
        self._model = model
        self._sound = _RecentSound()
        self._room: deque[float] = deque(maxlen=ROOM_WINDOWS)
        self._spoken: list[SoundObserved] = []
        self._speech: list[Pcm] = []
        self._voices: list[_Voice] = []
        self._candidate: _Voice | None = None

    @property
    def voices(self) -> int | None:
        """Different voices heard so far; None while no stretch was long and clear enough."""
        return len(self._voices) or None

    def observe(self, chunk: AudioChunk, heard: Sequence[SoundObserved]) -> list[VoiceObserved]:
        """Take the next chunk and the windows that it completed; return the stretches that these completed.

        What is heard while a check says its hints aloud is nobody's voice.
        """
        self._sound.add(chunk)
        observed: list[VoiceObserved] = []
        for window in heard:
            if window.is_guided:
                self._forget_stretch()
                continue
            if self._spoken and window.at - _end(self._spoken[-1]) > LONGEST_PAUSE_MS * NS_PER_MS:
                self._forget_stretch()
            if window.speech_share >= SPOKEN_SHARE:
                self._spoken.append(window)
                self._speech.append(self._sound.between(window.at, _end(window)))
                if sum(each.duration_ms for each in self._spoken) >= STRETCH_MS:
                    observed.append(self._judge())
            elif window.speech_share == 0.0:
                self._room.append(window.level_dbfs)
        return observed

    def finish(self) -> list[VoiceObserved]:
        """A stretch that was not completed says nothing."""
        self._forget_stretch()
        return []

    def _judge(self) -> VoiceObserved:
        spoken, speech = self._spoken, np.concatenate(self._speech)
        self._forget_stretch()
        similarity = None
        if self._is_clear(fmean(window.level_dbfs for window in spoken)):
            similarity = self._compare(self._encoder.print_of(speech))
        return VoiceObserved(
            at=spoken[0].at,
            duration_ms=(_end(spoken[-1]) - spoken[0].at) // NS_PER_MS,
            similarity=similarity,
            voices=self.voices,
            model=self._model,
        )

    def _is_clear(self, level_dbfs: float) -> bool:
        return len(self._room) < ROOM_KNOWN_WINDOWS or level_dbfs - median(self._room) >= CLEAR_DB

    def _compare(self, heard: Print) -> float | None:
        """Similarity to the candidate's voice, which must have been heard twice; then learn from what was heard."""
        similarity = None if self._candidate is None else self._candidate.similarity(heard)
        likest = max(self._voices, key=lambda voice: voice.similarity(heard), default=None)
        if likest is None or likest.similarity(heard) < ALIKE:
            if len(self._voices) < MOST_VOICES:
                self._voices.append(_Voice(heard))
            return similarity
        if likest.stretches == 1 or likest.similarity(heard) >= SURELY_ALIKE:
            likest.learn(heard)
        if self._candidate is None:
            self._candidate = likest
        return similarity

    def _forget_stretch(self) -> None:
        self._spoken, self._speech = [], []


class _RecentSound:
    """The last chunks, to cut windows out of."""

    def __init__(self) -> None:
        self._chunks: deque[AudioChunk] = deque()

    def add(self, chunk: AudioChunk) -> None:
        self._chunks.append(chunk)
        while chunk.at - self._chunks[0].at > HELD_MS * NS_PER_MS:
            self._chunks.popleft()

    def between(self, start: MediaTime, end: MediaTime) -> Pcm:
        """Sound between two times; what is missing is left out."""
        pieces = [chunk.pcm[_samples(start - chunk.at) : _samples(end - chunk.at)] for chunk in self._chunks]
        return np.concatenate(pieces)


def _samples(span_ns: int) -> int:
    return max(0, span_ns * AUDIO_RATE_HZ // NS_PER_S)


def _end(window: SoundObserved) -> MediaTime:
    return MediaTime(window.at + window.duration_ms * NS_PER_MS)
