"""What rules about speech share: the windows of the last seconds in which somebody spoke."""

from __future__ import annotations

from abc import abstractmethod
from collections import deque
from collections.abc import Collection
from statistics import fmean
from typing import Annotated, ClassVar, TypeVar

from pydantic import Field

from proctor.detectors.rule import HowSoon, Reading, Release, SampledConfig, SampledRule
from proctor.domain.media import TrackKind
from proctor.domain.observations import LinkObserved, Observation, SoundObserved, Tick, TrackRested
from proctor.domain.signals import Severity, Signal
from proctor.domain.time import NS_PER_MS, NS_PER_S, SITTING_START, MediaTime


class SpokenConfig(SampledConfig):
    """When speech fills enough of the last seconds."""

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


SpokenConfigT = TypeVar("SpokenConfigT", bound=SpokenConfig)


class SpokenRule(SampledRule[SpokenConfigT]):
    """Looks back over the speech of the last `dwell_s` seconds; single words and short noises never fill enough of it.

    The interval begins with the first speech of those seconds.
    Confidence: mean speech probability of the windows that counted.
    """

    consumes: ClassVar = (SoundObserved, LinkObserved, Tick, TrackRested)
    rests_with: ClassVar = TrackKind.MICROPHONE
    unspoken: ClassVar[float]
    """The measured value where nobody spoke."""

    def __init__(self, config: SpokenConfigT) -> None:
        super().__init__(config, dwell_s=0.0)
        self._spoken: deque[SoundObserved] = deque()
        self._heard_until = SITTING_START

    @abstractmethod
    def counts(self, sound: SoundObserved) -> bool:
        """Whether a window of speech is one that the rule can weigh."""

    @abstractmethod
    def weigh(self, spoken: Collection[SoundObserved], filled: float) -> tuple[float, bool]:
        """Measured value of the windows, of which there is at least one, and whether it crosses the threshold.

        `filled` is the share of the last `dwell_s` seconds that they fill, from 0; it may come to a little over 1.
        """

    def judge(self, observation: Observation) -> Reading | None:
        """Weigh the speech up to the end of this window."""
        if isinstance(observation, LinkObserved):
            self._spoken.clear()
        if not isinstance(observation, SoundObserved) or observation.is_guided:
            return None
        if observation.at - self._heard_until > self.config.unknown_after_s * NS_PER_S:
            self._spoken.clear()
        until = MediaTime(observation.at + observation.duration_ms * NS_PER_MS)
        self._heard_until = until
        is_speech = observation.speech_probability >= self.config.speech_probability
        if is_speech and self.counts(observation):
            self._spoken.append(observation)
        while self._spoken and until - self._spoken[0].at > self.config.dwell_s * NS_PER_S:
            self._spoken.popleft()
        if not self._spoken:
            return Reading(observation.at, holds=False, value=self.unspoken, until=until)
        filled = sum(sound.duration_ms for sound in self._spoken) / (1000 * self.config.dwell_s)
        value, crosses = self.weigh(self._spoken, filled)
        return Reading(
            observation.at,
            holds=is_speech and crosses and (self.interval.is_open or filled >= self.config.ratio),
            value=value,
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
