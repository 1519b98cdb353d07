"""From a datagram to the receiver in one call, inside the socket's callback.

aiortc itself tries every datagram as STUN, puts it on an unbounded queue, wakes a task and parses all header
extensions; that costs nearly as much again as everything else that is done to a packet.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Protocol, cast

import pylibsrtp
import structlog
from aiortc import RTCDtlsTransport
from aiortc.rtp import AnyRtcpPacket, RtcpPacket

from proctor.domain.time import NS_PER_S
from server.pace import Paces
from server.rtc.packets import MalformedPacketError, RtpPacket, parse_rtp

_log = structlog.get_logger(__name__)

_SHORTEST: Final = 8
_FIRST_RTCP_TYPE: Final = 192
_LAST_RTCP_TYPE: Final = 223
HIGHEST_BYTES_PER_S: Final = 1_000_000
MOST_BYTES_AT_ONCE: Final = 4_000_000
"""Four times what a candidate is told it may send, so that nobody can fill the disk; the burst holds key frames."""
_MAX_SSRCS: Final = 64
"""Streams that one connection may bring; an honest one has two for each track."""


class PacketTarget(Protocol):
    """A receiver or a sender to which packets are handed without waiting."""

    def on_rtcp(self, packet: AnyRtcpPacket, now_ns: int) -> None:
        """Take one RTCP packet."""
        ...


class MediaTarget(PacketTarget, Protocol):
    """A receiver."""

    def on_rtp(self, packet: RtpPacket, now_ns: int) -> None:
        """Take one RTP packet."""
        ...


@dataclass(slots=True)
class DatagramCounts:
    """What arrived at the sockets of one connection."""

    media: int = 0
    """RTP packets handed on."""
    control: int = 0
    """RTCP datagrams handed on."""
    unauthenticated: int = 0
    """SRTP refused them: wrong key, replayed, cut off or noise."""
    malformed: int = 0
    """Authentic, but not whole packets."""
    unknown_stream: int = 0
    """Authentic RTP of a stream that was not announced."""
    early: int = 0
    """Media before the keys were agreed on."""
    junk: int = 0
    """Neither media, DTLS of the peer nor STUN."""
    excess: int = 0
    """Authentic RTP packets beyond `HIGHEST_BYTES_PER_S`, dropped as a full network would."""
    failed: int = 0
    """A defect of ours: handling raised an unexpected error, which was logged."""


class SynchronousPath:
    """Takes encrypted media datagrams of one connection; `receive` never raises."""

    __slots__ = (
        "_counts",
        "_now_ns",
        "_paces",
        "_receivers",
        "_router",
        "_srtp",
        "_streams",
        "_unprotect",
        "last_authentic_ns",
    )

    def __init__(self, dtls: RTCDtlsTransport, counts: DatagramCounts, now_ns: Callable[[], int]) -> None:
        self.last_authentic_ns = now_ns()
        self._counts = counts
        self._now_ns = now_ns
        self._paces = Paces(HIGHEST_BYTES_PER_S, MOST_BYTES_AT_ONCE, lambda: now_ns() / NS_PER_S)
        self._srtp = dtls._rx_srtp  # noqa: SLF001 - pinned, see tests/integration/rtc
        self._unprotect = self._srtp.unprotect
        self._router = dtls._rtp_router  # noqa: SLF001 - pinned, see tests/integration/rtc
        self._streams = cast("dict[int, MediaTarget]", self._router.ssrc_table)
        self._receivers = cast("dict[int, set[MediaTarget]]", self._router.payload_type_table)

    def receive(self, data: bytes) -> None:
        """Decrypt one datagram and hand its packet to whom it concerns."""
        counts = self._counts
        try:
            if len(data) < _SHORTEST:
                counts.junk += 1
            elif _FIRST_RTCP_TYPE <= data[1] <= _LAST_RTCP_TYPE:
                self._receive_rtcp(data)
            else:
                self._receive_rtp(data)
        except (pylibsrtp.Error, OverflowError):
            counts.unauthenticated += 1
        except (MalformedPacketError, struct.error, IndexError, ValueError):
            counts.malformed += 1
        except Exception:  # noqa: BLE001 - one bad packet must not reach the socket's callback; logged below
            counts.failed += 1
            _log.exception("media_packet_failed")

    def _receive_rtp(self, data: bytes) -> None:
        packet = parse_rtp(self._unprotect(data))
        now_ns = self.last_authentic_ns = self._now_ns()
        if self._paces.wait_s("", len(data)):
            self._counts.excess += 1
            return
        target = self._streams.get(packet.ssrc)
        if target is None:
            target = self._adopt(packet)
        if target is None:
            self._counts.unknown_stream += 1
            return
        self._counts.media += 1
        target.on_rtp(packet, now_ns)

    def _adopt(self, packet: RtpPacket) -> MediaTarget | None:
        """The only receiver that takes this payload type, if there is just one; from now on the stream is its own."""
        receivers = self._receivers.get(packet.payload_type, set())
        if len(receivers) != 1 or len(self._streams) >= _MAX_SSRCS:
            return None
        (target,) = receivers
        self._streams[packet.ssrc] = target
        return target

    def _receive_rtcp(self, data: bytes) -> None:
        packets = RtcpPacket.parse(self._srtp.unprotect_rtcp(data))
        now_ns = self.last_authentic_ns = self._now_ns()
        self._counts.control += 1
        for packet in packets:
            for target in self._router.route_rtcp(packet):
                cast("PacketTarget", target).on_rtcp(packet, now_ns)


class SrtpOutlet:
    """Sends packets of one connection at once, without a task; drops them while there is no connection.

    Never raises for a packet: whoever forwards must not be disturbed by one that cannot be sent.
    """

    __slots__ = ("_dtls", "refused", "sent")

    def __init__(self, dtls: RTCDtlsTransport) -> None:
        self._dtls = dtls
        self.sent = 0
        """Datagrams handed to the socket."""
        self.refused = 0
        """Packets that could not be encrypted: too long, or numbered too far back."""

    def send_rtp(self, packet: bytes) -> bool:
        """Encrypt and send one RTP packet; False when it could not be sent."""
        srtp = self._dtls._tx_srtp  # noqa: SLF001 - pinned, see tests/integration/rtc
        return srtp is not None and self._send(srtp.protect, packet)

    def send_rtcp(self, packet: bytes) -> bool:
        """Encrypt and send one compound RTCP packet; False when it could not be sent."""
        srtp = self._dtls._tx_srtp  # noqa: SLF001 - pinned, see tests/integration/rtc
        return srtp is not None and self._send(srtp.protect_rtcp, packet)

    def _send(self, protect: Callable[[bytes], bytes], packet: bytes) -> bool:
        pair = self._dtls.transport._connection._nominated.get(1)  # noqa: SLF001 - pinned, see tests/integration/rtc
        if pair is None or pair.protocol.transport.is_closing():
            return False
        try:
            datagram = protect(packet)
        except (pylibsrtp.Error, ValueError):
            self.refused += 1
            return False
        pair.protocol.transport.sendto(datagram, pair.remote_addr)
        self.sent += 1
        return True
