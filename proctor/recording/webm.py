"""WebM of one track: writes its head and its clusters, and finds the clusters of a file by their headers alone.

Every cluster has a known size and an absolute timecode in milliseconds, so the clusters of several files, put one
after another, are one valid stream; and a file that was cut anywhere is valid up to its last whole cluster. Behind its
timecode a cluster notes when it ends, in a Void element, which every player skips: so one short read tells its span.
Elements as in RFC 9559 (Matroska) and the WebM container guidelines; Opus as in RFC 7845 and the WebM Opus mapping.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from proctor.domain.errors import MediaError
from proctor.domain.media import Codec
from proctor.recording.ebml import (
    UNKNOWN_SIZE,
    EbmlError,
    children,
    element,
    float64,
    read_identifier,
    read_size,
    size_field,
    unsigned,
)

TRACK_NUMBER: Final = 1
CLUSTER: Final = b"\x1f\x43\xb6\x75"
SEGMENT: Final = b"\x18\x53\x80\x67"
CUES: Final = b"\x1c\x53\xbb\x6b"
_EBML: Final = b"\x1a\x45\xdf\xa3"
_INFO: Final = b"\x15\x49\xa9\x66"
_TRACKS: Final = b"\x16\x54\xae\x6b"
_TRACK_ENTRY: Final = b"\xae"
_CODEC_ID: Final = b"\x86"
_VIDEO: Final = b"\xe0"
_AUDIO: Final = b"\xe1"
_PIXEL_WIDTH: Final = b"\xb0"
_PIXEL_HEIGHT: Final = b"\xba"
_CHANNELS: Final = b"\x9f"
_TIMECODE: Final = b"\xe7"
_SIMPLE_BLOCK: Final = b"\xa3"
_VOID: Final = b"\xec"
_KEY_FLAG: Final = 0x80

_OPUS_PRE_SKIP: Final = 312
"""Samples at 48 kHz that libopus' encoder lags behind: 6.5 ms."""
_OPUS_CODEC_DELAY_NS: Final = _OPUS_PRE_SKIP * 1_000_000_000 // 48_000
_OPUS_SEEK_PRE_ROLL_NS: Final = 80_000_000
_CODEC_IDS: Final = {Codec.VP8: b"V_VP8", Codec.OPUS: b"A_OPUS"}

_PROBE_BYTES: Final = 64
"""Holds a cluster's header, its timecode, its end and the header of its first block."""
_MAX_HEAD_BYTES: Final = 1 << 16
_SEARCH_BYTES: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class TrackHead:
    """What a file's head says about its track."""

    codec: Codec
    width: int = 0
    """Pixels; 0 for sound."""
    height: int = 0
    channels: int = 0
    """0 for pictures."""


@dataclass(frozen=True, slots=True)
class Block:
    """One encoded frame at its time."""

    at_ms: int
    data: bytes
    is_key: bool


@dataclass(frozen=True, slots=True)
class CuePoint:
    """Where to start reading for a time."""

    at_ms: int
    position: int
    """Bytes from the start of the segment's payload to the cluster."""


@dataclass(frozen=True, slots=True)
class ClusterPlace:
    """A cluster inside a file."""

    at_ms: int
    """Its timecode, which is the time of its first block."""
    end_ms: int
    """When its last frame ends."""
    offset: int
    size: int
    """Bytes with its header."""
    starts_with_key: bool


@dataclass(frozen=True, slots=True)
class FileIndex:
    """What a scan found."""

    track: TrackHead
    tracks_element: bytes
    """The whole Tracks element, as it stands in the file."""
    clusters: tuple[ClusterPlace, ...]
    whole_size: int
    """Bytes up to the end of the last whole cluster; what follows is a torn tail."""
    damaged: tuple[tuple[int, int], ...] = ()
    """Offset and size of unreadable stretches between whole clusters."""


class RandomAccess(Protocol):
    """Bytes that can be read from anywhere."""

    @property
    def size(self) -> int:
        """Bytes there are."""
        ...

    def read_at(self, offset: int, length: int) -> bytes:
        """At most `length` bytes from `offset` on; fewer only at the end."""
        ...


