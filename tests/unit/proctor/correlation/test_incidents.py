from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from proctor.correlation.incidents import Correlator, IncidentChange, IncidentUpdate
from proctor.domain.incidents import Incident
from proctor.domain.policy import CorrelationPolicy
from proctor.domain.signals import Crossing, Severity, Signal, SignalKind, Why
from proctor.domain.text import Text
from proctor.domain.time import MediaTime, media_time_from_s

SEVERITIES = {
    SignalKind.FACE_ABSENT: Severity.MEDIUM,
    SignalKind.HEAD_TURNED: Severity.LOW,
    SignalKind.CAMERA_BLOCKED: Severity.HIGH,
    SignalKind.SPEECH: Severity.MEDIUM,
    SignalKind.CONNECTION_LOST: Severity.INFO,
}
WHY = Why(Text("k", "r", "e"), Crossing("m", 1.0, 1.0, "", 0), None)


def signal(kind: SignalKind, start_s: float, end_s: float | None = None, dwell_s: float = 1.0) -> Signal:
    start = media_time_from_s(start_s)
    return Signal(
        signal_id=f"{kind}:{start}",
        kind=kind,
        detector=f"{kind}@1",
        start=start,
        noticed=media_time_from_s(start_s + dwell_s),
        end=None if end_s is None else media_time_from_s(end_s),
        confidence=1.0,
        why=WHY,
    )


def correlator(join_gap_s: float = 10.0, longest_s: float = 120.0) -> Correlator:
    return Correlator(CorrelationPolicy(join_gap_s=join_gap_s, longest_s=longest_s), SEVERITIES)


def changes(updates: Iterable[IncidentUpdate]) -> list[IncidentChange]:
    return [update.change for update in updates]


def kinds(incident: Incident) -> list[SignalKind]:
    return [each.kind for each in incident.signals]


def test_a_signal_opens_an_incident_that_ends_with_it_and_closes_when_nothing_can_join() -> None:
    line = correlator()
    (opened,) = line.update(signal(SignalKind.FACE_ABSENT, 5))
    assert (opened.change, opened.incident.end) == (IncidentChange.OPENED, None)
    assert opened.incident.incident_id == "incident:face_absent:5000000000"
    (ended,) = line.update(signal(SignalKind.FACE_ABSENT, 5, 12))
    assert (ended.change, ended.incident.end) == (IncidentChange.GROWN, media_time_from_s(12))
    assert line.advance(media_time_from_s(32)) == []
    (closed,) = line.advance(media_time_from_s(32.1))
    assert closed == replace(ended, change=IncidentChange.CLOSED)
    assert line.finish(media_time_from_s(40)) == []


def test_kinds_that_belong_together_join_and_the_most_severe_counts() -> None:
    line = correlator()
    line.update(signal(SignalKind.HEAD_TURNED, 5, 9))
    (grown,) = line.update(signal(SignalKind.FACE_ABSENT, 10))
    assert grown.change is IncidentChange.GROWN
    assert kinds(grown.incident) == [SignalKind.HEAD_TURNED, SignalKind.FACE_ABSENT]
    assert grown.incident.severity is Severity.MEDIUM
    assert grown.incident.end is None
    (grown,) = line.update(signal(SignalKind.CAMERA_BLOCKED, 10))
    assert grown.incident.severity is Severity.HIGH


def test_kinds_of_different_groups_stay_apart() -> None:
    line = correlator()
    line.update(signal(SignalKind.FACE_ABSENT, 5))
    (other,) = line.update(signal(SignalKind.SPEECH, 5))
    assert other.change is IncidentChange.OPENED
    (third,) = line.update(signal(SignalKind.CONNECTION_LOST, 5))
    assert (third.change, third.incident.severity) == (IncidentChange.OPENED, Severity.INFO)


def test_a_kind_in_no_group_joins_its_own_kind_only() -> None:
    line = correlator()
    line.update(signal(SignalKind.DETECTOR_FAILED, 5, 6))
    assert changes(line.update(signal(SignalKind.DETECTOR_FAILED, 7, 8))) == [IncidentChange.GROWN]
    assert changes(line.update(signal(SignalKind.ROOM_SCAN_INCOMPLETE, 7, 8))) == [IncidentChange.OPENED]


def test_the_gap_decides_from_onset_to_end() -> None:
    line = correlator(join_gap_s=10)
    line.update(signal(SignalKind.FACE_ABSENT, 5, 10))
    assert changes(line.update(signal(SignalKind.FACE_ABSENT, 20, 21))) == [IncidentChange.GROWN]
    assert changes(line.update(signal(SignalKind.FACE_ABSENT, 31.1))) == [IncidentChange.OPENED]


def test_a_signal_that_began_within_the_gap_joins_though_noticed_later() -> None:
    line = correlator(join_gap_s=10)
    line.update(signal(SignalKind.FACE_ABSENT, 5, 10))
    assert line.advance(media_time_from_s(29)) == []
    assert changes(line.update(signal(SignalKind.HEAD_TURNED, 19.5, dwell_s=10))) == [IncidentChange.GROWN]


def test_an_onset_before_the_incident_moves_its_start_and_keeps_its_id() -> None:
    line = correlator()
    line.update(signal(SignalKind.HEAD_TURNED, 10))
    (grown,) = line.update(signal(SignalKind.FACE_ABSENT, 7, dwell_s=5))
    assert grown.incident.incident_id == "incident:head_turned:10000000000"
    assert grown.incident.start == media_time_from_s(7)
    assert kinds(grown.incident) == [SignalKind.FACE_ABSENT, SignalKind.HEAD_TURNED]


