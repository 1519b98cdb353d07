from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from proctor.correlation.incidents import IncidentChange
from proctor.domain.guided import GuidedKind, GuidedOutcome, GuidedSpec
from proctor.domain.incidents import Incident
from proctor.domain.media import ClientEvent, ClientEventKind, LinkEvent, LinkState, TrackKind
from proctor.domain.observations import ScreenZone
from proctor.domain.signals import Crossing, Severity, Signal, SignalKind, Why
from proctor.domain.text import Text
from proctor.domain.time import MediaTime
from proctor.pipeline.outputs import CheckFinished
from server.perception.attendance import Attendance, CheckPendingError
from server.perception.protocol import CheckDone, IncidentChanged, SignalChanged, interrupted

WHY = Why(Text("k", "r", "e"), Crossing("people", 2.0, 1.0, "", 1500), None)
SIGNAL = Signal("s:1", SignalKind.MULTIPLE_FACES, "multiple_faces@1", MediaTime(10), MediaTime(20), None, 0.9, WHY)
INCIDENT = Incident("i:1", MediaTime(10), None, Severity.HIGH, (SIGNAL,))


def attendance(now: int = 100) -> Attendance:
    return Attendance("sitting", "", (), lambda: MediaTime(now), worker=0)


def test_what_a_dead_worker_had_open_ends_where_it_had_analysed_to() -> None:
    sitting = attendance()
    sitting.note(SignalChanged(SIGNAL))
    sitting.note(IncidentChanged(IncidentChange.OPENED, INCIDENT))
    sitting.analysed_to = MediaTime(50)
    ended = replace(SIGNAL, end=MediaTime(50))
    assert list(sitting.interrupt("crashed")) == [
        SignalChanged(ended),
        IncidentChanged(IncidentChange.CLOSED, replace(INCIDENT, end=MediaTime(50), signals=(ended,))),
    ]
    assert sitting.interrupted == (50, "crashed")
    assert sitting.epoch == 1
    assert all(gate.waiting for gate in sitting.gates.values())
    assert list(sitting.interrupt("crashed")) == []


def test_what_had_closed_is_left_alone() -> None:
    sitting = attendance()
    closed = replace(SIGNAL, end=MediaTime(30))
    sitting.note(SignalChanged(SIGNAL))
    sitting.note(SignalChanged(closed))
    incident = replace(INCIDENT, end=MediaTime(30), signals=(closed,))
    sitting.note(IncidentChanged(IncidentChange.OPENED, INCIDENT))
    sitting.note(IncidentChanged(IncidentChange.GROWN, incident))
    sitting.analysed_to = MediaTime(40)
    assert list(sitting.interrupt("hung")) == [
        IncidentChanged(IncidentChange.CLOSED, replace(incident, end=MediaTime(40)))
    ]


def test_a_check_that_runs_is_interrupted_once_and_one_that_ended_is_not() -> None:
    sitting = attendance()
    spec = GuidedSpec("c", GuidedKind.ROOM_SCAN, TrackKind.PHONE, MediaTime(60))
    sitting.begin_check(spec)
    sitting.analysed_to = MediaTime(50)
    assert list(sitting.interrupt("crashed")) == [interrupted(spec, MediaTime(60))]
    assert list(sitting.interrupt("crashed")) == []
    sitting.begin_check(spec)
    sitting.note(interrupted(spec, MediaTime(70)))
    assert list(sitting.interrupt("hung")) == []


def test_the_own_screen_once_measured_is_told_to_whoever_takes_over() -> None:
    sitting = attendance()
    assert sitting.opening().screen is None
    screen = ScreenZone(12.5, 11.0)
    begun, end = MediaTime(5), MediaTime(9)
    sitting.note(CheckDone(CheckFinished("c", end, begun, GuidedOutcome.MEASURED, {}, screen=screen)))
    assert sitting.opening().screen == screen
    sitting.note(CheckDone(CheckFinished("d", end, begun, GuidedOutcome.CANNOT_TELL, {})))
    list(sitting.interrupt("crashed"))
    assert sitting.opening().screen == screen, "what could not be measured anew leaves the last measure"


