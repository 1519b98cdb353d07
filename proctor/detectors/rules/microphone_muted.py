"""The microphone gives no sound at all."""

from __future__ import annotations

from typing import Annotated, ClassVar, Final

from pydantic import Field

from proctor.detectors.microphone import followed_by, is_about_microphone, processing
from proctor.detectors.rule import Dwell, HowSoon, Noticed, Reading, Release, SampledConfig, SampledRule
from proctor.detectors.wording import duration, fill, number, seconds
from proctor.domain.media import ClientEvent, ClientEventKind
from proctor.domain.observations import ClientObserved, LinkObserved, Observation, SoundObserved, Tick
from proctor.domain.policy import DetectorConfig
from proctor.domain.signals import Severity, SignalKind, Why
from proctor.domain.text import Text
from proctor.domain.time import NS_PER_MS, MediaTime

_SILENT = "level_dbfs"
_REPORTED = "lasted_s"
_MUTES: Final = {
    ClientEventKind.TRACK_MUTED: True,
    ClientEventKind.TRACK_ENDED: True,
    ClientEventKind.TRACK_UNMUTED: False,
    ClientEventKind.DEVICES_CHANGED: False,
}
"""What each event about the microphone means; a microphone that was opened anew is told as a change of devices."""

_SILENT_TEXT = Text(
    kk=(
        "Микрофоннан {held} бойы ешқандай дыбыс келмеді: деңгейі {value} dBFS, шегі {threshold} dBFS; қосулы микрофон "
        "бөлменің тыныштығын да естиді. {dwell} секундқа созылса, белгіленеді."
    ),
    ru=(
        "От микрофона {held} не поступало никакого звука: уровень {value} dBFS, порог {threshold} dBFS; включённый "
        "микрофон слышит и тишину комнаты. Отмечается, если длится {dwell} с."
    ),
    en=(
        "The microphone gave no sound at all for {held}: level {value} dBFS, threshold {threshold} dBFS; a microphone "
        "that is on hears the quiet of a room too. Noted when it lasts {dwell} s."
    ),
)
_REPORTED_TEXT = Text(
    kk=(
        "Браузер микрофонның өшірулі екенін хабарлады: {value}. Өшіргіш құрылғының өзінде немесе жүйеде болуы мүмкін. "
        "{threshold} секундқа созылса, белгіленеді."
    ),
    ru=(
        "Браузер сообщил, что микрофон выключен: {value}. Выключатель может быть на самом устройстве или в системе. "
        "Отмечается, если длится {threshold} с."
    ),
    en=(
        "The browser reported that the microphone is off: for {value}. The switch may be on the device itself or in "
        "the system. Noted when it lasts {threshold} s."
    ),
)

_SUPPRESSED_TEXT = Text(
    kk="Браузер шуды басып тұрды, сондықтан тыныш бөлме де мүлде дыбыссыз естілуі мүмкін.",
    ru="Браузер подавлял шум, поэтому и тихая комната могла звучать как полная тишина.",
    en="The browser suppressed noise, so that a quiet room may have come out as complete silence too.",
)


class MicrophoneMutedConfig(SampledConfig):
    """`microphone_muted`: the microphone gives no sound at all."""

    severity: HowSoon = Severity.MEDIUM
    dwell_s: Dwell = 15.0
    release_s: Release = 2.0
    silence_dbfs: Annotated[
        float,
        Field(
            ge=-100,
            le=0,
            description="Level in dBFS up to which sound counts as none; the noise of any microphone lies above -85.",
        ),
    ] = -90.0


class MicrophoneMuted(SampledRule[MicrophoneMutedConfig]):
    """Notices digital silence, and a microphone that the browser says is switched off or has ended, until it is heard.

    Confidence: 1, both are plain facts. Where the browser suppresses noise, a quiet room can be silent too.
    """

    id: ClassVar = SignalKind.MICROPHONE_MUTED
    version: ClassVar = "1"
    consumes: ClassVar = (SoundObserved, ClientObserved, LinkObserved, Tick)
    config_type: ClassVar[type[DetectorConfig]] = MicrophoneMutedConfig

    def __init__(self, config: MicrophoneMutedConfig) -> None:
        super().__init__(config)
        self._off_since: MediaTime | None = None
        self._noise_is_suppressed = False

    def judge(self, observation: Observation) -> Reading | None:
        """Read a report of the browser, the time while it says so, or the level of one window otherwise."""
        at = observation.at
        if isinstance(observation, ClientObserved):
            suppressed = processing(observation.event, "noiseSuppression")
            self._noise_is_suppressed = self._noise_is_suppressed if suppressed is None else suppressed
            says = _says(observation.event)
            if says is None or says is (self._off_since is not None):
                return None
            self._off_since = at if says else None
            return Reading(at, holds=says, value=0.0, aspect=_REPORTED)
        if isinstance(observation, SoundObserved):
            return self._heard(observation)
        is_off = self._off_since is not None and isinstance(observation, Tick)
        return Reading(at, holds=True, value=0.0, aspect=_REPORTED) if is_off else None

    def _heard(self, sound: SoundObserved) -> Reading | None:
        """Read the level of one window; sound that comes from a microphone that is said to be off proves it on."""
        level = sound.level_dbfs
        is_silent = level <= self.config.silence_dbfs
        if self._off_since is not None and (is_silent or sound.at <= self._off_since):
            return None
        self._off_since = None
        until = MediaTime(sound.at + sound.duration_ms * NS_PER_MS)
        return Reading(sound.at, holds=is_silent, value=level, aspect=_SILENT, until=until)

    def explain(self, noticed: Noticed) -> Why:
        """State the median level, or for how long the browser has said so."""
        dwell_s = self.config.dwell_s
        held = duration(noticed.held_s)
        if noticed.aspect == _REPORTED:
            text = fill(_REPORTED_TEXT, value=held, threshold=seconds(dwell_s))
            return Why(text, self.crossing(_REPORTED, noticed.held_s, dwell_s, "s"), None)
        threshold = self.config.silence_dbfs
        text = fill(
            _SILENT_TEXT,
            held=held,
            value=number(noticed.value),
            threshold=number(threshold, 1),
            dwell=seconds(dwell_s),
        )
        if self._noise_is_suppressed:
            text = followed_by(text, _SUPPRESSED_TEXT)
        return Why(text, self.crossing(_SILENT, noticed.value, threshold, "dBFS"), None)


def _says(event: ClientEvent) -> bool | None:
    """Whether the event says that the microphone is off; None when it says nothing about it."""
    return _MUTES.get(event.kind) if is_about_microphone(event) else None
