from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.rtc.packets import (
    MalformedPacketError,
    RtpPacket,
    Unwrapper,
    parse_rtp,
    unwrap_retransmission,
)

HEADER = struct.pack("!BBHLL", 0x80, 0x80 | 96, 65_535, 7, 0xDEADBEEF)


def test_fields_of_a_plain_packet() -> None:
    packet = parse_rtp(HEADER + b"media")
    assert (packet.payload_type, packet.marker, packet.sequence) == (96, 1, 65_535)
    assert (packet.timestamp, packet.ssrc, packet.payload) == (7, 0xDEADBEEF, b"media")


def test_contributing_sources_extension_and_padding_are_left_out() -> None:
    header = bytes([0x80 | 0x20 | 0x10 | 2]) + HEADER[1:]
    extension = struct.pack("!HH", 0xBEDE, 1) + b"\x10\x61\x00\x00"
    assert parse_rtp(header + b"\0" * 8 + extension + b"media" + b"\0\0\x03").payload == b"media"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        HEADER[:11],
        bytes([0x8F]) + HEADER[1:],
        bytes([0x90]) + HEADER[1:] + b"\xbe\xde",
        bytes([0x90]) + HEADER[1:] + b"\xbe\xde\xff\xff" + b"\0" * 40,
        bytes([0xA0]) + HEADER[1:] + b"\xff",
    ],
    ids=["empty", "short", "sources", "extension-header", "extension-length", "padding"],
)
def test_lengths_beyond_the_end_are_refused(data: bytes) -> None:
    with pytest.raises(MalformedPacketError):
        parse_rtp(data)


@given(st.binary(max_size=200))
def test_noise_is_parsed_or_refused(data: bytes) -> None:
    try:
        parse_rtp(data)
    except MalformedPacketError:
        return


def test_original_of_a_retransmission() -> None:
    original = unwrap_retransmission(RtpPacket(97, 1, 5, 90, 2, b"\x12\x34media"), 96, 1)
    assert original is not None
    assert (original.payload_type, original.sequence, original.ssrc, original.payload) == (96, 0x1234, 1, b"media")
    assert unwrap_retransmission(RtpPacket(97, 0, 5, 90, 2, b""), 96, 1) is None


@given(st.integers(0, 2**32 - 1), st.lists(st.integers(-(2**31) + 1, 2**31 - 1), max_size=50))
def test_unwrapping_follows_any_steps_below_half_a_turn(start: int, steps: list[int]) -> None:
    unwrapper = Unwrapper(1 << 32)
    true = start
    assert unwrapper.advance(start) == start
    for step in steps:
        true += step
        assert unwrapper.near(true % 2**32) == true
        assert unwrapper.advance(true % 2**32) == true
