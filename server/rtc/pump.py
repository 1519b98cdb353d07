"""A simulated candidate: a real peer connection that sends prepared packets, so that many fit on one machine."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import Final

from aiortc import RTCRtpCodecCapability, RTCSessionDescription

from proctor.domain.media import TrackKind
from proctor.domain.time import NS_PER_MS, NS_PER_S
from proctor.ports.clock import Clock
from server.rtc import vp8
from server.rtc.negotiation import OfferedTrack, announce_sound_repair, media_kind
from server.rtc.network import NetworkSettings
from server.rtc.ntp import NtpScale
from server.rtc.outgoing import OutgoingCounts, OutgoingStream
from server.rtc.peer import MediaPeerConnection, Parts, close_peer, senders_by_mid
from server.rtc.pump_source import PumpSource, SourceTrack
from server.rtc.synchronous_path import SrtpOutlet

Exchange = Callable[[str, tuple[OfferedTrack, ...]], Awaitable[str]]
"""Brings an offer and its tracks to the server and returns the answer."""

_REPORT_NS: Final = NS_PER_S
_TOGETHER_NS: Final = 2 * NS_PER_MS
"""Packets due within this time are sent in one go."""
_LATENESS_SAMPLES: Final = 2_048
_CODECS: Final = {
    "audio": [RTCRtpCodecCapability(mimeType="audio/opus", clockRate=48_000, channels=2)],
    "video": [
        RTCRtpCodecCapability(mimeType="video/VP8", clockRate=90_000),
        RTCRtpCodecCapability(mimeType="video/rtx", clockRate=90_000),
    ],
}


@dataclass(frozen=True, slots=True)
class PumpStats:
    """What a simulated candidate sent and heard."""

    packets: int
    bytes: int
    asked: int
    """Packets that the server asked for again."""
    repeated: int
    key_frame_requests: int
    fraction_lost: float
    """Largest loss in the latest reports of the tracks, 0 to 1."""
    round_trip_ms: float | None
    late_p95_ms: float
    """How late packets left, 95th percentile of the latest ones; a measure of the driving machine's load."""
    tracks: dict[TrackKind, OutgoingCounts]


