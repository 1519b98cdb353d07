"""Guided checks through the pool, with real worker processes and models: composed rooms, a real face that is turned."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

import cv2
import numpy as np
import pytest

from proctor.analyzers.head_pose import head_pose
from proctor.analyzers.suite import AnalyzerSuite
from proctor.challenge.tasks import FLASH_KINDS, TURN_KINDS, TaskKind, draw, prompts
from proctor.domain.guided import GuidedKind, GuidedOutcome, GuidedSpec
from proctor.domain.media import EncodedFrame, TrackKind
from proctor.domain.observations import HeadPose
from proctor.domain.time import SITTING_START, MediaTime, media_time_from_s, to_s
from proctor.pipeline.outputs import CheckFinished, CheckProgressed
from proctor.pipeline.policy import ExamPolicy
from server.perception.pool import PerceptionPool
from server.perception.protocol import CheckDone, CheckMoved, PerceptionInterrupted
from server.perception.questions import PerceptionUnavailableError
from tests.media.files import camera_frames
from tests.media.live import Listened, MediaClock
from tests.media.portraits import Picture, astronaut
from tests.media.rooms import Camera, Room
from tests.media.scenes import SIZE, Scene, Shot, pictures
from tests.media.turned_head import TurnableHead

FPS = 4
LATE_S = 0.5
SEED = bytes(range(16))
LATER_S = 14
MOST_AHEAD = 6
"""Pictures that may be on their way: fewer than a check lets wait, so that none is lost on a busy machine."""


@pytest.fixture
def listened() -> Listened:
    return Listened()


@pytest.fixture
async def pool(listened: Listened) -> AsyncIterator[PerceptionPool]:
    pool = PerceptionPool(workers=1, listener=listened.result, request_key_frame=listened.key_frame)
    await pool.start()
    yield pool
    await pool.stop()


def finished(listened: Listened, sitting_id: str = "s") -> list[CheckFinished]:
    return [done.finished for done in listened.of(sitting_id, CheckDone) if isinstance(done, CheckDone)]


def told(listened: Listened) -> list[CheckProgressed]:
    return [moved.progress for moved in listened.of("s", CheckMoved) if isinstance(moved, CheckMoved)]


def sitting_with(shown: list[Picture]) -> list[EncodedFrame]:
    """A candidate who does the check at once, and then sits there."""
    after = [rgb for _, rgb in pictures((Shot(Scene.PRESENT, LATER_S),), FPS)]
    return list(camera_frames(((number / FPS, rgb) for number, rgb in enumerate([*shown, *after])), FPS))


@dataclass
class FrameClock:
    """Media time that is the time of the latest picture sent."""

    at: MediaTime = SITTING_START

    def now(self) -> MediaTime:
        return self.at


async def play_patiently(
    pool: PerceptionPool, listened: Listened, frames: list[EncodedFrame], clock: FrameClock
) -> None:
    """Send the pictures of a check no faster than the worker looks at them, then the rest."""
    for sent, frame in enumerate(frames):
        if not finished(listened):
            await until(lambda: bool(finished(listened)) or sent - pool.loads()[0].pictures < MOST_AHEAD)  # noqa: B023 - awaited at once
        clock.at = frame.at
        pool.accept("s", frame)
        await asyncio.sleep(0)


async def until(condition: Callable[[], bool], seconds: float = 60.0) -> None:
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 - the worker's process sets no event
            await asyncio.sleep(0.02)


async def test_a_whole_room_is_recognised_and_no_rule_minds_the_turn(
    pool: PerceptionPool, listened: Listened, policy: ExamPolicy
) -> None:
    grain = np.random.default_rng(3)
    count = 30 * FPS
    frames = sitting_with([Room().seen(Camera(size=SIZE), 400 * n / count, n / FPS, grain) for n in range(count)])
    await pool.ready()
    clock = FrameClock()
    await pool.open("s", policy, (), clock.now)
    pool.begin_check("s", GuidedSpec("c", GuidedKind.ROOM_SCAN, TrackKind.CAMERA, MediaTime(0)))
    with pytest.raises(ValueError, match="has not ended"):
        pool.begin_check("s", GuidedSpec("d", GuidedKind.ROOM_SCAN, TrackKind.CAMERA, media_time_from_s(4)))
    await play_patiently(pool, listened, frames, clock)
    await pool.close("s", frames[-1].at)
    (done,) = finished(listened)
    assert done.outcome is GuidedOutcome.COMPLETE, done.result
    assert done.result is not None
    assert done.result["coverage_deg"] >= 345
    assert done.result["people"] == []
    assert done.jpeg is not None
    assert cv2.imdecode(np.frombuffer(done.jpeg, np.uint8), cv2.IMREAD_COLOR).shape[1] == 2160
    moved = told(listened)
    assert len(moved) > 60
    assert moved[-1].hints == ("complete",)
    assert listened.closed_signals("s") == []


class Turner:
    """A real face that turns when a challenge asks it to, and is lit by its colours."""

    def __init__(self, suite: AnalyzerSuite) -> None:
        rgb = astronaut()
        mesh = suite.faces.mesh.points(rgb, suite.faces.detect(rgb)[0].box)
        assert mesh is not None
        self._head = TurnableHead(rgb, mesh, head_pose(mesh))
        self._drawn: dict[int, Picture] = {}

    def does(self, seed: bytes) -> list[Picture]:
        challenge = draw(seed)
        shown = []
        for number in range(round(to_s(challenge.end) * FPS)):
            at_s = number / FPS - LATE_S
            task = next((each for each in challenge.tasks if to_s(each.start) <= at_s < to_s(each.end)), None)
            yaw_deg = 0
            if task is not None and task.kind in TURN_KINDS:
                part = (at_s - to_s(task.start)) / to_s(MediaTime(task.end - task.start))
                side = 1 if task.kind is TaskKind.TURN_LEFT else -1
                yaw_deg = 5 * round(side * 35 * float(np.sin(np.pi * part)) / 5)
            picture = self._turned(yaw_deg).astype(np.float64)
            if task is not None and task.kind in FLASH_KINDS:
                picture[..., FLASH_KINDS.index(task.kind)] *= 1.12
            shown.append(np.clip(picture, 0, 255).astype(np.uint8))
        return shown

    def _turned(self, yaw_deg: int) -> Picture:
        if yaw_deg not in self._drawn:
            drawn = self._head.drawn(HeadPose(float(yaw_deg), 0.0, 0.0))
            canvas = np.full((SIZE[1], SIZE[0], 3), 110, np.uint8)
            left = (SIZE[0] - drawn.shape[1]) // 2
            canvas[:, left : left + drawn.shape[1]] = drawn[: SIZE[1]]
            self._drawn[yaw_deg] = canvas
        return self._drawn[yaw_deg]


async def test_a_head_that_turns_as_asked_passes_and_is_not_noted_as_turned(
    pool: PerceptionPool, listened: Listened, policy: ExamPolicy, suite: AnalyzerSuite
) -> None:
    frames = sitting_with(Turner(suite).does(SEED))
    await pool.ready()
    clock = FrameClock()
    await pool.open("s", policy, (), clock.now)
    spec = GuidedSpec("c", GuidedKind.CHALLENGE, TrackKind.CAMERA, MediaTime(0), SEED)
    pool.begin_check("s", spec)
    await play_patiently(pool, listened, frames, clock)
    await pool.close("s", frames[-1].at)
    (done,) = finished(listened)
    assert done.outcome is GuidedOutcome.PASSED, done.result
    assert done.at == spec.begun + draw(SEED).end
    asked = [(one.at, one.prompt) for one in told(listened)]
    assert asked == prompts(draw(SEED))
    assert listened.closed_signals("s") == []


async def test_a_worker_that_dies_interrupts_the_check_and_it_can_be_asked_for_anew(
    pool: PerceptionPool, listened: Listened, policy: ExamPolicy
) -> None:
    with pytest.raises(PerceptionUnavailableError):
        pool.begin_check("s", GuidedSpec("a", GuidedKind.ROOM_SCAN, TrackKind.CAMERA, MediaTime(0)))
    await pool.ready()
    clock = MediaClock()
    await pool.open("s", policy, (), clock.now)
    clock.begin()
    pool.begin_check("s", GuidedSpec("a", GuidedKind.CHALLENGE, TrackKind.CAMERA, clock.now(), SEED))
    await until(lambda: bool(told(listened)))
    (load,) = pool.loads()
    assert load.pid is not None
    os.kill(load.pid, signal.SIGKILL)
    await until(lambda: bool(finished(listened)))
    await until(lambda: bool(listened.of("s", PerceptionInterrupted)))
    (done,) = finished(listened)
    assert (done.check_id, done.outcome, done.result) == ("a", GuidedOutcome.INTERRUPTED, None)
    pool.begin_check("s", GuidedSpec("b", GuidedKind.ROOM_SCAN, TrackKind.PHONE, clock.now()))
    pool.end_check("s", "a", clock.now())
    pool.end_check("s", "b", clock.now(), GuidedOutcome.WITHDRAWN)
    await until(lambda: len(finished(listened)) > 1)
    pool.begin_check("s", GuidedSpec("c", GuidedKind.ROOM_SCAN, TrackKind.CAMERA, clock.now()))
    await pool.close("s", clock.now())
    outcomes = [(done.check_id, done.outcome) for done in finished(listened)]
    assert outcomes[1:] == [("b", GuidedOutcome.WITHDRAWN), ("c", GuidedOutcome.CANNOT_TELL)]
