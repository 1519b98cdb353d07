"""Encodes pictures and sound for simulated candidates, the way that a browser's encoder is set up."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain, islice, repeat
from pathlib import Path
from typing import Final

import av
import numpy as np
from av.audio.codeccontext import AudioCodecContext
from av.audio.fifo import AudioFifo
from av.audio.resampler import AudioResampler
from av.video.codeccontext import VideoCodecContext
from av.video.frame import PictureType, VideoFrame
from numpy.typing import NDArray

from proctor.domain.errors import MediaError

TEMPORAL_IDS: Final = (0, 2, 1, 2)
"""Layers of successive pictures in libvpx's pattern of three layers (its layering mode 3)."""
_LAP_STEP_S: Final = Fraction(3, 5)
"""The least time in which pictures at 15 and 5 a second and 60 ms of sound all come out whole."""
_SOUND_RATE_HZ: Final = 48_000
_PACKET_SAMPLES: Final = 2_880
_OPUS_BPS: Final = 32_000
_LAYERS: Final = {
    "ts_number_layers": "3",
    "ts_rate_decimator": "4,2,1",
    "ts_periodicity": "4",
    "ts_layer_id": "0,2,1,2",
    "ts_layering_mode": "3",
}
_LAYER_SHARES: Final = (0.4, 0.6, 1.0)
"""Bit rate up to each layer, as browsers share it out."""


@dataclass(frozen=True, slots=True)
class EncodedLoop:
    """VP8 frames at a fixed rate; the first one is a key frame."""

    frames: tuple[bytes, ...]
    per_s: int


def key_frame_spacing(fps: int) -> int:
    """Pictures from one key frame to the next: about two seconds, in whole patterns of layers."""
    return round(2 * fps / len(TEMPORAL_IDS)) * len(TEMPORAL_IDS)


def whole_laps_s(path: Path, limit_s: float) -> Fraction:
    """Length of a lap in seconds: the file's, at most `limit_s`, cut so that all tracks end together.

    Raises:
        MediaError: the file cannot be read.
    """
    try:
        with av.open(str(path)) as media:
            length_s = Fraction(media.duration or 0, av.time_base)
    except (av.FFmpegError, OSError) as error:
        raise MediaError(f"{path}: {error}") from error
    steps = int(min(length_s, Fraction(limit_s)) / _LAP_STEP_S)
    return max(1, steps) * _LAP_STEP_S


def encode_pictures(  # noqa: PLR0913 - what an encoder is set to, by name
    path: Path, *, width: int, height: int, fps: int, bit_rate: int, lap_s: Fraction
) -> EncodedLoop:
    """Encode a file's pictures at a fixed rate, scaled to `width` x `height`; a short file's last picture stays.

    Raises:
        MediaError: the file cannot be read or has no pictures.
    """
    try:
        return EncodedLoop(
            tuple(encode_frames(_at_rate(path, fps), width, height, fps, bit_rate, int(lap_s * fps))), fps
        )
    except (av.FFmpegError, OSError) as error:
        raise MediaError(f"{path}: {error}") from error


