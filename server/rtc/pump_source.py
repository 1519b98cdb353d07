"""What a simulated candidate sends: packets prepared once, shared by any number of candidates, without end or seam."""

from __future__ import annotations

import struct
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from proctor.domain.errors import MediaError
from proctor.domain.media import TrackKind
from proctor.domain.time import NS_PER_S
from server.rtc import vp8
from server.rtc.media_encoding import (
    TEMPORAL_IDS,
    EncodedLoop,
    encode_page,
    encode_pictures,
    encode_sound,
    whole_laps_s,
)
from server.rtc.packets import MalformedPacketError, RtpPacket, Unwrapper, parse_rtp

_RECORD: Final = struct.Struct("<dBH")
_RTP: Final = 0
_MTU_PAYLOAD_BYTES: Final = 1_100
"""VP8 bytes in one packet, so that it stays below common path limits with all headers."""
VIDEO_RATE_HZ: Final = 90_000
SOUND_RATE_HZ: Final = 48_000
_TRACE_TRACKS: Final = (TrackKind.CAMERA, TrackKind.SCREEN)


@dataclass(frozen=True, slots=True)
class SourcePacket:
    """One packet to be sent."""

    due_ns: int
    """Since the lap's begin."""
    timestamp: int
    """RTP units since the lap's begin."""
    marker: int
    payload: bytes


@dataclass(frozen=True, slots=True)
class SourceTrack:
    """The packets of one lap of one track; the first one begins a key frame."""

    track: TrackKind
    rate_hz: int
    packets: tuple[SourcePacket, ...]
    keys: tuple[int, ...]
    """Indexes of packets that begin a key frame."""
    pictures: int
    """Pictures in a lap, by which picture ids move on from lap to lap."""
    base_pictures: int
    """The same for the base layer's index."""


@dataclass(frozen=True, slots=True)
class PumpSource:
    """All tracks of a candidate; every lap takes the same time, so that they stay together."""

    lap_ns: int
    tracks: tuple[SourceTrack, ...]
    jumps_to_key: bool
    """Key frames are rare, so that a request is answered by going on at the next one."""


def load_trace(path: Path) -> PumpSource:
    """Read a recorded RTP trace: records of little-endian double time in s, u8 kind (0 RTP), u16 length, packet.

    The sound and the two picture streams with the most packets are taken; the busier one is the camera.

    Raises:
        MediaError: the file is not such a trace.
    """
    streams: dict[int, list[tuple[float, RtpPacket]]] = defaultdict(list)
    for at_s, packet in _read_records(path):
        if packet.payload:
            streams[packet.ssrc].append((at_s, packet))
    types = Counter(packet.payload_type for stream in streams.values() for _, packet in stream)
    pictures = [stream for stream in streams.values() if vp8.starts_key_frame(stream[0][1].payload)]
    pictures.sort(key=len, reverse=True)
    sounds = [stream for stream in streams.values() if stream not in pictures and len(stream) > 1]
    if not pictures or not sounds or not types:
        raise MediaError(f"{path}: no VP8 stream that begins with a key frame, or no sound, in this trace")
    sound = max(sounds, key=len)
    chosen = [*zip(_TRACE_TRACKS, pictures, strict=False), (TrackKind.MICROPHONE, sound)]
    begin_s = min(stream[0][0] for _, stream in chosen)
    end_s = max(stream[-1][0] for _, stream in chosen)
    lap_ns = int((end_s - begin_s + 0.06) * NS_PER_S)
    tracks = tuple(_from_trace(track, stream, begin_s) for track, stream in chosen)
    return PumpSource(lap_ns, tracks, jumps_to_key=True)


