"""The calibration of the gaze in the line, with real rules; the faces are scripts at their port."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from proctor.analyzers.own_zero import EYE_SPAN
from proctor.challenge.calibration import DOTS, END, DotPlace
from proctor.detectors.registry import discover
from proctor.domain.guided import GuidedKind, GuidedOutcome, GuidedSpec
from proctor.domain.media import Frame, TrackKind
from proctor.domain.observations import EyeDirection, Face, HeadPose, Observation, PeopleObserved, ScreenZone
from proctor.domain.signals import Signal, SignalKind
from proctor.domain.time import MediaTime, media_time_from_s, to_s
from proctor.pipeline.line import FROM_THE_START, Continuation, SittingLine
from proctor.pipeline.outputs import CheckFinished, LineOutput
from proctor.pipeline.policy import default_policy
from tests.unit.proctor.pipeline.test_line import Scripted, ScriptedFaces, picture

REGISTRY = discover()
POLICY = default_policy(REGISTRY)
RATE = 3.75
BEGUN_S = 4.0
END_S = BEGUN_S + to_s(END)
EDGE_DEG = 7.0
"""The measured look at an edge of a narrow screen."""
ASIDE_S = (END_S + 8, END_S + 16)
ASIDE_DEG = 13.0
"""Past that screen, and within the usual limits."""
LATE_S = 0.4


@dataclass
class LookingFaces(ScriptedFaces):
    """Follows the dots with the eyes, and looks to the left for a while after it."""

    follows: bool = True

    def observe(self, frame: Frame, *, thorough: bool = False, with_pose: bool = True) -> PeopleObserved:
        del thorough, with_pose
        eyes = EyeDirection(EYE_SPAN * float(np.sin(np.radians(self._left_deg(to_s(frame.at))))), 0.0, 0.3)
        face = Face((20, 20, 30, 30), 0.9, HeadPose(0.0, 0.0, 0.0), eyes)
        return PeopleObserved(frame.track, frame.at, 1, (face,), "scripted@1")

    def _left_deg(self, at_s: float) -> float:
        if ASIDE_S[0] <= at_s < ASIDE_S[1]:
            return ASIDE_DEG
        since = at_s - BEGUN_S - LATE_S
        shown = next((dot.place for dot in DOTS if to_s(dot.start) <= since < to_s(dot.end)), DotPlace.MIDDLE)
        if not self.follows:
            return 0.0
        return {DotPlace.MIDDLE: 0.0, DotPlace.LEFT: EDGE_DEG, DotPlace.RIGHT: -EDGE_DEG}[shown]


def line_of(faces: ScriptedFaces, continuation: Continuation = FROM_THE_START) -> tuple[SittingLine, list[Observation]]:
    line = SittingLine(POLICY, Scripted(faces), REGISTRY.build(POLICY.detectors), None, continuation)
    seen: list[Observation] = []
    line.observe_with(seen.append)
    return line, seen


def spec() -> GuidedSpec:
    return GuidedSpec("g1", GuidedKind.GAZE_CALIBRATION, TrackKind.CAMERA, media_time_from_s(BEGUN_S))


def played(line: SittingLine, from_s: float, until_s: float) -> list[LineOutput]:
    outputs: list[LineOutput] = []
    for number in range(round(from_s * RATE), round(until_s * RATE)):
        at = media_time_from_s(number / RATE)
        outputs += line.picture(picture(number / RATE))
        outputs += line.advance(at)
        while line.has_work:
            outputs += line.work()
    return outputs


def sitting(
    faces: LookingFaces, stopped_s: float | None = None
) -> tuple[CheckFinished, list[Signal], list[Observation]]:
    """A whole sitting with the calibration; its end, what rules noticed and what was seen."""
    line, seen = line_of(faces)
    outputs = played(line, 0, BEGUN_S)
    outputs += line.begin_check(spec())
    if stopped_s is not None:
        outputs += played(line, BEGUN_S, BEGUN_S + stopped_s)
        outputs += line.end_check("g1", media_time_from_s(BEGUN_S + stopped_s))
        outputs += played(line, BEGUN_S + stopped_s, ASIDE_S[1] + 4)
    else:
        outputs += played(line, BEGUN_S, ASIDE_S[1] + 4)
    outputs += line.finish(media_time_from_s(ASIDE_S[1] + 4))
    (done,) = [output for output in outputs if isinstance(output, CheckFinished)]
    return done, [output for output in outputs if isinstance(output, Signal) and output.end is not None], seen


def test_looks_are_judged_by_the_own_screen_from_the_calibration_on() -> None:
    done, signals, seen = sitting(LookingFaces())
    assert (done.outcome, done.since) == (GuidedOutcome.MEASURED, media_time_from_s(BEGUN_S))
    assert done.at == MediaTime(media_time_from_s(BEGUN_S) + END)
    assert done.result is not None
    assert done.result["left_edge_deg"] == pytest.approx(EDGE_DEG, abs=0.3)
    assert done.result["cannot_tell"] is None
    assert [dot["kind"] for dot in done.result["dots"]] == [dot.place.value for dot in DOTS]
    assert all(dot["pictures"] >= 3 for dot in done.result["dots"])
    assert done.screen == ScreenZone(done.result["left_deg"], done.result["right_deg"])
    (signal,) = [signal for signal in signals if signal.kind is SignalKind.GAZE_AWAY]
    assert to_s(signal.start) == pytest.approx(ASIDE_S[0], abs=1)
    assert signal.why.crossing.threshold == done.result["left_deg"]
    assert "the candidate's own screen" in signal.why.text.en
    during = [one for one in seen if isinstance(one, PeopleObserved) and BEGUN_S <= to_s(one.at) < END_S]
    assert during == [], "eyes that follow a dot on request are not judged by rules"


@pytest.mark.parametrize(("follows", "stopped_s", "why"), [(False, None, "not_followed"), (True, 5.0, "not_finished")])
def test_what_supports_no_own_screen_leaves_the_usual_limits(
    *, follows: bool, stopped_s: float | None, why: str
) -> None:
    done, signals, seen = sitting(LookingFaces(follows=follows), stopped_s)
    assert (done.outcome, done.screen) == (GuidedOutcome.CANNOT_TELL, None)
    assert done.result is not None
    assert (done.result["left_deg"], done.result["cannot_tell"]) == (None, why)
    assert signals == []
    zeros = [one.zero for one in seen if isinstance(one, PeopleObserved) and one.zero is not None]
    assert zeros
    assert all(zero.screen is None for zero in zeros)


def test_a_line_that_takes_over_and_a_track_that_rested_keep_the_own_screen() -> None:
    screen = ScreenZone(11.0, 12.0)
    line, seen = line_of(LookingFaces(), Continuation(media_time_from_s(END_S), "1.", screen))
    line.begin_check(GuidedSpec("c2", GuidedKind.GAZE_CALIBRATION, TrackKind.CAMERA, media_time_from_s(END_S)))
    line.advance(media_time_from_s(END_S + 0.5))
    line.end_check("c2", media_time_from_s(END_S + 1), GuidedOutcome.WITHDRAWN)
    outputs = played(line, END_S + 1, ASIDE_S[1] + 4)
    signals = [output for output in outputs if isinstance(output, Signal)]
    assert {signal.kind for signal in signals} == {SignalKind.GAZE_AWAY}
    assert {signal.why.crossing.threshold for signal in signals} == {11.0}
    zeros = [one.zero for one in seen if isinstance(one, PeopleObserved) and one.zero is not None]
    assert {zero.screen for zero in zeros} == {screen}


def test_it_is_done_with_the_computers_camera() -> None:
    with pytest.raises(ValueError, match="phone"):
        GuidedSpec("g", GuidedKind.GAZE_CALIBRATION, TrackKind.PHONE, MediaTime(0))
