"""Media over real ICE and DTLS-SRTP on loopback, with what networks do to it."""

from __future__ import annotations

import asyncio
import dataclasses
from itertools import pairwise

import pytest
from rtc_rig import (
    LOOPBACK,
    Publication,
    Relay,
    SystemClock,
    follows,
    published,
    until,
    whole_frames,
    without_candidates,
)

from proctor.domain.media import EncodedFrame, LinkEvent, LinkState, TrackKind
from proctor.domain.time import NS_PER_MS, NS_PER_S
from server.rtc.leg import Leg, LegState
from server.rtc.negotiation import BadSdpError, OfferedTrack
from server.rtc.network import NetworkSettings
from server.rtc.peer import NoAddressError
from server.rtc.pump import SimulatedCandidate
from server.rtc.pump_source import PumpSource

pytestmark = pytest.mark.live

CAMERA, SCREEN, MICROPHONE = TrackKind.CAMERA, TrackKind.SCREEN, TrackKind.MICROPHONE
ALL = (CAMERA, SCREEN, MICROPHONE)


async def settle(publication: Publication) -> None:
    """Stop sending and let the last repairs happen."""
    await publication.stop_sending()
    await until(lambda: all(publication.figures(track).missing == 0 for track in ALL))


def assert_whole(publication: Publication, source: PumpSource) -> None:
    for track in ALL:
        frames = publication.frames[track]
        figures = publication.figures(track)
        assert (figures.lost, figures.gaps) == (0, 0), track
        assert not any(frame.after_gap for frame in frames), track
        assert follows([frame.data for frame in frames], whole_frames(source, track)), track
        times = [frame.at for frame in frames]
        assert times == sorted(set(times)), track


async def test_every_frame_arrives_as_it_was_encoded_with_its_time(source: PumpSource) -> None:
    async with published(source) as publication:
        await until(lambda: publication.figures(CAMERA).frames > 5)
        assert publication.frames == {}
        publication.begin()
        await asyncio.sleep(source.lap_ns / NS_PER_S + 1)
        await settle(publication)
        assert_whole(publication, source)
        camera = publication.figures(CAMERA)
        assert (camera.width, camera.height, camera.layers_ok) == (640, 480, True)
        assert publication.figures(MICROPHONE).layers_ok is None
        assert {frame.temporal_id for frame in publication.frames[CAMERA]} == {0, 1, 2}
        steps = [b.at - a.at for a, b in pairwise(publication.frames[CAMERA])]
        assert all(40 * NS_PER_MS < step < 95 * NS_PER_MS for step in steps)
        assert publication.leg.snapshot().datagrams.failed == 0


async def test_sound_and_picture_carry_the_time_of_their_capture(source: PumpSource) -> None:
    async with published(source) as publication:
        publication.begin()
        await asyncio.sleep(2.5)
        await settle(publication)

        def origin_ns(frame: EncodedFrame, rate_hz: int) -> float:
            return frame.at - frame.rtp_time * NS_PER_S / rate_hz

        sound = origin_ns(publication.frames[MICROPHONE][-1], 48_000)
        for track in (CAMERA, SCREEN):
            assert abs(origin_ns(publication.frames[track][-1], 90_000) - sound) < 15 * NS_PER_MS


async def test_five_percent_loss_both_ways_loses_nothing(source: PumpSource, relay: Relay) -> None:
    async with published(source, relay=relay) as publication:
        publication.begin()
        relay.loss = 0.05
        await asyncio.sleep(6)
        relay.loss = 0
        await settle(publication)
        assert relay.dropped > 20
        assert_whole(publication, source)
        assert sum(publication.figures(track).recovered for track in ALL) > 5


async def test_twenty_percent_loss_leaves_no_hole(source: PumpSource, relay: Relay) -> None:
    async with published(source, relay=relay) as publication:
        publication.begin()
        relay.loss = 0.2
        await asyncio.sleep(5)
        relay.loss = 0
        await settle(publication)
        assert_whole(publication, source)
        assert all(publication.figures(track).recovered > 0 for track in ALL)


