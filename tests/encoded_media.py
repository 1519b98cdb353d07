"""Real VP8 and Opus made at test time, as a browser's encoder would deliver it."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

import av
import numpy as np

from proctor.domain.media import Codec, EncodedFrame, TrackKind
from proctor.domain.time import MediaTime, media_time_from_s


def luma_at(seconds: float) -> int:
    """Brightness of the picture at a time of the sitting: rises by 4 a second and starts again after 50 s."""
    return 20 + int(seconds % 50 * 4)


def vp8_frames(  # noqa: PLR0913 - what a test may choose
    seconds: float,
    *,
    start_s: float = 0.0,
    fps: int = 15,
    size: tuple[int, int] = (64, 48),
    key_every_s: float = 3.0,
    track: TrackKind = TrackKind.CAMERA,
    leg: int = 1,
) -> Iterator[EncodedFrame]:
    """Pictures whose brightness tells their time, with a key frame at the start and every `key_every_s`."""
    encoder = av.CodecContext.create("libvpx", "w")
    encoder.width, encoder.height = size
    encoder.pix_fmt = "yuv420p"
    encoder.time_base = Fraction(1, fps)
    encoder.framerate = Fraction(fps, 1)
    encoder.bit_rate = 200_000
    encoder.gop_size = round(key_every_s * fps)
    encoder.options = {"deadline": "realtime", "cpu-used": "-8", "lag-in-frames": "0", "auto-alt-ref": "0"}
    for number in range(round(seconds * fps)):
        at_s = start_s + number / fps
        picture = av.VideoFrame.from_ndarray(_flat(size, luma_at(at_s)), format="yuv420p")
        picture.pts = number
        for packet in encoder.encode(picture):
            yield EncodedFrame(
                track=track,
                leg=leg,
                at=media_time_from_s(at_s),
                rtp_time=round(at_s * 90_000),
                codec=Codec.VP8,
                data=bytes(packet),
                is_key=packet.is_keyframe,
                temporal_id=0,
                after_gap=False,
            )


def opus_packets(
    seconds: float, *, start_s: float = 0.0, hz: float = 440.0, leg: int = 1, track: TrackKind = TrackKind.MICROPHONE
) -> Iterator[EncodedFrame]:
    """A steady tone in packets of 20 ms."""
    encoder = av.CodecContext.create("libopus", "w")
    assert isinstance(encoder, av.AudioCodecContext)
    encoder.sample_rate = 48_000
    encoder.layout = "mono"
    encoder.format = av.AudioFormat("s16")
    encoder.bit_rate = 32_000
    for number in range(round(seconds * 50)):
        times = np.arange(number * 960, (number + 1) * 960) / 48_000
        wave = (np.sin(2 * np.pi * hz * times) * 8_000).astype(np.int16)[None]
        chunk = av.AudioFrame.from_ndarray(wave, format="s16", layout="mono")
        chunk.sample_rate = 48_000
        chunk.pts = number * 960
        for packet in encoder.encode(chunk):
            at_s = start_s + number / 50
            yield EncodedFrame(
                track=track,
                leg=leg,
                at=media_time_from_s(at_s),
                rtp_time=round(at_s * 48_000),
                codec=Codec.OPUS,
                data=bytes(packet),
                is_key=True,
                temporal_id=0,
                after_gap=False,
            )


def shifted(frame: EncodedFrame, seconds: float) -> MediaTime:
    """The frame's time, later by `seconds`."""
    return MediaTime(frame.at + media_time_from_s(seconds))


def _flat(size: tuple[int, int], luma: int) -> np.ndarray:
    width, height = size
    planes = np.full((height * 3 // 2, width), 128, np.uint8)
    planes[:height] = luma
    planes[: height // 2, : width // 2] = 235 - luma // 2  # an edge, so that it is not all flat
    return planes
