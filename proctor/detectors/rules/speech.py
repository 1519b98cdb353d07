"""Someone is speaking."""

from __future__ import annotations

from collections import deque
from statistics import fmean
from typing import Annotated, ClassVar

from pydantic import Field

from proctor.detectors.rule import HowSoon, Noticed, Reading, Release, SampledConfig, SampledRule
from proctor.detectors.wording import fill, percent, seconds
from proctor.domain.media import TrackKind
from proctor.domain.observations import LinkObserved, Observation, SoundObserved, Tick, TrackRested
from proctor.domain.policy import DetectorConfig
from proctor.domain.signals import Severity, Signal, SignalKind, Why
from proctor.domain.text import Text
from proctor.domain.time import NS_PER_MS, NS_PER_S, SITTING_START, MediaTime

_TEXT = Text(
    kk=(
        "{window} секундтың {value} пайызында сөйлеген дауыс естілді. "
        "Сөйлеу {window} секундтың кемінде {threshold} пайызын алса, белгіленеді."
    ),
    ru=(
        "Речь звучала {value} % времени за {window} с. "
        "Отмечается, если она занимает не меньше {threshold} % от {window} с."
    ),
    en=("Speech was heard during {value} % of {window} s. Noted when it fills at least {threshold} % of {window} s."),
)


class SpeechConfig(SampledConfig):
    """`speech`: someone is speaking."""

    severity: HowSoon = Severity.MEDIUM
    dwell_s: Annotated[float, Field(ge=1, le=600, description="Seconds over which the share of speech is taken.")] = (
        10.0
    )
    release_s: Release = 5.0
    speech_probability: Annotated[
        float, Field(ge=0, le=1, description="Speech probability from which a window of sound counts as speech.")
    ] = 0.5
    ratio: Annotated[
        float, Field(gt=0, le=1, description="Share of the last `dwell_s` seconds that speech must fill.")
    ] = 0.3


class Speech(SampledRule[SpeechConfig]):
    """Notices speech that fills enough of the last seconds; single words and short noises do not.

    The interval begins with the first speech of those seconds.
    Confidence: mean speech probability of the windows that counted.
    """

    id: ClassVar = SignalKind.SPEECH
    version: ClassVar = "1"
    consumes: ClassVar = (SoundObserved, LinkObserved, Tick, TrackRested)
    rests_with: ClassVar = TrackKind.MICROPHONE
    config_type: ClassVar[type[DetectorConfig]] = SpeechConfig

    def __init__(self, config: SpeechConfig) -> None:
        super().__init__(config, dwell_s=0.0)
        self._spoken: deque[SoundObserved] = deque()
        self._heard_until = SITTING_START

    def judge(self, observation: Observation) -> Reading | None:
        """Compare the share of speech up to the end of this window with the threshold."""
        if isinstance(observation, LinkObserved):
            self._spoken.clear()
        if not isinstance(observation, SoundObserved) or observation.is_guided:
            return None
        if observation.at - self._heard_until > self.config.unknown_after_s * NS_PER_S:
            self._spoken.clear()
        until = MediaTime(observation.at + observation.duration_ms * NS_PER_MS)
        self._heard_until = until
        is_speech = observation.speech_probability >= self.config.speech_probability
        if is_speech:
            self._spoken.append(observation)
        while self._spoken and until - self._spoken[0].at > self.config.dwell_s * NS_PER_S:
            self._spoken.popleft()
        if not self._spoken:
            return Reading(observation.at, holds=False, value=0.0, until=until)
        ratio = sum(sound.duration_ms for sound in self._spoken) / (1000 * self.config.dwell_s)
        return Reading(
            observation.at,
            holds=is_speech and (self.interval.is_open or ratio >= self.config.ratio),
            value=min(1.0, ratio),
            confidence=fmean(sound.speech_probability for sound in self._spoken),
            model=observation.model,
            until=until,
            since=self._spoken[0].at,
        )

    def rest(self, track: TrackKind) -> list[Signal]:
        """A check speaks from now on: what was said before it is over."""
        if track is self.rests_with:
            self._spoken.clear()
        return super().rest(track)

    def explain(self, noticed: Noticed) -> Why:
        """State the share of speech when it was noticed."""
        text = fill(
            _TEXT,
            window=seconds(self.config.dwell_s),
            value=percent(noticed.value),
            threshold=percent(self.config.ratio),
        )
        return Why(text, self.crossing("speech_ratio", noticed.value, self.config.ratio), noticed.model)
