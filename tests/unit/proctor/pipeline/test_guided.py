"""Guided checks in the line, with real rules; the models are replaced by scripts at their ports."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import cv2
import numpy as np
import pytest

from proctor.challenge.tasks import DOT_KINDS, TURN_KINDS, Challenge, TaskKind, draw
from proctor.correlation.incidents import IncidentUpdate
from proctor.detectors.registry import discover
from proctor.domain.guided import GuidedKind, GuidedOutcome, GuidedSpec
from proctor.domain.media import AudioChunk, Frame, TrackKind
from proctor.domain.observations import (
    EyeDirection,
    Face,
    HeadPose,
    ObjectSeen,
    ObjectsObserved,
    Observation,
    PeopleObserved,
    RoomScanObserved,
    SoundObserved,
    TrackRested,
)
from proctor.domain.signals import Signal, SignalKind
from proctor.domain.time import NS_PER_MS, MediaTime, media_time_from_s, to_s
from proctor.pipeline.line import SittingLine
from proctor.pipeline.outputs import CheckFinished, CheckJudged, CheckProgressed, DetectorFailed, LineOutput
from proctor.pipeline.policy import default_policy
from tests.media.rooms import Camera, Room, furnished
from tests.unit.proctor.pipeline.test_line import Scripted, ScriptedFaces, picture

REGISTRY = discover()
POLICY = default_policy(REGISTRY)
RATE = 3.75
"""Pictures of layer 0 a second at 15 pictures a second."""
BEGUN_S = 10.0
BOOK_PX = 60
CAMERA = Camera(size=(320, 240))


def with_a_book() -> Room:
    """A room with something magenta on the wall to the right."""
    walls = [wall.copy() for wall in furnished()]
    walls[1][200:300, 460:540] = (255, 0, 255)
    return Room(walls=walls)


ROOM = with_a_book()


@dataclass
class Objects:
    """Takes what is magenta for a book, or fails."""

    fails: bool = False
    looks: list[MediaTime] = field(default_factory=list)

    def observe(self, frame: Frame, people: PeopleObserved | None) -> ObjectsObserved:
        del people
        if self.fails and frame.track is TrackKind.PHONE:
            raise ValueError("no more objects")
        self.looks.append(frame.at)
        red, green, blue = np.moveaxis(frame.rgb.astype(int), -1, 0)
        rows, columns = np.nonzero((red > green + 100) & (blue > green + 100))
        seen: tuple[ObjectSeen, ...] = ()
        if len(rows) > BOOK_PX and frame.track is TrackKind.PHONE:
            box = (columns.min(), rows.min(), np.ptp(columns), np.ptp(rows))
            left, top, wide, high = (float(each) for each in box)
            seen = (ObjectSeen("book", 0.9, (left, top, wide, high)),)
        width, height = frame.size
        return ObjectsObserved(frame.track, frame.at, seen, width, height, 0, "scripted@1")


@dataclass
class TurningFaces(ScriptedFaces):
    """Does what a challenge asks for, so many seconds late."""

    challenge: Challenge | None = None
    late_s: float = 0.0
    mirrored: bool = False

    def observe(self, frame: Frame, *, thorough: bool = False, with_pose: bool = True) -> PeopleObserved:
        del thorough, with_pose
        pose = HeadPose(self._yaw(to_s(frame.at) - BEGUN_S - self.late_s), 0.0, 0.0)
        eyes = EyeDirection(self._eyes(to_s(frame.at) - BEGUN_S - self.late_s), 0.0, 0.3)
        return PeopleObserved(frame.track, frame.at, 1, (Face((20, 20, 30, 30), 0.9, pose, eyes),), "scripted@1")

    def _eyes(self, at_s: float) -> float:
        """Offset of the irises, in eye widths, to the own left."""
        for task in self.challenge.tasks if self.challenge is not None else ():
            if task.kind in DOT_KINDS and to_s(task.start) <= at_s < to_s(task.end):
                return 0.06 if (task.kind is TaskKind.DOT_LEFT) is not self.mirrored else -0.06
        return 0.0

    def _yaw(self, at_s: float) -> float:
        for task in self.challenge.tasks if self.challenge is not None else ():
            if task.kind in TURN_KINDS and to_s(task.start) <= at_s < to_s(task.end):
                part = (at_s - to_s(task.start)) / (to_s(task.end) - to_s(task.start))
                side = 1 if (task.kind is TaskKind.TURN_LEFT) is not self.mirrored else -1
                return side * 40 * float(np.sin(np.pi * part))
        return 0.0


def line_of(senses: Scripted) -> tuple[SittingLine, list[Observation]]:
    line = SittingLine(POLICY, senses, REGISTRY.build(POLICY.detectors))
    seen: list[Observation] = []
    line.observe_with(seen.append)
    return line, seen


def scan(track: TrackKind = TrackKind.CAMERA, required_deg: float = 345.0) -> GuidedSpec:
    begun = media_time_from_s(BEGUN_S)
    return GuidedSpec("c1", GuidedKind.ROOM_SCAN, track, begun, required_deg=required_deg)


def challenge(seed: bytes = bytes(16)) -> GuidedSpec:
    return GuidedSpec("c1", GuidedKind.CHALLENGE, TrackKind.CAMERA, media_time_from_s(BEGUN_S), seed)


def turned(degrees: float, seconds: float, track: TrackKind = TrackKind.CAMERA) -> Iterator[Frame]:
    """A camera that turns, from the check's beginning on."""
    grain = np.random.default_rng(2)
    count = round(seconds * RATE)
    for number in range(count):
        rgb = ROOM.seen(CAMERA, degrees * number / count, number / RATE, grain)
        yield Frame(track, media_time_from_s(BEGUN_S + number / RATE), rgb)


