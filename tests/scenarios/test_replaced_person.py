"""Another person takes the candidate's place in mid-exam: noticed within 15 seconds, however it is done."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
import pytest

from proctor.analyzers.identity import Enrolment, FaceCode
from proctor.analyzers.sense import BeginListening, BeginLooking
from proctor.detectors.registry import discover
from proctor.domain.calibration import Scale
from proctor.domain.media import AudioChunk, Frame, TrackKind
from proctor.domain.observations import Face, HeadPose, IdentityObserved, PeopleObserved, SoundObserved
from proctor.domain.signals import Signal, SignalKind
from proctor.domain.time import media_time_from_s, to_s
from proctor.pipeline.line import SittingLine
from proctor.pipeline.policy import default_policy

REGISTRY = discover()
POLICY = default_policy(REGISTRY)
WITHIN_S = 15.0
LENGTH_S = 70.0
SEAT = (270.0, 150.0, 100.0, 130.0)
CODE = FaceCode((np.ones(1, np.float32),), (Scale.COSINE,))
ENROLMENT = Enrolment(Face(SEAT, 0.9), CODE, 1, "scripted@1")

Play = Callable[[float], list[tuple[str, float]]]
"""Who is there at a second after the exchange began, and how far right of the seat, the largest first."""


def at_once(since_s: float) -> list[tuple[str, float]]:
    """The other sits exactly where the candidate sat; nothing in the picture tells when."""
    return [("candidate", 0.0)] if since_s < 0 else [("other", 0.0)]


def after_a_gap(since_s: float) -> list[tuple[str, float]]:
    return [] if 0 <= since_s < 1.5 else at_once(since_s)


def squeezed_in(since_s: float) -> list[tuple[str, float]]:
    """Both are there for two seconds; then the other has the seat."""
    both = [("candidate", 0.0), ("other", 150.0)]
    return both if 0 <= since_s < 2 else at_once(since_s - 2)


def slid_over(since_s: float) -> list[tuple[str, float]]:
    """The other's face comes up beside and moves into the seat while the candidate sinks out of it."""
    if 0 <= since_s < 3:
        return [("other", 90.0 - 30.0 * since_s)]
    return at_once(since_s)


def turned_away_first(since_s: float) -> list[tuple[str, float]]:
    """The other looks away for four seconds, so that nothing can be compared."""
    return [("hidden", 80.0)] if 0 <= since_s < 4 else at_once(since_s)


@dataclass
class Faces:
    play: Play
    swap_s: float

    def observe(self, frame: Frame, *, thorough: bool = False, with_pose: bool = True) -> PeopleObserved:
        del thorough, with_pose
        there = self.play(to_s(frame.at) - self.swap_s)
        x, y, width, height = SEAT
        faces = tuple(Face((x + right, y, width, height), 0.9, HeadPose(0.0, 0.0, 0.0)) for _, right in there)
        return PeopleObserved(frame.track, frame.at, len(there), faces, "scripted@1")


@dataclass
class Identity:
    play: Play
    swap_s: float
    checks: int = 0

    def observe(
        self, frame: Frame, face: Face | None, enrolment: Enrolment, *, second_opinion: bool = True
    ) -> IdentityObserved:
        del face, enrolment
        self.checks += 1
        there = self.play(to_s(frame.at) - self.swap_s)
        similarity = {"candidate": 0.8, "other": 0.2, "hidden": None}[there[0][0]] if there else None
        second = similarity if second_opinion else None
        return IdentityObserved(frame.at, similarity, second, "scripted@1")


class Quiet:
    def stream(self, *, window_ms: int = 512) -> Quiet:
        del window_ms
        return self

    def observe(self, chunk: AudioChunk) -> list[SoundObserved]:
        del chunk
        return []

    def finish(self) -> list[SoundObserved]:
        return []


@dataclass
class Scripted:
    faces: Faces
    identity: Identity
    speech: Quiet = field(default_factory=Quiet)
    further: Mapping[str, BeginLooking] = field(default_factory=dict)
    listening: Mapping[str, BeginListening] = field(default_factory=dict)
    absent: tuple[str, ...] = ()


def played(play: Play, swap_s: float) -> tuple[list[Signal], int]:
    senses = Scripted(Faces(play, swap_s), Identity(play, swap_s))
    line = SittingLine(POLICY, senses, REGISTRY.build(POLICY.detectors), ENROLMENT)
    outputs = []
    for step in range(round(LENGTH_S * 4)):
        at = media_time_from_s(step / 4)
        still = np.full((48, 64, 3), 100 + step % 2, np.uint8)
        outputs += line.picture(Frame(TrackKind.CAMERA, at, still))
        outputs += line.advance(at)
    outputs += line.finish(media_time_from_s(LENGTH_S))
    signals = [output for output in outputs if isinstance(output, Signal)]
    return [signal for signal in signals if signal.kind is SignalKind.IDENTITY_MISMATCH], senses.identity.checks


@pytest.mark.parametrize("swap_s", [30.25, 33.0, 36.5, 39.75, 40.5])
@pytest.mark.parametrize("play", [at_once, after_a_gap, squeezed_in, slid_over, turned_away_first])
def test_a_replaced_person_is_noticed_in_time(play: Play, swap_s: float) -> None:
    mismatches, _ = played(play, swap_s)
    assert mismatches
    noticed_s = min(to_s(signal.noticed) for signal in mismatches)
    assert swap_s < noticed_s <= swap_s + WITHIN_S


def test_an_undisturbed_candidate_is_compared_only_on_the_interval() -> None:
    mismatches, checks = played(at_once, LENGTH_S + 1)
    assert mismatches == []
    assert checks <= LENGTH_S / POLICY.analysis.identity_interval_s + 1


def test_the_candidate_who_comes_back_is_looked_at_twice_and_let_be() -> None:
    def fetched_a_pen(since_s: float) -> list[tuple[str, float]]:
        return [] if 0 <= since_s < 3 else [("candidate", 0.0)]

    mismatches, checks = played(fetched_a_pen, 32.0)
    assert mismatches == []
    assert checks <= LENGTH_S / POLICY.analysis.identity_interval_s + 3
