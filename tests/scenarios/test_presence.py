"""What tells an empty chair from a hidden face, a glance from a look aside, and a hand on the chin from both."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sitting_script import SittingScript, run

from proctor.detectors.registry import discover
from proctor.domain.media import TrackKind
from proctor.domain.observations import (
    BodyObserved,
    Face,
    HeadPose,
    Observation,
    OwnZero,
    PeopleObserved,
    ScreenZone,
)
from proctor.domain.signals import Signal, SignalKind
from proctor.domain.time import media_time_from_s

REGISTRY = discover()
PRESENCE = (
    SignalKind.FACE_ABSENT,
    SignalKind.BODY_ABSENT,
    SignalKind.LEFT_SEAT,
    SignalKind.LEANING,
    SignalKind.SECOND_PERSON,
    SignalKind.GAZE_AWAY,
    SignalKind.HEAD_TURNED,
)


def noticed(script: SittingScript | list[Observation], *kinds: SignalKind) -> dict[SignalKind, list[Signal]]:
    """Signals as they closed, by kind, of the given rules or of all about presence."""
    observations = script if isinstance(script, list) else script.observations()
    end = max(observation.at for observation in observations)
    rules = [REGISTRY[kind](REGISTRY[kind].config_type()) for kind in kinds or PRESENCE]
    signals = [signal for rule in rules for signal in run(rule, observations, end) if signal.end is not None]
    return {kind: [signal for signal in signals if signal.kind is kind] for kind in {each.kind for each in signals}}


def turned(left_deg: float, zero_deg: float | None, seconds: int = 10) -> list[Observation]:
    """A head turned by so much, of a candidate whose own zero is so much."""
    pose = HeadPose(left_deg, 0.0, 0.0)
    zero = None if zero_deg is None else OwnZero(HeadPose(zero_deg, 0.0, 0.0), None, 30)
    face = Face((100.0, 80.0, 120.0, 150.0), 0.9, pose)
    return [
        PeopleObserved(TrackKind.CAMERA, media_time_from_s(step / 2), 1, (face,), "faces@1", zero)
        for step in range(2 * seconds)
    ]


def with_hands(script: SittingScript, hands: int) -> list[Observation]:
    """The same with hands at the face of every body."""
    return [
        replace(each, bodies=tuple(replace(body, hands_near_face=hands) for body in each.bodies))
        if isinstance(each, BodyObserved)
        else each
        for each in script.observations()
    ]


def test_a_hidden_face_is_told_from_an_empty_chair() -> None:
    hidden = SittingScript().face_at(0, 20).people(20, 30, 0).bodies(20, 30).face_at(30, 40).ticks(40)
    (signal,) = noticed(hidden)[SignalKind.FACE_ABSENT]
    assert "A body" not in signal.why.text.en
    assert "a body was looked for 10 times and seen 10 times. The seat was not empty" in signal.why.text.en
    assert "Место не пустовало" in signal.why.text.ru
    assert "Орын бос болған жоқ" in signal.why.text.kk
    assert set(noticed(hidden)) == {SignalKind.FACE_ABSENT}


def test_an_empty_chair_is_said_to_be_empty() -> None:
    empty = SittingScript().face_at(0, 20).people(20, 30, 0).bodies(20, 30, 0).face_at(30, 40).ticks(40)
    found = noticed(empty)
    assert set(found) == {SignalKind.FACE_ABSENT, SignalKind.BODY_ABSENT, SignalKind.LEFT_SEAT}
    assert "The seat seems to have been empty." in found[SignalKind.FACE_ABSENT][0].why.text.en
    assert "had been in the seat" in found[SignalKind.LEFT_SEAT][0].why.text.en


def test_where_nobody_looked_for_a_body_nothing_is_said_of_one() -> None:
    script = SittingScript().people(0, 5).people(5, 12, 0).people(12, 20).ticks(20)
    (signal,) = noticed(script, SignalKind.FACE_ABSENT)[SignalKind.FACE_ABSENT]
    assert "body" not in signal.why.text.en


def test_a_seat_that_was_never_taken_was_not_left() -> None:
    script = SittingScript().people(0, 30, 0).bodies(0, 30, 0).ticks(30)
    assert SignalKind.LEFT_SEAT not in noticed(script)
    assert SignalKind.BODY_ABSENT in noticed(script)


@pytest.mark.parametrize("hands", [1, 2])
def test_hands_on_chin_or_ear_are_no_incident(hands: int) -> None:
    present = SittingScript().face_at(0, 40).bodies(0, 40, faces=1, head_x=320.0).ticks(40)
    assert noticed(with_hands(present, hands)) == {}


def test_getting_up_is_told_by_where_the_body_went() -> None:
    script = SittingScript().face_at(0, 20).people(20, 30, 0).bodies(20, 30, head_x=560.0).ticks(30)
    (signal,) = noticed(script)[SignalKind.LEFT_SEAT]
    assert "2 face widths away" in signal.why.text.en


def test_glances_aside_and_eyes_that_cannot_be_seen_are_left_alone() -> None:
    script = SittingScript()
    for begin in range(0, 60, 5):
        script.gaze(begin, begin + 3).gaze(begin + 3, begin + 4, 30).gaze(begin + 4, begin + 5, None)
    assert noticed(script.ticks(60)) == {}


def test_a_look_aside_with_blinks_and_a_glance_back_is_one_look_aside() -> None:
    script = SittingScript().gaze(0, 10).gaze(10, 13, -22).gaze(13, 14, None).gaze(14, 16, -24).gaze(16, 16.5)
    script.gaze(16.5, 20, -22).gaze(20, 30).ticks(30)
    (signal,) = noticed(script)[SignalKind.GAZE_AWAY]
    assert (signal.start, signal.end) == (media_time_from_s(10), media_time_from_s(20))
    assert "past the screen to the own right" in signal.why.text.en


def test_the_own_screen_is_the_limit_where_it_was_measured_and_the_reason_says_so() -> None:
    narrow, wide = ScreenZone(11.0, 11.0), ScreenZone(24.0, 24.0)
    for look_deg, screen in ((13.0, None), (20.0, wide)):
        assert noticed(SittingScript().gaze(0, 10, look_deg, screen=screen).ticks(10)) == {}
    (own,) = noticed(SittingScript().gaze(0, 10, 13.0, screen=narrow).ticks(10))[SignalKind.GAZE_AWAY]
    assert (own.why.crossing.threshold, own.why.crossing.value) == (11.0, 13.0)
    assert "the candidate's own screen, from looking at dots" in own.why.text.en
    (usual,) = noticed(SittingScript().gaze(0, 10, 20.0).ticks(10))[SignalKind.GAZE_AWAY]
    (above,) = noticed(SittingScript().gaze(0, 10, 0.0, 25.0, screen=narrow).ticks(10))[SignalKind.GAZE_AWAY]
    assert (usual.why.crossing.threshold, above.why.crossing.threshold) == (15.0, 20.0)
    assert all("own screen was not measured" in signal.why.text.en for signal in (usual, above))


def test_a_head_is_turned_against_its_own_zero_and_says_so() -> None:
    assert noticed(turned(45.0, 15.0), SignalKind.HEAD_TURNED) == {}
    (signal,) = noticed(turned(-30.0, 15.0), SignalKind.HEAD_TURNED)[SignalKind.HEAD_TURNED]
    assert signal.why.crossing.value == 45.0
    assert "how this candidate usually held the head" in signal.why.text.en
    (absolute,) = noticed(turned(-45.0, None), SignalKind.HEAD_TURNED)[SignalKind.HEAD_TURNED]
    assert "measured from facing the camera" in absolute.why.text.en


def test_sitting_differently_for_good_is_noticed_once() -> None:
    script = SittingScript().face_at(0, 60).face_at(60, 600, x=420.0).ticks(600)
    (signal,) = noticed(script)[SignalKind.LEANING]
    assert signal.end is not None
    assert signal.end < media_time_from_s(240)


def test_coming_nearer_and_going_back_are_leaning_too() -> None:
    for width, words in ((210.0, "nearer to the camera"), (60.0, "farther from the camera")):
        x = 320.0 - width / 2
        script = SittingScript().face_at(0, 20).face_at(20, 30, x=x, width=width).face_at(30, 40).ticks(40)
        (signal,) = noticed(script)[SignalKind.LEANING]
        assert words in signal.why.text.en


def test_a_second_body_with_a_face_is_left_to_the_rule_about_faces() -> None:
    script = SittingScript().people(0, 20, 2).bodies(0, 20, 2, faces=2).ticks(20)
    assert SignalKind.SECOND_PERSON not in noticed(script)
