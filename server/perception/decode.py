"""From encoded frames as WebRTC delivers them to pictures and sound, by PyAV; single-threaded, a decoder a track."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import av
import cv2
import numpy as np
from av.audio.codeccontext import AudioCodecContext
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame
from numpy.typing import NDArray

from proctor.analyzers.planar import PlanarFrame
from proctor.domain.media import AUDIO_RATE_HZ, AudioChunk, EncodedFrame, Frame, TrackKind
from proctor.domain.time import NS_PER_MS, NS_PER_S, MediaTime
from proctor.pipeline.channel import KeyFrameGate

OPUS_RATE_HZ: Final = 48_000
GAP: Final = 40 * NS_PER_MS
"""A packet that starts this much after the previous one's end follows a gap: the decoder's memory is cleared."""
LARGEST_PICTURE_PX: Final = 1 << 23
"""Pictures above 3840x2160 are not unpacked: sixteen bytes could claim 16383x16383, which takes a gigabyte."""
PLANAR_420: Final = frozenset({"yuv420p", "yuvj420p"})
_RIGHT_ANGLE: Final = 90
_TURNS: Final = {90: cv2.ROTATE_90_COUNTERCLOCKWISE, 180: cv2.ROTATE_180, 270: cv2.ROTATE_90_CLOCKWISE}
"""OpenCV's name of a turn by so many degrees counter-clockwise."""


class PictureDecoder:
    """Decodes temporal layer 0 of one VP8 track.

    A picture that cannot be decoded is counted, and everything up to the next key frame is passed over.
    """

    def __init__(self) -> None:
        self._context = _video_context()
        self._gate = KeyFrameGate()
        self.undecodable = 0

    @property
    def wants_key_frame(self) -> bool:
        """Whether nothing can be decoded before the next key frame."""
        return self._gate.waiting

    def decode(self, frame: EncodedFrame) -> VideoFrame | None:
        """Decode the next picture; None when it cannot be, or waits for a key frame."""
        was_waiting = self._gate.waiting
        if not self._gate.admit(frame):
            return None
        if was_waiting:
            self._context = _video_context()
        try:
            pictures = self._context.decode(av.Packet(frame.data))
        except av.error.FFmpegError:
            self.undecodable += 1
            self._gate.lose()
            return None
        return pictures[-1] if pictures else None


class SoundDecoder:
    """Decodes one Opus track to mono sound at 16 kHz."""

    def __init__(self) -> None:
        self._context = _opus_context()
        self._resampler = _resampler()
        self._expected: int | None = None
        self._run: list[NDArray[np.float32]] = []
        """Decoded sound at 48 kHz that follows each other, not yet joined."""
        self._run_at = 0
        self.undecodable = 0

    def decode(self, packets: Iterable[EncodedFrame]) -> list[AudioChunk]:
        """Decode the next packets; what follows each other becomes one chunk, so hand over several at a time.

        Packets that hold nothing that can be decoded are counted and left out.
        """
        chunks: list[AudioChunk] = []
        for packet in packets:
            if self._expected is not None and (packet.after_gap or abs(packet.at - self._expected) > GAP):
                chunks += self._joined()
                self._context = _opus_context()
                self._resampler = _resampler()
            self._take(packet)
            if self._expected is None or abs(self._expected - self._run_end()) > GAP:
                chunks += self._joined()
        return [*chunks, *self._joined()]

    def _take(self, packet: EncodedFrame) -> None:
        """Decode a packet into the run of sound that is being joined; `_expected` is None where that failed."""
        try:
            decoded = self._context.decode(av.Packet(packet.data))
        except (av.error.FFmpegError, ValueError):
            self.undecodable += 1
            self._expected = None
            return
        if not self._run:
            self._run_at = packet.at
        self._run += [_samples_of(sound) for sound in decoded]
        self._expected = packet.at + sum(sound.samples for sound in decoded) * NS_PER_S // OPUS_RATE_HZ

    def _run_end(self) -> int:
        return self._run_at + sum(map(len, self._run)) * NS_PER_S // OPUS_RATE_HZ

    def _joined(self) -> list[AudioChunk]:
        """The run as a chunk, if it holds anything; the next packet begins another."""
        run, self._run = self._run, []
        if not run:
            return []
        sound = AudioFrame.from_ndarray(np.concatenate(run)[None], format="flt", layout="mono")
        sound.sample_rate = OPUS_RATE_HZ
        pieces = [_samples_of(piece) for piece in self._resampler.resample(sound)]
        return [AudioChunk(MediaTime(self._run_at), np.concatenate(pieces))] if pieces else []


def frame_of(track: TrackKind, at: MediaTime, picture: VideoFrame) -> Frame:
    """The picture as a frame of the line, upright; RGB is made only when it is asked for where that is possible."""
    if _is_planar(picture) and not _turn(picture):
        return PlanarFrame(track, at, _i420_of(picture))
    return Frame(track, at, rgb_of(picture))


def rgb_of(picture: VideoFrame) -> NDArray[np.uint8]:
    """The picture as displayed: RGB of shape (height, width, 3), turned as the container's metadata says."""
    if _is_planar(picture):
        # Several times cheaper than a scaler context for each picture.
        rgb = cv2.cvtColor(_i420_of(picture), cv2.COLOR_YUV2RGB_I420)
    else:
        rgb = picture.to_ndarray(format="rgb24")
    turn = _TURNS.get(_turn(picture))
    if turn is not None:
        rgb = cv2.rotate(rgb, turn)
    return np.ascontiguousarray(rgb, dtype=np.uint8)


def _i420_of(picture: VideoFrame) -> NDArray[np.uint8]:
    """The planes below each other, shape (height * 3 / 2, width), in one copy (PyAV's own takes two)."""
    height, width = picture.height, picture.width
    i420 = np.empty((height * 3 // 2, width), np.uint8)
    chroma = i420[height:].reshape(2, height // 2, width // 2)
    for plane, place in zip(picture.planes, (i420[:height], *chroma), strict=True):
        rows = np.frombuffer(memoryview(plane), np.uint8).reshape(plane.height, plane.line_size)
        place[...] = rows[:, : plane.width]
    return i420


def _is_planar(picture: VideoFrame) -> bool:
    return picture.format.name in PLANAR_420 and picture.width % 2 == 0 and picture.height % 2 == 0


def _turn(picture: VideoFrame) -> int:
    """Degrees counter-clockwise by which the picture is to be turned: 0, 90, 180 or 270."""
    return round(picture.rotation / _RIGHT_ANGLE) * _RIGHT_ANGLE % 360


def _video_context() -> VideoCodecContext:
    context = av.CodecContext.create("vp8", "r")
    context.thread_count = 1
    context.options = {"max_pixels": str(LARGEST_PICTURE_PX)}
    return context


def _opus_context() -> AudioCodecContext:
    # Mixes stereo packets down to mono by itself, at the same level; the resampler's own mixing adds 3 dB. FFmpeg's own
    # decoder takes a third less than libopus, and places some packets two samples (0.04 ms) later.
    context = av.CodecContext.create("opus", "r")
    context.thread_count = 1
    context.sample_rate = OPUS_RATE_HZ
    context.layout = "mono"
    return context


def _resampler() -> AudioResampler:
    return AudioResampler(format="flt", layout="mono", rate=AUDIO_RATE_HZ)


def _samples_of(piece: AudioFrame) -> NDArray[np.float32]:
    """Samples of decoder or resampler, both mono; they keep the piece alive."""
    return np.frombuffer(memoryview(piece.planes[0]), np.float32, count=piece.samples)
