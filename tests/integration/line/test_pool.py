"""The pool with real worker processes: results, overload, death, hang, enrolment."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Callable
from dataclasses import replace

import pytest

from proctor.domain.media import ClientEvent, ClientEventKind, EncodedFrame, TrackKind
from proctor.domain.signals import SignalKind
from proctor.domain.time import MediaTime, media_time_from_s, to_s
from proctor.pipeline.policy import ExamPolicy
from server.perception import supervisor
from server.perception.pool import PerceptionPool
from server.perception.protocol import (
    AnalysisDropped,
    DetectorDisabled,
    IncidentChanged,
    IncidentPictureTaken,
    PerceptionInterrupted,
    SummaryMade,
    ThumbnailTaken,
)
from tests.media.files import camera_frames, microphone_packets
from tests.media.live import Listened, MediaClock, in_order, play
from tests.media.scenes import OTHER, Scene, Shot, identity_photograph, pictures
from tests.media.sounds import soundtrack

pytestmark = pytest.mark.live

FPS = 4


@pytest.fixture
def listened() -> Listened:
    return Listened()


@pytest.fixture
async def pool(listened: Listened) -> AsyncIterator[PerceptionPool]:
    pool = PerceptionPool(workers=1, listener=listened.result, request_key_frame=listened.key_frame)
    await pool.start()
    yield pool
    await pool.stop()


def media(*shots: Shot, key_every_s: float = 10.0) -> list[EncodedFrame]:
    seconds = sum(shot.seconds for shot in shots)
    return in_order(
        camera_frames(pictures(shots, FPS), FPS, key_every_s=key_every_s), microphone_packets(soundtrack(seconds))
    )


async def until(condition: Callable[[], bool], seconds: float = 30.0) -> None:
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 - the worker's process sets no event
            await asyncio.sleep(0.02)


async def test_a_sitting_gives_its_results_and_closes(
    pool: PerceptionPool, listened: Listened, policy: ExamPolicy
) -> None:
    frames = media(Shot(Scene.PRESENT, 8), Shot(Scene.EMPTY, 8), Shot(Scene.PRESENT, 4))
    await pool.ready()
    clock = MediaClock(speed=4)
    await pool.open("s", policy, (identity_photograph(),), clock.now)
    await play(pool, "s", frames, clock)
    await pool.close("s", media_time_from_s(20))
    closed = {signal.kind: signal for signal in listened.closed_signals("s")}
    assert set(closed) == {SignalKind.FACE_ABSENT, SignalKind.BODY_ABSENT}
    incidents = {found.incident.incident_id for found in listened.of("s", IncidentChanged)}  # type: ignore[attr-defined]
    assert len(incidents) == 1, "an empty seat is one incident"
    absent = closed[SignalKind.FACE_ABSENT]
    assert to_s(absent.start) == pytest.approx(8, abs=0.6)
    kinds = {type(result) for result in listened.results["s"]}
    assert {SummaryMade, ThumbnailTaken, IncidentChanged, IncidentPictureTaken} <= kinds
    assert not {DetectorDisabled, PerceptionInterrupted} & kinds
    (load,) = pool.loads()
    assert load.sittings == 0
    assert ("s", TrackKind.CAMERA) in listened.key_frames


async def test_calls_wait_while_the_models_load(pool: PerceptionPool) -> None:
    accepted = await pool.check_enrolment(identity_photograph())
    assert accepted.accepted
    assert accepted.face is not None
    refused = await pool.check_enrolment(b"\xff\xd8 no picture")
    assert (refused.accepted, refused.reason) == (False, "bad_image")


async def test_a_killed_worker_is_replaced_and_the_hole_is_reported(
    pool: PerceptionPool, listened: Listened, policy: ExamPolicy
) -> None:
    frames = media(Shot(Scene.EMPTY, 40), key_every_s=1.0)
    await pool.ready()
    clock = MediaClock(speed=2)
    await pool.open("s", policy, (), clock.now)
    pool.event("s", ClientEvent(ClientEventKind.SCREEN_SHARE_STOPPED, media_time_from_s(0.1)))
    playing = asyncio.create_task(play(pool, "s", frames, clock))
    await until(lambda: len(listened.results.get("s", [])) > 8 and clock.now() > media_time_from_s(8))
    before = list(listened.results["s"])
    asked = len(listened.key_frames)
    (load,) = pool.loads()
    assert load.pid is not None
    os.kill(load.pid, signal.SIGKILL)
    await until(lambda: bool(listened.of("s", PerceptionInterrupted)))
    (interrupted,) = listened.of("s", PerceptionInterrupted)
    assert isinstance(interrupted, PerceptionInterrupted)
    assert interrupted.cause == "crashed"
    assert 0 < interrupted.start < interrupted.end
    assert len(listened.key_frames) > asked
    # What was open ended where analysis had got to, before anything of the new worker came.
    ended = {found.kind: found for found in listened.closed_signals("s")}
    # A slow machine may not have got to where a missing body is noticed; no signal ends before it was noticed.
    assert set(ended) - {SignalKind.BODY_ABSENT} == {SignalKind.FACE_ABSENT, SignalKind.SCREEN_SHARE_STOPPED}
    assert all(found.end == max(interrupted.start, found.noticed) for found in ended.values())
    await playing
    await pool.close("s", media_time_from_s(40))
    assert pool.loads()[0].restarts == 1
    again = [found for found in listened.closed_signals("s") if found.start >= interrupted.start]
    assert {found.kind for found in again} == set(ended)
    ids = [found.signal_id for found in listened.closed_signals("s")]
    assert len(ids) == len(set(ids))
    assert len(listened.results["s"]) > len(before)


async def test_a_hung_worker_is_replaced(
    pool: PerceptionPool, listened: Listened, policy: ExamPolicy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervisor, "HUNG_AFTER_PINGS", 2)
    await pool.ready()
    clock = MediaClock()
    await pool.open("s", policy, (), clock.now)
    (load,) = pool.loads()
    assert load.pid is not None
    os.kill(load.pid, signal.SIGSTOP)
    await until(lambda: bool(listened.of("s", PerceptionInterrupted)))
    (interrupted,) = listened.of("s", PerceptionInterrupted)
    assert isinstance(interrupted, PerceptionInterrupted)
    assert interrupted.cause == "hung"
    await pool.close("s", clock.now())


async def test_a_sitting_that_closes_while_its_worker_dies_still_ends(
    pool: PerceptionPool, listened: Listened, policy: ExamPolicy
) -> None:
    await pool.ready()
    await pool.open("s", policy, (), lambda: MediaTime(0))
    (load,) = pool.loads()
    assert load.pid is not None
    os.kill(load.pid, signal.SIGKILL)
    await asyncio.wait_for(pool.close("s", media_time_from_s(1)), 30)
    assert len(listened.of("s", PerceptionInterrupted)) == 1


async def test_overload_drops_pictures_and_says_so_but_never_sound(
    pool: PerceptionPool, listened: Listened, policy: ExamPolicy
) -> None:
    frames = media(Shot(Scene.THREE_PEOPLE, 40), key_every_s=5.0)
    sounds = sum(frame.track is TrackKind.MICROPHONE for frame in frames)
    sittings = [f"s{number}" for number in range(4)]
    await pool.ready()
    clock = MediaClock(speed=15)
    for sitting_id in sittings:
        await pool.open(sitting_id, policy, (), clock.now)
    clock.begin()
    await asyncio.gather(*(play(pool, sitting_id, frames, clock) for sitting_id in sittings))
    await asyncio.gather(*(pool.close(sitting_id, media_time_from_s(40)) for sitting_id in sittings))
    await until(lambda: pool.loads()[0].sounds == sounds * len(sittings), 30)
    (load,) = pool.loads()
    assert load.sounds_dropped == 0
    assert load.pictures_dropped > 0
    for sitting_id in sittings:
        dropped = [found for found in listened.of(sitting_id, AnalysisDropped) if isinstance(found, AnalysisDropped)]
        assert sum(found.pictures for found in dropped) > 0
        assert sum(found.sounds for found in dropped) == 0


async def test_the_server_side_drops_until_a_key_frame_when_a_worker_does_not_read(
    pool: PerceptionPool, listened: Listened, policy: ExamPolicy
) -> None:
    frames = [frame for frame in media(Shot(Scene.PRESENT, 10)) if frame.track is TrackKind.CAMERA]
    await pool.ready()
    await pool.open("s", policy, (), lambda: MediaTime(0))
    (load,) = pool.loads()
    assert load.pid is not None
    os.kill(load.pid, signal.SIGSTOP)
    try:
        key, other = frames[0], frames[1]
        pool.accept("s", key)
        large = replace(other, data=b"\x00" * 400_000)
        for _ in range(20):
            pool.accept("s", large)
    finally:
        os.kill(load.pid, signal.SIGCONT)
    await pool.close("s", media_time_from_s(1))
    dropped = [found for found in listened.of("s", AnalysisDropped) if isinstance(found, AnalysisDropped)]
    assert 10 <= sum(found.pictures for found in dropped) <= 20


async def test_frames_that_are_not_for_analysis_are_passed_over(pool: PerceptionPool, policy: ExamPolicy) -> None:
    (frame, *_) = media(Shot(Scene.PRESENT, 1))
    pool.accept("unknown", frame)
    await pool.ready()
    await pool.open("s", policy, (), lambda: MediaTime(0))
    with pytest.raises(ValueError, match="open already"):
        await pool.open("s", policy, (), lambda: MediaTime(0))
    pool.accept("s", replace(frame, temporal_id=2))
    pool.accept("s", replace(frame, track=TrackKind.SCREEN))
    await pool.close("s", MediaTime(0))
    await pool.close("s", MediaTime(0))


async def test_an_unusable_photograph_is_said_and_the_sitting_runs_without_comparison(
    pool: PerceptionPool, listened: Listened, policy: ExamPolicy
) -> None:
    await pool.ready()
    await pool.open("s", policy, (b"no picture",), lambda: MediaTime(0))
    await pool.close("s", MediaTime(0))
    (disabled,) = listened.of("s", DetectorDisabled)
    assert isinstance(disabled, DetectorDisabled)
    assert disabled.name == "identity"


async def test_two_workers_share_the_sittings(listened: Listened, policy: ExamPolicy) -> None:
    pool = PerceptionPool(workers=2, listener=listened.result, request_key_frame=listened.key_frame)
    await pool.start()
    try:
        await pool.ready()
        for number in range(6):
            await pool.open(f"s{number}", policy, (), lambda: MediaTime(0))
        assert [load.sittings for load in pool.loads()] == [3, 3]
        assert not (await pool.check_enrolment(identity_photograph(OTHER)[:200])).accepted
    finally:
        await pool.stop()
