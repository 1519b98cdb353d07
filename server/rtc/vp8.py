"""The VP8 payload descriptor (RFC 7741) and what a VP8 frame header tells without decoding."""

from __future__ import annotations

from typing import Final, NamedTuple

_KEY_FRAME_HEADER_BYTES: Final = 10
_START_CODE: Final = b"\x9d\x01\x2a"
_SIZE_MASK: Final = 0x3FFF

_EXTENDED: Final = 0x80
_START: Final = 0x10
_PARTITION: Final = 0x07
_HAS_PICTURE_ID: Final = 0x80
_HAS_TL0: Final = 0x40
_HAS_TID: Final = 0x20
_HAS_TID_OR_KEYIDX: Final = 0x30
_LONG: Final = 0x80

DESCRIPTOR_BYTES: Final = 6
"""Length of the descriptors that `make_descriptor` writes."""


class Descriptor(NamedTuple):
    """What stands before the VP8 bytes in a payload."""

    size: int
    """Bytes that the descriptor takes."""
    starts_frame: bool
    """This payload begins a frame (first byte of partition 0)."""
    temporal_id: int
    """Temporal layer, 0 where the sender does not use layers."""
    has_layers: bool
    """The sender marks temporal layers at all."""


def parse_descriptor(payload: bytes) -> Descriptor:
    """Read the descriptor.

    Raises:
        ValueError: the payload ends inside the descriptor.
    """
    try:
        first = payload[0]
        size, temporal_id, has_layers = 1, 0, False
        if first & _EXTENDED:
            flags = payload[1]
            size = 2
            if flags & _HAS_PICTURE_ID:
                size += 2 if payload[size] & _LONG else 1
            if flags & _HAS_TL0:
                size += 1
            if flags & _HAS_TID_OR_KEYIDX:
                if flags & _HAS_TID:
                    temporal_id = payload[size] >> 6
                    has_layers = True
                size += 1
    except IndexError:
        raise ValueError("payload ends inside the VP8 descriptor") from None
    if size >= len(payload):
        raise ValueError("no VP8 bytes after the descriptor")
    return Descriptor(size, bool(first & _START) and not first & _PARTITION, temporal_id, has_layers)


def is_key_frame(frame: bytes) -> bool:
    """Whether a frame, or its first bytes, begins a key frame (inverse key frame bit, RFC 6386 section 9.1)."""
    return bool(frame) and not frame[0] & 1


def picture_size(frame: bytes) -> tuple[int, int] | None:
    """Width and height in pixels from a key frame's header, None where the header is not one."""
    if len(frame) < _KEY_FRAME_HEADER_BYTES or frame[3:6] != _START_CODE:
        return None
    return (frame[6] | frame[7] << 8) & _SIZE_MASK, (frame[8] | frame[9] << 8) & _SIZE_MASK


def starts_key_frame(payload: bytes) -> bool:
    """Whether an RTP payload holds the first bytes of a key frame."""
    try:
        descriptor = parse_descriptor(payload)
    except ValueError:
        return False
    return descriptor.starts_frame and not payload[descriptor.size] & 1


def make_descriptor(*, start: bool, picture_id: int, tl0_index: int, temporal_id: int, layer_sync: bool) -> bytes:
    """A descriptor of `DESCRIPTOR_BYTES` with a 15-bit picture id, base-layer index and temporal layer."""
    return bytes(
        (
            _EXTENDED | (_START if start else 0),
            _HAS_PICTURE_ID | _HAS_TL0 | _HAS_TID,
            _LONG | (picture_id >> 8) & 0x7F,
            picture_id & 0xFF,
            tl0_index & 0xFF,
            (temporal_id << 6) | (0x20 if layer_sync else 0),
        )
    )


class PictureIndexes(NamedTuple):
    """The two running counters of a descriptor; None where the sender leaves one out."""

    picture_id: int | None
    tl0_index: int | None


def read_indexes(payload: bytes) -> PictureIndexes:
    """Picture id and base-layer index of a payload whose descriptor is whole."""
    if not payload[0] & _EXTENDED:
        return PictureIndexes(None, None)
    flags = payload[1]
    at = 2
    picture_id = tl0_index = None
    if flags & _HAS_PICTURE_ID:
        if payload[at] & _LONG:
            picture_id = (payload[at] & 0x7F) << 8 | payload[at + 1]
            at += 2
        else:
            picture_id = payload[at]
            at += 1
    if flags & _HAS_TL0:
        tl0_index = payload[at]
    return PictureIndexes(picture_id, tl0_index)


def shift_indexes(payload: bytes, picture_id_shift: int, tl0_shift: int) -> bytes:
    """The payload with its running counters moved on, so that two joined streams look like one.

    Short picture ids wrap at 7 bits, long ones at 15, the base-layer index at 8.
    """
    if not payload[0] & _EXTENDED or not (picture_id_shift or tl0_shift):
        return payload
    changed = bytearray(payload)
    flags = payload[1]
    at = 2
    if flags & _HAS_PICTURE_ID:
        if payload[at] & _LONG:
            moved = ((payload[at] & 0x7F) << 8 | payload[at + 1]) + picture_id_shift & 0x7FFF
            changed[at] = _LONG | moved >> 8
            changed[at + 1] = moved & 0xFF
            at += 2
        else:
            changed[at] = payload[at] + picture_id_shift & 0x7F
            at += 1
    if flags & _HAS_TL0:
        changed[at] = payload[at] + tl0_shift & 0xFF
    return bytes(changed)