def test_after_the_longest_time_a_new_incident_begins_while_the_old_one_goes_on() -> None:
    line = correlator(longest_s=60)
    (first,) = line.update(signal(SignalKind.FACE_ABSENT, 0))
    (second,) = line.update(signal(SignalKind.HEAD_TURNED, 61))
    assert second.change is IncidentChange.OPENED
    (old,) = line.update(signal(SignalKind.FACE_ABSENT, 0, 90))
    assert old.incident.incident_id == first.incident.incident_id
    (young,) = line.update(signal(SignalKind.HEAD_TURNED, 61, 91))
    assert young.incident.incident_id == second.incident.incident_id


def test_the_end_of_the_sitting_closes_everything_even_a_signal_that_nobody_closed() -> None:
    line = correlator()
    line.update(signal(SignalKind.FACE_ABSENT, 5))
    line.update(signal(SignalKind.SPEECH, 6, 8))
    closed = line.finish(media_time_from_s(20))
    assert changes(closed) == [IncidentChange.CLOSED, IncidentChange.CLOSED]
    assert [update.incident.end for update in closed] == [media_time_from_s(20), media_time_from_s(8)]
    assert all(each.end is not None for update in closed for each in update.incident.signals)


SIGNALS = st.lists(st.tuples(st.sampled_from(sorted(SEVERITIES)), st.integers(0, 90), st.integers(0, 60)), max_size=25)


@given(intervals=SIGNALS, join_gap_s=st.sampled_from([0.0, 10.0]), longest_s=st.sampled_from([10.0, 120.0]))
def test_every_signal_is_in_exactly_one_incident_and_each_opens_once_and_closes_once(
    intervals: list[tuple[SignalKind, int, int]], join_gap_s: float, longest_s: float
) -> None:
    announcements: list[tuple[int, Signal]] = []
    taken: set[tuple[SignalKind, int, int]] = set()
    for kind, wait, length in intervals:
        start = wait + max((end for each, _, end in taken if each is kind), default=0) + 1
        taken.add((kind, start, start + length))
        announcements += [
            (start + 1, signal(kind, start)),
            (start + length + 1, signal(kind, start, start + length)),
        ]
    announcements.sort(key=lambda each: each[0])
    first, second = (play(correlator(join_gap_s, longest_s), announcements) for _ in range(2))
    assert first == second

    homes: dict[str, set[str]] = {}
    state: dict[str, IncidentChange] = {}
    last: dict[str, Incident] = {}
    for update in first:
        incident = update.incident
        before = state.get(incident.incident_id)
        assert (before is None) == (update.change is IncidentChange.OPENED)
        assert before is not IncidentChange.CLOSED
        state[incident.incident_id] = update.change
        last[incident.incident_id] = incident
        for each in incident.signals:
            homes.setdefault(each.signal_id, set()).add(incident.incident_id)
    assert set(state.values()) <= {IncidentChange.CLOSED}
    assert set(homes) == {each.signal_id for _, each in announcements}
    assert all(len(ids) == 1 for ids in homes.values())
    for incident in last.values():
        assert incident.start == min(each.start for each in incident.signals)
        assert incident.end == max(each.end for each in incident.signals if each.end is not None)
        assert incident.severity is max((SEVERITIES[kind] for kind in incident.kinds), key=lambda level: level.rank)


def play(line: Correlator, announcements: list[tuple[int, Signal]]) -> list[IncidentUpdate]:
    updates: list[IncidentUpdate] = []
    now = 0
    for now, announced in announcements:
        updates += line.advance(media_time_from_s(now))
        updates += line.update(announced)
    return updates + line.finish(MediaTime(media_time_from_s(now + 1)))


def opened_every_minute(kind: SignalKind, count: int, shown_per_hour: int) -> list[Incident]:
    line = Correlator(CorrelationPolicy(shown_per_hour=shown_per_hour), SEVERITIES)
    opened = []
    for minute in range(count):
        for end_s in (None, 60 * minute + 5.0):
            updates = line.update(signal(kind, 60 * minute, end_s))
        opened += [update.incident for update in updates]
        line.advance(media_time_from_s(60 * minute + 50))
    return opened


def test_low_incidents_beyond_the_budget_of_an_hour_are_folded_and_none_is_dropped() -> None:
    incidents = opened_every_minute(SignalKind.HEAD_TURNED, 64, shown_per_hour=3)
    assert len(incidents) == 64
    shown = [number for number, incident in enumerate(incidents) if not incident.folded]
    assert shown == [0, 1, 2, 61, 62, 63]


def test_graver_incidents_are_never_folded() -> None:
    assert not any(incident.folded for incident in opened_every_minute(SignalKind.SPEECH, 20, shown_per_hour=3))


def test_a_folded_incident_that_grows_more_severe_comes_out() -> None:
    line = Correlator(CorrelationPolicy(shown_per_hour=0), SEVERITIES)
    (opened,) = line.update(signal(SignalKind.HEAD_TURNED, 5))
    assert opened.incident.folded
    (grown,) = line.update(signal(SignalKind.FACE_ABSENT, 8))
    assert not grown.incident.folded
