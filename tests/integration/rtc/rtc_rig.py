"""Real peer connections on loopback, with a relay that loses, delays and reorders what passes."""

from __future__ import annotations

import asyncio
import random
import re
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Self

from aiortc import RTCDtlsTransport, RTCSessionDescription

from proctor.domain.media import EncodedFrame, LinkEvent, TrackKind
from server.rtc.assembly import AssembledFrame, Vp8Assembler
from server.rtc.clock import SenderClock
from server.rtc.forwarder import Viewer
from server.rtc.leg import Leg, TrackSnapshot
from server.rtc.negotiation import OfferedTrack, announce_sound_repair, media_kind
from server.rtc.network import NetworkSettings
from server.rtc.packets import RtpPacket
from server.rtc.peer import MediaPeerConnection, Parts, close_peer, receivers_by_mid
from server.rtc.pump import SimulatedCandidate
from server.rtc.pump_source import PumpSource
from server.rtc.receiver import EncodedReceiver

LOOPBACK = NetworkSettings(bind_addresses=("127.0.0.1",))
_HOST_CANDIDATE = re.compile(r"(a=candidate:\S+ \d+ udp \d+ )127\.0\.0\.1 (\d+)( typ host)")


def without_candidates(sdp: str) -> str:
    return "\r\n".join(line for line in sdp.splitlines() if not line.startswith("a=candidate:")) + "\r\n"


class SystemClock:
    def now_utc(self) -> datetime:
        return datetime.now(UTC)

    def monotonic_ns(self) -> int:
        return time.monotonic_ns()


class Relay:
    """Stands between a candidate and the server; `loss` counts both ways, 0 to 1."""

    def __init__(self) -> None:
        self.loss = 0.0
        self.down = False
        self.jitter_s = 0.0
        self.duplicate = 0.0
        self.seen: list[bytes] = []
        self.dropped = 0
        self._random = random.Random(7)  # noqa: S311 - repeatable loss
        self._near: asyncio.DatagramTransport | None = None
        self._far: asyncio.DatagramTransport | None = None
        self._candidate: tuple[str, int] | None = None
        self.server: tuple[str, int] | None = None

    async def open(self) -> Self:
        loop = asyncio.get_running_loop()
        self._near, _ = await loop.create_datagram_endpoint(lambda: _Side(self._from_candidate), ("127.0.0.1", 0))
        self._far, _ = await loop.create_datagram_endpoint(lambda: _Side(self._from_server), ("127.0.0.1", 0))
        return self

    def close(self) -> None:
        for side in (self._near, self._far):
            if side is not None:
                side.close()

    @property
    def port(self) -> int:
        assert self._near is not None
        return int(self._near.get_extra_info("sockname")[1])

    def stand_between(self, answer: str) -> str:
        """The answer with the relay's address in place of the server's."""
        found = _HOST_CANDIDATE.search(answer)
        assert found is not None
        self.server = ("127.0.0.1", int(found[2]))
        return _HOST_CANDIDATE.sub(rf"\g<1>127.0.0.1 {self.port}\g<3>", answer)

    def send_to_server(self, data: bytes) -> None:
        """Noise under the relay's own address, which the server takes for the candidate's."""
        assert self._far is not None
        assert self.server is not None
        self._far.sendto(data, self.server)

    def _from_candidate(self, data: bytes, address: tuple[str, int]) -> None:
        self._candidate = address
        if len(self.seen) < 400:
            self.seen.append(data)
        if self.server is not None:
            self._pass(data, self._far, self.server)

    def _from_server(self, data: bytes, _address: tuple[str, int]) -> None:
        if self._candidate is not None:
            self._pass(data, self._near, self._candidate)

    def _pass(self, data: bytes, side: asyncio.DatagramTransport | None, address: tuple[str, int]) -> None:
        assert side is not None
        if self.down or self._random.random() < self.loss:
            self.dropped += 1
            return
        copies = 2 if self._random.random() < self.duplicate else 1
        for _ in range(copies):
            if self.jitter_s:
                delay_s = self._random.random() * self.jitter_s
                asyncio.get_running_loop().call_later(delay_s, self._send, side, data, address)
            else:
                side.sendto(data, address)

    @staticmethod
    def _send(side: asyncio.DatagramTransport, data: bytes, address: tuple[str, int]) -> None:
        if not side.is_closing():
            side.sendto(data, address)


class _Side(asyncio.DatagramProtocol):
    def __init__(self, take: Callable[[bytes, tuple[str, int]], None]) -> None:
        self._take = take

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self._take(data, addr)