def calm(line: SittingLine, from_s: float, to_s: float) -> list[LineOutput]:
    outputs: list[LineOutput] = []
    for step in range(round(from_s * 4), round(to_s * 4)):
        outputs += line.picture(picture(step / 4))
        outputs += line.advance(media_time_from_s(step / 4))
    return outputs


def worked(line: SittingLine) -> list[LineOutput]:
    outputs: list[LineOutput] = []
    while line.has_work:
        outputs += line.work()
    return outputs


def finished(outputs: list[LineOutput]) -> CheckFinished:
    (found,) = [output for output in outputs if isinstance(output, CheckFinished)]
    return found


@pytest.fixture(scope="module")
def whole() -> tuple[list[LineOutput], list[Observation], SittingLine]:
    """A whole room by the camera, in a sitting whose candidate sits calmly before and after."""
    line, seen = line_of(Scripted(further={"objects": lambda _beginning: Objects()}))
    outputs = calm(line, 0, BEGUN_S)
    outputs += line.begin_check(scan())
    for frame in turned(400, 30):
        if line.check is None or line.has_work:
            break
        assert line.is_held(frame.at, frame.track)
        outputs += line.picture(frame)
        outputs += line.advance(frame.at)
    assert line.has_work
    outputs += worked(line)
    return outputs, seen, line


def test_a_whole_room_ends_by_itself_with_its_panorama_and_what_was_met(
    whole: tuple[list[LineOutput], list[Observation], SittingLine],
) -> None:
    outputs, seen, line = whole
    done = finished(outputs)
    assert (done.outcome, done.since) == (GuidedOutcome.COMPLETE, media_time_from_s(BEGUN_S))
    assert line.check is None
    result = done.result
    assert result is not None
    assert result["coverage_deg"] >= result["required_deg"] == 345.0
    assert (result["is_complete"], result["is_closed"], result["cannot_tell"]) == (True, True, None)
    assert result["missed"] == []
    (book,) = result["objects"]
    assert (book["label"], book["yaw_deg"]) == ("book", pytest.approx(90, abs=10))
    assert BEGUN_S * 1000 <= book["at_ms"] <= done.at // NS_PER_MS
    assert done.jpeg is not None
    panorama = cv2.imdecode(np.frombuffer(done.jpeg, np.uint8), cv2.IMREAD_COLOR)
    assert panorama.shape[1] == 2160
    (told,) = [one for one in seen if isinstance(one, RoomScanObserved)]
    assert (told.is_complete, told.at) == (True, done.at)