async def test_a_check_waits_until_the_end_of_the_one_before_it_was_told() -> None:
    sitting = attendance()
    spec = GuidedSpec("c", GuidedKind.ROOM_SCAN, TrackKind.PHONE, MediaTime(60))
    sitting.opened.set()
    sitting.begin_check(spec)
    with pytest.raises(CheckPendingError, match="check c of sitting sitting"):
        sitting.begin_check(replace(spec, check_id="d"))
    waiting = asyncio.create_task(sitting.free_for_check(within_s=20))
    await asyncio.sleep(0)
    list(sitting.interrupt("crashed"))
    await asyncio.sleep(0)
    assert not waiting.done(), "no worker has the sitting yet"
    sitting.opened.set()
    await asyncio.wait_for(waiting, 1)
    sitting.begin_check(replace(spec, check_id="d"))
    await sitting.free_for_check(within_s=0)
    with pytest.raises(CheckPendingError):
        sitting.begin_check(spec)


def test_a_second_death_before_the_sitting_runs_again_extends_the_interruption() -> None:
    sitting = attendance()
    sitting.analysed_to = MediaTime(50)
    list(sitting.interrupt("crashed"))
    sitting.analysed_to = MediaTime(60)
    list(sitting.interrupt("hung"))
    assert sitting.interrupted == (50, "hung")


def test_a_worker_that_takes_over_is_told_the_last_states() -> None:
    sitting = attendance()
    for kind, at, detail in (
        (ClientEventKind.FOCUS_LOST, 1, {}),
        (ClientEventKind.FOCUS_GAINED, 2, {}),
        (ClientEventKind.CLIPBOARD_PASTE, 3, {}),
        (ClientEventKind.TRACK_MUTED, 4, {"track": "camera"}),
        (ClientEventKind.TRACK_MUTED, 5, {"track": "microphone"}),
    ):
        sitting.remember_event(ClientEvent(kind, MediaTime(at), detail))
    sitting.remember_link(LinkEvent(LinkState.LOST, MediaTime(6)))
    events, link = sitting.present_state(MediaTime(9))
    assert [(event.kind, event.at, event.detail.get("track")) for event in events] == [
        (ClientEventKind.FOCUS_GAINED, 9, None),
        (ClientEventKind.TRACK_MUTED, 9, "camera"),
        (ClientEventKind.TRACK_MUTED, 9, "microphone"),
    ]
    assert link == LinkEvent(LinkState.LOST, MediaTime(9))


def test_a_closing_page_ends_what_it_had_reported() -> None:
    sitting = attendance()
    sitting.remember_event(ClientEvent(ClientEventKind.FOCUS_LOST, MediaTime(1)))
    sitting.remember_event(ClientEvent(ClientEventKind.PAGE_CLOSING, MediaTime(2)))
    assert sitting.present_state(MediaTime(3)) == ([], None)


def test_a_reopened_sitting_starts_at_its_present_time() -> None:
    sitting = attendance(now=77)
    list(sitting.interrupt("crashed"))
    opening = sitting.opening()
    assert (opening.start, opening.epoch) == (77, 1)


def test_tracks_that_do_not_exist_are_not_remembered_one_by_one() -> None:
    sitting = attendance()
    for number in range(500):
        made_up = ClientEvent(kind=ClientEventKind.TRACK_MUTED, at=MediaTime(1), detail={"track": f"track {number}"})
        sitting.remember_event(made_up)
    for track in ("camera", "microphone"):
        sitting.remember_event(ClientEvent(kind=ClientEventKind.TRACK_MUTED, at=MediaTime(1), detail={"track": track}))

    events, _ = sitting.present_state(MediaTime(2))

    assert len(events) == 3
