"""Receives one track without decoding it; stands in the place of aiortc's `RTCRtpReceiver`.

aiortc's own receiver decodes, asks again for lost packets only once and for a key frame only when decoding fails,
routes the retransmissions of two video tracks by payload type alone, and keeps unbounded queues. This one hands out
encoded frames, goes on asking, and gives up with a mark.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import structlog
from aiortc import RTCDtlsTransport
from aiortc.codecs import is_rtx
from aiortc.mediastreams import MediaStreamTrack
from aiortc.rtcrtpparameters import RTCRtpReceiveParameters
from aiortc.rtp import (
    RTCP_PSFB_APP,
    AnyRtcpPacket,
    RtcpPsfbPacket,
    RtcpReceiverInfo,
    RtcpRrPacket,
    RtcpSrPacket,
    pack_remb_fci,
)
from aiortc.rtp import RtpPacket as AiortcRtpPacket
from aiortc.stats import RTCStatsReport

from proctor.domain.media import Codec
from proctor.domain.time import NS_PER_MS, NS_PER_S
from server.rtc.assembly import AssembledFrame, OpusAssembler, Vp8Assembler
from server.rtc.clock import SenderClock, TrackClock
from server.rtc.feedback import BitrateCap, nack_packets, picture_loss_indication
from server.rtc.packets import RtpPacket, unwrap_retransmission
from server.rtc.reception import ReceptionStatistics
from server.rtc.reorder import ReorderBuffer, RepairTimes
from server.rtc.synchronous_path import SrtpOutlet

_log = structlog.get_logger(__name__)

_REPAIR_TICK_S: Final = 0.03
KEY_FRAME_REQUEST_SPACING_NS: Final = 500 * NS_PER_MS
"""Least time between two key frame requests; a sender needs about that long to encode and send one."""
_SILENT_REQUEST_SPACING_NS: Final = 5 * NS_PER_S
"""The same while nothing arrives since the last request: the track may be switched off."""
_NO_REPAIR: Final = RepairTimes(give_up_ns=400 * NS_PER_MS)
"""For a sound track whose sender does not repeat: only packets that overtook each other are waited for."""
_VIDEO_RATE_HZ: Final = 90_000


@dataclass(slots=True)
class ReceiverCounts:
    """What one receiver saw."""

    packets: int = 0
    """Packets of the track, retransmissions included."""
    asked: int = 0
    """Sequence numbers asked for again, repetitions included."""
    frames: int = 0
    key_frames: int = 0
    bytes: int = 0
    """Bytes of encoded frames."""
    key_frame_requests: int = 0
    listener_failures: int = 0
    """A packet listener raised; it was logged."""
    foreign: int = 0
    """Packets of a payload type or stream that does not belong to the track."""


FrameListener = Callable[[AssembledFrame], None]
PacketListener = Callable[[RtpPacket], None]


class EncodedReceiver:
    """Encoded frames of one track, in order, each once.

    `on_frame` gets the frames; `packet_listeners` get the raw packets as they arrive, repaired ones included, in the
    sender's numbering. All calls come from the event loop's thread.
    """

    def __init__(
        self, kind: str, transport: RTCDtlsTransport, sender_clock: SenderClock, now_ns: Callable[[], int]
    ) -> None:
        self.kind = kind
        self.transport = transport
        self.codec = Codec.VP8 if kind == "video" else Codec.OPUS
        self.counts = ReceiverCounts()
        self.clock = TrackClock(sender_clock, _VIDEO_RATE_HZ if kind == "video" else 48_000)
        self.reorder = ReorderBuffer(RepairTimes())
        self.assembler: Vp8Assembler | OpusAssembler = Vp8Assembler() if kind == "video" else OpusAssembler()
        self.on_frame: FrameListener | None = None
        self.packet_listeners: list[PacketListener] = []
        self.last_frame_ns: int | None = None
        self.last_key_frame_ns: int | None = None
        self.sender_report: RtcpSrPacket | None = None
        self.repairs = True
        """Whether the sender repeats packets on request; set before the first packet."""
        self.ssrc: int | None = None
        self._track: MediaStreamTrack | None = None
        self._enabled = True
        self._own_ssrc = 0
        self._outlet = SrtpOutlet(transport)
        self._now_ns = now_ns
        self._payload_types: dict[int, int | None] = {}
        self._retransmission_of: dict[int, int] = {}
        self._statistics: dict[int, ReceptionStatistics] = {}
        self._report_arrival_ns: dict[int, tuple[int, int]] = {}
        self._clock_rate = _VIDEO_RATE_HZ if kind == "video" else 48_000
        self._repair_timer: asyncio.TimerHandle | None = None
        self._key_frame_asked_ns: int | None = None
        self._packets_when_asked = 0
        self._last_packet_ns = now_ns()
        self._key_frame_wanted = False
        self._started = False

    # The part of RTCRtpReceiver that aiortc's peer connection and router use.

    @property
    def track(self) -> MediaStreamTrack | None:
        """The handle that aiortc keeps of the track; it carries no media here."""
        return self._track

    async def getStats(self) -> RTCStatsReport:  # noqa: N802 - aiortc's name
        """Nothing: figures are in `counts`."""
        return RTCStatsReport()

    def setTransport(self, transport: RTCDtlsTransport) -> None:  # noqa: N802 - aiortc's name
        """Called when bundling moves the track to another transport."""
        self.transport = transport
        self._outlet = SrtpOutlet(transport)

    def _set_rtcp_ssrc(self, ssrc: int) -> None:
        self._own_ssrc = ssrc

    async def receive(self, parameters: RTCRtpReceiveParameters) -> None:
        """Take the negotiated codecs and streams, and start."""
        if self._started:
            return
        self._started = True
        for codec in parameters.codecs:
            original = codec.parameters.get("apt") if is_rtx(codec) else None
            if codec.payloadType is not None:
                self._payload_types[codec.payloadType] = original if isinstance(original, int) else None
        for encoding in parameters.encodings:
            self.ssrc = self.ssrc or encoding.ssrc
            if encoding.rtx:
                self._retransmission_of[encoding.rtx.ssrc] = encoding.ssrc
        if not self.repairs:
            self.reorder.times = _NO_REPAIR
        self.transport._register_rtp_receiver(self, parameters)  # noqa: SLF001 - pinned
        for ssrc in self._retransmission_of:
            self.transport._rtp_router.ssrc_table[ssrc] = self  # noqa: SLF001 - pinned

    async def stop(self) -> None:
        """Stop for good."""
        if self._started:
            self.transport._unregister_rtp_receiver(self)  # noqa: SLF001 - pinned
        self._handle_disconnect()

    def _handle_disconnect(self) -> None:
        if self._repair_timer is not None:
            self._repair_timer.cancel()
            self._repair_timer = None
        self.on_frame = None
        self.packet_listeners.clear()
        if self._track is not None:
            self._track.stop()

    async def _handle_rtp_packet(self, packet: AiortcRtpPacket, arrival_time_ms: int) -> None:
        del arrival_time_ms
        own = RtpPacket(
            packet.payload_type, packet.marker, packet.sequence_number, packet.timestamp, packet.ssrc, packet.payload
        )
        self.on_rtp(own, self._now_ns())

    async def _handle_rtcp_packet(self, packet: AnyRtcpPacket) -> None:
        self.on_rtcp(packet, self._now_ns())

    # Media.

    def on_rtp(self, packet: RtpPacket, now_ns: int) -> None:
        """Take one packet from the network."""
        media = self._accept(packet, now_ns)
        if media is None:
            return
        silent_ns, self._last_packet_ns = now_ns - self._last_packet_ns, now_ns
        self.clock.packet_arrived(media.timestamp, now_ns)
        reorder = self.reorder
        for ready in reorder.push(media, now_ns):
            self._assemble(ready, now_ns)
        if reorder.missing:
            if silent_ns > reorder.times.give_up_ns:
                # Senders keep packets for no longer than this: let the key frame be there when the hole is given up.
                self.request_key_frame()
            if self._repair_timer is None:
                delay_s = reorder.times.first_ask_ns / NS_PER_S
                self._repair_timer = asyncio.get_running_loop().call_later(delay_s, self._repair)
        if self.packet_listeners:
            self._pass_on(media)

    def on_rtcp(self, packet: AnyRtcpPacket, now_ns: int) -> None:
        """Take a sender report; nothing else concerns a receiver."""
        if not isinstance(packet, RtcpSrPacket) or packet.ssrc != self.ssrc:
            return
        info = packet.sender_info
        self.sender_report = packet
        self._report_arrival_ns[packet.ssrc] = ((info.ntp_timestamp >> 16) & 0xFFFFFFFF, now_ns)
        self.clock.report(info.ntp_timestamp, info.rtp_timestamp, now_ns)

    def _pass_on(self, packet: RtpPacket) -> None:
        for listener in tuple(self.packet_listeners):
            try:
                listener(packet)
            except Exception:  # noqa: BLE001 - a view's defect must not reach the recording; logged below
                self.counts.listener_failures += 1
                _log.exception("packet_listener_failed", kind=self.kind)

    def _accept(self, packet: RtpPacket, now_ns: int) -> RtpPacket | None:
        """The media packet in a packet from the network, if it belongs here."""
        counts = self.counts
        if packet.payload_type not in self._payload_types:
            counts.foreign += 1
            return None
        original_type = self._payload_types[packet.payload_type]
        if self.ssrc is None and original_type is None:
            self.ssrc = packet.ssrc
        ssrc = packet.ssrc if original_type is None else self._retransmission_of.get(packet.ssrc)
        if ssrc is None or ssrc != self.ssrc:
            counts.foreign += 1
            return None
        counts.packets += 1
        statistics = self._statistics.get(packet.ssrc)
        if statistics is None:
            statistics = self._statistics[packet.ssrc] = ReceptionStatistics(self._clock_rate)
        statistics.count(packet, now_ns)
        return packet if original_type is None else unwrap_retransmission(packet, original_type, ssrc)

    def _assemble(self, packet: RtpPacket, now_ns: int) -> None:
        assembler = self.assembler
        gaps = assembler.gaps
        frame = assembler.push(packet)
        if assembler.gaps != gaps and self.kind == "video":
            self.request_key_frame()
        if frame is None:
            return
        counts = self.counts
        counts.frames += 1
        counts.bytes += len(frame.data)
        self.last_frame_ns = now_ns
        if frame.is_key:
            counts.key_frames += 1
            self.last_key_frame_ns = now_ns
            self._key_frame_wanted = False
        if self.on_frame is not None:
            self.on_frame(frame)

    def _repair(self) -> None:
        """Ask for what is missing, give up what is too late; runs while anything is missing."""
        self._repair_timer = None
        now_ns = self._now_ns()
        for ready in self.reorder.expire(now_ns):
            self._assemble(ready, now_ns)
        if self.repairs and self.ssrc is not None:
            numbers = self.reorder.due(now_ns)
            self.counts.asked += len(numbers)
            for nack in nack_packets(self._own_ssrc, self.ssrc, numbers):
                self._outlet.send_rtcp(nack)
        if self.reorder.missing:
            self._repair_timer = asyncio.get_running_loop().call_later(_REPAIR_TICK_S, self._repair)

    # Feedback.

    @property
    def own_ssrc(self) -> int:
        """The SSRC under which feedback about this track is sent."""
        return self._own_ssrc

    def request_key_frame(self) -> None:
        """Ask for a key frame; a request too soon after another is sent by a later `keep_asking`."""
        self._key_frame_wanted = True
        self.keep_asking()

    def keep_asking(self) -> None:
        """Repeat a key frame request that is still unanswered; called about twice a second."""
        if self.kind != "video" or self.ssrc is None or not (self._key_frame_wanted or self.assembler.waits_for_key):
            return
        now_ns = self._now_ns()
        silent = self.counts.packets == self._packets_when_asked
        spacing_ns = _SILENT_REQUEST_SPACING_NS if silent else KEY_FRAME_REQUEST_SPACING_NS
        if self._key_frame_asked_ns is not None and now_ns - self._key_frame_asked_ns < spacing_ns:
            return
        if self._outlet.send_rtcp(picture_loss_indication(self._own_ssrc, self.ssrc)):
            self._key_frame_asked_ns = now_ns
            self._packets_when_asked = self.counts.packets
            self.counts.key_frame_requests += 1

    def reports(self) -> list[RtcpReceiverInfo]:
        """A report block for each stream of the track; loss fractions count from the previous call."""
        now_ns = self._now_ns()
        blocks = []
        for ssrc, statistics in self._statistics.items():
            report = statistics.report()
            last_report, arrival_ns = self._report_arrival_ns.get(ssrc, (0, now_ns))
            blocks.append(
                RtcpReceiverInfo(
                    ssrc=ssrc,
                    fraction_lost=report.fraction_lost,
                    packets_lost=report.packets_lost,
                    highest_sequence=report.highest_sequence,
                    jitter=report.jitter,
                    lsr=last_report,
                    dlsr=((now_ns - arrival_ns) * 65536 // NS_PER_S) & 0xFFFFFFFF if last_report else 0,
                )
            )
        return blocks


def compose_report(receivers: Sequence[EncodedReceiver], cap: BitrateCap) -> bytes | None:
    """One compound packet about all tracks of a connection: reception reports, and the bit rate that is allowed.

    None while there is nothing to report. Called once a second; each call is one reporting interval.
    """
    blocks = [block for receiver in receivers for block in receiver.reports()]
    if not blocks:
        return None
    own_ssrc = receivers[0].own_ssrc
    compound = bytes(RtcpRrPacket(ssrc=own_ssrc, reports=blocks))
    pictures = [receiver.ssrc for receiver in receivers if receiver.kind == "video" and receiver.ssrc is not None]
    if pictures:
        loss = max((block.fraction_lost for block in blocks if block.ssrc in pictures), default=0)
        allowed = pack_remb_fci(cap.report(loss / 256), pictures)
        compound += bytes(RtcpPsfbPacket(fmt=RTCP_PSFB_APP, ssrc=own_ssrc, media_ssrc=0, fci=allowed))
    return compound
