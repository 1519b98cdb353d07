"""Incidents: correlated signals that a person reviews as one."""

from __future__ import annotations

from dataclasses import dataclass

from proctor.domain.signals import Severity, Signal, SignalKind
from proctor.domain.time import MediaTime


@dataclass(frozen=True, slots=True)
class Incident:
    """What is put before a person. Announced again with the same id whenever it grows or closes."""

    incident_id: str
    start: MediaTime
    end: MediaTime | None
    """None while any of its signals is open."""
    severity: Severity
    signals: tuple[Signal, ...]
    """In order of onset, each in its latest state."""
    folded: bool = False
    """Of low severity, and beyond the number an hour that is put before a person one by one: shown together with others
    of its kind, never dropped."""

    @property
    def kinds(self) -> tuple[SignalKind, ...]:
        """Distinct kinds, in order of first onset."""
        return tuple(dict.fromkeys(signal.kind for signal in self.signals))