def test_the_person_is_told_how_far_the_turn_came(
    whole: tuple[list[LineOutput], list[Observation], SittingLine],
) -> None:
    told = [output for output in whole[0] if isinstance(output, CheckProgressed)]
    assert [one.at for one in told] == sorted({one.at for one in told})
    degrees = [one.coverage_deg for one in told]
    assert degrees[0] == 0.0
    assert degrees[-1] is not None
    assert degrees[-1] >= 345
    assert told[-1].hints == ("complete",)
    assert "behind" in told[0].missed or "front" in told[0].missed


def test_the_end_of_the_turn_and_every_step_of_the_judgement_are_told(
    whole: tuple[list[LineOutput], list[Observation], SittingLine],
) -> None:
    outputs, _, _ = whole
    done = finished(outputs)
    told = [output for output in outputs if isinstance(output, CheckJudged)]
    assert set(told) == {CheckJudged("c1", done.at)}
    assert len(told) > 10, "one for each key picture that is looked through"
    turning = [number for number, output in enumerate(outputs) if isinstance(output, CheckProgressed)]
    assert outputs.index(told[0]) == turning[-1] + 1


def test_the_rules_rest_while_the_camera_turns(
    whole: tuple[list[LineOutput], list[Observation], SittingLine],
) -> None:
    outputs, seen, _ = whole
    begun = media_time_from_s(BEGUN_S)
    later = {type(one) for one in seen if one.at >= begun}
    assert later == {TrackRested, RoomScanObserved}
    assert not any(isinstance(output, Signal | IncidentUpdate) for output in outputs)


def guided_sounds(spec: GuidedSpec) -> list[float]:
    """Starts of the windows in which a check's hints may be heard, of sound up to 4 s after its end at 14 s."""
    line, seen = line_of(Scripted(further={"objects": lambda _beginning: Objects()}))
    line.begin_check(spec)
    for step in range(18 * 4):
        at = media_time_from_s(step / 4)
        line.sound(AudioChunk(at, np.zeros(4_000, np.float32)))
        line.advance(at)
        if at == media_time_from_s(14):
            line.end_check(spec.check_id, at)
            worked(line)
    heard = [one for one in seen if isinstance(one, SoundObserved)]
    assert heard[-1].at >= media_time_from_s(17)
    return [to_s(one.at) for one in heard if one.is_guided]


def test_sound_is_guided_from_the_beginning_of_a_scan_to_two_seconds_after_its_end() -> None:
    for track in (TrackKind.CAMERA, TrackKind.PHONE):
        guided = guided_sounds(scan(track))
        assert (guided[0], guided[-1]) == (BEGUN_S, 15.75)
    assert guided_sounds(challenge()) == [], "a challenge says nothing aloud"


