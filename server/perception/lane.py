"""One sitting inside a worker: its channels, decoders, line and counters."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import cv2
from av.video.frame import VideoFrame

from proctor.correlation.incidents import IncidentUpdate
from proctor.domain.media import Frame, TrackKind
from proctor.domain.signals import Signal
from proctor.domain.time import NS_PER_MS, NS_PER_S, MediaTime
from proctor.pipeline.channel import EncodedPictures, NewestWins, RefusingFifo
from proctor.pipeline.figures import percentile
from proctor.pipeline.line import SittingLine
from proctor.pipeline.onset import encode_jpeg
from proctor.pipeline.outputs import DetectorFailed, IncidentPicture, LineOutput, ObservationSummary
from proctor.pipeline.schedule import SamplingGrid
from server.perception.decode import PictureDecoder, SoundDecoder, rgb_of
from server.perception.protocol import (
    AnalysisDropped,
    AnalysisLag,
    DetectorDisabled,
    IncidentChanged,
    IncidentPictureTaken,
    Media,
    PerceptionResult,
    SignalChanged,
    SummaryMade,
    ThumbnailTaken,
)

PICTURES_WAITING: Final = 32
"""About eight seconds of layer 0."""
SOUNDS_WAITING: Final = 1_024
"""About a minute of packets of 60 ms."""
REPORT_EVERY: Final = 10 * NS_PER_S
THUMBNAIL_EVERY: Final = 2 * NS_PER_S
THUMBNAIL_WIDTH_PX: Final = 160
THUMBNAIL_QUALITY: Final = 70


@dataclass(frozen=True, slots=True, eq=False)
class DecodedPicture:
    """A picture that the sampling grid chose, not yet converted."""

    at: MediaTime
    picture: VideoFrame
    arrived_ns: int


@dataclass(slots=True)
class LaneCounts:
    """What was done and dropped so far."""

    pictures: int = 0
    sounds: int = 0
    pictures_dropped: int = 0
    sounds_dropped: int = 0
    undecodable: int = 0


class Lane:
    """Takes media as it arrives, analyses it when the worker's loop says so. Not thread-safe.

    `lagged` is called with the lag of each analysed picture in ms, from its arrival at the server to now.
    """

    def __init__(
        self, line: SittingLine, pictures_per_s: float, start: MediaTime, lagged: Callable[[float], None]
    ) -> None:
        self.line = line
        """Events go to it directly; they do not wait."""
        self._lagged = lagged
        self._grid = SamplingGrid(pictures_per_s)
        self._encoded = EncodedPictures(PICTURES_WAITING)
        self._arrivals: dict[int, int] = {}
        self._sampled: NewestWins[DecodedPicture] = NewestWins(1)
        self._sampled_dropped = 0
        self._sounds: RefusingFifo[Media] = RefusingFifo(SOUNDS_WAITING)
        self._picture_decoder = PictureDecoder()
        self._sound_decoder = SoundDecoder()
        self._counts = LaneCounts()
        self._reported = LaneCounts()
        self._report_from = start
        self._clock = start
        self._settled = start
        self._thumbnail_due = int(start)
        self._lags_ms: list[float] = []
        self.closing_at: MediaTime | None = None

    @property
    def analysed_to(self) -> MediaTime:
        """Media time up to which everything that came was dealt with."""
        return self._settled

    @property
    def has_picture(self) -> bool:
        """Whether a picture waits for analysis."""
        return len(self._sampled) > 0

    @property
    def counts(self) -> LaneCounts:
        """What was done and dropped so far."""
        counts = self._counts
        counts.pictures_dropped = self._encoded.dropped + self._sampled.dropped
        counts.sounds_dropped = self._sounds.dropped
        counts.undecodable = self._picture_decoder.undecodable + self._sound_decoder.undecodable
        return counts

    @property
    def wants_key_frame(self) -> bool:
        """Whether the camera cannot be decoded before its next key frame."""
        return self._encoded.wants_key_frame or (self._picture_decoder.wants_key_frame and not self._encoded)

    def put(self, media: Media) -> None:
        """Let media wait for its turn; what does not fit is dropped and counted."""
        frame = media.frame
        if frame.track is TrackKind.MICROPHONE:
            self._sounds.offer(media)
        elif frame.track is TrackKind.CAMERA and self._encoded.put(frame):
            self._arrivals[frame.at] = media.arrived_ns

    def reach(self, at: MediaTime) -> None:
        """The sitting's media time is `at`."""
        self._clock = max(self._clock, at)

    def serve_sound(self) -> list[PerceptionResult]:
        """Decode and analyse all sound that waits."""
        results: list[PerceptionResult] = []
        while self._sounds:
            chunk = self._sound_decoder.decode(self._sounds.take().frame)
            self._counts.sounds += 1
            if chunk is not None:
                results += map(result_of, self.line.sound(chunk))
        return results

    def decode_pictures(self) -> None:
        """Decode all pictures that wait; the newest of those that are due then waits for analysis.

        Pictures build on each other, so none may be left out; decoding one costs a tenth of analysing it.
        """
        while self._encoded:
            frame = self._encoded.take()
            arrived_ns = self._arrivals.pop(frame.at, 0)
            picture = self._picture_decoder.decode(frame)
            if picture is not None and self._grid.wants(frame.at):
                self._grid.took(frame.at)
                self._sampled.put(DecodedPicture(frame.at, picture, arrived_ns))
        self._arrivals.clear()

    def serve_picture(self) -> list[PerceptionResult]:
        """Analyse the picture that waits, if one does."""
        return self._analyse(self._sampled.take()) if self._sampled else []

    def settle(self) -> list[PerceptionResult]:
        """Let media time move on as far as no picture waits; report drops and lag when it is time to."""
        waiting = self._sampled.peek().at if self._sampled else self._clock
        self._settled = max(self._settled, min(self._clock, waiting))
        results = [result_of(output) for output in self.line.advance(self._settled)]
        if self._settled - self._report_from >= REPORT_EVERY:
            results += self._report()
        return results

    def finish(self) -> list[PerceptionResult]:
        """End the sitting at `closing_at`; nothing waits any more."""
        at = self._clock if self.closing_at is None else self.closing_at
        self._settled = max(self._settled, at)
        return [*map(result_of, self.line.finish(at)), *self._report()]

    def _analyse(self, decoded: DecodedPicture) -> list[PerceptionResult]:
        try:
            frame = Frame(TrackKind.CAMERA, decoded.at, rgb_of(decoded.picture))
        except (cv2.error, ValueError):
            self._picture_decoder.undecodable += 1
            return []
        pressed = self._sampled.dropped > self._sampled_dropped
        self._sampled_dropped = self._sampled.dropped
        results = [result_of(output) for output in self.line.picture(frame, pressed=pressed)]
        self._counts.pictures += 1
        if frame.at >= self._thumbnail_due:
            self._thumbnail_due = frame.at + THUMBNAIL_EVERY
            results.append(ThumbnailTaken(frame.at, _thumbnail(frame)))
        lag_ms = (time.monotonic_ns() - decoded.arrived_ns) / NS_PER_MS
        self._lags_ms.append(lag_ms)
        self._lagged(lag_ms)
        return results

    def _report(self) -> list[PerceptionResult]:
        results: list[PerceptionResult] = []
        now, before = self.counts, self._reported
        dropped = AnalysisDropped(
            start=self._report_from,
            end=self._settled,
            pictures=now.pictures_dropped - before.pictures_dropped,
            sounds=now.sounds_dropped - before.sounds_dropped,
            undecodable=now.undecodable - before.undecodable,
        )
        if dropped.pictures or dropped.sounds or dropped.undecodable:
            results.append(dropped)
        if self._lags_ms:
            results.append(AnalysisLag(percentile(self._lags_ms, 50), percentile(self._lags_ms, 95)))
        self._lags_ms = []
        self._report_from = self._settled
        self._reported = LaneCounts(now.pictures, now.sounds, now.pictures_dropped, now.sounds_dropped, now.undecodable)
        return results


def result_of(output: LineOutput) -> PerceptionResult:
    """The line's output as it goes to the server."""
    if isinstance(output, Signal):
        return SignalChanged(output)
    if isinstance(output, IncidentUpdate):
        return IncidentChanged(output.change, output.incident)
    if isinstance(output, DetectorFailed):
        return DetectorDisabled(output.name, output.reason, output.at)
    if isinstance(output, ObservationSummary):
        return SummaryMade(output)
    return _picture_taken(output)


def _picture_taken(output: IncidentPicture) -> IncidentPictureTaken:
    return IncidentPictureTaken(output.incident_id, output.at, output.jpeg)


def _thumbnail(frame: Frame) -> bytes:
    height, width = frame.rgb.shape[:2]
    size = (THUMBNAIL_WIDTH_PX, max(1, round(height * THUMBNAIL_WIDTH_PX / width)))
    small = cv2.resize(frame.rgb, size, interpolation=cv2.INTER_AREA)
    return encode_jpeg(cv2.cvtColor(small, cv2.COLOR_RGB2BGR), THUMBNAIL_QUALITY)
