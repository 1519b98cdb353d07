"""Signals that belong together and are close in time become one incident, which a person reviews as one.

The policy says which kinds belong together and what is close. An incident is as severe as the most severe of its
signals; nothing is added for signals that occur together, so that each severity can be traced to a line of the policy.

Attention is a budget: of one sitting, the policy lets so many incidents an hour be put before a person one by one.
Beyond that, those of low severity are marked as folded; one that grows more severe comes out again.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Final

from proctor.domain.incidents import Incident
from proctor.domain.policy import CorrelationPolicy
from proctor.domain.signals import Severity, Signal, SignalKind
from proctor.domain.time import NS_PER_S, MediaTime

NOTICE_ALLOWANCE_S: Final = 10.0
"""Seconds that an incident waits beyond `join_gap_s` for signals that begin within the gap but are noticed later."""


HOUR: Final = 3600 * NS_PER_S
FOLDED_RANK: Final = Severity.LOW.rank
"""Incidents of this severity and below are folded; graver ones never are."""


class IncidentChange(StrEnum):
    """What became of an incident."""

    OPENED = "opened"
    GROWN = "grown"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class IncidentUpdate:
    """An incident in its latest state, and what changed. After CLOSED it never changes again."""

    change: IncidentChange
    incident: Incident


@dataclass(slots=True)
class _Growing:
    """An incident that is not closed yet."""

    incident_id: str
    group: str
    signals: dict[str, Signal] = field(default_factory=dict)
    is_beyond_budget: bool = False

    @property
    def start(self) -> MediaTime:
        return min(signal.start for signal in self.signals.values())

    @property
    def end(self) -> MediaTime | None:
        """Latest end of its signals; None while one is open."""
        ends = [signal.end for signal in self.signals.values()]
        return max((end for end in ends if end is not None), default=None) if None not in ends else None


class Correlator:
    """Builds the incidents of one sitting, from every signal as it opens and as it closes.

    The same signals in the same order give the same incidents. A kind without a severity counts as `low`.
    """

    def __init__(self, policy: CorrelationPolicy, severities: Mapping[SignalKind, Severity]) -> None:
        self._join_gap_ns = round(policy.join_gap_s * NS_PER_S)
        self._longest_ns = round(policy.longest_s * NS_PER_S)
        self._patience_ns = round((policy.join_gap_s + NOTICE_ALLOWANCE_S) * NS_PER_S)
        self._groups = {kind: group for group, kinds in policy.groups.items() for kind in kinds}
        self._severities = dict(severities)
        self._growing: list[_Growing] = []
        self._shown_per_hour = policy.shown_per_hour
        self._shown: deque[MediaTime] = deque()
        """When incidents of the last hour opened that were not folded."""

    def update(self, signal: Signal) -> list[IncidentUpdate]:
        """Take a signal that opened or closed."""
        for incident in self._growing:
            if signal.signal_id in incident.signals:
                return self._grow(incident, signal)
        group = self._groups.get(signal.kind, signal.kind.value)
        for incident in reversed(self._growing):
            if incident.group == group and self._takes(incident, signal):
                return self._grow(incident, signal)
        incident = _Growing(f"incident:{signal.signal_id}", group, {signal.signal_id: signal})
        self._budget(incident, signal)
        self._growing.append(incident)
        return [IncidentUpdate(IncidentChange.OPENED, self._snapshot(incident))]

    def advance(self, at: MediaTime) -> list[IncidentUpdate]:
        """Media time has reached `at`: close the incidents that nothing can join any more."""
        return list(self._closed(at))

    def finish(self, at: MediaTime) -> list[IncidentUpdate]:
        """The sitting ended at `at` and every rule has finished: close every incident."""
        for incident in self._growing:
            for signal_id, signal in incident.signals.items():
                if signal.end is None:
                    incident.signals[signal_id] = _ended(signal, at)
        closed = [IncidentUpdate(IncidentChange.CLOSED, self._snapshot(incident)) for incident in self._growing]
        self._growing.clear()
        return closed

    def _budget(self, incident: _Growing, signal: Signal) -> None:
        """Count the new incident against the budget of the hour before it was noticed."""
        while self._shown and signal.noticed - self._shown[0] > HOUR:
            self._shown.popleft()
        severity = self._severities.get(signal.kind, Severity.LOW)
        incident.is_beyond_budget = len(self._shown) >= self._shown_per_hour
        if not (incident.is_beyond_budget and severity.rank <= FOLDED_RANK):
            self._shown.append(signal.noticed)

    def _grow(self, incident: _Growing, signal: Signal) -> list[IncidentUpdate]:
        incident.signals[signal.signal_id] = signal
        return [IncidentUpdate(IncidentChange.GROWN, self._snapshot(incident))]

    def _takes(self, incident: _Growing, signal: Signal) -> bool:
        """Whether a new signal is close enough, and the incident not too long already."""
        if signal.start - incident.start > self._longest_ns:
            return False
        end = incident.end
        return end is None or signal.start - end <= self._join_gap_ns

    def _closed(self, at: MediaTime) -> Iterator[IncidentUpdate]:
        for incident in list(self._growing):
            end = incident.end
            if end is not None and at - end > self._patience_ns:
                self._growing.remove(incident)
                yield IncidentUpdate(IncidentChange.CLOSED, self._snapshot(incident))

    def _snapshot(self, incident: _Growing) -> Incident:
        signals = sorted(incident.signals.values(), key=lambda signal: (signal.start, signal.noticed))
        severities = [self._severities.get(signal.kind, Severity.LOW) for signal in signals]
        severity = max(severities, key=lambda severity: severity.rank)
        return Incident(
            incident_id=incident.incident_id,
            start=incident.start,
            end=incident.end,
            severity=severity,
            signals=tuple(signals),
            folded=incident.is_beyond_budget and severity.rank <= FOLDED_RANK,
        )


def _ended(signal: Signal, at: MediaTime) -> Signal:
    return replace(signal, end=max(at, signal.start))