class _Player:
    """Where one track stands in the source."""

    __slots__ = (
        "_index",
        "_lap",
        "_lap_ns",
        "_last_due_ns",
        "_last_timestamp",
        "_moved_ns",
        "_source",
        "_wants_key",
        "stream",
    )

    def __init__(self, source: SourceTrack, lap_ns: int) -> None:
        self.stream: OutgoingStream | None = None
        self._last_timestamp = 0
        self._last_due_ns = 0
        self._source = source
        self._lap_ns = lap_ns
        self._lap = 0
        self._index = 0
        self._moved_ns = 0
        self._wants_key = False

    @property
    def due_ns(self) -> int:
        """When the next packet is due, since the start."""
        return self._lap * self._lap_ns + self._source.packets[self._index].due_ns - self._moved_ns

    def timestamp_at(self, now_ns: int) -> int:
        """The track's RTP time at a time since the start, near the latest packet."""
        return self._last_timestamp + (now_ns - self._last_due_ns) * self._source.rate_hz // NS_PER_S

    def want_key(self) -> None:
        """Go on at the next key frame, at the next picture's begin."""
        self._wants_key = True

    def send_next(self) -> None:
        """Send the packet that is due and step on."""
        source = self._source
        packet = source.packets[self._index]
        moved = self._moved_ns * source.rate_hz // NS_PER_S
        timestamp = self._lap * (self._lap_ns * source.rate_hz // NS_PER_S) + packet.timestamp - moved
        payload = packet.payload
        if self._lap and source.pictures:
            payload = vp8.shift_indexes(payload, self._lap * source.pictures, self._lap * source.base_pictures)
        stream = self.stream
        if stream is not None:
            stream.transmit(stream.next_sequence, packet.marker, timestamp, payload)
            stream.next_sequence += 1
        self._last_timestamp = timestamp
        self._last_due_ns = due_ns = self.due_ns
        self._index += 1
        if self._index == len(source.packets):
            self._index = 0
            self._lap += 1
        if self._wants_key and packet.marker:
            self._jump(due_ns)

    def _jump(self, sent_ns: int) -> None:
        """Leave out what lies before the next key frame; time goes on as if it followed one picture later."""
        self._wants_key = False
        keys = self._source.keys
        later = [key for key in keys if key >= self._index]
        spacing_ns = max(1, self.due_ns - sent_ns)
        if later:
            self._index = later[0]
        elif keys:
            self._index = keys[0]
            self._lap += 1
        self._moved_ns += self.due_ns - sent_ns - spacing_ns


class SimulatedCandidate:
    """Publishes camera, screen and microphone of a source over ICE and DTLS-SRTP, without encoding anything.

    Repeats lost packets, sends sender reports, and loops until told to stop. Where the source's key frames are rare it
    goes on at the next key frame when one is asked for, else the next one comes within about two seconds anyway.
    """

    def __init__(self, source: PumpSource, *, clock: Clock, network: NetworkSettings | None = None) -> None:
        self._source = source
        self._clock = clock
        self._scale = NtpScale(clock)
        make = partial(OutgoingStream, now_ns=clock.monotonic_ns)
        self._peer = MediaPeerConnection(network or NetworkSettings(), Parts(sender=make), clock.monotonic_ns)
        self._players = {track.track: _Player(track, source.lap_ns) for track in source.tracks}
        self._stopped = asyncio.Event()
        self._late_ns: deque[int] = deque(maxlen=_LATENESS_SAMPLES)

    async def connect(self, exchange: Exchange, timeout_s: float = 20.0) -> None:
        """Offer all tracks, take the answer and wait until media can flow.

        Raises:
            ConnectionError: the connection did not come about in time.
        """
        peer = self._peer
        for track in self._source.tracks:
            kind = media_kind(track.track)
            peer.addTransceiver(kind, direction="sendonly").setCodecPreferences(_CODECS[kind])
        connected = asyncio.Event()

        def follow() -> None:
            if peer.connectionState == "connected":
                connected.set()
            elif peer.connectionState in {"failed", "closed"}:
                connected.set()
                self._stopped.set()

        peer.on("connectionstatechange", follow)
        await peer.setLocalDescription(await peer.createOffer())
        mids = [transceiver.mid or "" for transceiver in peer.getTransceivers()]
        tracks = tuple(OfferedTrack(mid, track.track) for mid, track in zip(mids, self._source.tracks, strict=True))
        answer = await exchange(announce_sound_repair(peer.localDescription.sdp), tracks)
        await peer.setRemoteDescription(RTCSessionDescription(answer, "answer"))
        self._attach(tracks)
        try:
            async with asyncio.timeout(timeout_s):
                await connected.wait()
        except TimeoutError:
            self._stopped.set()
        if self._stopped.is_set():
            raise ConnectionError(f"no media connection within {timeout_s:g} s ({peer.connectionState})")

    async def run(self, seconds: float | None = None) -> None:
        """Send for `seconds`, or until `stop`, `close` or the peer's end."""
        clock = self._clock
        begin_ns = clock.monotonic_ns()
        end_ns = None if seconds is None else int(seconds * NS_PER_S)
        next_report_ns = 0
        while not self._stopped.is_set():
            now_ns = clock.monotonic_ns() - begin_ns
            if end_ns is not None and now_ns >= end_ns:
                return
            self._send_due(now_ns)
            if now_ns >= next_report_ns:
                next_report_ns = now_ns + _REPORT_NS
                self._report(begin_ns)
            wait_ns = min(player.due_ns for player in self._players.values()) - (clock.monotonic_ns() - begin_ns)
            if wait_ns > 0:
                await asyncio.sleep(wait_ns / NS_PER_S)
            else:
                await asyncio.sleep(0)

    def stop(self) -> None:
        """Let `run` return; the connection stays."""
        self._stopped.set()

    def stats(self) -> PumpStats:
        """Figures up to now."""
        counts = {track: player.stream.counts for track, player in self._players.items() if player.stream is not None}
        trips = [count.round_trip_s for count in counts.values() if count.round_trip_s is not None]
        late_ns = sorted(self._late_ns)
        return PumpStats(
            packets=sum(count.packets for count in counts.values()),
            bytes=sum(count.bytes for count in counts.values()),
            asked=sum(count.asked for count in counts.values()),
            repeated=sum(count.repeated for count in counts.values()),
            key_frame_requests=sum(count.key_frame_requests for count in counts.values()),
            fraction_lost=max((count.fraction_lost for count in counts.values()), default=0.0),
            round_trip_ms=min(trips) * 1_000 if trips else None,
            late_p95_ms=late_ns[len(late_ns) * 95 // 100] / NS_PER_MS if late_ns else 0.0,
            tracks=counts,
        )

    async def close(self) -> None:
        """End the connection; may be called more than once."""
        self._stopped.set()
        await close_peer(self._peer)

    def _attach(self, tracks: tuple[OfferedTrack, ...]) -> None:
        senders = senders_by_mid(self._peer)
        for offered in tracks:
            player = self._players[offered.track]
            stream: OutgoingStream = senders[offered.mid]
            player.stream = stream
            if self._source.jumps_to_key and offered.track is not TrackKind.MICROPHONE:
                stream.on_key_frame_request = player.want_key

    def _send_due(self, now_ns: int) -> None:
        horizon_ns = now_ns + _TOGETHER_NS
        for player in self._players.values():
            while (due_ns := player.due_ns) <= horizon_ns:
                self._late_ns.append(max(0, now_ns - due_ns))
                player.send_next()

    def _report(self, begin_ns: int) -> None:
        """Sender reports of all tracks in one packet."""
        dtls = self._peer.dtls
        now_ns = self._clock.monotonic_ns()
        ntp = self._scale.at(now_ns)
        reports = [
            player.stream.report(ntp, player.timestamp_at(now_ns - begin_ns))
            for player in self._players.values()
            if player.stream is not None and player.stream.counts.packets
        ]
        if reports and dtls is not None:
            SrtpOutlet(dtls).send_rtcp(b"".join(reports))
