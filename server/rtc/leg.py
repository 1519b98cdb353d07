"""One peer connection of a candidate: media comes in, encoded frames with sitting time go out."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from typing import Final

import structlog
from aiortc import RTCDtlsTransport, RTCSessionDescription

from proctor.domain.media import Codec, EncodedFrame, LinkEvent, LinkState, TrackKind
from proctor.domain.time import NS_PER_MS, NS_PER_S, MediaTime
from proctor.ports.clock import Clock
from server.rtc.assembly import AssembledFrame, Vp8Assembler
from server.rtc.clock import SenderClock
from server.rtc.feedback import BitrateCap
from server.rtc.negotiation import BadSdpError, Offer, OfferedTrack, complete_answer, read_publishing_offer
from server.rtc.network import NetworkSettings
from server.rtc.peer import (
    REFUSALS,
    MediaPeerConnection,
    NoAddressError,
    Parts,
    close_peer,
    receivers_by_mid,
)
from server.rtc.receiver import EncodedReceiver, compose_report
from server.rtc.synchronous_path import DatagramCounts, SrtpOutlet

_log = structlog.get_logger(__name__)

TICK_S: Final = 0.5
LINK_LOST_NS: Final = 2_500 * NS_PER_MS
"""Silence after which the link counts as lost; ICE itself would take 30 s."""
CONNECT_TIMEOUT_NS: Final = 20 * NS_PER_S
HIGHEST_BPS: Final = 2_000_000
"""What a candidate may send at most; the browser's own limits for camera and screen lie below it."""

FrameSink = Callable[[EncodedFrame], None]
"""Takes a frame on the event loop's thread and must not block."""


class LegState(StrEnum):
    """Where a leg is in its life; it only moves forward."""

    NEW = "new"
    CONNECTING = "connecting"
    CONNECTED = "connected"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class TrackSnapshot:
    """Figures of one track since the leg began."""

    track: TrackKind
    codec: Codec
    packets: int
    lost: int
    """Packets given up."""
    missing: int
    """Packets that are being asked for now."""
    recovered: int
    frames: int
    delivered: int
    """Frames that went to the sinks."""
    bytes: int
    key_frames: int
    gaps: int
    key_frame_requests: int
    width: int | None
    height: int | None
    last_frame_age_ms: int | None
    layers_ok: bool | None
    """Whether the sender marks temporal layers; None for sound and before the first picture."""


@dataclass(frozen=True, slots=True)
class LegSnapshot:
    """Figures of one leg."""

    number: int
    state: LegState
    link: LinkState | None
    """None until anything has arrived."""
    tracks: tuple[TrackSnapshot, ...]
    datagrams: DatagramCounts
    """Live counters, not a copy."""
    sink_failures: int


class _Incoming:
    """A track of the leg with its receiver."""

    __slots__ = ("delivered", "receiver", "track")

    def __init__(self, track: TrackKind, receiver: EncodedReceiver) -> None:
        self.track = track
        self.receiver = receiver
        self.delivered = 0

    def snapshot(self, now_ns: int) -> TrackSnapshot:
        receiver = self.receiver
        counts, assembler = receiver.counts, receiver.assembler
        video = assembler if isinstance(assembler, Vp8Assembler) else None
        width, height = (video.picture_size if video else None) or (None, None)
        last_ns = receiver.last_frame_ns
        return TrackSnapshot(
            track=self.track,
            codec=receiver.codec,
            packets=counts.packets,
            lost=receiver.reorder.lost,
            missing=receiver.reorder.missing,
            recovered=receiver.reorder.recovered,
            frames=counts.frames,
            delivered=self.delivered,
            bytes=counts.bytes,
            key_frames=counts.key_frames,
            gaps=assembler.gaps,
            key_frame_requests=counts.key_frame_requests,
            width=width,
            height=height,
            last_frame_age_ms=None if last_ns is None else (now_ns - last_ns) // NS_PER_MS,
            layers_ok=video.has_layers if video is not None and counts.frames else None,
        )


