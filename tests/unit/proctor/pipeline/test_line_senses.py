"""Further senses in the line: plugged in by name, left out when they fail or are absent, thinned out under pressure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from test_line import POLICY, REGISTRY, BrokenError, Scripted, ScriptedFaces, picture

from proctor.analyzers.screen import ScreenStream
from proctor.analyzers.sense import BeginListening, BeginLooking
from proctor.domain.media import AudioChunk, Frame, TrackKind
from proctor.domain.observations import (
    Box,
    ObjectSeen,
    ObjectsObserved,
    Observation,
    PeopleObserved,
    ScreenObserved,
    SoundObserved,
    VoiceObserved,
)
from proctor.domain.time import media_time_from_s
from proctor.pipeline.line import SittingLine
from proctor.pipeline.outputs import AnalysisThinned, DetectorFailed, LineOutput, ObservationSummary

PHONE = ObjectSeen("cell phone", 0.9, (0.0, 0.0, 10.0, 10.0))


@dataclass
class ScriptedObjects:
    fails_from_s: float = float("inf")
    looks: list[tuple[TrackKind, float, int | None]] = field(default_factory=list)

    def observe(self, frame: Frame, people: PeopleObserved | None) -> ObjectsObserved:
        at_s = frame.at / 1e9
        if at_s >= self.fails_from_s:
            raise BrokenError("no more objects")
        self.looks.append((frame.track, at_s, None if people is None else people.people))
        return ObjectsObserved(frame.track, frame.at, (PHONE,), 64, 48, 0, "scripted@1")


@dataclass
class ScriptedCloser:
    """Sees a telephone plainly for three seconds, and then only enlarged."""

    closer: list[tuple[float, Box]] = field(default_factory=list)

    def observe(self, frame: Frame, people: PeopleObserved | None) -> ObjectsObserved:
        del people
        seen = (PHONE,) if frame.at < media_time_from_s(3) else ()
        return ObjectsObserved(frame.track, frame.at, seen, 64, 48, 0, "scripted@1")

    def look_closer(self, frame: Frame, observed: ObjectsObserved, place: Box) -> ObjectsObserved:
        self.closer.append((frame.at / 1e9, place))
        return replace(observed, objects=(PHONE,))


class ScriptedVoices:
    def observe(self, chunk: AudioChunk, heard: Sequence[SoundObserved]) -> Sequence[Observation]:
        return [VoiceObserved(chunk.at, 2000, None, 1, "scripted@1") for _ in heard]

    def finish(self) -> Sequence[Observation]:
        return [VoiceObserved(media_time_from_s(99), 2000, None, 2, "scripted@1")]


def line_of(
    further: Mapping[str, BeginLooking],
    listening: Mapping[str, BeginListening] | None = None,
    absent: tuple[str, ...] = (),
) -> tuple[SittingLine, list[Observation]]:
    senses = Scripted(ScriptedFaces(), further=further, listening=listening or {}, absent=absent)
    line = SittingLine(POLICY, senses, REGISTRY.build(POLICY.detectors))
    seen: list[Observation] = []
    line.observe_with(seen.append)
    return line, seen


def screen(at_s: float) -> Frame:
    return Frame(TrackKind.SCREEN, media_time_from_s(at_s), np.full((48, 64, 3), 200, np.uint8))


def test_a_sense_looks_at_its_tracks_and_gets_the_people_of_the_camera() -> None:
    objects = ScriptedObjects()
    line, seen = line_of({"objects": lambda _beginning: objects})
    line.picture(picture(0.0))
    line.picture(Frame(TrackKind.PHONE, media_time_from_s(0.1), np.zeros((48, 64, 3), np.uint8)))
    line.picture(screen(0.2))
    assert objects.looks == [(TrackKind.CAMERA, 0.0, 1), (TrackKind.PHONE, 0.1, None)]
    assert [one.track for one in seen if isinstance(one, ObjectsObserved)] == [TrackKind.CAMERA, TrackKind.PHONE]


def test_a_telephone_that_is_not_seen_any_more_is_looked_for_enlarged_at_its_place() -> None:
    objects = ScriptedCloser()
    line, seen = line_of({"objects": lambda _beginning: objects})
    for step in range(12):
        line.picture(picture(step / 2))
    assert objects.closer == [(3.0, PHONE.box), (4.5, PHONE.box)]
    assert all(one.objects == (PHONE,) for one in seen if isinstance(one, ObjectsObserved))


def test_the_screen_is_sampled_on_a_grid_of_its_own() -> None:
    line, seen = line_of({"screen": lambda _beginning: ScreenStream()})
    for step in range(40):
        line.picture(screen(step / 4))
    looked = [one.at / 1e9 for one in seen if isinstance(one, ScreenObserved)]
    assert looked == [0.0, 2.0, 4.0, 6.0, 8.0]


def test_a_sense_that_fails_is_reported_once_and_the_others_go_on() -> None:
    objects = ScriptedObjects(fails_from_s=1.0)
    line, seen = line_of({"objects": lambda _beginning: objects})
    outputs: list[LineOutput] = []
    for step in range(20):
        outputs += line.picture(picture(step / 2))
    failures = [output for output in outputs if isinstance(output, DetectorFailed)]
    assert [(failed.name, failed.reason) for failed in failures] == [("objects", "BrokenError: no more objects")]
    assert max(one.at for one in seen if isinstance(one, PeopleObserved)) == media_time_from_s(9.5)


def test_an_absent_sense_is_named_in_every_summary() -> None:
    line, _ = line_of({}, absent=("liveness",))
    line.picture(picture(0.0))
    (summary,) = [one for one in line.advance(media_time_from_s(10)) if isinstance(one, ObservationSummary)]
    assert summary.absent == ("liveness",)


def test_what_listens_hears_every_window_and_gives_its_rest_at_the_end() -> None:
    line, seen = line_of({}, {"voices": lambda _beginning: ScriptedVoices()})
    line.sound(AudioChunk(media_time_from_s(0), np.zeros(4_000, np.float32)))
    line.finish(media_time_from_s(1))
    assert [one.voices for one in seen if isinstance(one, VoiceObserved)] == [1, 2]


def test_under_pressure_the_policys_first_sense_looks_less_often_and_people_are_counted_as_ever() -> None:
    def run(*, pressed: bool) -> tuple[int, int, list[tuple[str, ...]]]:
        objects = ScriptedObjects()
        line, seen = line_of({"objects": lambda _beginning: objects})
        outputs: list[LineOutput] = []
        for step in range(240):
            outputs += line.picture(picture(step / 2), pressed=pressed)
        people = sum(isinstance(one, PeopleObserved) for one in seen)
        thinned = [output.senses for output in outputs if isinstance(output, AnalysisThinned)]
        return len(objects.looks), people, thinned

    usual, people, untouched = run(pressed=False)
    fewer, as_many, thinned = run(pressed=True)
    assert fewer < usual / 2
    assert as_many == people
    assert (untouched, thinned[0], thinned[-1]) == ([], ("objects",), ("objects", "body", "head_pose"))
