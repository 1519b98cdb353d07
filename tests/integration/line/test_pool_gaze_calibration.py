"""The calibration of the gaze through worker processes: real pictures, a real encoder, a worker that dies."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from dataclasses import dataclass

import numpy as np
import pytest

from benchmarks.accuracy.dots import portrait_of
from models.registry import InstalledModels
from proctor.analyzers.suite import AnalyzerSuite
from proctor.challenge.calibration import DOTS, END, DotPlace, dot_prompts
from proctor.detectors.registry import discover
from proctor.domain.guided import GuidedKind, GuidedOutcome, GuidedSpec
from proctor.domain.media import EncodedFrame, TrackKind
from proctor.domain.signals import Signal, SignalKind
from proctor.domain.time import SITTING_START, MediaTime, to_s
from proctor.pipeline.policy import default_policy
from server.perception.pool import PerceptionPool
from server.perception.protocol import PerceptionInterrupted
from tests.integration.line.test_pool_checks import FrameClock, finished, play_patiently, told, until
from tests.media.files import camera_frames
from tests.media.live import Listened
from tests.media.moved_eyes import as_webcam
from tests.media.portraits import Picture, astronaut

pytestmark = [pytest.mark.live, pytest.mark.slow, pytest.mark.timeout(300)]

FPS = 4
EYE_PX = 25.0
EDGE_DEG = 10.0
"""Turn of the eyes to the edges of a laptop's screen."""
ASIDE_DEG = 26.0
LATE_S = 0.3
COPIES = 3
PACE_S = 0.12
"""Between two pictures after the calibration: twice as fast as they were taken, which a busy machine keeps up with."""
CALM_S, ASIDE_S = 8.0, 8.0
"""After the calibration: how long she looks at the middle, and then to her left."""


@dataclass
class Looker:
    """Pictures of a face whose eyes are turned so far, as a webcam takes them."""

    seen: dict[float, list[Picture]]

    def at(self, left_deg: float, number: int) -> Picture:
        return self.seen[left_deg][number % COPIES]


@pytest.fixture(scope="module")
def looker() -> Looker:
    portrait = portrait_of(astronaut(), AnalyzerSuite.load(InstalledModels()))
    assert portrait is not None
    rng = np.random.default_rng(4)
    turns = (0.0, EDGE_DEG, -EDGE_DEG, ASIDE_DEG)
    scale = EYE_PX / portrait.eye_px
    return Looker({deg: [as_webcam(portrait.looking(deg), scale, rng) for _ in range(COPIES)] for deg in turns})


@pytest.fixture
async def heard() -> AsyncIterator[tuple[PerceptionPool, Listened]]:
    listened = Listened()
    pool = PerceptionPool(workers=1, listener=listened.result, request_key_frame=listened.key_frame)
    await pool.start()
    yield pool, listened
    await pool.stop()


def calibrated(looker: Looker) -> list[EncodedFrame]:
    """The eyes follow the dots, a little late, and stay at the last one's middle."""
    turns = {DotPlace.MIDDLE: 0.0, DotPlace.LEFT: EDGE_DEG, DotPlace.RIGHT: -EDGE_DEG}
    shown = []
    for number in range(round((to_s(END) + 1) * FPS)):
        at_s = number / FPS
        dot = next((dot for dot in reversed(DOTS) if to_s(dot.start) <= at_s - LATE_S), DOTS[0])
        place = dot.place if at_s < to_s(END) else DotPlace.MIDDLE
        shown.append((at_s, looker.at(turns[place], number)))
    return list(camera_frames(shown, FPS))


def afterwards(looker: Looker, from_s: float) -> list[EncodedFrame]:
    """Calm looks at the middle, then a look aside."""
    count = round((CALM_S + ASIDE_S) * FPS)
    shown = (
        (from_s + number / FPS, looker.at(0.0 if number < CALM_S * FPS else ASIDE_DEG, number))
        for number in range(count)
    )
    return list(camera_frames(shown, FPS))


async def test_the_own_screen_is_measured_and_outlives_the_worker(
    heard: tuple[PerceptionPool, Listened], looker: Looker
) -> None:
    pool, listened = heard
    await pool.ready()
    clock = FrameClock()
    await pool.open("s", default_policy(discover()), (), clock.now)
    pool.begin_check("s", GuidedSpec("g", GuidedKind.GAZE_CALIBRATION, TrackKind.CAMERA, SITTING_START))
    first = calibrated(looker)
    await play_patiently(pool, listened, first, clock)
    await until(lambda: bool(finished(listened)))
    (done,) = finished(listened)
    assert done.outcome is GuidedOutcome.MEASURED, done.result
    assert done.screen is not None
    assert [(one.at, one.prompt) for one in told(listened)] == dot_prompts()

    (load,) = pool.loads()
    assert load.pid is not None
    os.kill(load.pid, signal.SIGKILL)
    await until(lambda: bool(listened.of("s", PerceptionInterrupted)))
    later = afterwards(looker, to_s(MediaTime(first[-1].at)) + 1)
    for frame in later:
        clock.at = frame.at
        pool.accept("s", frame)
        await asyncio.sleep(PACE_S)
    await pool.close("s", later[-1].at)
    aside = [signal for signal in listened.closed_signals("s") if signal.kind is SignalKind.GAZE_AWAY]
    assert aside, "a look past the own screen"
    assert_by_own_screen(aside[0], done.screen.left_deg)


def assert_by_own_screen(aside: Signal, left_deg: float) -> None:
    assert aside.why.crossing.measure == "look_left_deg"
    assert aside.why.crossing.threshold == left_deg
    assert "the candidate's own screen" in aside.why.text.en
