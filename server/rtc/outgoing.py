"""Sends packets that somebody else encoded; stands in the place of aiortc's `RTCRtpSender`."""

from __future__ import annotations

import random
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from struct import Struct
from typing import Final

from aiortc import RTCDtlsTransport
from aiortc.codecs import is_rtx
from aiortc.mediastreams import MediaStreamTrack
from aiortc.rtcrtpparameters import RTCRtpSendParameters
from aiortc.rtp import (
    RTCP_PSFB_FIR,
    RTCP_PSFB_PLI,
    RTCP_RTPFB_NACK,
    AnyRtcpPacket,
    RtcpPsfbPacket,
    RtcpRrPacket,
    RtcpRtpfbPacket,
    RtcpSdesPacket,
    RtcpSenderInfo,
    RtcpSourceInfo,
    RtcpSrPacket,
)
from aiortc.stats import RTCStatsReport

from proctor.domain.time import NS_PER_S
from server.rtc.packets import SEQUENCE_MODULUS, TIMESTAMP_MODULUS
from server.rtc.synchronous_path import SrtpOutlet

HISTORY_PACKETS: Final = 512
"""Packets kept for repetition: more than two seconds of the highest rate that a policy allows."""
REPEAT_WITHIN_NS: Final = 2 * NS_PER_S
"""Older packets are not repeated: by then a receiver has given them up. Browsers keep theirs about as long."""
_MOST_REPEATS: Final = 256
"""Packets repeated for one request, so that a small request cannot cause a flood."""
_HEADER: Final = Struct("!BBHLL")
_RTX_HEADER: Final = Struct("!BBHLLH")
_VERSION: Final = 0x80
_CNAME_ITEM: Final = 1
_WORD: Final = 1 << 32


@dataclass(slots=True)
class OutgoingCounts:
    """What one stream sent and heard back."""

    packets: int = 0
    bytes: int = 0
    """Payload bytes, repetitions not counted."""
    asked: int = 0
    """Sequence numbers that the other side asked for again."""
    repeated: int = 0
    key_frame_requests: int = 0
    fraction_lost: float = 0.0
    """Loss in the latest report, 0 to 1."""
    round_trip_s: float | None = None


@dataclass(frozen=True, slots=True)
class _Sent:
    sequence: int
    marker: int
    timestamp: int
    payload: bytes
    sent_ns: int


