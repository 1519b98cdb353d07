"""What most rules share: readings in, signals out, each with its reason."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import fmean, median
from typing import Annotated, Any, ClassVar, Generic, TypeVar

from pydantic import Field

from proctor.detectors.interval import Change, HeldInterval, Opened, SampledInterval, dwell_ms
from proctor.detectors.wording import duration, fill, seconds
from proctor.domain.media import LinkState, TrackKind
from proctor.domain.observations import LinkObserved, Observation, Tick, TrackRested
from proctor.domain.policy import DetectorConfig
from proctor.domain.signals import Crossing, Severity, Signal, SignalKind, Why
from proctor.domain.text import Text
from proctor.domain.time import NS_PER_S, MediaTime

HowSoon = Annotated[Severity, Field(description="How soon a person should look: info, low, medium or high.")]
Dwell = Annotated[float, Field(ge=0, le=600, description="Seconds that the condition must last before it is noted.")]
Release = Annotated[
    float, Field(ge=0, le=600, description="Seconds that the condition must be over before the interval ends.")
]
UnknownAfter = Annotated[
    float,
    Field(ge=2, le=600, description="Seconds without a usable measurement after which nothing is assumed any more."),
]


class SampledConfig(DetectorConfig):
    """Times that every rule about pictures or sound has."""

    dwell_s: Dwell
    release_s: Release = 1.0
    unknown_after_s: UnknownAfter = 4.0


class StateConfig(DetectorConfig):
    """Times that every rule about a reported state has."""

    dwell_s: Dwell
    release_s: Release = 0.5


@dataclass(frozen=True, slots=True)
class Reading:
    """What one observation says about a rule's condition."""

    at: MediaTime
    holds: bool
    value: float
    """The measured value that the threshold is compared with."""
    confidence: float = 1.0
    """0 to 1: how sure the measurement is that the condition holds; each rule says what it takes."""
    model: str | None = None
    aspect: str = ""
    """Which of several thresholds it is about, for a rule that has several."""
    until: MediaTime | None = None
    """End of the window that the observation covers; None for an instant."""
    since: MediaTime | None = None
    """Onset before this observation, for a rule that looks back over a window of its own."""


@dataclass(frozen=True, slots=True)
class Noticed:
    """Readings in which the condition held, from the onset until it was noticed."""

    start: MediaTime
    noticed: MediaTime
    readings: tuple[Reading, ...]
    end: MediaTime | None = None
    """When the condition stopped; None while it lasts."""

    @property
    def noticed_after_s(self) -> float:
        """Seconds from the onset until it was noticed."""
        return (self.noticed - self.start) / NS_PER_S

    @property
    def held_s(self) -> float:
        """Seconds from the onset to the end, or for as long as the condition had lasted when it was noticed."""
        return ((self.noticed if self.end is None else self.end) - self.start) / NS_PER_S

    @property
    def aspect(self) -> str:
        """Aspect of most of the readings; the earlier one where two are equally frequent."""
        return Counter(reading.aspect for reading in self.readings).most_common(1)[0][0]

    @property
    def value(self) -> float:
        """Median value of the readings of `aspect`."""
        aspect = self.aspect
        return median(reading.value for reading in self.readings if reading.aspect == aspect)

    @property
    def confidence(self) -> float:
        """Mean confidence of the readings, 0 to 1."""
        return min(1.0, max(0.0, fmean(reading.confidence for reading in self.readings)))

    @property
    def model(self) -> str | None:
        """Model of the last reading."""
        return self.readings[-1].model


ConfigT = TypeVar("ConfigT", bound=DetectorConfig)
SampledConfigT = TypeVar("SampledConfigT", bound=SampledConfig)
StateConfigT = TypeVar("StateConfigT", bound=StateConfig)


class IntervalRule(ABC, Generic[ConfigT]):
    """A rule with at most one open signal at a time."""

    id: ClassVar[SignalKind]
    version: ClassVar[str]
    consumes: ClassVar[tuple[type[Any], ...]]
    config_type: ClassVar[type[DetectorConfig]]

    def __init__(self, config: ConfigT) -> None:
        self.config = config
        self._open: tuple[Signal, Noticed] | None = None

    @abstractmethod
    def explain(self, noticed: Noticed) -> Why:
        """Say what was noticed, what was measured, and which threshold was crossed.

        Asked when the signal opens, and again when it closes and its length is known.
        """

    def signals_of(self, changes: Sequence[Change[Reading]]) -> list[Signal]:
        """Signals for changes of the rule's interval."""
        signals: list[Signal] = []
        for change in changes:
            if isinstance(change, Opened):
                noticed = Noticed(change.start, change.noticed, change.evidence)
                signal = Signal(
                    signal_id=f"{self.id}:{change.start}",
                    kind=self.id,
                    detector=f"{self.id}@{self.version}",
                    start=change.start,
                    noticed=change.noticed,
                    end=None,
                    confidence=noticed.confidence,
                    why=self.explain(noticed),
                )
                self._open = signal, noticed
                signals.append(signal)
            elif self._open is not None:
                signal, noticed = self._open
                self._open = None
                why = self.explain(replace(noticed, end=change.end))
                signals.append(replace(signal, end=change.end, why=why))
        return signals