def test_what_was_open_ends_when_the_check_begins_and_opens_anew_after_it() -> None:
    further = {"objects": lambda _beginning: Objects()}
    line, seen = line_of(Scripted(ScriptedFaces({0.0: 1, 3.0: 0}), further=further))
    outputs = calm(line, 0, BEGUN_S)
    line.begin_check(scan())
    outputs += line.advance(media_time_from_s(BEGUN_S + 2))
    signals = [output for output in outputs if isinstance(output, Signal)]
    assert [(signal.kind, signal.end is None) for signal in signals] == [
        (SignalKind.FACE_ABSENT, True),
        (SignalKind.FACE_ABSENT, False),
    ]
    assert signals[-1].end == media_time_from_s(9.75) or signals[-1].end == media_time_from_s(9.5)
    outputs = line.end_check("c1", media_time_from_s(12)) + worked(line)
    assert finished(outputs).outcome is GuidedOutcome.CANNOT_TELL
    assert line.picture(picture(11.9)) == [], "it belongs to the check that is over"
    assert calm(line, 12, 22) == [], "the camera has to be put back"
    (incomplete,) = [output for output in outputs if isinstance(output, Signal)]
    assert (incomplete.kind, incomplete.start) == (SignalKind.ROOM_SCAN_INCOMPLETE, media_time_from_s(12))
    (again,) = [output for output in calm(line, 22, 34) if isinstance(output, Signal)]
    assert (again.kind, again.start) == (SignalKind.FACE_ABSENT, media_time_from_s(22))
    assert again.signal_id != signals[0].signal_id
    rested = [one for one in seen if isinstance(one, TrackRested)]
    begun = media_time_from_s(BEGUN_S)
    assert rested == [TrackRested(TrackKind.CAMERA, begun), TrackRested(TrackKind.MICROPHONE, begun)]


def test_a_stopped_scan_is_judged_as_far_as_it_came_and_the_rule_hears_of_it() -> None:
    line, _ = line_of(Scripted(further={"objects": lambda _beginning: Objects()}))
    line.begin_check(scan())
    for frame in turned(120, 10):
        line.picture(frame)
    outputs = line.end_check("other", media_time_from_s(20))
    assert outputs == []
    outputs = line.end_check("c1", media_time_from_s(20)) + worked(line)
    done = finished(outputs)
    assert done.outcome is GuidedOutcome.INCOMPLETE
    assert done.result is not None
    assert done.result["coverage_deg"] == pytest.approx(120, abs=20)
    assert done.result["missed"][0]["side"] in {"left", "behind"}
    assert {output.kind for output in outputs if isinstance(output, Signal)} == {SignalKind.ROOM_SCAN_INCOMPLETE}
    assert line.end_check("c1", media_time_from_s(21)) == []


def test_a_withdrawn_scan_is_not_judged() -> None:
    line, seen = line_of(Scripted(further={"objects": lambda _beginning: Objects()}))
    line.begin_check(scan())
    for frame in turned(60, 4):
        line.picture(frame)
    done = finished(line.end_check("c1", media_time_from_s(14), GuidedOutcome.WITHDRAWN))
    assert (done.outcome, done.result, done.jpeg) == (GuidedOutcome.WITHDRAWN, None, None)
    assert not line.has_work
    assert not any(isinstance(one, RoomScanObserved) for one in seen)


def test_the_phones_scan_leaves_the_camera_to_the_rules() -> None:
    line, seen = line_of(Scripted(ScriptedFaces({0.0: 1, 11.0: 0}), further={"objects": lambda _beginning: Objects()}))
    line.begin_check(scan(TrackKind.PHONE))
    outputs = calm(line, 0, BEGUN_S)
    for number, frame in enumerate(turned(90, 8, TrackKind.PHONE)):
        outputs += line.picture(frame)
        outputs += line.picture(picture(BEGUN_S + 0.01 + number / RATE))
        outputs += line.advance(frame.at)
    assert SignalKind.FACE_ABSENT in {output.kind for output in outputs if isinstance(output, Signal)}
    outputs = line.finish(media_time_from_s(18))
    assert finished(outputs).outcome is GuidedOutcome.INCOMPLETE
    assert all(one.track is TrackKind.CAMERA for one in seen if isinstance(one, PeopleObserved))


