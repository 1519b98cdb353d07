"""Composed scenes through the real models and rules: exactly the expected signals, in time."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
import pytest

from proctor.analyzers.suite import AnalyzerSuite
from proctor.detectors.registry import DetectorRegistry
from proctor.domain.media import AudioChunk, Frame, TrackKind
from proctor.domain.signals import Signal, SignalKind
from proctor.domain.time import MediaTime, media_time_from_s, to_s
from proctor.pipeline.line import SittingLine
from proctor.pipeline.outputs import DetectorFailed, LineOutput
from proctor.pipeline.policy import ExamPolicy
from server.perception.photographs import decode_jpeg
from tests.media.scenes import Scene, Shot, identity_photograph, pictures
from tests.media.sounds import Sound, soundtrack

FPS = 2


def signals_of(
    shots: Sequence[Shot],
    suite: AnalyzerSuite,
    registry: DetectorRegistry,
    policy: ExamPolicy,
    sound: Sound | None = None,
) -> list[Signal]:
    photograph = decode_jpeg(identity_photograph())
    assert photograph is not None
    rules = registry.build(policy.detectors)
    line = SittingLine(policy, suite, rules, suite.identity.enrol(photograph))
    outputs: list[LineOutput] = []
    for at_s, rgb in pictures(shots, FPS):
        at = media_time_from_s(at_s)
        outputs += line.picture(Frame(TrackKind.CAMERA, at, rgb))
        if sound is not None:
            outputs += line.sound(chunk_of(sound, at_s))
        outputs += line.advance(at)
    outputs += line.finish(media_time_from_s(sum(shot.seconds for shot in shots)))
    assert [output for output in outputs if isinstance(output, DetectorFailed)] == []
    return [output for output in outputs if isinstance(output, Signal) and output.end is not None]


def chunk_of(sound: Sound, at_s: float) -> AudioChunk:
    """The sound of one picture at 16 kHz."""
    samples = sound[round(at_s * 48_000) : round((at_s + 1 / FPS) * 48_000)]
    pcm = samples[: len(samples) // 3 * 3].reshape(-1, 3).mean(axis=1)
    return AudioChunk(MediaTime(round(at_s * 1e9)), np.ascontiguousarray(pcm, np.float32))


@pytest.mark.parametrize(
    ("scene", "kind"),
    [
        (Scene.TWO_PEOPLE, SignalKind.MULTIPLE_FACES),
        (Scene.THREE_PEOPLE, SignalKind.MULTIPLE_FACES),
        (Scene.PERSON_BEHIND, SignalKind.MULTIPLE_FACES),
        (Scene.FROZEN, SignalKind.CAMERA_FROZEN),
    ],
)
def test_one_thing_happens_and_one_signal_says_so(
    scene: Scene, kind: SignalKind, suite: AnalyzerSuite, registry: DetectorRegistry, policy: ExamPolicy
) -> None:
    shots = [Shot(Scene.PRESENT, 12), Shot(scene, 15), Shot(Scene.PRESENT, 6)]
    (signal,) = signals_of(shots, suite, registry, policy)
    assert signal.kind is kind
    assert to_s(signal.start) == pytest.approx(12, abs=1.0)
    assert signal.end is not None
    assert to_s(signal.end) == pytest.approx(27, abs=2.0)


def test_an_empty_chair_is_an_absent_face_and_body_and_a_left_seat(
    suite: AnalyzerSuite, registry: DetectorRegistry, policy: ExamPolicy
) -> None:
    shots = [Shot(Scene.PRESENT, 12), Shot(Scene.EMPTY, 15), Shot(Scene.PRESENT, 6)]
    signals = signals_of(shots, suite, registry, policy)
    assert {signal.kind for signal in signals} == {
        SignalKind.FACE_ABSENT,
        SignalKind.BODY_ABSENT,
        SignalKind.LEFT_SEAT,
    }
    for signal in signals:
        assert to_s(signal.start) == pytest.approx(12, abs=1.0)
        assert signal.end is not None
        assert to_s(signal.end) == pytest.approx(27, abs=2.0)
        if signal.kind is SignalKind.FACE_ABSENT:
            assert "The seat seems to have been empty." in signal.why.text.en


def test_a_quiet_present_candidate_gives_no_signal(
    suite: AnalyzerSuite, registry: DetectorRegistry, policy: ExamPolicy
) -> None:
    assert signals_of([Shot(Scene.PRESENT, 40)], suite, registry, policy, soundtrack(41)) == []


def test_another_person_in_the_seat_is_an_identity_mismatch(
    suite: AnalyzerSuite, registry: DetectorRegistry, policy: ExamPolicy
) -> None:
    shots = [Shot(Scene.PRESENT, 12), Shot(Scene.OTHER_PERSON, 20)]
    (signal,) = signals_of(shots, suite, registry, policy)
    assert signal.kind is SignalKind.IDENTITY_MISMATCH
    assert to_s(signal.start) == pytest.approx(12, abs=3.0)
    assert to_s(signal.noticed) <= 12 + 15


def test_a_covered_camera_is_blocked(suite: AnalyzerSuite, registry: DetectorRegistry, policy: ExamPolicy) -> None:
    shots = [Shot(Scene.PRESENT, 8), Shot(Scene.COVERED, 15), Shot(Scene.PRESENT, 6)]
    kinds = {signal.kind for signal in signals_of(shots, suite, registry, policy)}
    assert kinds == {SignalKind.CAMERA_BLOCKED, SignalKind.FACE_ABSENT}


def test_speech_is_noticed_where_it_is(suite: AnalyzerSuite, registry: DetectorRegistry, policy: ExamPolicy) -> None:
    sound = soundtrack(41, {12.0: 10.0})
    (signal,) = signals_of([Shot(Scene.PRESENT, 40)], suite, registry, policy, sound)
    assert signal.kind is SignalKind.SPEECH
    assert to_s(signal.start) == pytest.approx(12, abs=1.5)
    assert signal.end is not None
    assert to_s(signal.end) == pytest.approx(22, abs=3.0)


def test_a_printed_portrait_counts_as_one_face(
    suite: AnalyzerSuite, registry: DetectorRegistry, policy: ExamPolicy
) -> None:
    """Telling a print from a person is not among this version's rules; it must not be taken for something else."""
    shots = [Shot(Scene.PRESENT, 8), Shot(Scene.PHOTO_HELD_UP, 12)]
    assert signals_of(shots, suite, registry, policy) == []


def test_the_identity_photograph_is_accepted(suite: AnalyzerSuite) -> None:
    rgb = decode_jpeg(identity_photograph())
    assert rgb is not None
    assert suite.identity.enrol(cv2.resize(rgb, None, fx=1.5, fy=1.5)).face.score > 0.8
