"""Somebody whispers: speech in which the voice does not sound."""

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
        "Сөйлеген естілді, бірақ оның {value} пайызында ғана дауыс шықты, сыбырлағанда осылай болады. "
        "Сөйлеу {window} секундтың кемінде {ratio} пайызын алып, дауыс оның {threshold} пайызынан аспаса, белгіленеді."
    ),
    ru=(
        "Звучала речь, но голос был слышен только в {value} % её, как при шёпоте. "
        "Отмечается, если речь занимает не меньше {ratio} % от {window} с, а голос слышен не более чем "
        "в {threshold} % речи."
    ),
    en=(
        "Speech was heard in which the voice sounded for only {value} %, as in whispering. Noted when speech fills at "
        "least {ratio} % of {window} s and the voice sounds in at most {threshold} % of it."
    ),
)


class WhisperConfig(SampledConfig):
    """`whisper`: somebody speaks without voice."""

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
    voiced_share: Annotated[
        float, Field(ge=0, lt=1, description="Share of that speech in which the voice may sound at most.")
    ] = 0.3


class Whisper(SampledRule[WhisperConfig]):
    """Notices speech without voice that fills enough of the last seconds; whispered words among spoken ones do not.

    The interval begins with the first speech of those seconds.
    Confidence: mean speech probability of the windows that counted.
    """

    id: ClassVar = SignalKind.WHISPER
    version: ClassVar = "1"
    consumes: ClassVar = (SoundObserved, LinkObserved, Tick, TrackRested)
    rests_with: ClassVar = TrackKind.MICROPHONE
    config_type: ClassVar[type[DetectorConfig]] = WhisperConfig

    def __init__(self, config: WhisperConfig) -> None:
        super().__init__(config, dwell_s=0.0)
        self._spoken: deque[tuple[SoundObserved, float]] = deque()
        self._heard_until = SITTING_START

    def judge(self, observation: Observation) -> Reading | None:
        """Compare the voiced share of the speech up to the end of this window with the threshold."""
        if isinstance(observation, LinkObserved):
            self._spoken.clear()
        if not isinstance(observation, SoundObserved) or observation.is_guided:
            return None
        if observation.at - self._heard_until > self.config.unknown_after_s * NS_PER_S:
            self._spoken.clear()
        until = MediaTime(observation.at + observation.duration_ms * NS_PER_MS)
        self._heard_until = until
        voiced = observation.voiced_share
        is_speech = observation.speech_probability >= self.config.speech_probability
        if is_speech and voiced is not None:
            self._spoken.append((observation, voiced))
        while self._spoken and until - self._spoken[0][0].at > self.config.dwell_s * NS_PER_S:
            self._spoken.popleft()
        if not self._spoken:
            return Reading(observation.at, holds=False, value=1.0, until=until)
        filled = sum(sound.duration_ms for sound, _ in self._spoken) / (1000 * self.config.dwell_s)
        share = fmean(each for _, each in self._spoken)
        return Reading(
            observation.at,
            holds=is_speech
            and share <= self.config.voiced_share
            and (self.interval.is_open or filled >= self.config.ratio),
            value=share,
            confidence=fmean(sound.speech_probability for sound, _ in self._spoken),
            model=observation.model,
            until=until,
            since=self._spoken[0][0].at,
        )

    def rest(self, track: TrackKind) -> list[Signal]:
        """A check speaks from now on: what was said before it is over."""
        if track is self.rests_with:
            self._spoken.clear()
        return super().rest(track)

    def explain(self, noticed: Noticed) -> Why:
        """State the share of voice when it was noticed."""
        text = fill(
            _TEXT,
            window=seconds(self.config.dwell_s),
            ratio=percent(self.config.ratio),
            value=percent(noticed.value),
            threshold=percent(self.config.voiced_share),
        )
        return Why(text, self.crossing("voiced_share", noticed.value, self.config.voiced_share), noticed.model)