def tracks_element(track: TrackHead) -> bytes:
    """The Tracks element for one track."""
    entry = [
        element(b"\xd7", unsigned(TRACK_NUMBER)),
        element(b"\x73\xc5", unsigned(TRACK_NUMBER)),
        element(b"\x83", unsigned(1 if track.codec is Codec.VP8 else 2)),
        element(b"\x9c", unsigned(0)),  # no lacing
        element(b"\x22\xb5\x9c", b"und"),
        element(_CODEC_ID, _CODEC_IDS[track.codec]),
    ]
    if track.codec is Codec.VP8:
        size = element(_PIXEL_WIDTH, unsigned(track.width)) + element(_PIXEL_HEIGHT, unsigned(track.height))
        entry.append(element(_VIDEO, size))
    else:
        entry += [
            element(b"\x63\xa2", _opus_head(track.channels)),
            element(b"\x56\xaa", unsigned(_OPUS_CODEC_DELAY_NS)),
            element(b"\x56\xbb", unsigned(_OPUS_SEEK_PRE_ROLL_NS)),
            element(_AUDIO, element(b"\xb5", float64(48_000.0)) + element(_CHANNELS, unsigned(track.channels))),
        ]
    return element(_TRACKS, element(_TRACK_ENTRY, b"".join(entry)))


def file_head(track: TrackHead) -> bytes:
    """Head of a file that grows: a segment of unknown size, to be followed by clusters."""
    return _ebml_head() + SEGMENT + UNKNOWN_SIZE + _info(None) + tracks_element(track)


def playback_head(tracks: bytes, cues: Sequence[CuePoint], duration_ms: int, clusters_size: int) -> bytes:
    """Head of a finished file whose clusters follow at once, with duration and seek points.

    Args:
        tracks: a whole Tracks element.
        cues: times in rising order; each `position` counts from the first cluster.
        duration_ms: what players show.
        clusters_size: bytes of all clusters together.
    """
    fixed = _info(duration_ms) + tracks
    first_cluster = len(fixed) + len(_cues(cues, 0))
    payload = fixed + _cues(cues, first_cluster)
    return _ebml_head() + SEGMENT + size_field(len(payload) + clusters_size, 8) + payload


def cluster(blocks: Sequence[Block], end_ms: int) -> bytes:
    """A whole cluster of known size; its timecode is the first block's time, `end_ms` is when the last one ends.

    Its size depends only on the sizes of the blocks' data.

    Raises:
        struct.error: a block is more than 32 s away from the first.
    """
    start_ms = blocks[0].at_ms
    parts = [element(_TIMECODE, unsigned(start_ms, 8)), element(_VOID, unsigned(end_ms, 8))]
    for block in blocks:
        parts.append(_SIMPLE_BLOCK + size_field(len(block.data) + 4))
        flags = _KEY_FLAG if block.is_key else 0
        parts.append(struct.pack(">BhB", 0x80 | TRACK_NUMBER, block.at_ms - start_ms, flags))
        parts.append(block.data)
    body_size = sum(map(len, parts))
    return b"".join((CLUSTER, size_field(body_size, 4), *parts))


def scan(source: RandomAccess) -> FileIndex:
    """Index a file by reading only headers; a torn tail is left out, damage in the middle is stepped over.

    Raises:
        MediaError: the head is torn or is not WebM of one VP8 or Opus track.
    """
    track, tracks, at = _read_head(source)
    clusters: list[ClusterPlace] = []
    damaged: list[tuple[int, int]] = []
    whole_size = at
    while at < source.size:
        place = _cluster_at(source, at)
        if place is None:
            found = _next_cluster(source, at + 1)
            if found is None:
                break
            damaged.append((at, found - at))
            at = found
            continue
        clusters.append(place)
        at = whole_size = place.offset + place.size
    return FileIndex(track, tracks, tuple(clusters), whole_size, tuple(damaged))


def read_blocks(data: bytes) -> Iterator[Block]:
    """The blocks of one whole cluster.

    Raises:
        EbmlError: it is not a whole cluster that this module wrote.
    """
    identifier, at = read_identifier(data, 0)
    size, at = read_size(data, at)
    if identifier != CLUSTER or size != len(data) - at:
        raise EbmlError("not a whole cluster")
    start_ms: int | None = None
    for child, payload in children(data[at:]):
        if child == _TIMECODE:
            start_ms = int.from_bytes(payload, "big")
        elif child == _SIMPLE_BLOCK:
            if start_ms is None or len(payload) < 4:  # noqa: PLR2004 - track, time and flags
                raise EbmlError("a block without its time")
            _, relative_ms, flags = struct.unpack_from(">BhB", payload)
            yield Block(start_ms + relative_ms, payload[4:], bool(flags & _KEY_FLAG))


def _ebml_head() -> bytes:
    return element(
        _EBML,
        element(b"\x42\x86", unsigned(1))
        + element(b"\x42\xf7", unsigned(1))
        + element(b"\x42\xf2", unsigned(4))
        + element(b"\x42\xf3", unsigned(8))
        + element(b"\x42\x82", b"webm")
        + element(b"\x42\x87", unsigned(4))
        + element(b"\x42\x85", unsigned(2)),
    )