async def test_an_outage_of_one_and_a_half_seconds_is_repaired(source: PumpSource, relay: Relay) -> None:
    async with published(source, relay=relay) as publication:
        publication.begin()
        await asyncio.sleep(1)
        relay.down = True
        await asyncio.sleep(1.5)
        relay.down = False
        await asyncio.sleep(1.5)
        await settle(publication)
        assert_whole(publication, source)
        assert publication.links == []


async def test_after_four_seconds_of_outage_video_resumes_by_itself(source: PumpSource, relay: Relay) -> None:
    async with published(source, relay=relay) as publication:
        publication.begin()
        await asyncio.sleep(1)
        relay.down = True
        await asyncio.sleep(4)
        relay.down = False
        back_ns = publication.clock.monotonic_ns()
        before = {track: len(publication.frames[track]) for track in ALL}
        await until(lambda: all(publication.figures(track).gaps == 1 for track in ALL))

        def recovered() -> bool:
            return all(
                any(frame.is_key for frame in publication.frames[track][before[track] :])
                and not publication.frames[track][-1].after_gap
                for track in ALL
            )

        await until(recovered)
        assert publication.clock.monotonic_ns() - back_ns < 5.5 * NS_PER_S
        for track in (CAMERA, SCREEN):
            after = publication.frames[track][before[track] :]
            first_key = next(index for index, frame in enumerate(after) if frame.is_key)
            gap = next(index for index, frame in enumerate(after) if frame.after_gap)
            assert all(frame.after_gap for frame in after[gap:first_key])
        assert [event.state for event in publication.links] == [LinkState.LOST, LinkState.RESTORED]
        lost, restored = publication.links
        assert 3.3 * NS_PER_S < lost.at < 4.3 * NS_PER_S
        assert 4.9 * NS_PER_S < restored.at < 6 * NS_PER_S


async def test_reordered_and_doubled_packets_come_out_in_order(source: PumpSource, relay: Relay) -> None:
    async with published(source, relay=relay) as publication:
        await until(lambda: all(publication.figures(track).frames for track in ALL))
        publication.begin()
        relay.jitter_s, relay.duplicate = 0.04, 0.1
        await asyncio.sleep(3)
        await settle(publication)
        assert_whole(publication, source)


async def test_frames_before_the_start_are_counted_not_delivered(source: PumpSource) -> None:
    async with published(source) as publication:
        await until(lambda: publication.figures(CAMERA).frames > 10)
        publication.leg.begin(publication.clock.monotonic_ns() + NS_PER_S)
        await until(lambda: CAMERA in publication.frames)
        assert all(frame.at >= 0 for frames in publication.frames.values() for frame in frames)
        camera = publication.figures(CAMERA)
        assert camera.frames - camera.delivered >= 20


async def test_a_failing_sink_harms_no_other(source: PumpSource) -> None:
    async with published(source) as publication:

        def broken(_frame: EncodedFrame) -> None:
            raise RuntimeError("no more room")

        seen: list[EncodedFrame] = []
        publication.leg.add_sink(broken)
        publication.leg.add_sink(seen.append)
        publication.begin()
        await until(lambda: len(seen) > 10)
        assert publication.leg.snapshot().sink_failures > 10
        publication.leg.remove_sink(broken)
        failures = publication.leg.snapshot().sink_failures
        await until(lambda: len(seen) > 20)
        assert publication.leg.snapshot().sink_failures == failures


async def test_key_frames_are_asked_for_regularly_and_on_demand(source: PumpSource) -> None:
    rare = dataclasses.replace(source, jumps_to_key=True)
    async with published(rare, key_frame_interval_s=0.6) as publication:
        publication.begin()
        await asyncio.sleep(3.2)
        keys = [frame.at for frame in publication.frames[CAMERA] if frame.is_key]
        assert len(keys) >= 3
        assert all(b - a < 1.4 * NS_PER_S for a, b in pairwise(keys))
        asked = publication.figures(SCREEN).key_frame_requests
        publication.leg.request_key_frame(SCREEN)
        publication.leg.request_key_frame(SCREEN)
        publication.leg.request_key_frame(TrackKind.PHONE)
        await until(lambda: publication.figures(SCREEN).key_frame_requests > asked)