class SampledRule(IntervalRule[SampledConfigT]):
    """A rule about pictures or sound. While the link is lost it neither notices nor assumes anything.

    One about the camera's pictures also consumes `TrackRested`, which ends what it had open; so does one about who
    speaks, whose `rests_with` is the microphone.
    """

    rests_with: ClassVar[TrackKind] = TrackKind.CAMERA

    def __init__(
        self, config: SampledConfigT, *, dwell_s: float | None = None, share: float = 1.0, samples: int = 1
    ) -> None:
        """Configure; `share` and `samples` as in `SampledInterval`, `dwell_s` in place of the one in `config`."""
        super().__init__(config)
        self.interval = SampledInterval[Reading](
            dwell_s=config.dwell_s if dwell_s is None else dwell_s,
            release_s=config.release_s,
            unknown_after_s=config.unknown_after_s,
            share=share,
            samples=samples,
        )
        self._link_is_lost = False

    def crossing(self, measure: str, value: float, threshold: float, unit: str = "") -> Crossing:
        """A crossing with the dwell time of the configuration."""
        return Crossing(measure, value, threshold, unit, dwell_ms(self.config.dwell_s))

    @abstractmethod
    def judge(self, observation: Observation) -> Reading | None:
        """Read one observation; None where it says nothing about the condition ("cannot tell")."""

    def update(self, observation: Observation) -> list[Signal]:
        """Take one observation; return the signals that it opened or closed."""
        if isinstance(observation, LinkObserved):
            self._link_is_lost = observation.event.state is LinkState.LOST
            return self.signals_of(self.interval.forget())
        if isinstance(observation, TrackRested):
            return self.rest(observation.track)
        reading = self.judge(observation)
        if self._link_is_lost:
            return []
        changes = self.interval.tick(observation.at) if isinstance(observation, Tick) else []
        if reading is None:
            return self.signals_of(changes)
        if reading.holds:
            changes += self.interval.hold(reading.at, reading, until=reading.until, since=reading.since)
        else:
            changes += self.interval.absent(reading.at, until=reading.until)
        return self.signals_of(changes)

    def rest(self, track: TrackKind) -> list[Signal]:
        """The track's measurements do not come for a while, and may be about something else afterwards."""
        return self.signals_of(self.interval.forget()) if track is self.rests_with else []

    def finish(self, at: MediaTime) -> list[Signal]:
        """The sitting ended at `at`: close what is open."""
        return self.signals_of(self.interval.finish(at))


class StateRule(IntervalRule[StateConfigT]):
    """A rule about a state that is reported when it begins and when it ends, not measured.

    The threshold that it crosses is its dwell time. Confidence is 1: the state is a reported fact.
    """

    text: ClassVar[Text]
    """Template with places for `value`, a duration with its unit, and `threshold`, bare seconds."""

    def __init__(self, config: StateConfigT) -> None:
        super().__init__(config)
        self.interval = HeldInterval[Reading](dwell_s=config.dwell_s, release_s=config.release_s)

    def explain(self, noticed: Noticed) -> Why:
        """State for how long it lasted."""
        dwell_s = self.config.dwell_s
        text = fill(self.text, value=duration(noticed.held_s), threshold=seconds(dwell_s))
        return Why(text, Crossing("lasted_s", noticed.held_s, dwell_s, "s", dwell_ms(dwell_s)), None)

    @abstractmethod
    def state(self, observation: Observation) -> bool | None:
        """Whether the state holds from this observation on; None where the observation says nothing about it."""

    def ends_knowledge(self, observation: Observation) -> bool:
        """Whether nobody reports the state any more from this observation on."""
        del observation
        return False

    def update(self, observation: Observation) -> list[Signal]:
        """Take one observation; return the signals that it opened or closed."""
        at = observation.at
        if isinstance(observation, Tick):
            return self.signals_of(self.interval.tick(at))
        if self.ends_knowledge(observation):
            return self.signals_of(self.interval.forget(at))
        state = self.state(observation)
        if state is None:
            return self.signals_of(self.interval.tick(at))
        if state:
            return self.signals_of(self.interval.begin(at, Reading(at=at, holds=True, value=0.0)))
        return self.signals_of(self.interval.cease(at))

    def finish(self, at: MediaTime) -> list[Signal]:
        """The sitting ended at `at`: close what is open."""
        return self.signals_of(self.interval.forget(at))
