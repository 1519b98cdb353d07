"""Incidents and reviews of a sitting, folded out of its timeline."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from proctor.domain.timeline import Entry, EntryKind
from proctor.ports.timeline_store import TimelineStore

_PAGE: Final = 1000
_REMEMBERED: Final = 2000
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
    """Folds on demand and keeps folding; the longest unused are forgotten and read again."""

    def __init__(self, timeline: TimelineStore) -> None:
        self._timeline = timeline
        self._sittings: OrderedDict[str, SittingIncidents] = OrderedDict()
        self._locks: dict[str, asyncio.Lock] = {}
        self._meanwhile: dict[str, list[Entry]] = {}
        """Commits heard while a sitting is being read."""

    async def get(self, sitting_id: str) -> SittingIncidents:
        """The sitting's incidents up to the last commit."""
        known = self._sittings.get(sitting_id)
        if known is not None:
            self._sittings.move_to_end(sitting_id)
            return known
        lock = self._locks.setdefault(sitting_id, asyncio.Lock())
        async with lock:
            if sitting_id not in self._sittings:
                await self._load(sitting_id)
        self._locks.pop(sitting_id, None)
        return self._sittings[sitting_id]

    def hear(self, entries: Sequence[Entry]) -> list[tuple[str, str]]:
        """Fold a commit in; (sitting, incident) pairs that changed. Sittings that nobody asked for are left alone."""
        changed: dict[tuple[str, str], None] = {}
        for entry in entries:
            if entry.kind not in INCIDENT_KINDS:
                continue
            sitting = self._sittings.get(entry.sitting)
            if sitting is not None:
                sitting.take(entry)
            elif entry.sitting in self._meanwhile:
                self._meanwhile[entry.sitting].append(entry)
            changed[(entry.sitting, str(entry.payload["incident_id"]))] = None
        return list(changed)

    async def _load(self, sitting_id: str) -> None:
        fold = SittingIncidents()
        heard = self._meanwhile[sitting_id] = []
        try:
            while page := await self._timeline.read(sitting_id, fold.last_seq, _PAGE, INCIDENT_KINDS):
                for entry in page:
                    fold.take(entry)
        finally:
            del self._meanwhile[sitting_id]
        for entry in heard:
            fold.take(entry)
        self._sittings[sitting_id] = fold
        while len(self._sittings) > _REMEMBERED:
            self._sittings.popitem(last=False)


def _review(entry: Entry) -> Review:
    payload = entry.payload
    note = payload.get("note")
    return Review(
        decision=str(payload["decision"]),
        account_id=str(payload["account_id"]),
        note=None if note is None else str(note),
        at=datetime.fromisoformat(entry.utc),
    )
