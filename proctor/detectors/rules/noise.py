"""It is loud: for this room, or altogether."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import deque
from dataclasses import dataclass
from statistics import median
from typing import Annotated, ClassVar, Final

from pydantic import Field

from proctor.detectors.microphone import followed_by, processing
from proctor.detectors.rule import Dwell, HowSoon, Noticed, Reading, Release, SampledConfig, SampledRule
from proctor.detectors.wording import duration, fill, number, seconds
from proctor.domain.observations import ClientObserved, LinkObserved, Observation, SoundObserved, Tick
from proctor.domain.policy import DetectorConfig
from proctor.domain.signals import Severity, SignalKind, Why
from proctor.domain.text import Text
from proctor.domain.time import NS_PER_MS, NS_PER_S, MediaTime

_SHARE: Final = 0.8
"""Of the windows since the onset, so that the knock with which a noise begins does not hide it."""
_ABOVE_ROOM = "above_room_db"
_LEVEL = "level_dbfs"

_ABOVE_ROOM_TEXT = Text(
    kk=(
        "Дыбыс деңгейі {held} бойы осы бөлменің әдеттегі деңгейінен ({room} dBFS) {value} дБ жоғары болды. "
        "Айырма {threshold} дБ немесе одан көп болып, {dwell} секундқа созылса, белгіленеді."
    ),
    ru=(
        "Звук {held} был громче обычного для этой комнаты ({room} dBFS) на {value} дБ. "
        "Отмечается, если разница {threshold} дБ или больше и длится {dwell} с."
    ),
    en=(
        "The sound was {value} dB above the usual level of this room ({room} dBFS) for {held}. "
        "Noted when the difference is {threshold} dB or more and lasts {dwell} s."
    ),
)
_LEVEL_TEXT = Text(
    kk=(
        "Дыбыс деңгейі {held} бойы {value} dBFS болды. "
        "Деңгей {threshold} dBFS немесе одан жоғары болып, {dwell} секундқа созылса, белгіленеді."
    ),
    ru=(
        "Уровень звука {held} составлял {value} dBFS. "
        "Отмечается, если уровень {threshold} dBFS или выше и длится {dwell} с."
    ),
    en=(
        "The sound level was {value} dBFS for {held}. "
        "Noted when the level is {threshold} dBFS or more and lasts {dwell} s."
    ),
)

_LOUDNESS_TEXT = Text(
    kk="Қаттылығы: {lufs} LUFS.",
    ru="Громкость: {lufs} LUFS.",
    en="Loudness: {lufs} LUFS.",
)
_GAIN_TEXT = Text(
    kk="Браузер микрофонның күшейтуін өзі реттеп тұрды, сондықтан деңгейлерді өзара салыстыру қиын.",
    ru="Браузер сам менял усиление микрофона, поэтому уровни между собой сравнимы плохо.",
    en="The browser adjusted the microphone's gain by itself, so that levels compare poorly with each other.",
)


class NoiseConfig(SampledConfig):
    """`noise`: it is loud, for this room or altogether."""

    severity: HowSoon = Severity.LOW
    dwell_s: Dwell = 5.0
    release_s: Release = 2.0
    above_room_db: Annotated[
        float, Field(gt=0, le=100, description="Level above the usual one of the room, in dB, that counts as loud.")
    ] = 20.0
    quiet_dbfs: Annotated[
        float, Field(ge=-100, le=0, description="Level in dBFS below which nothing counts as loud in a quiet room.")
    ] = -45.0
    absolute_dbfs: Annotated[
        float, Field(ge=-100, le=0, description="Level in dBFS that counts as loud in any room.")
    ] = -20.0
    room_window_s: Annotated[
        float, Field(ge=10, le=1800, description="Seconds of sound whose median level is the usual one of the room.")
    ] = 120.0
    room_settled_s: Annotated[
        float, Field(ge=0, le=600, description="Seconds of sound needed before the usual level of the room is known.")
    ] = 10.0
    tap_crest_db: Annotated[
        float,
        Field(
            ge=0,
            le=100,
            description="Decibels between the level of a window and the level that it has half of the time from which "
            "it holds keys, ticks or knocks; they are no noise unless they reach `absolute_dbfs`.",
        ),
    ] = 6.0
    speech_probability: Annotated[
        float,
        Field(ge=0, le=1, description="Speech probability from which a window is left to the rule `speech`."),
    ] = 0.5


class _RoomLevel:
    """Median level over the last seconds of sound."""

    def __init__(self, window_s: float) -> None:
        self._window_ns = round(window_s * NS_PER_S)
        self._heard: deque[tuple[MediaTime, float, int]] = deque()
        self._levels: list[float] = []
        self._heard_ms = 0

    def add(self, sound: SoundObserved) -> None:
        self._heard.append((sound.at, sound.level_dbfs, sound.duration_ms))
        self._heard_ms += sound.duration_ms
        insort(self._levels, sound.level_dbfs)
        while sound.at - self._heard[0][0] > self._window_ns:
            _, level_dbfs, duration_ms = self._heard.popleft()
            self._heard_ms -= duration_ms
            del self._levels[bisect_left(self._levels, level_dbfs)]

    def dbfs(self, settled_s: float) -> float | None:
        if not self._levels or self._heard_ms < settled_s * 1000:
            return None
        return self._levels[len(self._levels) // 2]


@dataclass(frozen=True, slots=True)
class _LevelReading(Reading):
    room_dbfs: float = 0.0
    """Usual level of the room at that moment; only where it was known."""
    lufs: float | None = None


class Noise(SampledRule[NoiseConfig]):
    """Notices sound that is loud for its room or loud altogether; speech is left to the rule for speech.

    Somebody who types is no noise, however near the keys are to the microphone.
    The usual level follows the room: a fan that stays on becomes usual after half of `room_window_s`.
    Confidence: 1, the level is a plain measurement.
    """

    id: ClassVar = SignalKind.NOISE
    version: ClassVar = "2"
    consumes: ClassVar = (SoundObserved, ClientObserved, LinkObserved, Tick)
    config_type: ClassVar[type[DetectorConfig]] = NoiseConfig

    def __init__(self, config: NoiseConfig) -> None:
        super().__init__(config, share=_SHARE)
        self._room = _RoomLevel(config.room_window_s)
        self._gain_is_adjusted = False

    def judge(self, observation: Observation) -> Reading | None:
        """Compare the level of one window with both thresholds."""
        if isinstance(observation, ClientObserved):
            adjusted = processing(observation.event, "autoGainControl")
            self._gain_is_adjusted = self._gain_is_adjusted if adjusted is None else adjusted
        if not isinstance(observation, SoundObserved):
            return None
        if observation.speech_probability >= self.config.speech_probability:
            return None
        level = observation.level_dbfs
        room = self._room.dbfs(self.config.room_settled_s)
        is_tapping = observation.crest_db >= self.config.tap_crest_db
        if not is_tapping:
            self._room.add(observation)
        is_loud = level >= self.config.absolute_dbfs
        above = 0.0 if room is None else level - room
        is_above_room = above >= self.config.above_room_db and level >= self.config.quiet_dbfs and not is_tapping
        return _LevelReading(
            observation.at,
            holds=is_loud or is_above_room,
            value=level if is_loud else above,
            aspect=_LEVEL if is_loud else _ABOVE_ROOM,
            until=MediaTime(observation.at + observation.duration_ms * NS_PER_MS),
            room_dbfs=0.0 if room is None else room,
            lufs=observation.lufs,
        )

    def explain(self, noticed: Noticed) -> Why:
        """State the median level, or how far it was above the room's, whichever crossed in most of the windows."""
        is_loud = noticed.aspect == _LEVEL
        threshold = self.config.absolute_dbfs if is_loud else self.config.above_room_db
        levels = [
            each for each in noticed.readings if isinstance(each, _LevelReading) and each.aspect == noticed.aspect
        ]
        text = fill(
            _LEVEL_TEXT if is_loud else _ABOVE_ROOM_TEXT,
            held=duration(noticed.held_s),
            value=number(noticed.value),
            room=number(median(each.room_dbfs for each in levels)),
            threshold=number(threshold, 1),
            dwell=seconds(self.config.dwell_s),
        )
        lufs = [each.lufs for each in levels if each.lufs is not None]
        if lufs:
            text = followed_by(text, fill(_LOUDNESS_TEXT, lufs=number(median(lufs))))
        if self._gain_is_adjusted:
            text = followed_by(text, _GAIN_TEXT)
        crossing = self.crossing(noticed.aspect, noticed.value, threshold, "dBFS" if is_loud else "dB")
        return Why(text, crossing, None)