def test_a_scan_that_fails_is_interrupted_and_a_later_one_is_tried_anew() -> None:
    objects = Objects(fails=True)
    line, _ = line_of(Scripted(further={"objects": lambda _beginning: objects}))
    line.begin_check(scan())
    for frame in turned(60, 4):
        line.picture(frame)
    outputs = line.end_check("c1", media_time_from_s(14)) + worked(line)
    assert finished(outputs).outcome is GuidedOutcome.INTERRUPTED
    failures = [output for output in outputs if isinstance(output, DetectorFailed)]
    assert [(failed.name, failed.reason) for failed in failures] == [("room_scan", "ValueError: no more objects")]
    objects.fails = False
    line.begin_check(GuidedSpec("c2", GuidedKind.ROOM_SCAN, TrackKind.CAMERA, media_time_from_s(15)))
    with pytest.raises(ValueError, match="c2"):
        line.begin_check(scan())
    assert finished(line.finish(media_time_from_s(16))).check_id == "c2"


@pytest.mark.parametrize("late_s", [0.0, 0.3, 0.6, 0.9])
@pytest.mark.parametrize("seed", [bytes(16), bytes(range(16)), b"\x07" * 16])
def test_a_challenge_that_is_done_passes_at_the_rate_of_layer_0(seed: bytes, late_s: float) -> None:
    done = challenged(TurningFaces(challenge=draw(seed), late_s=late_s), challenge(seed))
    assert done.outcome is GuidedOutcome.PASSED, done.result
    assert done.at == media_time_from_s(BEGUN_S) + draw(seed).end
    assert done.result is not None
    assert done.result["model"] == "scripted@1"
    asked = {kind.value for kind in (*TURN_KINDS, *DOT_KINDS)}
    assert [task["outcome"] for task in done.result["tasks"] if task["kind"] in asked] == ["passed"] * 5
    first = done.result["tasks"][0]
    assert first["start_ms"] == BEGUN_S * 1000 + draw(seed).tasks[0].start // NS_PER_MS


def test_a_challenge_that_is_done_the_other_way_fails() -> None:
    spec = challenge()
    done = challenged(TurningFaces(challenge=draw(spec.seed), mirrored=True), spec)
    assert done.outcome is GuidedOutcome.FAILED


def test_a_challenge_without_pictures_cannot_be_told_and_one_that_stops_early_is_not_passed() -> None:
    line, _ = line_of(Scripted())
    spec = challenge()
    line.begin_check(spec)
    outputs = line.advance(media_time_from_s(60)) + worked(line)
    assert finished(outputs).outcome is GuidedOutcome.CANNOT_TELL
    early = challenged(TurningFaces(challenge=draw(spec.seed)), spec, until_s=to_s(draw(spec.seed).tasks[-1].end) - 0.1)
    assert early.outcome is GuidedOutcome.CANNOT_TELL


def challenged(faces: ScriptedFaces, spec: GuidedSpec, until_s: float = 60.0) -> CheckFinished:
    line, seen = line_of(Scripted(faces))
    outputs = line.begin_check(spec)
    for number in range(round(until_s * RATE)):
        at = media_time_from_s(BEGUN_S + number / RATE)
        if at >= spec.begun + draw(spec.seed).end:
            break
        outputs += line.picture(Frame(TrackKind.CAMERA, at, np.zeros((48, 64, 3), np.uint8)))
        outputs += line.advance(at)
    assert not any(isinstance(one, PeopleObserved) for one in seen), "a head turned on request is not judged by rules"
    if until_s < to_s(draw(spec.seed).end):
        outputs += line.end_check(spec.check_id, media_time_from_s(BEGUN_S + until_s))
    else:
        outputs += line.advance(MediaTime(spec.begun + draw(spec.seed).end))
    return finished(outputs + worked(line))


def test_what_cannot_be_judged_is_refused() -> None:
    with pytest.raises(ValueError, match="screen"):
        GuidedSpec("c", GuidedKind.ROOM_SCAN, TrackKind.SCREEN, MediaTime(0))
    with pytest.raises(ValueError, match="phone"):
        GuidedSpec("c", GuidedKind.CHALLENGE, TrackKind.PHONE, MediaTime(0), bytes(16))
    with pytest.raises(ValueError, match="16 bytes"):
        GuidedSpec("c", GuidedKind.CHALLENGE, TrackKind.CAMERA, MediaTime(0), bytes(15))
