"""Live view: what an invigilator's peer gets of a candidate's media."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import pairwise

import pytest
from rtc_rig import LOOPBACK, Relay, SystemClock, Watcher, follows, published, until, whole_frames

from proctor.domain.media import TrackKind
from proctor.domain.time import NS_PER_MS
from server.rtc.forwarder import Viewer
from server.rtc.leg import Leg, LegState
from server.rtc.negotiation import BadSdpError
from server.rtc.packets import RtpPacket
from server.rtc.pump_source import PumpSource

pytestmark = pytest.mark.live

CAMERA, SCREEN, MICROPHONE = TrackKind.CAMERA, TrackKind.SCREEN, TrackKind.MICROPHONE
ALL = (CAMERA, SCREEN, MICROPHONE)


@asynccontextmanager
async def viewed(leg: Leg, relay: Relay | None = None) -> AsyncIterator[tuple[Viewer, Watcher]]:
    viewer, watcher = Viewer(clock=SystemClock(), network=LOOPBACK), Watcher()
    viewer.watch(leg)
    try:
        await watcher.watch(viewer, relay)
        yield viewer, watcher
    finally:
        await viewer.close()
        await watcher.close()


def assert_whole(watcher: Watcher, source: PumpSource) -> None:
    for track in ALL:
        frames = watcher.frames[track]
        assert frames, track
        assert not any(frame.after_gap for frame in frames), track
        assert follows([frame.data for frame in frames], whole_frames(source, track)), track
    assert watcher.frames[CAMERA][0].is_key


async def test_the_view_starts_with_a_key_frame_and_shows_every_frame(source: PumpSource) -> None:
    quick = dataclasses.replace(source, jumps_to_key=True)
    async with published(quick) as publication, viewed(publication.leg) as (viewer, watcher):
        await until(lambda: all(len(watcher.frames[track]) > 8 for track in ALL))
        for track in ALL:
            assert not watcher.frames[track][0].after_gap
            assert watcher.frames[track][0].is_key
        snapshot = viewer.snapshot()
        assert snapshot.leg == 1
        assert [one.waits for one in snapshot.tracks] == [False, False, False]


async def test_two_viewers_see_the_same_frames(source: PumpSource) -> None:
    async with (
        published(source) as publication,
        viewed(publication.leg) as (_, first),
        viewed(publication.leg) as (_, second),
    ):
        await until(lambda: all(len(one.frames[track]) > 15 for one in (first, second) for track in (CAMERA, SCREEN)))
        for watcher in (first, second):
            assert_whole(watcher, source)


async def test_loss_towards_the_viewer_is_repaired_from_history(source: PumpSource, relay: Relay) -> None:
    async with published(source) as publication, viewed(publication.leg, relay) as (viewer, watcher):
        await until(lambda: all(watcher.frames[track] for track in ALL))
        relay.loss = 0.1
        await asyncio.sleep(4)
        relay.loss = 0
        await publication.stop_sending()
        await until(lambda: all(receiver.reorder.missing == 0 for receiver in watcher.receivers.values()))
        assert_whole(watcher, source)
        assert sum(one.counts.repeated for one in viewer.snapshot().tracks) > 5


async def test_loss_from_the_candidate_is_repaired_for_the_viewer_too(source: PumpSource, relay: Relay) -> None:
    async with published(source, relay=relay) as publication, viewed(publication.leg) as (_, watcher):
        await until(lambda: all(watcher.frames[track] for track in ALL))
        relay.loss = 0.1
        await asyncio.sleep(4)
        relay.loss = 0
        await publication.stop_sending()
        await until(lambda: all(receiver.reorder.missing == 0 for receiver in watcher.receivers.values()))
        assert_whole(watcher, source)


async def test_a_replaced_leg_goes_on_as_the_same_stream(source: PumpSource) -> None:
    async with published(source) as first, viewed(first.leg) as (viewer, watcher):
        await until(lambda: len(watcher.frames[SCREEN]) > 5)
        async with published(source, number=2) as second:
            viewer.watch(second.leg)
            await first.close()
            shown = {track: len(watcher.frames[track]) for track in ALL}
            await until(lambda: all(len(watcher.frames[track]) > shown[track] + 6 for track in ALL))
            assert viewer.snapshot().leg == 2
            for track in ALL:
                receiver, frames = watcher.receivers[track], watcher.frames[track]
                assert not any(frame.after_gap for frame in frames)
                assert receiver.reorder.lost == 0
                assert receiver.counts.foreign == 0
                steps = [(b.timestamp - a.timestamp) % 2**32 for a, b in pairwise(frames)]
                assert all(0 < step < 8 * 90_000 for step in steps)
            assert viewer.state is LegState.CONNECTED


async def test_sound_and_picture_stay_together_for_the_viewer(source: PumpSource) -> None:
    async with published(source) as publication, viewed(publication.leg) as (_, watcher):
        receivers = watcher.receivers
        await until(lambda: all(receivers[track].clock.reports > 1 for track in ALL))
        origins_ns = []
        for track in ALL:
            source_receiver = publication.leg.receiver(track)
            assert source_receiver is not None
            sent = source_receiver.clock
            source_time = sent.estimate_ns(sent.unwrap(watcher.frames[track][-1].timestamp))
            shown = receivers[track].clock.estimate_ns(
                receivers[track].clock.unwrap(watcher.frames[track][-1].timestamp)
            )
            origins_ns.append(shown - source_time)
        assert max(origins_ns) - min(origins_ns) < 20 * NS_PER_MS


async def test_a_leg_that_ends_lets_go_of_its_viewers_and_a_viewer_of_its_leg(source: PumpSource) -> None:
    async with published(source) as publication:
        receiver = publication.leg.receiver(CAMERA)
        assert receiver is not None
        async with viewed(publication.leg) as (viewer, watcher):
            await until(lambda: bool(watcher.frames[CAMERA]))
            assert len(receiver.packet_listeners) == 1
            await watcher.close()
            await until(lambda: viewer.state is LegState.CLOSED)
        assert receiver.packet_listeners == []
        async with viewed(publication.leg) as (viewer, watcher):
            await publication.leg.close()
            assert receiver.packet_listeners == []
            viewer.watch(publication.leg)
            assert viewer.state is LegState.CONNECTED


async def test_a_bad_offer_of_a_viewer_is_refused() -> None:
    closed: list[Viewer] = []
    viewer = Viewer(clock=SystemClock(), network=LOOPBACK, on_closed=closed.append)
    with pytest.raises(BadSdpError):
        await viewer.answer("v=0\r\n", [CAMERA])
    assert closed == [viewer]


async def test_a_failing_view_does_not_reach_the_recording(source: PumpSource) -> None:
    async with published(source) as publication:
        receiver = publication.leg.receiver(CAMERA)
        assert receiver is not None

        def broken(_packet: RtpPacket) -> None:
            raise RuntimeError("cannot show")

        receiver.packet_listeners.append(broken)
        publication.begin()
        await until(lambda: len(publication.frames.get(CAMERA, ())) > 10)
        assert receiver.counts.listener_failures > 10
        assert publication.figures(CAMERA).gaps == 0