async def test_a_candidate_who_leaves_ends_the_leg(source: PumpSource) -> None:
    async with published(source) as publication:
        publication.begin()
        await until(lambda: CAMERA in publication.frames)
        await publication.stop_sending()
        await publication.candidate.close()
        await until(lambda: publication.closed == [publication.leg])
        assert publication.leg.state is LegState.CLOSED
        assert [event.state for event in publication.links] == [LinkState.LOST]


async def test_closing_a_leg_is_no_loss_and_can_be_repeated(source: PumpSource) -> None:
    async with published(source) as publication:
        publication.begin()
        await publication.leg.close()
        await publication.leg.close()
        assert publication.closed == [publication.leg]
        assert publication.links == []


async def test_a_later_leg_tells_that_media_is_back(source: PumpSource) -> None:
    async with published(source, number=2) as publication:
        publication.begin()
        await until(lambda: bool(publication.links))
        assert publication.links[0].state is LinkState.RESTORED
        assert all(frame.leg == 2 for frame in publication.frames[CAMERA])


async def test_a_bad_offer_closes_the_leg_and_says_why() -> None:
    closed: list[Leg] = []
    leg = Leg(1, clock=SystemClock(), network=LOOPBACK, on_closed=closed.append)
    with pytest.raises(BadSdpError, match="does not begin with v="):
        await leg.answer("junk", [OfferedTrack("0", CAMERA)])
    assert closed == [leg]
    assert not await leg.wait_connected(0.1)
    with pytest.raises(RuntimeError, match="once"):
        await leg.answer("junk", [OfferedTrack("0", CAMERA)])


async def test_ports_and_public_address_are_those_of_the_settings(source: PumpSource) -> None:
    network = NetworkSettings(bind_addresses=("127.0.0.1",), udp_ports=(47_100, 47_140), public_address="203.0.113.9")
    clock = SystemClock()
    leg = Leg(1, clock=clock, network=network)
    candidate = SimulatedCandidate(source, clock=clock, network=LOOPBACK)
    answers: list[str] = []

    async def exchange(offer: str, tracks: tuple[OfferedTrack, ...]) -> str:
        answers.append(await leg.answer(offer, tracks))
        return answers[0]

    await candidate.connect(exchange)
    (line,) = {line for line in answers[0].splitlines() if line.startswith("a=candidate:")}
    assert 47_100 <= int(line.split(" ")[5]) <= 47_140
    await leg.close()
    await candidate.close()


async def test_nothing_to_listen_on_is_said(source: PumpSource) -> None:
    clock = SystemClock()
    leg = Leg(1, clock=clock, network=NetworkSettings(bind_addresses=("192.0.2.1",)))
    candidate = SimulatedCandidate(source, clock=clock, network=LOOPBACK)
    with pytest.raises(NoAddressError, match="bind_addresses"):
        await candidate.connect(leg.answer)
    await candidate.close()


async def test_a_server_that_never_answers_is_an_error_for_the_candidate(source: PumpSource, relay: Relay) -> None:
    relay.down = True
    publication = Publication(source, relay=relay)
    with pytest.raises(ConnectionError, match="no media connection"):
        await publication.candidate.connect(publication._exchange, timeout_s=1)
    await publication.close()


class LeapingClock(SystemClock):
    def __init__(self) -> None:
        self.ahead_ns = 0

    def monotonic_ns(self) -> int:
        return super().monotonic_ns() + self.ahead_ns


async def test_a_leg_that_nobody_connects_to_ends_after_twenty_seconds(source: PumpSource) -> None:
    clock, closed, links = LeapingClock(), list[Leg](), list[LinkEvent]()
    leg = Leg(1, clock=clock, network=LOOPBACK, on_closed=closed.append, on_link=links.append)
    candidate = SimulatedCandidate(source, clock=clock, network=LOOPBACK)

    async def lose_the_answer(offer: str, tracks: tuple[OfferedTrack, ...]) -> str:
        await leg.answer(without_candidates(offer), tracks)
        raise ConnectionError("the answer was lost")

    with pytest.raises(ConnectionError):
        await candidate.connect(lose_the_answer)
    await candidate.close()
    clock.ahead_ns = 19 * NS_PER_S
    await asyncio.sleep(0.7)
    assert closed == []
    clock.ahead_ns = 21 * NS_PER_S
    await until(lambda: closed == [leg])
    assert links == []
