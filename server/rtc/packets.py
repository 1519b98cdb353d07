"""RTP packets as the hot path sees them, and arithmetic on their wrapping counters (RFC 3550)."""

from __future__ import annotations

from struct import Struct
from typing import Final

SEQUENCE_MODULUS: Final = 1 << 16
TIMESTAMP_MODULUS: Final = 1 << 32

_FIXED_HEADER: Final = Struct("!BBHLL")
_FIXED_HEADER_BYTES: Final = 12
_EXTENSION_BIT: Final = 0x10
_PADDING_BIT: Final = 0x20


class MalformedPacketError(ValueError):
    """The bytes are not a whole RTP packet."""


class RtpPacket:
    """The fields of one RTP packet that anything here reads.

    `sequence` is the 16-bit number on the wire; `extended` is the same number unwrapped, filled in by the reorder
    buffer.
    """

    __slots__ = ("extended", "marker", "payload", "payload_type", "sequence", "ssrc", "timestamp")

    def __init__(  # noqa: PLR0913, PLR0917 - one argument a field of the header
        self, payload_type: int, marker: int, sequence: int, timestamp: int, ssrc: int, payload: bytes
    ) -> None:
        self.payload_type = payload_type
        self.marker = marker
        self.sequence = sequence
        self.timestamp = timestamp
        self.ssrc = ssrc
        self.payload = payload
        self.extended = sequence


def parse_rtp(data: bytes) -> RtpPacket:
    """Split a decrypted RTP packet; header extensions are skipped.

    Raises:
        MalformedPacketError: a length inside the packet points beyond its end.
    """
    size = len(data)
    if size < _FIXED_HEADER_BYTES:
        raise MalformedPacketError("shorter than the fixed header")
    first, second, sequence, timestamp, ssrc = _FIXED_HEADER.unpack_from(data)
    start = _FIXED_HEADER_BYTES + 4 * (first & 0x0F)
    if first & _EXTENSION_BIT:
        if start + 4 > size:
            raise MalformedPacketError("header extension cut off")
        start += 4 + 4 * ((data[start + 2] << 8) | data[start + 3])
    end = size
    if first & _PADDING_BIT:
        end -= data[-1]
    if start > end:
        raise MalformedPacketError("header or padding longer than the packet")
    return RtpPacket(second & 0x7F, second >> 7, sequence, timestamp, ssrc, data[start:end])


def unwrap_retransmission(packet: RtpPacket, payload_type: int, ssrc: int) -> RtpPacket | None:
    """The original packet inside an RTX packet (RFC 4588), or None for padding that carries no original."""
    payload = packet.payload
    if len(payload) < 2:  # noqa: PLR2004 - the original sequence number takes two bytes
        return None
    original = (payload[0] << 8) | payload[1]
    return RtpPacket(payload_type, packet.marker, original, packet.timestamp, ssrc, payload[2:])


def nearest(value: int, reference: int, modulus: int) -> int:
    """The number congruent to `value` that lies nearest to the unwrapped `reference`."""
    half = modulus >> 1
    return reference + (value - reference + half) % modulus - half


class Unwrapper:
    """Turns a wrapping counter into one that never wraps, as long as neighbours are less than half a turn apart."""

    __slots__ = ("_last", "_modulus")

    def __init__(self, modulus: int) -> None:
        self._modulus = modulus
        self._last: int | None = None

    def advance(self, value: int) -> int:
        """Unwrap `value` and take it as the new reference."""
        self._last = self.near(value)
        return self._last

    def near(self, value: int) -> int:
        """Unwrap `value` without changing the reference."""
        return value if self._last is None else nearest(value, self._last, self._modulus)
