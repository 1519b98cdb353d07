from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.rtc import vp8

KEY_FRAME = bytes.fromhex("5043009d012a8002e0010747") + b"\0" * 20


def test_bare_descriptor() -> None:
    assert vp8.parse_descriptor(b"\x10" + KEY_FRAME) == vp8.Descriptor(
        1, starts_frame=True, temporal_id=0, has_layers=False
    )


def test_descriptor_as_chromium_sends_it_without_layers() -> None:
    assert vp8.parse_descriptor(bytes.fromhex("9080c824307d019d")) == vp8.Descriptor(
        4, starts_frame=True, temporal_id=0, has_layers=False
    )


@given(
    start=st.booleans(),
    picture_id=st.integers(0, 0x7FFF),
    tl0_index=st.integers(0, 255),
    temporal_id=st.integers(0, 3),
)
def test_own_descriptor_reads_back(*, start: bool, picture_id: int, tl0_index: int, temporal_id: int) -> None:
    payload = (
        vp8.make_descriptor(
            start=start, picture_id=picture_id, tl0_index=tl0_index, temporal_id=temporal_id, layer_sync=False
        )
        + KEY_FRAME
    )
    assert vp8.parse_descriptor(payload) == vp8.Descriptor(
        vp8.DESCRIPTOR_BYTES, starts_frame=start, temporal_id=temporal_id, has_layers=True
    )
    assert vp8.read_indexes(payload) == (picture_id, tl0_index)
    assert vp8.starts_key_frame(payload) is start
    shifted = vp8.shift_indexes(payload, 40_000, 300)
    assert vp8.read_indexes(shifted) == ((picture_id + 40_000) % 0x8000, (tl0_index + 300) % 256)
    assert shifted[vp8.DESCRIPTOR_BYTES :] == KEY_FRAME


def test_short_picture_id_wraps_at_seven_bits() -> None:
    payload = b"\x90\x80\x7f" + KEY_FRAME
    assert vp8.read_indexes(vp8.shift_indexes(payload, 2, 9)) == (1, None)


@pytest.mark.parametrize("payload", [b"", b"\x90", b"\x90\x80", b"\x90\x80\x80", b"\x90\xf0\x80\x01\x02", b"\x10"])
def test_cut_off_descriptor_is_refused(payload: bytes) -> None:
    with pytest.raises(ValueError, match="descriptor"):
        vp8.parse_descriptor(payload)
    assert not vp8.starts_key_frame(payload)


@given(st.binary(max_size=40))
def test_noise_never_breaks_the_parser(payload: bytes) -> None:
    vp8.starts_key_frame(payload)


def test_picture_size_from_a_key_frame_only() -> None:
    assert vp8.picture_size(KEY_FRAME) == (640, 480)
    assert vp8.picture_size(b"\x01" * 30) is None
    assert vp8.picture_size(KEY_FRAME[:9]) is None
    assert vp8.is_key_frame(KEY_FRAME)
    assert not vp8.is_key_frame(b"")