class Publication:
    """A simulated candidate that sends to a leg."""

    def __init__(
        self, source: PumpSource, *, number: int = 1, relay: Relay | None = None, key_frame_interval_s: float = 10.0
    ) -> None:
        self.clock = SystemClock()
        self.frames: dict[TrackKind, list[EncodedFrame]] = {}
        self.links: list[LinkEvent] = []
        self.closed: list[Leg] = []
        self.leg = Leg(
            number,
            clock=self.clock,
            network=LOOPBACK,
            key_frame_interval_s=key_frame_interval_s,
            on_link=self.links.append,
            on_closed=self.closed.append,
        )
        self.leg.add_sink(self._take)
        self.candidate = SimulatedCandidate(source, clock=self.clock, network=LOOPBACK)
        self._relay = relay
        self._sending: asyncio.Task[None] | None = None

    def begin(self) -> None:
        self.leg.begin(self.clock.monotonic_ns())

    def figures(self, track: TrackKind) -> TrackSnapshot:
        return next(figures for figures in self.leg.snapshot().tracks if figures.track is track)

    async def start(self) -> None:
        await self.candidate.connect(self._exchange, timeout_s=8)
        assert await self.leg.wait_connected(8)
        self._sending = asyncio.get_running_loop().create_task(self.candidate.run())

    async def stop_sending(self) -> None:
        self.candidate.stop()
        if self._sending is not None:
            await self._sending
            self._sending = None

    async def close(self) -> None:
        await self.stop_sending()
        await self.leg.close()
        await self.candidate.close()

    async def _exchange(self, offer: str, tracks: tuple[OfferedTrack, ...]) -> str:
        if self._relay is None:
            return await self.leg.answer(offer, tracks)
        return self._relay.stand_between(await self.leg.answer(without_candidates(offer), tracks))

    def _take(self, frame: EncodedFrame) -> None:
        self.frames.setdefault(frame.track, []).append(frame)


class Watcher:
    """A receiving peer, as a browser that shows a live view."""

    KINDS = (TrackKind.CAMERA, TrackKind.SCREEN, TrackKind.MICROPHONE)

    def __init__(self) -> None:
        self.frames: dict[TrackKind, list[AssembledFrame]] = {kind: [] for kind in self.KINDS}
        self.receivers: dict[TrackKind, EncodedReceiver] = {}
        clock = SystemClock()
        sender_clock = SenderClock()

        def make(kind: str, transport: RTCDtlsTransport) -> EncodedReceiver:
            return EncodedReceiver(kind, transport, sender_clock, clock.monotonic_ns)

        self.peer = MediaPeerConnection(LOOPBACK, Parts(receiver=make), clock.monotonic_ns)

    async def watch(self, viewer: Viewer, relay: Relay | None = None) -> None:
        for kind in self.KINDS:
            self.peer.addTransceiver(media_kind(kind), direction="recvonly")
        await self.peer.setLocalDescription(await self.peer.createOffer())
        offer = announce_sound_repair(self.peer.localDescription.sdp)
        if relay is None:
            answer = await viewer.answer(offer, self.KINDS)
        else:
            answer = relay.stand_between(await viewer.answer(without_candidates(offer), self.KINDS))
        by_mid = receivers_by_mid(self.peer)
        for number, kind in enumerate(self.KINDS):
            receiver: EncodedReceiver = by_mid[str(number)]
            receiver.on_frame = self.frames[kind].append
            self.receivers[kind] = receiver
        await self.peer.setRemoteDescription(RTCSessionDescription(answer, "answer"))
        assert await viewer.wait_connected(8)

    async def close(self) -> None:
        await close_peer(self.peer)


@asynccontextmanager
async def published(
    source: PumpSource, *, number: int = 1, relay: Relay | None = None, key_frame_interval_s: float = 10.0
) -> AsyncIterator[Publication]:
    publication = Publication(source, number=number, relay=relay, key_frame_interval_s=key_frame_interval_s)
    try:
        await publication.start()
        yield publication
    finally:
        await publication.close()


async def until(condition: Callable[[], bool], timeout_s: float = 8.0) -> None:
    """Wait for something to become true; real connections have no other way to be waited for."""
    async with asyncio.timeout(timeout_s):
        while not condition():  # noqa: ASYNC110 - what is waited for lies beyond a socket
            await asyncio.sleep(0.02)


def whole_frames(source: PumpSource, track: TrackKind) -> list[bytes]:
    """The encoded frames of one lap, as they were before they were cut into packets."""
    (found,) = (one for one in source.tracks if one.track is track)
    if track is TrackKind.MICROPHONE:
        return [packet.payload for packet in found.packets]
    assembler, frames = Vp8Assembler(), []
    for number, sent in enumerate(found.packets):
        packet = RtpPacket(96, sent.marker, number, sent.timestamp, 1, sent.payload)
        packet.extended = number
        frame = assembler.push(packet)
        if frame is not None:
            frames.append(frame.data)
    return frames


def follows(got: list[bytes], lap: list[bytes]) -> bool:
    """Whether frames came without a hole, however often the lap was repeated, wherever they began."""
    return any(
        all(data == lap[(start + index) % len(lap)] for index, data in enumerate(got)) for start in range(len(lap))
    )
