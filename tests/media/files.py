"""Writes pictures and sound as files and as the encoded frames that WebRTC delivers."""

from __future__ import annotations

import wave
from collections.abc import Iterable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Literal

import av
import cv2
import numpy as np

from proctor.domain.media import Codec, EncodedFrame, TrackKind
from proctor.domain.time import media_time_from_s
from tests.media.portraits import Picture
from tests.media.scenes import SIZE
from tests.media.sounds import RATE_HZ, Sound

PACKET_SAMPLES = RATE_HZ * 60 // 1000
"""Packets of 60 ms, as the product's pages ask for."""
VP8_OPTIONS = {"deadline": "realtime", "cpu-used": "-8", "lag-in-frames": "0", "auto-alt-ref": "0"}
H264_OPTIONS = {"preset": "ultrafast", "tune": "zerolatency"}
OPTIONS = {"libvpx": VP8_OPTIONS, "libx264": H264_OPTIONS}


def write_y4m(path: Path, shown: Iterable[tuple[float, Picture]], fps: int) -> None:
    """Uncompressed 4:2:0 video for Chromium's fake camera; 640x480."""
    with path.open("wb") as file:
        file.write(f"YUV4MPEG2 W{SIZE[0]} H{SIZE[1]} F{fps}:1 Ip A1:1 C420jpeg\n".encode())
        for _, rgb in shown:
            file.write(b"FRAME\n")
            file.write(cv2.cvtColor(rgb, cv2.COLOR_RGB2YUV_I420).tobytes())


def write_wav(path: Path, sound: Sound) -> None:
    """16-bit mono at 48 kHz, for Chromium's fake microphone."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE_HZ)
        file.writeframes(_as_int16(sound).tobytes())


def write_clip(
    path: Path,
    shown: Iterable[tuple[float, Picture]] | None,
    fps: int,
    sound: Sound | None,
    *,
    codec: Literal["libvpx", "libx264"] = "libvpx",
) -> None:
    """A file with video and Opus; either may be None. VP8 in WebM, or H.264 in Matroska for a tenth of the time."""
    with av.open(str(path), "w") as container:
        video = None if shown is None else container.add_stream(codec, rate=fps, options=OPTIONS[codec])
        audio = None if sound is None else container.add_stream("libopus", rate=RATE_HZ, layout="mono")
        if video is not None and shown is not None:
            video.width, video.height = SIZE
            video.pix_fmt = "yuv420p"
            video.bit_rate = 900_000
            for number, (_, rgb) in enumerate(shown):
                picture = av.VideoFrame.from_ndarray(rgb, format="rgb24")
                picture.pts = number
                picture.time_base = Fraction(1, fps)
                container.mux(video.encode(picture))
            container.mux(video.encode(None))
        if audio is not None and sound is not None:
            for number, block in enumerate(_blocks(sound)):
                container.mux(audio.encode(_audio_frame(block, number)))
            container.mux(audio.encode(None))


def camera_frames(
    shown: Iterable[tuple[float, Picture]], fps: int, *, key_every_s: float = 10.0
) -> Iterator[EncodedFrame]:
    """The camera as temporal layer 0 arrives: VP8, a key frame at the start and every `key_every_s`."""
    encoder = av.CodecContext.create("libvpx", "w")
    encoder.width, encoder.height = SIZE
    encoder.pix_fmt = "yuv420p"
    encoder.time_base = Fraction(1, fps)
    encoder.framerate = Fraction(fps, 1)
    encoder.bit_rate = 400_000
    encoder.gop_size = round(key_every_s * fps)
    encoder.options = VP8_OPTIONS
    for number, (at_s, rgb) in enumerate(shown):
        picture = av.VideoFrame.from_ndarray(rgb, format="rgb24")
        picture.pts = number
        for packet in encoder.encode(picture):
            yield EncodedFrame(
                track=TrackKind.CAMERA,
                leg=1,
                at=media_time_from_s(at_s),
                rtp_time=round(at_s * 90_000),
                codec=Codec.VP8,
                data=bytes(packet),
                is_key=packet.is_keyframe,
                temporal_id=0,
                after_gap=False,
            )


def microphone_packets(sound: Sound) -> Iterator[EncodedFrame]:
    """The microphone as it arrives: Opus in packets of 60 ms."""
    encoder = av.CodecContext.create("libopus", "w")
    encoder.sample_rate = RATE_HZ
    encoder.layout = "mono"
    encoder.format = av.AudioFormat("s16")
    encoder.bit_rate = 32_000
    encoder.options = {"frame_duration": "60", "application": "voip"}
    for number, block in enumerate(_blocks(sound)):
        for packet in encoder.encode(_audio_frame(block, number)):
            at_s = number * PACKET_SAMPLES / RATE_HZ
            yield EncodedFrame(
                track=TrackKind.MICROPHONE,
                leg=1,
                at=media_time_from_s(at_s),
                rtp_time=number * PACKET_SAMPLES,
                codec=Codec.OPUS,
                data=bytes(packet),
                is_key=True,
                temporal_id=0,
                after_gap=False,
            )


def _blocks(sound: Sound) -> Iterator[np.ndarray]:
    samples = _as_int16(sound)
    for start in range(0, len(samples) - PACKET_SAMPLES + 1, PACKET_SAMPLES):
        yield samples[None, start : start + PACKET_SAMPLES]


def _audio_frame(block: np.ndarray, number: int) -> av.AudioFrame:
    frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(block), format="s16", layout="mono")
    frame.sample_rate = RATE_HZ
    frame.pts = number * PACKET_SAMPLES
    frame.time_base = Fraction(1, RATE_HZ)
    return frame


def _as_int16(sound: Sound) -> np.ndarray:
    return (np.clip(sound, -1, 1) * 32_767).astype(np.int16)
