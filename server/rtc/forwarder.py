"""Live view: a candidate's packets go on to an invigilator's browser with new headers, never decoded."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from aiortc import RTCDtlsTransport, RTCSessionDescription

from proctor.domain.media import TrackKind
from proctor.domain.time import NS_PER_S
from proctor.ports.clock import Clock
from server.rtc import vp8
from server.rtc.leg import CONNECT_TIMEOUT_NS, Leg, LegState
from server.rtc.negotiation import BadSdpError, Offer, complete_answer, read_viewing_offer
from server.rtc.network import NetworkSettings
from server.rtc.ntp import NtpScale
from server.rtc.outgoing import OutgoingCounts, OutgoingStream
from server.rtc.packets import SEQUENCE_MODULUS, TIMESTAMP_MODULUS, RtpPacket, nearest
from server.rtc.peer import REFUSALS, MediaPeerConnection, NoAddressError, Parts, close_peer, senders_by_mid
from server.rtc.receiver import EncodedReceiver
from server.rtc.synchronous_path import SrtpOutlet

TICK_S: Final = 1.0


class ForwardedStream(OutgoingStream):
    """One track on its way to one browser, from one source after another without a seam.

    Numbers, timestamps and VP8 picture indexes continue across a change of source, so that the browser sees one stream.
    Pictures start with a key frame, which is asked for until it comes.
    """

    def __init__(self, kind: str, transport: RTCDtlsTransport, now_ns: Callable[[], int]) -> None:
        super().__init__(kind, transport, now_ns)
        self.on_key_frame_request = self._pass_on_key_frame_request
        self._rate_hz = 90_000 if kind == "video" else 48_000
        self._source: EncodedReceiver | None = None
        self._anchored = False
        self._first_number = 0
        self._highest_number = 0
        self._sequence_shift = 0
        self._timestamp_shift = 0
        self._picture_shift = 0
        self._tl0_shift = 0
        self._last_payload: bytes | None = None
        self._last_timestamp = 0
        self._last_sent_ns: int | None = None
        self._last_source_timestamp = 0

    def follow(self, source: EncodedReceiver | None) -> None:
        """Take packets from `source` from now on, or from nowhere."""
        if source is self._source:
            return
        if self._source is not None and self._take in self._source.packet_listeners:
            self._source.packet_listeners.remove(self._take)
        self._source = source
        self._anchored = False
        if source is not None:
            source.packet_listeners.append(self._take)
            source.request_key_frame()

    @property
    def waits(self) -> bool:
        """There is a source, but its first usable packet has not come."""
        return self._source is not None and not self._anchored

    def keep_asking(self) -> None:
        """Ask again for the key frame that the view starts with; called about once a second."""
        if self.waits and self.kind == "video":
            self._pass_on_key_frame_request()

    def source_report(self, scale: NtpScale) -> bytes | None:
        """A sender report on the server's time scale, so that sound and picture of one leg stay together."""
        if self._source is None or not self._anchored or not self.ready:
            return None
        clock = self._source.clock
        captured_ns = clock.estimate_ns(clock.unwrap(self._last_source_timestamp))
        return self.report(scale.at(captured_ns), self._last_timestamp)

    def _pass_on_key_frame_request(self) -> None:
        if self._source is not None:
            self._source.request_key_frame()

    def _take(self, packet: RtpPacket) -> None:
        if not self.ready:
            return
        if not self._anchored:
            if self.kind == "video" and not vp8.starts_key_frame(packet.payload):
                return
            self._anchor(packet)
        number = nearest(packet.sequence, self._highest_number, SEQUENCE_MODULUS)
        if number < self._first_number:
            return
        payload = packet.payload
        if payload and self.kind == "video" and (self._picture_shift or self._tl0_shift):
            payload = vp8.shift_indexes(payload, self._picture_shift, self._tl0_shift)
        timestamp = (packet.timestamp + self._timestamp_shift) % TIMESTAMP_MODULUS
        sequence = (number + self._sequence_shift) % SEQUENCE_MODULUS
        self.transmit(sequence, packet.marker, timestamp, payload)
        if number >= self._highest_number:
            self._highest_number = number
            self.next_sequence = (sequence + 1) % SEQUENCE_MODULUS
            self._last_timestamp = timestamp
            self._last_source_timestamp = packet.timestamp
            self._last_sent_ns = self._now_ns()
            self._last_payload = payload or self._last_payload

    def _anchor(self, packet: RtpPacket) -> None:
        """Fit the source's counters to where the stream stands."""
        self._anchored = True
        self._first_number = self._highest_number = packet.sequence
        self._sequence_shift = self.next_sequence - packet.sequence
        if self._last_sent_ns is None:
            return
        elapsed = max(1, (self._now_ns() - self._last_sent_ns) * self._rate_hz // NS_PER_S)
        self._timestamp_shift = self._last_timestamp + elapsed - packet.timestamp
        if self.kind == "video" and self._last_payload is not None:
            shown, begins = vp8.read_indexes(self._last_payload), vp8.read_indexes(packet.payload)
            self._picture_shift = _step(shown.picture_id, begins.picture_id)
            self._tl0_shift = _step(shown.tl0_index, begins.tl0_index)


def _step(shown: int | None, begins: int | None) -> int:
    """What to add to a counter that `begins` so that it follows the one last `shown`."""
    return 0 if shown is None or begins is None else shown + 1 - begins


@dataclass(frozen=True, slots=True)
class ForwardedTrack:
    """Figures of one track towards one browser."""

    track: TrackKind
    counts: OutgoingCounts
    """Live counters, not a copy."""
    waits: bool
    """The source's first key frame (or first packet of sound) has not come yet."""


@dataclass(frozen=True, slots=True)
class ViewerSnapshot:
    """Figures of one live view."""

    state: LegState
    leg: int | None
    """Number of the leg that is watched."""
    tracks: tuple[ForwardedTrack, ...]


class Viewer:
    """An invigilator's peer connection that shows the tracks of one sitting.

    Args:
        clock: monotonic and UTC time for sender reports.
        network: where to listen.
        on_closed: told once when the view has ended, whoever ended it.
    """

    def __init__(
        self,
        *,
        clock: Clock,
        network: NetworkSettings | None = None,
        on_closed: Callable[[Viewer], None] | None = None,
    ) -> None:
        self.state = LegState.NEW
        self._clock = clock
        self._network = network or NetworkSettings()
        self._on_closed = on_closed
        self._scale = NtpScale(clock)
        make = partial(ForwardedStream, now_ns=clock.monotonic_ns)
        self._peer = MediaPeerConnection(self._network, Parts(sender=make), clock.monotonic_ns)
        self._streams: dict[TrackKind, ForwardedStream] = {}
        self._leg: Leg | None = None
        self._phone: Leg | None = None
        self._connected = asyncio.Event()
        self._negotiating = asyncio.Lock()
        self._opened_ns = clock.monotonic_ns()
        self._timer: asyncio.TimerHandle | None = None
        self._ending: asyncio.Task[None] | None = None

    async def answer(self, offer_sdp: str, tracks: Sequence[TrackKind]) -> str:
        """Negotiate; the offer has one receiving media section for each track, in that order. Once per viewer.

        Raises:
            BadSdpError: the offer cannot be used; the viewer is closed then.
            NoAddressError: there is nothing to listen on; the viewer is closed then.
            RuntimeError: the viewer was answered before.
        """
        if self.state is not LegState.NEW:
            raise RuntimeError("a viewer is answered once")
        self.state = LegState.CONNECTING
        try:
            offer = read_viewing_offer(offer_sdp, tracks)
            async with self._negotiating:
                answer = await self._negotiate(offer)
        except BaseException:
            await self.close()
            raise
        self._opened_ns = self._clock.monotonic_ns()
        self._timer = asyncio.get_running_loop().call_later(TICK_S * random.random(), self._tick)  # noqa: S311 - spreads work
        self.watch(self._leg, self._phone)
        return complete_answer(answer, repeats_sound=offer.repeats_sound, public_address=self._network.public_address)

    def watch(self, leg: Leg | None, phone: Leg | None = None) -> None:
        """Show this leg, and the telephone's, from now on; a track that they do not have stands still."""
        self._leg, self._phone = leg, phone
        for track, stream in self._streams.items():
            source = phone if track is TrackKind.PHONE else leg
            stream.follow(None if source is None else source.receiver(track))

    async def wait_connected(self, timeout_s: float = 20.0) -> bool:
        """Wait until media can flow; False when it does not come to that in time, or the viewer is closed."""
        try:
            async with asyncio.timeout(timeout_s):
                await self._connected.wait()
        except TimeoutError:
            return False
        return self.state is LegState.CONNECTED

    def snapshot(self) -> ViewerSnapshot:
        """Figures up to now."""
        return ViewerSnapshot(
            state=self.state,
            leg=None if self._leg is None else self._leg.number,
            tracks=tuple(ForwardedTrack(track, stream.counts, stream.waits) for track, stream in self._streams.items()),
        )

    async def close(self) -> None:
        """End the view; may be called more than once."""
        if self._ending is None:
            self._ending = asyncio.get_running_loop().create_task(self._end())
        await asyncio.shield(self._ending)

    async def _negotiate(self, offer: Offer) -> str:
        peer = self._peer
        peer.on("connectionstatechange", self._follow_connection)
        try:
            await peer.setRemoteDescription(RTCSessionDescription(offer.sdp, "offer"))
            for transceiver in peer.getTransceivers():
                transceiver.direction = "sendonly"
            senders = senders_by_mid(peer)
            for offered in offer.tracks:
                stream: ForwardedStream = senders[offered.mid]
                if offered.track not in {TrackKind.CAMERA, TrackKind.MICROPHONE}:
                    stream.separate()
                self._streams[offered.track] = stream
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
        elif state in {"failed", "closed"}:
            self._start_ending()

    def _start_ending(self) -> None:
        if self._ending is None:
            self._ending = asyncio.get_running_loop().create_task(self._end())

    async def _end(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self.watch(None)
        self.state = LegState.CLOSED
        self._connected.set()
        try:
            async with self._negotiating:  # what is closed while it gathers addresses would leave sockets open
                await close_peer(self._peer)
        finally:
            if self._on_closed is not None:
                self._on_closed(self)

    def _tick(self) -> None:
        self._timer = asyncio.get_running_loop().call_later(TICK_S, self._tick)
        now_ns = self._clock.monotonic_ns()
        if self.state is LegState.CONNECTING and now_ns - self._opened_ns > CONNECT_TIMEOUT_NS:
            self._start_ending()
        dtls = self._peer.dtls
        if self.state is not LegState.CONNECTED or dtls is None:
            return
        reports = []
        for stream in self._streams.values():
            stream.keep_asking()
            report = stream.source_report(self._scale)
            if report is not None:
                reports.append(report)
        if reports:
            SrtpOutlet(dtls).send_rtcp(b"".join(reports))
