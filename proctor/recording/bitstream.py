"""What the first bytes of encoded frames say about them."""

from __future__ import annotations

import struct
from typing import Final

_OPUS_FRAME_US: Final = (
    *(10_000, 20_000, 40_000, 60_000) * 3,  # SILK
    *(10_000, 20_000) * 2,  # hybrid
    *(2_500, 5_000, 10_000, 20_000) * 4,  # CELT
)


def vp8_size(key_frame: bytes) -> tuple[int, int] | None:
    """Width and height in pixels that a VP8 key frame declares (RFC 6386 section 9.1); None for anything else."""
    if len(key_frame) < 10 or key_frame[0] & 1 or key_frame[3:6] != b"\x9d\x01\x2a":  # noqa: PLR2004 - its header
        return None
    width, height = struct.unpack_from("<HH", key_frame, 6)
    return width & 0x3FFF, height & 0x3FFF


def opus_duration_ms(packet: bytes) -> float:
    """How long an Opus packet sounds, in milliseconds, by its first bytes (RFC 6716 section 3.1); 0 if malformed."""
    if not packet:
        return 0.0
    code = packet[0] & 3
    counted = packet[1] & 0x3F if len(packet) > 1 else 0
    return _OPUS_FRAME_US[packet[0] >> 3] * (1, 2, 2, counted)[code] / 1000


def opus_channels(packet: bytes) -> int:
    """1 or 2, as the packet's first byte says."""
    return 2 if packet and packet[0] & 4 else 1
