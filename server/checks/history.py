"""Guided checks as their entries leave them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from proctor.domain.guided import GuidedKind, GuidedOutcome
from proctor.domain.media import TrackKind
from proctor.domain.time import MediaTime
from proctor.domain.timeline import Entry, EntryKind
from server.checks.schemas import CheckState

CHECK_KINDS: Final = (EntryKind.CHECK_ASKED, EntryKind.CHECK_BEGUN, EntryKind.CHECK_ENDED)


@dataclass(slots=True)
class Check:
    """A guided check as its entries leave it."""

    check_id: str
    kind: GuidedKind
    asked_at: datetime
    asked_by: str | None
    """Account of the invigilator; None for a check by policy."""
    track: TrackKind | None = None
    begun: MediaTime | None = None
    begun_at: datetime | None = None
    ended: Mapping[str, Any] | None = None
    """Payload of the entry of its end."""

    @property
    def state(self) -> CheckState:
        """How far it has come."""
        if self.ended is not None:
            return CheckState.ENDED
        return CheckState.ASKED if self.begun_at is None else CheckState.BEGUN

    @property
    def outcome(self) -> GuidedOutcome | None:
        """How it ended."""
        return None if self.ended is None else GuidedOutcome(self.ended["outcome"])


@dataclass(slots=True)
class SittingChecks:
    """All checks of a sitting, in the order in which they were asked for."""

    last_seq: int = 0
    checks: dict[str, Check] = field(default_factory=dict)

    def take(self, entry: Entry) -> Check | None:
        """Fold an entry in; the check that it changed. What has ended stays as it ended."""
        if entry.seq <= self.last_seq:
            return None
        self.last_seq = entry.seq
        payload, at = entry.payload, datetime.fromisoformat(entry.utc)
        check_id = str(payload["check_id"])
        if entry.kind == EntryKind.CHECK_ASKED:
            asked_by = payload["asked_by"]
            who = None if asked_by is None else str(asked_by)
            return self.checks.setdefault(check_id, Check(check_id, GuidedKind(str(payload["check"])), at, who))
        check = self.checks.get(check_id)
        if check is None or check.ended is not None:
            return None
        if entry.kind == EntryKind.CHECK_BEGUN:
            check.track, check.begun_at = TrackKind(str(payload["track"])), at
            check.begun = entry.media_time_ns or MediaTime(0)
        else:
            check.ended = dict(payload)
        return check

    @property
    def open(self) -> Check | None:
        """The one that has not ended."""
        return next((check for check in self.checks.values() if check.ended is None), None)