class OutgoingStream:
    """One RTP stream out of this process, with repetition on request and sender reports."""

    def __init__(self, kind: str, transport: RTCDtlsTransport, now_ns: Callable[[], int]) -> None:
        self.kind = kind
        self.transport = transport
        self.track: MediaStreamTrack | None = None
        self.counts = OutgoingCounts()
        self.on_key_frame_request: Callable[[], None] | None = None
        self.ready = False
        """Codecs are negotiated and the connection stands."""
        # SRTP protects the stream; these numbers must differ between streams, they need not be secret.
        self.next_sequence = random.getrandbits(15)
        self._ssrc = random.getrandbits(32)
        self._rtx_ssrc = random.getrandbits(32)
        self._stream_id = str(uuid.uuid4())
        self._track_id = str(uuid.uuid4())
        self._enabled = True
        self._outlet = SrtpOutlet(transport)
        self._now_ns = now_ns
        self._payload_type = 0
        self._rtx_payload_type: int | None = None
        self._rtx_sequence = random.getrandbits(15)
        self._history: list[_Sent | None] = [None] * HISTORY_PACKETS
        self._cname = b""
        self._last_report: tuple[int, int] | None = None

    # The part of RTCRtpSender that aiortc's peer connection and router use.

    async def getStats(self) -> RTCStatsReport:  # noqa: N802 - aiortc's name
        """Nothing: figures are in `counts`."""
        return RTCStatsReport()

    def replaceTrack(self, track: MediaStreamTrack | None) -> None:  # noqa: N802 - aiortc's name
        """Called by aiortc only; no track is ever attached."""
        self.track = track

    def setTransport(self, transport: RTCDtlsTransport) -> None:  # noqa: N802 - aiortc's name
        """Called when bundling moves the stream to another transport."""
        self.transport = transport
        self._outlet = SrtpOutlet(transport)

    async def send(self, parameters: RTCRtpSendParameters) -> None:
        """Take the negotiated codecs; packets may be sent from now on."""
        if self.ready:
            return
        self._payload_type = parameters.codecs[0].payloadType or 0
        for codec in parameters.codecs:
            if is_rtx(codec) and codec.parameters.get("apt") == self._payload_type:
                self._rtx_payload_type = codec.payloadType
        self._cname = (parameters.rtcp.cname or "").encode()
        self.transport._register_rtp_sender(self, parameters)  # noqa: SLF001 - pinned
        self.ready = True

    async def stop(self) -> None:
        """Stop for good."""
        if self.ready:
            self.ready = False
            self.transport._unregister_rtp_sender(self)  # noqa: SLF001 - pinned

    def separate(self) -> None:
        """Announce the stream apart from the others, so that a browser does not synchronise it with them."""
        self._stream_id = str(uuid.uuid4())

    async def _handle_rtcp_packet(self, packet: AnyRtcpPacket) -> None:
        self.on_rtcp(packet, self._now_ns())

    # Media.

    def transmit(self, sequence: int, marker: int, timestamp: int, payload: bytes) -> bool:
        """Send one packet under the caller's number and keep it for repetition; False when not connected."""
        if not self.ready:
            return False
        sequence %= SEQUENCE_MODULUS
        timestamp %= TIMESTAMP_MODULUS
        self._history[sequence % HISTORY_PACKETS] = _Sent(sequence, marker, timestamp, payload, self._now_ns())
        header = _HEADER.pack(_VERSION, marker << 7 | self._payload_type, sequence, timestamp, self._ssrc)
        self.counts.packets += 1
        self.counts.bytes += len(payload)
        return self._outlet.send_rtp(header + payload)

    def report(self, ntp: int, timestamp: int) -> bytes:
        """A sender report that ties `timestamp` to the NTP time, with the name that joins the streams of one source."""
        self._last_report = ((ntp >> 16) % _WORD, self._now_ns())
        info = RtcpSenderInfo(
            ntp_timestamp=ntp,
            rtp_timestamp=timestamp % TIMESTAMP_MODULUS,
            packet_count=self.counts.packets % _WORD,
            octet_count=self.counts.bytes % _WORD,
        )
        name = RtcpSourceInfo(ssrc=self._ssrc, items=[(_CNAME_ITEM, self._cname)])
        return bytes(RtcpSrPacket(ssrc=self._ssrc, sender_info=info)) + bytes(RtcpSdesPacket(chunks=[name]))

    def on_rtcp(self, packet: AnyRtcpPacket, now_ns: int) -> None:
        """Take what the other side says about this stream."""
        if isinstance(packet, RtcpRtpfbPacket) and packet.fmt == RTCP_RTPFB_NACK:
            self.counts.asked += len(packet.lost)
            for sequence in packet.lost[:_MOST_REPEATS]:
                self._repeat(sequence % SEQUENCE_MODULUS, now_ns)
        elif isinstance(packet, RtcpPsfbPacket) and packet.fmt in {RTCP_PSFB_PLI, RTCP_PSFB_FIR}:
            self.counts.key_frame_requests += 1
            if self.on_key_frame_request is not None:
                self.on_key_frame_request()
        elif isinstance(packet, RtcpRrPacket | RtcpSrPacket):
            for block in packet.reports:
                if block.ssrc == self._ssrc:
                    self.counts.fraction_lost = block.fraction_lost / 256
                    self._measure_round_trip(block.lsr, block.dlsr, now_ns)

    def _measure_round_trip(self, last_report: int, delay: int, now_ns: int) -> None:
        if self._last_report is not None and last_report and self._last_report[0] == last_report:
            elapsed_s = (now_ns - self._last_report[1]) / NS_PER_S - delay / 65536
            self.counts.round_trip_s = max(0.0, elapsed_s)

    def _repeat(self, sequence: int, now_ns: int) -> None:
        sent = self._history[sequence % HISTORY_PACKETS]
        if sent is None or sent.sequence != sequence or now_ns - sent.sent_ns > REPEAT_WITHIN_NS or not self.ready:
            return
        self.counts.repeated += 1
        if self._rtx_payload_type is None:
            header = _HEADER.pack(_VERSION, sent.marker << 7 | self._payload_type, sequence, sent.timestamp, self._ssrc)
        else:
            header = _RTX_HEADER.pack(
                _VERSION,
                sent.marker << 7 | self._rtx_payload_type,
                self._rtx_sequence,
                sent.timestamp,
                self._rtx_ssrc,
                sequence,
            )
            self._rtx_sequence = (self._rtx_sequence + 1) % SEQUENCE_MODULUS
        self._outlet.send_rtp(header + sent.payload)
