"""EBML, the binary grammar of WebM (RFC 8794): elements are an identifier, a size and a payload."""

from __future__ import annotations

import struct
from collections.abc import Iterator

from proctor.domain.errors import MediaError

UNKNOWN_SIZE = b"\x01" + b"\xff" * 7
"""Size field of an element that goes on to the end of the file."""


class EbmlError(MediaError):
    """Bytes that are not EBML, or end in the middle of an element's header."""


def size_field(size: int, width: int | None = None) -> bytes:
    """Encode a size, in the fewest bytes or in exactly `width` of them.

    Raises:
        ValueError: the size does not fit.
    """
    if width is None:
        width = 1
        while size >= (1 << (7 * width)) - 1:
            width += 1
    if not 0 <= size < (1 << (7 * width)) - 1 or width > 8:  # noqa: PLR2004 - EBML's longest size field
        raise ValueError(f"{size} does not fit an EBML size of {width} bytes")
    return ((1 << (7 * width)) | size).to_bytes(width, "big")


def element(identifier: bytes, payload: bytes, width: int | None = None) -> bytes:
    """One whole element; `width` fixes the length of its size field."""
    return identifier + size_field(len(payload), width) + payload


def unsigned(value: int, width: int | None = None) -> bytes:
    """Payload of an unsigned integer element, in the fewest bytes (at least one) or in exactly `width`."""
    return value.to_bytes(width or max(1, (value.bit_length() + 7) // 8), "big")


def float64(value: float) -> bytes:
    """Payload of a float element."""
    return struct.pack(">d", value)


def read_identifier(data: bytes, at: int) -> tuple[bytes, int]:
    """Identifier that starts at `at`, and the position after it.

    Raises:
        EbmlError: no identifier can start so, or the data ends inside it.
    """
    width = _width(data, at)
    if width > 4:  # noqa: PLR2004 - EBML's longest identifier in Matroska
        raise EbmlError(f"no element starts at byte {at}")
    return data[at : at + width], at + width


def read_size(data: bytes, at: int) -> tuple[int | None, int]:
    """Size that starts at `at` (None when unknown), and the position after it.

    Raises:
        EbmlError: no size can start so, or the data ends inside it.
    """
    width = _width(data, at)
    mask = (1 << (7 * width)) - 1
    size = int.from_bytes(data[at : at + width], "big") & mask
    return (None if size == mask else size), at + width


def children(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Identifier and payload of each element in the payload of a master element.

    Raises:
        EbmlError: an element is torn or of unknown size.
    """
    at = 0
    while at < len(data):
        identifier, at = read_identifier(data, at)
        size, at = read_size(data, at)
        if size is None or at + size > len(data):
            raise EbmlError(f"an element ends beyond its parent at byte {at}")
        yield identifier, data[at : at + size]
        at += size


def _width(data: bytes, at: int) -> int:
    if at >= len(data) or data[at] == 0:
        raise EbmlError(f"no EBML at byte {at}")
    width = 9 - data[at].bit_length()
    if at + width > len(data):
        raise EbmlError(f"the data ends inside a header at byte {at}")
    return width
