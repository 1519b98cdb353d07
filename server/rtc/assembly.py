"""From packets in order to whole encoded frames."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Protocol

from server.rtc import vp8
from server.rtc.packets import RtpPacket

MAX_FRAME_BYTES: Final = 2_000_000
"""A frame that grows beyond this is thrown away; the largest honest key frame of a policy is about a tenth of it."""


@dataclass(frozen=True, slots=True)
class AssembledFrame:
    """One whole encoded frame."""

    data: bytes
    timestamp: int
    """RTP timestamp as on the wire, 32 bits."""
    is_key: bool
    temporal_id: int
    after_gap: bool
    """Something before this frame is missing; see `proctor.domain.media.EncodedFrame`."""


class Assembler(Protocol):
    """Takes packets in ascending `extended` order, returns a frame when one is complete."""

    gaps: int
    """Holes seen so far."""
    waits_for_key: bool
    """Frames are being delivered that cannot be decoded until the next key frame."""

    def push(self, packet: RtpPacket) -> AssembledFrame | None:
        """Take the next packet."""
        ...


class OpusAssembler:
    """Every packet with a payload is a frame; only the first one after a hole is marked."""

    __slots__ = ("_expected", "_gap", "gaps", "waits_for_key")

    def __init__(self) -> None:
        self.gaps = 0
        self.waits_for_key = False
        self._expected: int | None = None
        self._gap = False

    def push(self, packet: RtpPacket) -> AssembledFrame | None:
        """Take the next packet."""
        if self._expected is not None and packet.extended != self._expected:
            self.gaps += 1
            self._gap = True
        self._expected = packet.extended + 1
        if not packet.payload:
            return None
        after_gap, self._gap = self._gap, False
        return AssembledFrame(packet.payload, packet.timestamp, is_key=True, temporal_id=0, after_gap=after_gap)


class Vp8Assembler:
    """Joins the payloads of one timestamp up to the marker bit (RFC 7741).

    After a hole every frame is marked until a key frame comes, because it may refer to what is missing; the key frame
    itself is marked only where it is the first frame after the hole.
    """

    __slots__ = (
        "_expected",
        "_first_after_gap",
        "_key",
        "_parts",
        "_size",
        "_temporal_id",
        "_timestamp",
        "gaps",
        "has_layers",
        "malformed",
        "picture_size",
        "waits_for_key",
    )

    def __init__(self) -> None:
        self.gaps = 0
        self.malformed = 0
        """Packets whose descriptor cannot be read, and frames beyond `MAX_FRAME_BYTES`."""
        self.waits_for_key = True
        self.has_layers = False
        self.picture_size: tuple[int, int] | None = None
        """Width and height in pixels, from the latest key frame."""
        self._expected: int | None = None
        self._first_after_gap = False
        self._parts: list[bytes] = []
        self._size = 0
        self._timestamp: int | None = None
        self._key = False
        self._temporal_id = 0

    def push(self, packet: RtpPacket) -> AssembledFrame | None:
        """Take the next packet."""
        if self._expected is not None and packet.extended != self._expected:
            self._note_gap()
        self._expected = packet.extended + 1
        if not packet.payload:
            return None
        try:
            descriptor = vp8.parse_descriptor(packet.payload)
        except ValueError:
            self.malformed += 1
            self._note_gap()
            return None
        if self._timestamp is not None and packet.timestamp != self._timestamp:
            self._note_gap()
        if self._timestamp is None:
            if not descriptor.starts_frame:
                return None
            self._begin(packet, descriptor)
        self._parts.append(packet.payload[descriptor.size :])
        self._size += len(packet.payload)
        if self._size > MAX_FRAME_BYTES:
            self.malformed += 1
            self._note_gap()
            return None
        return self._finish() if packet.marker else None

    def _begin(self, packet: RtpPacket, descriptor: vp8.Descriptor) -> None:
        self._timestamp = packet.timestamp
        self._key = not packet.payload[descriptor.size] & 1
        self._temporal_id = descriptor.temporal_id
        self.has_layers = descriptor.has_layers

    def _finish(self) -> AssembledFrame:
        data = b"".join(self._parts)
        timestamp = self._timestamp or 0
        if self._key:
            self.waits_for_key = False
            self.picture_size = vp8.picture_size(data) or self.picture_size
        after_gap = self._first_after_gap or self.waits_for_key
        self._first_after_gap = False
        self._drop_parts()
        return AssembledFrame(data, timestamp, self._key, self._temporal_id, after_gap)

    def _note_gap(self) -> None:
        self.gaps += 1
        self._first_after_gap = True
        self.waits_for_key = True
        self._drop_parts()

    def _drop_parts(self) -> None:
        self._parts = []
        self._size = 0
        self._timestamp = None