def _info(duration_ms: int | None) -> bytes:
    fields = [element(b"\x2a\xd7\xb1", unsigned(1_000_000))]  # timecodes count milliseconds
    if duration_ms is not None:
        fields.append(element(b"\x44\x89", float64(float(duration_ms))))
    fields += [element(b"\x4d\x80", b"proctor"), element(b"\x57\x41", b"proctor")]
    return element(_INFO, b"".join(fields))


def _opus_head(channels: int) -> bytes:
    return b"OpusHead" + struct.pack("<BBHIhB", 1, channels, _OPUS_PRE_SKIP, 48_000, 0, 0)


def _cues(cues: Sequence[CuePoint], first_cluster: int) -> bytes:
    """Every number has a fixed width, so that the element's size does not depend on where the clusters begin."""
    points = []
    for cue in cues:
        position = element(b"\xf7", unsigned(TRACK_NUMBER)) + element(
            b"\xf1", unsigned(first_cluster + cue.position, 8)
        )
        points.append(element(b"\xbb", element(b"\xb3", unsigned(cue.at_ms, 8)) + element(b"\xb7", position)))
    return element(CUES, b"".join(points), 8)


def _read_head(source: RandomAccess) -> tuple[TrackHead, bytes, int]:
    try:
        return _parse_head(source.read_at(0, _MAX_HEAD_BYTES))
    except EbmlError as error:
        raise MediaError(f"no WebM head: {error}") from error


def _parse_head(data: bytes) -> tuple[TrackHead, bytes, int]:
    identifier, at = read_identifier(data, 0)
    size, at = read_size(data, at)
    if identifier != _EBML or size is None:
        raise EbmlError("not a WebM file")
    identifier, at = read_identifier(data, at + size)
    if identifier != SEGMENT:
        raise EbmlError("a WebM file without a segment")
    _, at = read_size(data, at)
    while True:
        start = at
        identifier, at = read_identifier(data, at)
        size, at = read_size(data, at)
        if size is None or at + size > len(data):
            raise EbmlError("the head of the file is torn")
        at += size
        if identifier == _TRACKS:
            return _track_of(data[start:at]), data[start:at], at


def _track_of(tracks: bytes) -> TrackHead:
    fields = dict(children(_first_child(_first_child(tracks))))
    codecs = {value: codec for codec, value in _CODEC_IDS.items()}
    codec = codecs.get(fields.get(_CODEC_ID, b""))
    if codec is None:
        raise EbmlError("neither VP8 nor Opus")
    picture = dict(children(fields.get(_VIDEO, b"")))
    sound = dict(children(fields.get(_AUDIO, b"")))
    return TrackHead(
        codec,
        width=int.from_bytes(picture.get(_PIXEL_WIDTH, b""), "big"),
        height=int.from_bytes(picture.get(_PIXEL_HEIGHT, b""), "big"),
        channels=int.from_bytes(sound.get(_CHANNELS, b""), "big"),
    )


def _first_child(data: bytes) -> bytes:
    for _, payload in children(data):
        return payload
    raise EbmlError("no track is described")


def _cluster_at(source: RandomAccess, offset: int) -> ClusterPlace | None:
    data = source.read_at(offset, _PROBE_BYTES)
    if not data.startswith(CLUSTER):
        return None
    try:
        size, at = read_size(data, len(CLUSTER))
        if size is None or offset + at + size > source.size:
            return None
        end = offset + at + size
        at_ms, at = _number_at(data, at, _TIMECODE)
        end_ms, at = _number_at(data, at, _VOID)
        identifier, at = read_identifier(data, at)
        _, at = read_size(data, at)
    except EbmlError:
        return None
    if identifier != _SIMPLE_BLOCK or at + 4 > len(data):
        return None
    return ClusterPlace(at_ms, end_ms, offset, end - offset, bool(data[at + 3] & _KEY_FLAG))


def _number_at(data: bytes, at: int, expected: bytes) -> tuple[int, int]:
    identifier, at = read_identifier(data, at)
    size, at = read_size(data, at)
    if identifier != expected or size is None or at + size > len(data):
        raise EbmlError(f"not the expected number at byte {at}")
    return int.from_bytes(data[at : at + size], "big"), at + size


def _next_cluster(source: RandomAccess, offset: int) -> int | None:
    """Offset of the next whole cluster that starts at or after `offset`."""
    while offset < source.size:
        data = source.read_at(offset, _SEARCH_BYTES)
        at = data.find(CLUSTER)
        while at >= 0:
            if _cluster_at(source, offset + at) is not None:
                return offset + at
            at = data.find(CLUSTER, at + 1)
        offset += max(1, len(data) - len(CLUSTER) + 1)
    return None
