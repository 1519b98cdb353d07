"""From observations to signals and incidents: every rule in its guard, every signal to the correlator."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from proctor.correlation.incidents import Correlator, IncidentUpdate
from proctor.detectors.base import Detector
from proctor.detectors.published import published
from proctor.domain.observations import Observation, Tick
from proctor.domain.signals import ErrorRate, Signal, SignalKind
from proctor.domain.time import MediaTime
from proctor.pipeline.guard import Guard

RuleOutput = Signal | IncidentUpdate


class SittingRules:
    """The detectors and the correlator of one sitting.

    A detector that raises is left out from then on; what it had open is closed at the time of the failure.
    """

    def __init__(
        self,
        detectors: Sequence[Detector],
        correlator: Correlator,
        guard: Guard,
        id_prefix: str,
        error_rates: Mapping[SignalKind, ErrorRate],
    ) -> None:
        self._detectors = tuple(detectors)
        self._error_rates = error_rates
        self._correlator = correlator
        self._guard = guard
        self._id_prefix = id_prefix
        self._open: dict[str, dict[str, Signal]] = {}
        self._consuming: dict[type[Observation], list[tuple[Detector, str]]] = {}
        """Rules that run and consume a type; made anew when one has failed."""

    def observe(self, observation: Observation) -> Iterator[RuleOutput]:
        """Hand one observation to every rule that consumes its type."""
        at = observation.at
        for detector, name in self._consumers(type(observation)):
            signals = self._guard.run(name, at, _updated, detector, observation)
            if signals is None:
                self._consuming.clear()
            if signals is None or signals:
                yield from self._announce(detector, signals, at)
        if isinstance(observation, Tick):
            yield from self._guard.run("correlation", at, lambda: self._correlator.advance(at)) or ()

    def finish(self, at: MediaTime) -> Iterator[RuleOutput]:
        """Close everything: the sitting ended at `at`."""
        for detector in self._detectors:
            yield from self._finish(detector, at)
        yield from self._guard.run("correlation", at, lambda: self._correlator.finish(at)) or ()

    def _consumers(self, observed: type[Observation]) -> list[tuple[Detector, str]]:
        """Rules, with their names, that consume the type and have not failed; most observations change nothing."""
        consumers = self._consuming.get(observed)
        if consumers is None:
            named = [(detector, detector.id.value) for detector in self._detectors]
            consumers = self._consuming[observed] = [
                (detector, name)
                for detector, name in named
                if issubclass(observed, detector.consumes) and self._guard.runs(name)
            ]
        return consumers

    def _finish(self, detector: Detector, at: MediaTime) -> Iterator[RuleOutput]:
        signals = self._guard.run(detector.id.value, at, lambda: list(detector.finish(at)))
        yield from self._announce(detector, signals, at)

    def _announce(self, detector: Detector, signals: list[Signal] | None, at: MediaTime) -> Iterator[RuleOutput]:
        """Pass the rule's signals on; None means that it failed just now, so what it had open ends."""
        still_open = self._open.setdefault(detector.id.value, {})
        if signals is None:
            ended = [replace(signal, end=max(at, signal.noticed)) for signal in still_open.values()]
        else:
            ended = [self._completed(signal) for signal in signals]
        for signal in ended:
            if signal.end is None:
                still_open[signal.signal_id] = signal
            else:
                still_open.pop(signal.signal_id, None)
            yield signal
            yield from self._correlate(signal, at)

    def _completed(self, signal: Signal) -> Signal:
        """The rule's signal with an id of this line and the rule's published error rate."""
        rate = published(signal.detector, signal.kind, self._error_rates)
        return replace(signal, signal_id=self._id_prefix + signal.signal_id, why=replace(signal.why, error_rate=rate))

    def _correlate(self, signal: Signal, at: MediaTime) -> list[IncidentUpdate]:
        return self._guard.run("correlation", at, lambda: self._correlator.update(signal)) or []


def _updated(detector: Detector, observation: Observation) -> list[Signal]:
    return list(detector.update(observation))
