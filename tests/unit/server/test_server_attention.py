from __future__ import annotations

from datetime import UTC, datetime, timedelta

from proctor.domain.time import MediaTime
from proctor.domain.timeline import Entry, EntryKind, JsonValue
from server.invigilation.attention import attention, last_kinds, order
from server.invigilation.projection import IncidentState, SittingIncidents
from server.invigilation.schemas import CandidateView, SittingSummary
from server.schemas import LocalizedText

NOW = datetime(2026, 6, 1, 9, 0, tzinfo=UTC)


def entry(seq: int, kind: EntryKind, payload: dict[str, JsonValue]) -> Entry:
    utc = (NOW + timedelta(seconds=seq)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    return Entry("sitting", seq, MediaTime(0), utc, kind, payload, "0" * 64, "1" * 64)


def facts(number: int, severity: str, start_ms: int, end_ms: int | None = None) -> dict[str, JsonValue]:
    return {
        "incident_id": f"incident:{number}",
        "severity": severity,
        "start_ms": start_ms,
        "end_ms": end_ms,
        "kinds": ["multiple_faces"] if severity == "high" else ["noise"],
        "signals": [],
    }


def folded(*entries: Entry) -> list[IncidentState]:
    fold = SittingIncidents()
    for one in entries:
        fold.take(one)
    return fold.known()


def summary(
    name: str, incidents: list[IncidentState], *, connection: str = "ok", running: bool = True
) -> SittingSummary:
    return SittingSummary(
        sitting_id=name,
        candidate=CandidateView(account_id="a", name="A", email="a@b"),
        exam_title=LocalizedText(kk="x", ru="x", en="x"),
        state="running" if running else "finished",
        started_at=NOW,
        finished_at=None,
        elapsed_ms=0,
        connection="lost" if connection == "lost" else "ok",
        attention=attention(incidents, running=running, connection=connection),
        last_kinds=last_kinds(incidents),
        tracks=[],
        thumbnail_url=None,
        check=None,
        phone_joined=False,
    )


def test_what_needs_a_person_comes_first() -> None:
    high = folded(entry(1, EntryKind.INCIDENT_OPENED, facts(1, "high", 1000)))
    later = folded(entry(1, EntryKind.INCIDENT_OPENED, facts(1, "high", 5000)))
    low = folded(entry(1, EntryKind.INCIDENT_OPENED, facts(1, "low", 9000)))
    reviewed = folded(
        entry(1, EntryKind.INCIDENT_OPENED, facts(1, "high", 9000)),
        entry(2, EntryKind.INCIDENT_REVIEWED, {"incident_id": "incident:1", "account_id": "i", "decision": "noted"}),
    )
    listed = [
        summary("finished-high", high, running=False),
        summary("calm-b", []),
        summary("calm-a", []),
        summary("reviewed", reviewed),
        summary("low", low),
        summary("lost", [], connection="lost"),
        summary("high", high),
        summary("later-high", later),
    ]

    names = [one.sitting_id for one in sorted(listed, key=order)]

    assert names == ["later-high", "high", "lost", "low", "reviewed", "calm-a", "calm-b", "finished-high"]


def test_a_withdrawn_review_leaves_the_incident_as_it_was() -> None:
    reviewed = {"incident_id": "incident:1", "account_id": "i", "decision": "dismissed", "note": "a mirror"}
    entries: list[Entry] = [
        entry(1, EntryKind.INCIDENT_OPENED, facts(1, "medium", 10)),
        entry(2, EntryKind.INCIDENT_UPDATED, {"incident_id": "incident:1", "picture_sha256": "ab", "picture_at_ms": 1}),
        entry(3, EntryKind.INCIDENT_REVIEWED, dict(reviewed)),
    ]
    (state,) = folded(*entries)
    assert state.review is not None
    assert (state.review.decision, state.review.note, state.picture_sha256) == ("dismissed", "a mirror", "ab")
    assert state.facts["severity"] == "medium", "a picture's entry does not replace the incident's facts"

    (state,) = folded(*entries, entry(4, EntryKind.REVIEW_WITHDRAWN, {"incident_id": "incident:1", "account_id": "i"}))
    assert state.review is None


def test_entries_that_come_twice_count_once() -> None:
    review = entry(2, EntryKind.INCIDENT_REVIEWED, {"incident_id": "i:1", "account_id": "i", "decision": "noted"})
    fold = SittingIncidents()
    for one in (entry(1, EntryKind.INCIDENT_OPENED, facts(1, "low", 0) | {"incident_id": "i:1"}), review, review):
        fold.take(one)

    assert len(fold.incidents["i:1"].reviews) == 1


def folded_facts(number: int, start_ms: int) -> dict[str, JsonValue]:
    return facts(number, "low", start_ms) | {"folded": True}


def test_folded_incidents_are_counted_apart_and_never_lost() -> None:
    states = folded(
        entry(1, EntryKind.INCIDENT_OPENED, facts(1, "low", 1000)),
        entry(2, EntryKind.INCIDENT_OPENED, folded_facts(2, 2000)),
        entry(3, EntryKind.INCIDENT_OPENED, folded_facts(3, 3000)),
    )
    told = attention(states, running=True, connection="ok")
    assert (told.unreviewed, told.folded, told.reason) == (1, 2, "low")
    only_folded = attention(states[1:], running=True, connection="ok")
    calm = attention([], running=True, connection="ok")
    assert only_folded.unreviewed == 0
    assert only_folded.rank < calm.rank


def test_what_nobody_has_dismissed_yet_comes_before_what_was_dismissed_before() -> None:
    dismissed = {"incident_id": "incident:1", "account_id": "i", "decision": "dismissed"}
    again = folded(
        entry(1, EntryKind.INCIDENT_OPENED, facts(1, "low", 1000)),
        entry(2, EntryKind.INCIDENT_REVIEWED, dict(dismissed)),
        entry(3, EntryKind.INCIDENT_OPENED, facts(2, "low", 9000)),
    )
    new = folded(entry(1, EntryKind.INCIDENT_OPENED, facts(1, "low", 1000)))
    names = [one.sitting_id for one in sorted([summary("again", again), summary("new", new)], key=order)]
    assert names == ["new", "again"]
