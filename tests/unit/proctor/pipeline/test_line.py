"""The line with real rules and correlation; the models are replaced by scripts at their ports."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
import pytest

from proctor.analyzers.sense import BeginListening, BeginLooking
from proctor.correlation.incidents import IncidentChange, IncidentUpdate
from proctor.detectors.registry import discover
from proctor.domain.media import (
    AudioChunk,
    ClientEvent,
    ClientEventKind,
    Frame,
    LinkEvent,
    LinkState,
    TrackKind,
)
from proctor.domain.observations import Face, IdentityObserved, Observation, PeopleObserved, SoundObserved, Tick
from proctor.domain.policy import DetectorConfig
from proctor.domain.signals import Severity, Signal, SignalKind
from proctor.domain.time import MediaTime, media_time_from_s
from proctor.pipeline.line import FROM_THE_START, Continuation, SittingLine
from proctor.pipeline.outputs import DetectorFailed, IncidentPicture, LineOutput, ObservationSummary
from proctor.pipeline.policy import default_policy

REGISTRY = discover()
POLICY = default_policy(REGISTRY)


class BrokenError(Exception):
    """Raised on purpose."""


@dataclass
class ScriptedFaces:
    """Says how many people there are at which second."""

    count_from: dict[float, int] = field(default_factory=lambda: {0.0: 1})
    fails_from: float = float("inf")

    def observe(self, frame: Frame, *, thorough: bool = False, with_pose: bool = True) -> PeopleObserved:
        del thorough, with_pose
        at_s = frame.at / 1e9
        if at_s >= self.fails_from:
            raise BrokenError("no more faces")
        count = next(count for start, count in sorted(self.count_from.items(), reverse=True) if at_s >= start)
        faces = tuple(Face((100.0 + 150 * number, 100, 100, 120), 0.9) for number in range(count))
        return PeopleObserved(frame.track, frame.at, count, faces, "scripted@1")


@dataclass
class ScriptedSound:
    def observe(self, chunk: AudioChunk) -> list[SoundObserved]:
        return [SoundObserved(chunk.at, 512, -60.0, 0.0, "scripted@1")]

    def finish(self) -> list[SoundObserved]:
        return []


class ScriptedSpeech:
    def stream(self, *, window_ms: int = 512) -> ScriptedSound:
        del window_ms
        return ScriptedSound()


class NoIdentity:
    def observe(self, *_arguments: object, **_options: object) -> IdentityObserved:
        raise AssertionError("nobody is enrolled")


@dataclass
class Scripted:
    faces: ScriptedFaces = field(default_factory=ScriptedFaces)
    identity: NoIdentity = field(default_factory=NoIdentity)
    speech: ScriptedSpeech = field(default_factory=ScriptedSpeech)
    further: Mapping[str, BeginLooking] = field(default_factory=dict)
    listening: Mapping[str, BeginListening] = field(default_factory=dict)
    absent: tuple[str, ...] = ()


class Exploding:
    """A rule that opens a signal at 2 s and breaks at 4 s."""

    id: ClassVar = SignalKind.NOISE
    version: ClassVar = "1"
    consumes: ClassVar[tuple[type[Any], ...]] = (Tick,)
    config_type: ClassVar = DetectorConfig

    def __init__(self, template: Signal) -> None:
        self._template = template

    def update(self, observation: Observation) -> Iterable[Signal]:
        if observation.at == media_time_from_s(2):
            yield self._template
        if observation.at >= media_time_from_s(4):
            raise BrokenError("divided by zero")

    def finish(self, at: MediaTime) -> Iterable[Signal]:
        raise BrokenError(f"must not be asked at {at}")


def picture(at_s: float) -> Frame:
    pixels = np.random.default_rng(round(at_s * 1_000)).integers(0, 255, (48, 64, 3), np.uint8)
    return Frame(TrackKind.CAMERA, media_time_from_s(at_s), pixels)


def played(line: SittingLine, seconds: float) -> list[LineOutput]:
    outputs: list[LineOutput] = []
    for step in range(round(seconds * 4)):
        at_s = step / 4
        outputs += line.picture(picture(at_s))
        outputs += line.sound(AudioChunk(media_time_from_s(at_s), np.zeros(4_000, np.float32)))
        outputs += line.advance(media_time_from_s(at_s))
    return outputs + line.finish(media_time_from_s(seconds))


def line_of(senses: Scripted, continuation: Continuation = FROM_THE_START) -> SittingLine:
    return SittingLine(POLICY, senses, REGISTRY.build(POLICY.detectors), None, continuation)


def signals(outputs: Iterable[LineOutput]) -> list[Signal]:
    return [output for output in outputs if isinstance(output, Signal)]


def test_a_calm_sitting_gives_summaries_and_nothing_else() -> None:
    outputs = played(line_of(Scripted()), 25)
    assert {type(output) for output in outputs} == {ObservationSummary}
    spans = [(output.start, output.end) for output in outputs if isinstance(output, ObservationSummary)]
    assert spans == [
        (0, media_time_from_s(10)),
        (media_time_from_s(10), media_time_from_s(20)),
        (media_time_from_s(20), media_time_from_s(25)),
    ]


def test_an_empty_seat_opens_and_closes_one_signal_in_one_incident_with_its_picture() -> None:
    outputs = played(line_of(Scripted(ScriptedFaces({0.0: 1, 6.0: 0, 14.0: 1}))), 50)
    opened, closed = signals(outputs)
    assert opened.kind is SignalKind.FACE_ABSENT
    assert (opened.start, opened.end) == (media_time_from_s(6), None)
    assert closed.signal_id == opened.signal_id
    assert closed.end == pytest.approx(media_time_from_s(14), abs=media_time_from_s(0.5))
    changes = [output.change for output in outputs if isinstance(output, IncidentUpdate)]
    assert changes == [IncidentChange.OPENED, IncidentChange.GROWN, IncidentChange.CLOSED]
    taken = [output for output in outputs if isinstance(output, IncidentPicture)]
    assert [image.at for image in taken] == [media_time_from_s(6)]
    assert taken[0].jpeg.startswith(b"\xff\xd8")


def test_what_is_open_at_the_end_is_closed_there() -> None:
    outputs = played(line_of(Scripted(ScriptedFaces({0.0: 1, 6.0: 0}))), 20)
    assert signals(outputs)[-1].end == media_time_from_s(20)
    last = [output for output in outputs if isinstance(output, IncidentUpdate)][-1]
    assert last.change is IncidentChange.CLOSED
    assert last.incident.end == media_time_from_s(20)


def test_a_rule_that_raises_is_reported_once_its_signal_ends_and_the_others_go_on() -> None:
    (template, *_) = signals(played(line_of(Scripted(ScriptedFaces({0.0: 0}))), 10))
    rules = (Exploding(template), *REGISTRY.build(POLICY.detectors))
    line = SittingLine(POLICY, Scripted(ScriptedFaces({0.0: 1, 6.0: 2})), rules)
    outputs = played(line, 20)
    failures = [output for output in outputs if isinstance(output, DetectorFailed)]
    assert failures == [DetectorFailed("noise", "BrokenError: divided by zero", media_time_from_s(4))]
    ended = [signal for signal in signals(outputs) if signal.signal_id == template.signal_id]
    assert [signal.end for signal in ended] == [None, media_time_from_s(4)]
    assert SignalKind.MULTIPLE_FACES in {signal.kind for signal in signals(outputs)}


def test_an_analyzer_that_raises_is_reported_once_and_the_sound_goes_on() -> None:
    line = line_of(Scripted(ScriptedFaces({0.0: 1}, fails_from=5.0)))
    seen: list[Observation] = []
    line.observe_with(seen.append)
    outputs = played(line, 20)
    failures = [output for output in outputs if isinstance(output, DetectorFailed)]
    assert failures == [DetectorFailed("faces", "BrokenError: no more faces", media_time_from_s(5))]
    assert max(seen_at.at for seen_at in seen if isinstance(seen_at, SoundObserved)) > media_time_from_s(19)


def test_browser_and_link_events_become_signals() -> None:
    line = line_of(Scripted())
    outputs = line.event(ClientEvent(ClientEventKind.SCREEN_SHARE_STOPPED, media_time_from_s(1)))
    outputs += line.link(LinkEvent(LinkState.LOST, media_time_from_s(2)))
    outputs += line.advance(media_time_from_s(40))
    outputs += line.finish(media_time_from_s(41))
    assert {signal.kind for signal in signals(outputs)} == {
        SignalKind.SCREEN_SHARE_STOPPED,
        SignalKind.CONNECTION_LOST,
    }


def test_an_incident_that_began_before_any_picture_gets_the_first_one_that_comes() -> None:
    line = line_of(Scripted())
    outputs = line.event(ClientEvent(ClientEventKind.SCREEN_SHARE_STOPPED, media_time_from_s(0.2)))
    outputs += line.advance(media_time_from_s(4))
    opened = [output for output in outputs if isinstance(output, IncidentUpdate)]
    assert [update.change for update in opened] == [IncidentChange.OPENED]
    assert not any(isinstance(output, IncidentPicture) for output in outputs)
    later = [*line.picture(picture(4.5)), *line.picture(picture(5.0)), *line.finish(media_time_from_s(5.2))]
    taken = [output for output in later if isinstance(output, IncidentPicture)]
    assert [(image.incident_id, image.at) for image in taken] == [
        (opened[0].incident.incident_id, media_time_from_s(4.5))
    ]


def test_ticks_stand_on_whole_steps_and_never_repeat() -> None:
    class Watching(Exploding):
        def __init__(self) -> None:
            self.ticks: list[float] = []

        def update(self, observation: Observation) -> Iterable[Signal]:
            self.ticks.append(observation.at / 1e9)
            return ()

        def finish(self, at: MediaTime) -> Iterable[Signal]:
            del at
            return ()

    watching = Watching()
    line = SittingLine(POLICY, Scripted(), (watching,), None, Continuation(media_time_from_s(3.2), "1."))
    for at_s in (3.3, 4.1, 4.2, 6.0, 5.0, 6.4):
        line.advance(media_time_from_s(at_s))
    assert watching.ticks == [3.5, 4.0, 4.5, 5.0, 5.5, 6.0]


def test_a_line_that_takes_over_marks_its_ids() -> None:
    senses = Scripted(ScriptedFaces({0.0: 0}))
    first = signals(played(line_of(senses), 10))
    second = signals(played(line_of(senses, continuation=Continuation(MediaTime(0), "1.")), 10))
    assert {f"1.{signal.signal_id}" for signal in first} == {signal.signal_id for signal in second}


def test_other_tracks_and_pictures_off_the_grid_are_passed_over() -> None:
    line = line_of(Scripted())
    assert line.wants_picture(MediaTime(0))
    screen = Frame(TrackKind.SCREEN, MediaTime(0), np.zeros((48, 64, 3), np.uint8))
    assert line.picture(screen) == []
    line.picture(picture(0.0))
    assert not line.wants_picture(media_time_from_s(0.3))
    assert line.wants_picture(media_time_from_s(0.5))


def test_severity_of_an_incident_is_that_of_the_policy() -> None:
    outputs = played(line_of(Scripted(ScriptedFaces({0.0: 2}))), 30)
    updates = [output for output in outputs if isinstance(output, IncidentUpdate)]
    expected = POLICY.severities[SignalKind.MULTIPLE_FACES]
    assert isinstance(expected, Severity)
    assert {update.incident.severity for update in updates} == {expected}
