"""Incidents and reviews of a sitting, folded out of its timeline."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from proctor.domain.timeline import Entry, EntryKind
from proctor.ports.timeline_store import TimelineStore
from server.folds import Folds

INCIDENT_KINDS: Final = (
    EntryKind.INCIDENT_OPENED,
    EntryKind.INCIDENT_UPDATED,
    EntryKind.INCIDENT_CLOSED,
    EntryKind.INCIDENT_REVIEWED,
    EntryKind.REVIEW_WITHDRAWN,
)


@dataclass(frozen=True, slots=True)
class Review:
    """A person's decision on an incident."""

    decision: str
    account_id: str
    note: str | None
    at: datetime


@dataclass(slots=True)
class IncidentState:
    """An incident as its entries leave it."""

    incident_id: str
    facts: dict[str, Any] = field(default_factory=dict)
    """Payload of the latest entry that states the incident."""
    picture_sha256: str | None = None
    reviews: list[Review] = field(default_factory=list)
    """Decisions that stand, oldest first; the last one counts."""

    @property
    def review(self) -> Review | None:
        """The decision that counts."""
        return self.reviews[-1] if self.reviews else None


@dataclass(slots=True)
class SittingIncidents:
    """All incidents of a sitting."""

    last_seq: int = 0
    incidents: dict[str, IncidentState] = field(default_factory=dict)

    def take(self, entry: Entry) -> str | None:
        """Fold an entry in; the id of the incident that it is about, None when it is about none or came before."""
        if entry.seq <= self.last_seq or entry.kind not in INCIDENT_KINDS:
            return None
        self.last_seq = entry.seq
        payload = dict(entry.payload)
        incident_id = str(payload["incident_id"])
        state = self.incidents.setdefault(incident_id, IncidentState(incident_id))
        if entry.kind == EntryKind.INCIDENT_REVIEWED:
            state.reviews.append(_review(entry))
        elif entry.kind == EntryKind.REVIEW_WITHDRAWN:
            if state.reviews:
                state.reviews.pop()
        elif "picture_sha256" in payload:
            state.picture_sha256 = str(payload["picture_sha256"])
        else:
            state.facts = payload
        return incident_id

    def known(self) -> list[IncidentState]:
        """Incidents whose facts have come, by onset."""
        return sorted(
            (state for state in self.incidents.values() if state.facts),
            key=lambda state: (state.facts["start_ms"], state.incident_id),
        )


class Projections:
    """Folds on demand and keeps folding."""

    def __init__(self, timeline: TimelineStore) -> None:
        self._folds = Folds(timeline, INCIDENT_KINDS, SittingIncidents)

    async def get(self, sitting_id: str) -> SittingIncidents:
        """The sitting's incidents up to the last commit."""
        return await self._folds.get(sitting_id)

    def hear(self, entries: Sequence[Entry]) -> list[tuple[str, str]]:
        """Fold a commit in; (sitting, incident) pairs that changed. Sittings that nobody asked for are left alone."""
        concerned = self._folds.hear(entries)
        return list(dict.fromkeys((entry.sitting, str(entry.payload["incident_id"])) for entry in concerned))


def _review(entry: Entry) -> Review:
    payload = entry.payload
    note = payload.get("note")
    return Review(
        decision=str(payload["decision"]),
        account_id=str(payload["account_id"]),
        note=None if note is None else str(note),
        at=datetime.fromisoformat(entry.utc),
    )