def encode_page(*, fps: int, bit_rate: int, lap_s: Fraction) -> EncodedLoop:
    """Encode a made-up page of text of 1280x720 pixels that scrolls a little every two seconds."""
    count = int(lap_s * fps)
    pages = (VideoFrame.from_ndarray(_page(number // (2 * fps)), format="rgb24") for number in range(count))
    return EncodedLoop(tuple(encode_frames(pages, 1280, 720, fps, bit_rate, count)), fps)


def encode_sound(path: Path, *, lap_s: Fraction) -> tuple[bytes, ...]:
    """Encode a file's sound, or silence where it has none or ends early, in Opus packets of 60 ms.

    Raises:
        MediaError: the file cannot be read.
    """
    encoder = AudioCodecContext.create("libopus", "w")
    encoder.sample_rate = _SOUND_RATE_HZ
    encoder.layout = "mono"
    encoder.format = "s16"
    encoder.bit_rate = _OPUS_BPS
    encoder.options = {"frame_duration": "60", "application": "voip"}
    packets: list[bytes] = []
    count = int(lap_s * _SOUND_RATE_HZ) // _PACKET_SAMPLES
    try:
        for number, samples in enumerate(islice(chain(_samples(path), repeat(_silence())), count + 1)):
            frame = av.AudioFrame.from_ndarray(samples, format="s16", layout="mono")
            frame.sample_rate = _SOUND_RATE_HZ
            frame.pts = number * _PACKET_SAMPLES
            packets += [bytes(packet) for packet in encoder.encode(frame)]
    except (av.FFmpegError, OSError) as error:
        raise MediaError(f"{path}: {error}") from error
    return tuple(packets[:count])


def encode_frames(  # noqa: PLR0913, PLR0917 - what an encoder is set to
    pictures: Iterator[VideoFrame], width: int, height: int, fps: int, bit_rate: int, count: int
) -> Iterator[bytes]:
    """VP8 in three temporal layers (`TEMPORAL_IDS`), `count` frames; where pictures run out the last one stays.

    Raises:
        MediaError: there are no pictures.
    """
    encoder = VideoCodecContext.create("libvpx", "w")
    encoder.width, encoder.height, encoder.pix_fmt = width, height, "yuv420p"
    encoder.time_base, encoder.framerate = Fraction(1, fps), Fraction(fps)
    encoder.bit_rate, encoder.gop_size, encoder.thread_count = bit_rate, key_frame_spacing(fps), 1
    targets = ",".join(str(int(bit_rate * share / 1000)) for share in _LAYER_SHARES)
    layers = ":".join(f"{name}={value}" for name, value in {**_LAYERS, "ts_target_bitrate": targets}.items())
    encoder.options = {
        "deadline": "realtime",
        "cpu-used": "8",
        "lag-in-frames": "0",
        "auto-alt-ref": "0",
        # Without this the entropy tables of one layer depend on the layers above it.
        "error-resilient": "default",
        "ts-parameters": layers,
    }
    number = 0
    for number, picture in enumerate(islice(pictures, count)):
        yield from _encode_one(encoder, picture.reformat(width=width, height=height, format="yuv420p"), number)
        last = picture
    if number == 0 and count > 1:
        raise MediaError("there are no pictures in the file")
    for repeated in range(number + 1, count):
        yield from _encode_one(encoder, last.reformat(width=width, height=height, format="yuv420p"), repeated)


def _encode_one(encoder: VideoCodecContext, picture: VideoFrame, number: int) -> Iterator[bytes]:
    picture.pts = number
    picture.time_base = encoder.time_base
    picture.pict_type = PictureType.I if number % encoder.gop_size == 0 else PictureType.NONE
    for packet in encoder.encode(picture):
        yield bytes(packet)


def _at_rate(path: Path, fps: int) -> Iterator[VideoFrame]:
    """Pictures at a fixed rate: the latest one at each instant."""
    with av.open(str(path)) as media:
        if not media.streams.video:
            raise MediaError(f"{path}: there are no pictures in the file")
        number, begin_s, held = 0, None, None
        for picture in media.decode(media.streams.video[0]):
            at_s = picture.time or 0.0
            begin_s = at_s if begin_s is None else begin_s
            while held is not None and number < (at_s - begin_s) * fps - 1e-6:
                yield held
                number += 1
            held = picture
        if held is not None:
            yield held


def _samples(path: Path) -> Iterator[NDArray[np.int16]]:
    """Whole packets of samples, shape (1, 2880), mono, 48 kHz."""
    with av.open(str(path)) as media:
        if not media.streams.audio:
            return
        resampler = AudioResampler(format="s16", layout="mono", rate=_SOUND_RATE_HZ)
        fifo = AudioFifo()
        for frame in media.decode(media.streams.audio[0]):
            for converted in resampler.resample(frame):
                converted.pts = None
                fifo.write(converted)
                while (ready := fifo.read(_PACKET_SAMPLES)) is not None:
                    yield ready.to_ndarray().astype(np.int16, copy=False)


def _silence() -> NDArray[np.int16]:
    return np.zeros((1, _PACKET_SAMPLES), dtype=np.int16)


def _page(scrolled: int) -> NDArray[np.uint8]:
    """Dark dashes in lines on white, which cost an encoder about what text does; shape (720, 1280, 3)."""
    page = np.full((720, 1280, 3), 250, dtype=np.uint8)
    for line in range(scrolled * 2, scrolled * 2 + 22):
        words = np.random.default_rng(line).integers(20, 110, size=11)
        top, left = 24 + (line - scrolled * 2) * 31, 60
        for width in words:
            page[top : top + 12, left : left + width] = 40
            left += int(width) + 14
    return page
