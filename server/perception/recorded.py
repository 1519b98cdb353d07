"""Reads recorded files as the line wants them: decoded pictures, mono sound at 16 kHz, times from the file's start."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Final

import av
import cv2
import numpy as np
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.stream import Disposition
from av.video.frame import VideoFrame
from av.video.stream import VideoStream
from numpy.typing import NDArray

from proctor.domain.errors import MediaError
from proctor.domain.media import AUDIO_RATE_HZ, AudioChunk
from proctor.domain.time import NS_PER_MS, NS_PER_S, MediaTime

PICTURE_FORMATS: Final = frozenset({"image2", "apng"})
PICTURE_FORMAT_END: Final = "_pipe"
TEXT_CODECS: Final = frozenset({"ansi", "bintext", "xbin", "idf"})
"""Decoders that draw any text file as a picture."""
JUMP: Final = 40 * NS_PER_MS
"""Sound whose time stamp departs by more than this from where the previous sound ended is placed anew."""


@dataclass(frozen=True, slots=True, eq=False)
class RecordedPicture:
    """One decoded picture, not yet converted or turned; see `server.perception.decode.rgb_of`."""

    at: MediaTime
    picture: VideoFrame


@dataclass(frozen=True, slots=True, eq=False)
class StillPicture:
    """A photograph: RGB of shape (height, width, 3), upright."""

    rgb: NDArray[np.uint8]


class RecordedFile:
    """A media file.

    `items` yields what it holds in the file's order; `progress` tells up to which time every track has been read.

    Raises:
        MediaError: the file cannot be opened or holds neither pictures nor sound.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.damaged = 0
        """Packets that could not be decoded so far."""
        self._ends: dict[int, MediaTime] = {}
        self._container = _opened(path)
        try:
            self._video, self._audio = _streams(self._container)
        except MediaError:
            self._container.close()
            raise
        self._sound = SoundPlacer()

    @property
    def is_still(self) -> bool:
        """Whether the file is a single photograph."""
        name = self._container.format.name
        return name in PICTURE_FORMATS or name.endswith(PICTURE_FORMAT_END)

    @property
    def announced_s(self) -> float | None:
        """Duration as the container states it, in seconds; None when it does not."""
        duration = self._container.duration
        return None if duration is None else duration / av.time_base

    @property
    def progress(self) -> MediaTime:
        """Time up to which every track that still runs has been read."""
        return min(self._ends.values(), default=MediaTime(0))

    @property
    def end(self) -> MediaTime:
        """Time at which the longest track read so far ends."""
        return max(self._ends.values(), default=MediaTime(0))

    def items(self) -> Iterator[RecordedPicture | AudioChunk | StillPicture]:
        """Pictures and sound.

        Raises:
            MediaError: nothing in the file can be decoded.
        """
        if self.is_still:
            yield _photograph(self.path)
            return
        streams = [stream for stream in (self._video, self._audio) if stream is not None]
        self._ends = {stream.index: MediaTime(0) for stream in streams}
        empty = True
        for item in self._decoded(streams):
            empty = False
            yield item
        if empty:
            raise MediaError(f"{self.path}: no picture and no sound in it can be decoded")

    def close(self) -> None:
        """Close the file."""
        self._container.close()

    def _decoded(self, streams: list[VideoStream | AudioStream]) -> Iterator[RecordedPicture | AudioChunk]:
        packets = self._container.demux(streams)
        while True:
            try:
                packet = next(packets)
            except StopIteration:
                return
            except av.error.FFmpegError:
                self.damaged += 1
                return
            try:
                frames = packet.decode()
            except av.error.FFmpegError:
                self.damaged += 1
                continue
            for frame in frames:
                if isinstance(frame, VideoFrame):
                    yield from self._picture(packet.stream_index, frame)
                elif isinstance(frame, AudioFrame):
                    yield from self._chunk(packet.stream_index, frame)

    def _picture(self, stream: int, frame: VideoFrame) -> Iterator[RecordedPicture]:
        if frame.is_corrupt:
            self.damaged += 1
        at = self._time(frame.pts, frame.time_base)
        if at is None or at < self._ends[stream] - self._frame_span():
            return
        self._ends[stream] = MediaTime(at + self._frame_span())
        yield RecordedPicture(at, frame)

    def _chunk(self, stream: int, frame: AudioFrame) -> Iterator[AudioChunk]:
        for chunk in self._sound.place(self._time(frame.pts, frame.time_base), frame):
            self._ends[stream] = MediaTime(chunk.at + len(chunk.pcm) * NS_PER_S // AUDIO_RATE_HZ)
            yield chunk

    def _time(self, pts: int | None, time_base: Fraction | None) -> MediaTime | None:
        if pts is None or time_base is None:
            return None
        begin_s = Fraction(self._container.start_time or 0, av.time_base)
        return MediaTime(max(0, round((pts * time_base - begin_s) * NS_PER_S)))

    def _frame_span(self) -> int:
        rate = None if self._video is None else self._video.average_rate
        return round(NS_PER_S / rate) if rate else 0


class SoundPlacer:
    """Turns decoded sound of any layout and rate into mono chunks at 16 kHz that follow each other."""

    def __init__(self) -> None:
        self._resampler: AudioResampler | None = None
        self._shape: tuple[int, str] | None = None
        self._next: int = 0

    def place(self, at: MediaTime | None, frame: AudioFrame) -> Iterator[AudioChunk]:
        """Resample one frame; channels are averaged. `at` None means that it follows the previous one."""
        shape = (frame.sample_rate, frame.layout.name)
        if self._resampler is None or shape != self._shape:
            self._shape = shape
            self._resampler = AudioResampler(format="fltp", layout=frame.layout.name, rate=AUDIO_RATE_HZ)
        if at is not None and abs(at - self._next) > JUMP:
            self._next = at
        frame.pts = None
        for piece in self._resampler.resample(frame):
            pcm = np.ascontiguousarray(piece.to_ndarray().mean(axis=0), dtype=np.float32)
            yield AudioChunk(MediaTime(self._next), pcm)
            self._next += round(len(pcm) * NS_PER_S / AUDIO_RATE_HZ)


def read_picture(path: Path) -> NDArray[np.uint8]:
    """A photograph as RGB of shape (height, width, 3), turned as its EXIF orientation says.

    Raises:
        MediaError: the file cannot be read as a picture.
    """
    return _photograph(path).rgb


def _photograph(path: Path) -> StillPicture:
    try:
        bgr = cv2.imdecode(np.frombuffer(path.read_bytes(), np.uint8), cv2.IMREAD_COLOR)
    except (OSError, cv2.error) as error:
        raise MediaError(f"{path}: {_reason(error)}") from error
    if bgr is None:
        raise MediaError(f"{path}: not a picture that can be read")
    return StillPicture(np.asarray(cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB), dtype=np.uint8))


def _opened(path: Path) -> InputContainer:
    if not path.is_file():
        raise MediaError(f"{path}: no such file")
    try:
        # Playlists must not reach for other hosts.
        return av.open(str(path), "r", options={"protocol_whitelist": "file"})
    except (av.error.FFmpegError, OSError, ValueError) as error:
        raise MediaError(f"{path}: {_reason(error)}") from error


def _streams(container: InputContainer) -> tuple[VideoStream | None, AudioStream | None]:
    """The first video that is no cover picture, and the first sound."""
    videos = [
        stream
        for stream in container.streams.video
        if not stream.disposition & Disposition.attached_pic and stream.codec_context.name not in TEXT_CODECS
    ]
    video = videos[0] if videos else None
    audio = container.streams.audio[0] if container.streams.audio else None
    if video is None and audio is None:
        raise MediaError(f"{container.name}: holds neither pictures nor sound")
    if video is not None:
        video.thread_type = "AUTO"
    return video, audio


def _reason(error: Exception) -> str:
    if isinstance(error, av.error.FFmpegError) and error.strerror:
        return error.strerror.lower()
    return str(error).splitlines()[0] if str(error) else type(error).__name__