def encode_media(path: Path, *, screen: Path | None = None, limit_s: float = 60.0) -> PumpSource:
    """Encode a media file once, as a browser would send it: VP8 in three temporal layers, Opus in 60 ms packets.

    A file without sound gives silence; without `screen` a page of text that scrolls now and then is made up. Takes
    about as long as a tenth of the file; run it off the event loop.

    Raises:
        MediaError: a file cannot be read, or has no pictures.
    """
    lap_s = whole_laps_s(path, limit_s)
    camera = encode_pictures(path, width=640, height=480, fps=15, bit_rate=400_000, lap_s=lap_s)
    shown = (
        encode_page(fps=5, bit_rate=300_000, lap_s=lap_s)
        if screen is None
        else encode_pictures(screen, width=1280, height=720, fps=5, bit_rate=300_000, lap_s=lap_s)
    )
    tracks = (
        _from_pictures(TrackKind.CAMERA, camera),
        _from_pictures(TrackKind.SCREEN, shown),
        _from_sound(encode_sound(path, lap_s=lap_s)),
    )
    return PumpSource(round(lap_s * NS_PER_S), tracks, jumps_to_key=False)


def _read_records(path: Path) -> Iterator[tuple[float, RtpPacket]]:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise MediaError(f"{path}: {error.strerror}") from error
    at = 0
    while at + _RECORD.size <= len(data):
        time_s, kind, length = _RECORD.unpack_from(data, at)
        at += _RECORD.size
        if kind == _RTP and at + length <= len(data):
            try:
                yield time_s, parse_rtp(data[at : at + length])
            except MalformedPacketError as error:
                raise MediaError(f"{path}: not an RTP trace, byte {at}: {error}") from error
        at += length


def _from_trace(track: TrackKind, stream: Sequence[tuple[float, RtpPacket]], begin_s: float) -> SourceTrack:
    rate_hz = SOUND_RATE_HZ if track is TrackKind.MICROPHONE else VIDEO_RATE_HZ
    unwrapper = Unwrapper(1 << 32)
    first = unwrapper.advance(stream[0][1].timestamp)
    lead = int((stream[0][0] - begin_s) * rate_hz)
    packets = tuple(
        SourcePacket(
            due_ns=int((at_s - begin_s) * NS_PER_S),
            timestamp=unwrapper.advance(packet.timestamp) - first + lead,
            marker=packet.marker,
            payload=packet.payload,
        )
        for at_s, packet in stream
    )
    if track is TrackKind.MICROPHONE:
        return SourceTrack(track, rate_hz, packets, (), 0, 0)
    keys = tuple(index for index, packet in enumerate(packets) if vp8.starts_key_frame(packet.payload))
    pictures = sum(1 for packet in packets if packet.marker)
    return SourceTrack(track, rate_hz, packets, keys, pictures, pictures)


def _from_pictures(track: TrackKind, loop: EncodedLoop) -> SourceTrack:
    packets: list[SourcePacket] = []
    keys: list[int] = []
    base_pictures = 0
    for number, frame in enumerate(loop.frames):
        temporal_id = TEMPORAL_IDS[number % len(TEMPORAL_IDS)]
        base_pictures += temporal_id == 0
        if vp8.is_key_frame(frame):
            keys.append(len(packets))
        for start in range(0, len(frame), _MTU_PAYLOAD_BYTES):
            descriptor = vp8.make_descriptor(
                start=start == 0,
                picture_id=number,
                tl0_index=base_pictures,
                temporal_id=temporal_id,
                layer_sync=temporal_id > 0,
            )
            packets.append(
                SourcePacket(
                    due_ns=number * NS_PER_S // loop.per_s,
                    timestamp=number * VIDEO_RATE_HZ // loop.per_s,
                    marker=int(start + _MTU_PAYLOAD_BYTES >= len(frame)),
                    payload=descriptor + frame[start : start + _MTU_PAYLOAD_BYTES],
                )
            )
    return SourceTrack(track, VIDEO_RATE_HZ, tuple(packets), tuple(keys), len(loop.frames), base_pictures)


def _from_sound(packets: Sequence[bytes]) -> SourceTrack:
    length = SOUND_RATE_HZ * 60 // 1000
    sent = tuple(SourcePacket(number * 60_000_000, number * length, 0, packet) for number, packet in enumerate(packets))
    return SourceTrack(TrackKind.MICROPHONE, SOUND_RATE_HZ, sent, (), 0, 0)