class Leg:
    """One candidate's peer connection, from its offer to its end.

    Before `begin` frames are only counted. From then on each frame goes to every sink, stamped with the time since the
    sitting's start at which it was captured; frames captured earlier are left out.

    Args:
        number: counts the peer connections of a sitting from 1.
        clock: its `monotonic_ns` must be the clock of the start that `begin` is given.
        network: where to listen.
        key_frame_interval_s: longest time between two key frames of a picture track while the sitting runs.
        on_link: told that media stopped (after `LINK_LOST_NS` of silence, or when the peer goes away) or came back. A
            leg after the first also tells RESTORED once its own media arrives. Only called after `begin`.
        on_connected: told once when media can flow.
        on_closed: told once when the leg has ended, whoever ended it.
    """

    def __init__(  # noqa: PLR0913 - what a leg tells and whom, by name
        self,
        number: int,
        *,
        clock: Clock,
        network: NetworkSettings | None = None,
        key_frame_interval_s: float = 10.0,
        on_link: Callable[[LinkEvent], None] | None = None,
        on_connected: Callable[[Leg], None] | None = None,
        on_closed: Callable[[Leg], None] | None = None,
    ) -> None:
        self.number = number
        self.state = LegState.NEW
        self._clock = clock
        self._network = network or NetworkSettings()
        self._key_frame_interval_ns = int(key_frame_interval_s * NS_PER_S)
        self._on_link = on_link
        self._on_connected = on_connected
        self._on_closed = on_closed
        self._sender_clock = SenderClock()
        self._peer = MediaPeerConnection(self._network, Parts(receiver=self._make_receiver), clock.monotonic_ns)
        self._incoming: dict[TrackKind, _Incoming] = {}
        self._sinks: tuple[FrameSink, ...] = ()
        self._sink_failures = 0
        self._started_ns: int | None = None
        self._link: LinkState | None = None
        self._link_told: LinkState | None = None
        self._cap = BitrateCap(HIGHEST_BPS)
        self._connected = asyncio.Event()
        self._negotiating = asyncio.Lock()
        self._opened_ns = clock.monotonic_ns()
        self._ticks = 0
        self._timer: asyncio.TimerHandle | None = None
        self._ending: asyncio.Task[None] | None = None

    @property
    def tracks(self) -> tuple[TrackKind, ...]:
        """The tracks that were negotiated."""
        return tuple(self._incoming)

    async def answer(self, offer_sdp: str, tracks: Sequence[OfferedTrack]) -> str:
        """Negotiate; returns the answer with all candidates in it. Once per leg.

        Raises:
            BadSdpError: the offer cannot be used; the leg is closed then.
            NoAddressError: there is nothing to listen on; the leg is closed then.
            RuntimeError: the leg was answered before.
        """
        if self.state is not LegState.NEW:
            raise RuntimeError("a leg is answered once")
        self.state = LegState.CONNECTING
        try:
            offer = read_publishing_offer(offer_sdp, tracks)
            async with self._negotiating:
                answer = await self._negotiate(offer)
        except BaseException:
            await self.close()
            raise
        self._opened_ns = self._clock.monotonic_ns()
        self._timer = asyncio.get_running_loop().call_later(TICK_S * random.random(), self._tick)  # noqa: S311 - spreads work
        return complete_answer(answer, repeats_sound=offer.repeats_sound, public_address=self._network.public_address)

    async def wait_connected(self, timeout_s: float = 20.0) -> bool:
        """Wait until media can flow; False when it does not come to that in time, or the leg ended."""
        try:
            async with asyncio.timeout(timeout_s):
                await self._connected.wait()
        except TimeoutError:
            return False
        return self.state is LegState.CONNECTED

    def add_sink(self, sink: FrameSink) -> None:
        """From now on give frames to `sink` too; its exceptions are logged and counted, and concern no other sink."""
        self._sinks = (*self._sinks, sink)

    def remove_sink(self, sink: FrameSink) -> None:
        """Give no more frames to `sink`."""
        self._sinks = tuple(other for other in self._sinks if other != sink)

    def begin(self, started_monotonic_ns: int) -> None:
        """Deliver frames from now on, counted from the sitting's start; asks for key frames."""
        self._started_ns = started_monotonic_ns
        for incoming in self._incoming.values():
            incoming.receiver.request_key_frame()
        self._tell_link()

    def request_key_frame(self, track: TrackKind) -> None:
        """Ask the browser for a key frame of a picture track; a track that the leg does not have is passed over."""
        incoming = self._incoming.get(track)
        if incoming is not None:
            incoming.receiver.request_key_frame()

    def receiver(self, track: TrackKind) -> EncodedReceiver | None:
        """The receiver of a track, for forwarding; None where the leg does not have the track."""
        incoming = self._incoming.get(track)
        return None if incoming is None or self.state is LegState.CLOSED else incoming.receiver

    def snapshot(self) -> LegSnapshot:
        """Figures up to now."""
        now_ns = self._clock.monotonic_ns()
        return LegSnapshot(
            number=self.number,
            state=self.state,
            link=self._link,
            tracks=tuple(incoming.snapshot(now_ns) for incoming in self._incoming.values()),
            datagrams=self._peer.datagrams,
            sink_failures=self._sink_failures,
        )

    async def close(self) -> None:
        """End the leg; may be called more than once."""
        if self._ending is None:
            self._ending = asyncio.get_running_loop().create_task(self._end())
        await asyncio.shield(self._ending)

    # Negotiation and the end.

    def _make_receiver(self, kind: str, transport: RTCDtlsTransport) -> EncodedReceiver:
        return EncodedReceiver(kind, transport, self._sender_clock, self._clock.monotonic_ns)

    async def _negotiate(self, offer: Offer) -> str:
        peer = self._peer
        peer.on("connectionstatechange", self._follow_connection)
        try:
            await peer.setRemoteDescription(RTCSessionDescription(offer.sdp, "offer"))
            receivers = receivers_by_mid(peer)
            for offered in offer.tracks:
                incoming = _Incoming(offered.track, receivers[offered.mid])
                incoming.receiver.on_frame = partial(self._take, incoming)
                incoming.receiver.repairs = offered.track is not TrackKind.MICROPHONE or offer.repeats_sound
                self._incoming[offered.track] = incoming
            await peer.setLocalDescription(await peer.createAnswer())
        except REFUSALS as error:
            raise BadSdpError(f"the offer cannot be answered: {error or type(error).__name__}") from error
        if self._ending is not None:
            raise BadSdpError("the connection was closed while it was being answered")
        answer = peer.localDescription.sdp
        if "a=candidate:" not in answer:
            raise NoAddressError("no network address to listen on; check bind_addresses and udp_ports")
        return answer

    def _follow_connection(self) -> None:
        state = self._peer.connectionState
        if state == "connected" and self.state is LegState.CONNECTING:
            self.state = LegState.CONNECTED
            self._connected.set()
            if self._on_connected is not None:
                self._on_connected(self)
        elif state in {"failed", "closed"} and self._ending is None:
            self._peer_gone()

    def _peer_gone(self) -> None:
        if self.state is LegState.CONNECTED:
            self._link = LinkState.LOST
            self._tell_link()
        self._ending = asyncio.get_running_loop().create_task(self._end())

    async def _end(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self.state = LegState.CLOSED
        self._connected.set()
        for incoming in self._incoming.values():
            incoming.receiver.on_frame = None
        try:
            async with self._negotiating:  # what is closed while it gathers addresses would leave sockets open
                await close_peer(self._peer)
        finally:
            if self._on_closed is not None:
                self._on_closed(self)

    # Frames.

    def _take(self, incoming: _Incoming, frame: AssembledFrame) -> None:
        clock = incoming.receiver.clock
        rtp_time = clock.unwrap(frame.timestamp)
        stamp_ns = clock.stamp_ns(rtp_time, self._clock.monotonic_ns())
        if self._started_ns is None or stamp_ns < self._started_ns:
            return
        encoded = EncodedFrame(
            track=incoming.track,
            leg=self.number,
            at=MediaTime(stamp_ns - self._started_ns),
            rtp_time=rtp_time,
            codec=incoming.receiver.codec,
            data=frame.data,
            is_key=frame.is_key,
            temporal_id=frame.temporal_id,
            after_gap=frame.after_gap,
        )
        incoming.delivered += 1
        for sink in self._sinks:
            try:
                sink(encoded)
            except Exception:  # noqa: BLE001 - a sink's defect must not reach the others; logged below
                self._sink_failures += 1
                _log.exception("frame_sink_failed", leg=self.number, track=incoming.track)

    # Twice a second.

    def _tick(self) -> None:
        self._timer = asyncio.get_running_loop().call_later(TICK_S, self._tick)
        now_ns = self._clock.monotonic_ns()
        if self.state is LegState.CONNECTING and now_ns - self._opened_ns > CONNECT_TIMEOUT_NS:
            self._peer_gone()
        if self.state is not LegState.CONNECTED:
            return
        self._ticks += 1
        self._watch_link(now_ns)
        for incoming in self._incoming.values():
            self._keep_key_frames_coming(incoming.receiver, now_ns)
        if self._ticks % 2 == 0:
            self._report()

    def _watch_link(self, now_ns: int) -> None:
        path = self._peer.media_path
        if path is None:
            return
        self._link = LinkState.LOST if now_ns - path.last_authentic_ns > LINK_LOST_NS else LinkState.RESTORED
        self._tell_link()

    def _tell_link(self) -> None:
        """Tell a change; the first leg's link is taken for granted until it is lost."""
        if self._link is None or self._started_ns is None:
            return
        taken_for_granted = LinkState.RESTORED if self.number == 1 else None
        if self._link is (self._link_told or taken_for_granted):
            return
        self._link_told = self._link
        if self._on_link is not None:
            at = MediaTime(max(0, self._clock.monotonic_ns() - self._started_ns))
            self._on_link(LinkEvent(self._link, at))

    def _keep_key_frames_coming(self, receiver: EncodedReceiver, now_ns: int) -> None:
        last_ns = receiver.last_key_frame_ns
        if (
            self._started_ns is not None
            and receiver.kind == "video"
            and last_ns is not None
            and now_ns - last_ns >= self._key_frame_interval_ns
        ):
            receiver.request_key_frame()
        else:
            receiver.keep_asking()

    def _report(self) -> None:
        report = compose_report([incoming.receiver for incoming in self._incoming.values()], self._cap)
        if report is not None and self._peer.dtls is not None:
            SrtpOutlet(self._peer.dtls).send_rtcp(report)
