"""Which sitting needs a person first."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final, Literal

from proctor.domain.signals import Severity, SignalKind
from server.invigilation.projection import IncidentState
from server.invigilation.schemas import Attention, SittingSummary

_SHOWN_KINDS: Final = 4
_NOT_RUNNING: Final = 10
_UNREVIEWED: Final = {Severity.HIGH: 0, Severity.MEDIUM: 1, Severity.LOW: 3, Severity.INFO: 4}
_CONNECTION_LOST: Final = 2
_CALM: Final = 5
_REASONS: Final[dict[Severity, Literal["high", "medium", "low"]]] = {
    Severity.HIGH: "high",
    Severity.MEDIUM: "medium",
    Severity.LOW: "low",
    Severity.INFO: "low",
}


def attention(incidents: Sequence[IncidentState], *, running: bool, connection: str) -> Attention:
    """How soon a person should look.

    `rank` goes by what is unreviewed: 0 high, 1 medium, 2 nothing so grave but the connection is lost, 3 low, 4 info,
    5 nothing; 10 more when the sitting does not run. Folded incidents, beyond the budget of the policy, are counted
    apart and raise no rank but that of info. It changes only when something happens, never by time alone.
    """
    undecided = [state for state in incidents if state.review is None]
    folded = [state for state in undecided if state.facts.get("folded")]
    unreviewed = [state for state in undecided if not state.facts.get("folded")]
    severities = [Severity(state.facts["severity"]) for state in unreviewed]
    highest = max(severities, key=lambda severity: severity.rank, default=None)
    rank = _CALM if highest is None else _UNREVIEWED[highest]
    if folded:
        rank = min(rank, _UNREVIEWED[Severity.INFO])
    if connection == "lost":
        rank = min(rank, _CONNECTION_LOST)
    return Attention(
        rank=rank if running else rank + _NOT_RUNNING,
        reason="none" if highest is None else _REASONS[highest],
        open_incidents=sum(state.facts.get("end_ms") is None for state in incidents),
        unreviewed=len(unreviewed),
        folded=len(folded),
        novelty=_novelty(incidents, unreviewed, highest),
        last_incident_ms=max((state.facts["start_ms"] for state in incidents), default=None),
    )


def _novelty(incidents: Sequence[IncidentState], unreviewed: Sequence[IncidentState], highest: Severity | None) -> int:
    """0 where the gravest undecided incidents hold a kind that was not dismissed in this sitting before, else 1."""
    dismissed = {
        kind
        for state in incidents
        if state.review is not None and state.review.decision == "dismissed"
        for kind in state.facts["kinds"]
    }
    kinds = {kind for state in unreviewed if state.facts["severity"] == highest for kind in state.facts["kinds"]}
    return int(bool(kinds) and kinds <= dismissed)


def last_kinds(incidents: Sequence[IncidentState]) -> list[SignalKind]:
    """Distinct kinds of the latest incidents, latest first."""
    kinds: dict[SignalKind, None] = {}
    for state in reversed(incidents):
        for kind in state.facts["kinds"]:
            kinds.setdefault(SignalKind(kind))
    return list(kinds)[:_SHOWN_KINDS]


def order(summary: SittingSummary) -> tuple[int, int, float, float, str]:
    """Sort key: rank, then what is new, then the latest incident, then the earliest start; ties never swap."""
    started = summary.started_at or datetime.max.replace(tzinfo=UTC) - timedelta(days=1)
    last_ms = summary.attention.last_incident_ms
    happened = -(started.timestamp() + last_ms / 1000) if last_ms is not None else 0.0
    attention_of = summary.attention
    return attention_of.rank, attention_of.novelty, happened, started.timestamp(), summary.sitting_id
