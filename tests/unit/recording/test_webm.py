from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proctor.domain.errors import MediaError
from proctor.domain.media import Codec
from proctor.recording.bitstream import opus_channels, opus_duration_ms, vp8_size
from proctor.recording.ebml import EbmlError, children, element, read_identifier, read_size, size_field, unsigned
from proctor.recording.webm import Block, TrackHead, cluster, file_head, read_blocks, scan
from tests.recorded_files import MemorySource

PICTURES = TrackHead(Codec.VP8, width=640, height=480)
SOUND = TrackHead(Codec.OPUS, channels=2)

blocks = st.lists(
    st.builds(Block, st.integers(0, 900), st.binary(min_size=1, max_size=300), st.booleans()), min_size=1, max_size=5
).map(lambda found: sorted(found, key=lambda block: block.at_ms))


def made(start_ms: int, found: list[Block]) -> tuple[bytes, list[Block]]:
    moved = [Block(start_ms + block.at_ms, block.data, block.is_key) for block in found]
    return cluster(moved, moved[-1].at_ms + 20), moved


@given(st.integers(0, 2**55), st.one_of(st.none(), st.just(8)))
def test_sizes_read_back(size: int, width: int | None) -> None:
    field = size_field(size, width)
    assert read_size(field, 0) == (size, len(field))


def test_a_size_that_does_not_fit_is_refused() -> None:
    with pytest.raises(ValueError, match="127"):
        size_field(127, 1)
    assert read_size(b"\xff", 0) == (None, 1)


@given(st.binary(max_size=40), st.integers(0, 45))
def test_junk_is_refused_and_never_anything_else(data: bytes, at: int) -> None:
    for read in (read_identifier, read_size):
        try:
            _, after = read(data, at)
        except EbmlError:
            continue
        assert at < after <= len(data)
    try:
        list(children(data))
    except EbmlError:
        return


@given(st.integers(0, 2**40), blocks)
def test_clusters_read_back(start_ms: int, found: list[Block]) -> None:
    data, moved = made(start_ms, found)
    assert list(read_blocks(data)) == moved


@pytest.mark.parametrize("track", [PICTURES, SOUND])
def test_scan_tells_track_and_clusters(track: TrackHead) -> None:
    head = file_head(track)
    first, moved = made(0, [Block(5, b"a" * 200, is_key=True), Block(40, b"b", is_key=False)])
    second, _ = made(10_000_000, [Block(0, b"c", is_key=False)])
    index = scan(MemorySource(head + first + second))
    assert index.track == track
    assert index.tracks_element in head
    assert [(place.at_ms, place.end_ms, place.starts_with_key) for place in index.clusters] == [
        (moved[0].at_ms, 60, True),
        (10_000_000, 10_000_020, False),
    ]
    assert [(place.offset, place.size) for place in index.clusters] == [
        (len(head), len(first)),
        (len(head) + len(first), len(second)),
    ]
    assert index.whole_size == len(head + first + second)
    assert index.damaged == ()


def test_a_file_cut_anywhere_keeps_its_whole_clusters() -> None:
    head = file_head(PICTURES)
    parts = [made(number * 1000, [Block(0, bytes([number]) * 90, is_key=True)])[0] for number in range(3)]
    whole = head + b"".join(parts)
    ends = [len(head) + sum(map(len, parts[:count])) for count in range(4)]
    for cut in range(len(whole) + 1):
        source = MemorySource(whole[:cut])
        if cut < len(head):
            with pytest.raises(MediaError):
                scan(source)
            continue
        index = scan(source)
        assert index.whole_size == max(end for end in ends if end <= cut)
        assert len(index.clusters) == sum(end <= cut for end in ends[1:])


def test_zeros_that_a_power_cut_leaves_are_a_torn_tail() -> None:
    head = file_head(PICTURES)
    data, _ = made(0, [Block(0, b"x" * 50, is_key=True)])
    index = scan(MemorySource(head + data + bytes(70_000)))
    assert index.whole_size == len(head + data)


@given(st.integers(0, 400), st.binary(min_size=1, max_size=60))
def test_damage_in_the_middle_costs_no_more_than_its_cluster(at: int, junk: bytes) -> None:
    head = file_head(PICTURES)
    parts = [made(number * 1000, [Block(0, bytes([number]) * 120, is_key=True)])[0] for number in range(4)]
    body = bytearray(b"".join(parts[:3]))
    at = min(at, len(body) - len(junk))
    body[at : at + len(junk)] = junk
    index = scan(MemorySource(head + bytes(body) + parts[3]))
    assert index.clusters[-1].at_ms == 3000
    assert index.whole_size == len(head) + len(body) + len(parts[3])


@pytest.mark.parametrize("data", [b"", b"\x1a\x45\xdf\xa3", b"RIFF" * 30, bytes(500), b"\xff" * 500])
def test_what_is_not_webm_is_refused(data: bytes) -> None:
    with pytest.raises(MediaError):
        scan(MemorySource(data))


@given(st.binary(max_size=400))
def test_junk_behind_a_head_is_never_a_crash(junk: bytes) -> None:
    assert scan(MemorySource(file_head(SOUND) + junk)).whole_size >= len(file_head(SOUND))


@given(st.integers(0, 200), st.binary(min_size=1, max_size=8))
def test_a_damaged_head_is_refused_or_read_but_never_a_crash(at: int, junk: bytes) -> None:
    head = bytearray(file_head(PICTURES))
    head[at : at + len(junk)] = junk
    try:
        scan(MemorySource(bytes(head)))
    except MediaError:
        return


@pytest.mark.parametrize("data", [b"", element(b"\xa3", b"1234"), element(b"\x1f\x43\xb6\x75", element(b"\xa3", b"1"))])
def test_what_is_no_cluster_has_no_blocks(data: bytes) -> None:
    with pytest.raises(EbmlError):
        list(read_blocks(data))


def test_unsigned_numbers_take_the_fewest_bytes() -> None:
    assert [unsigned(value) for value in (0, 255, 256)] == [b"\0", b"\xff", b"\1\0"]


def test_vp8_key_frames_tell_their_size() -> None:
    assert vp8_size(b"\x10\x02\x00\x9d\x01\x2a\x80\x42\xe0\x41") == (640, 480)  # with scaling bits set
    assert vp8_size(b"\x11\x02\x00\x9d\x01\x2a\x80\x42\xe0\x41") is None
    assert vp8_size(b"\x10") is None


@pytest.mark.parametrize(
    ("packet", "duration_ms"),
    [
        (b"", 0),
        (b"\x00", 10),
        (b"\x18", 60),
        (b"\x60", 10),
        (b"\x78", 20),
        (b"\xe0", 2.5),
        (b"\xf8", 20),
        (b"\xf9", 40),
        (b"\xfa", 40),
        (b"\xfb\x03", 60),
        (b"\xfb", 0),
    ],
)
def test_opus_packets_tell_their_duration(packet: bytes, duration_ms: float) -> None:
    assert opus_duration_ms(packet) == duration_ms


def test_opus_packets_tell_their_channels() -> None:
    assert (opus_channels(b"\xf8"), opus_channels(b"\xfc")) == (1, 2)
