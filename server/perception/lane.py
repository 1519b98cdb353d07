"""One sitting inside a worker: its channels, decoders, line and counters."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import cv2

from proctor.analyzers.planar import PlanarFrame
from proctor.correlation.incidents import IncidentUpdate
from proctor.domain.media import Frame, TrackKind
from proctor.domain.policy import AnalysisPolicy
from proctor.domain.signals import Signal
from proctor.domain.time import NS_PER_MS, NS_PER_S, MediaTime
from proctor.pipeline.channel import RefusingFifo
from proctor.pipeline.figures import percentile
from proctor.pipeline.line import SittingLine
from proctor.pipeline.onset import encode_jpeg
from proctor.pipeline.outputs import (
    AnalysisThinned,
    CheckFinished,
    CheckJudged,
    CheckProgressed,
    DetectorFailed,
    IncidentPicture,
    LineOutput,
    ObservationSummary,
)
from server.perception.decode import SoundDecoder
from server.perception.pictures import DecodedPicture, TrackPictures
from server.perception.protocol import (
    AnalysisDropped,
    AnalysisLag,
    CheckDone,
    CheckInJudgement,
    CheckMoved,
    DetectorDisabled,
    IncidentChanged,
    IncidentPictureTaken,
    Media,
    PerceptionResult,
    SignalChanged,
    SummaryMade,
    ThinnedOut,
    ThumbnailTaken,
)

SOUNDS_WAITING: Final = 1_024
"""About a minute of packets of 60 ms."""
SOUNDS_TOGETHER: Final = 16
"""Packets that are analysed at once where media time is not told earlier: about a second. One by one they cost a third
more."""
REPORT_EVERY: Final = 10 * NS_PER_S
PRESSED_AFTER_MS: Final = 250.0
"""A picture that waited longer for its turn says that the machine is falling behind, before any is passed over."""
THUMBNAIL_EVERY: Final = 2 * NS_PER_S
THUMBNAIL_WIDTH_PX: Final = 160
THUMBNAIL_QUALITY: Final = 70


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
        self, line: SittingLine, policy: AnalysisPolicy, start: MediaTime, lagged: Callable[[float], None]
    ) -> None:
        self.line = line
        """Events go to it directly; they do not wait."""
        self._lagged = lagged
        self._rates = {TrackKind.SCREEN: policy.screen_pictures_per_s, TrackKind.PHONE: policy.phone_pictures_per_s}
        self._camera = self._track(TrackKind.CAMERA, policy.pictures_per_s)
        self._pictures = {TrackKind.CAMERA: self._camera}
        """The camera's from the beginning, others from their first picture on."""
        self._sounds: RefusingFifo[Media] = RefusingFifo(SOUNDS_WAITING)
        self._sound_decoder = SoundDecoder()
        self._is_sound_due = False
        """Whether media time was told since sound was served: the rules then have to know all that came before."""
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
        for pictures in self._pictures.values():  # noqa: SIM110 - a generator costs three times as much
            if pictures.has_picture:
                return True
        return False

    @property
    def counts(self) -> LaneCounts:
        """What was done and dropped so far."""
        counts = self._counts
        tracks = self._pictures.values()
        counts.pictures_dropped = sum(pictures.dropped for pictures in tracks)
        counts.sounds_dropped = self._sounds.dropped
        counts.undecodable = sum(pictures.undecodable for pictures in tracks) + self._sound_decoder.undecodable
        return counts

    @property
    def wants_key_frames(self) -> tuple[TrackKind, ...]:
        """Tracks that cannot be decoded before their next key frame."""
        return tuple(track for track, pictures in self._pictures.items() if pictures.wants_key_frame)

    @property
    def has_work(self) -> bool:
        """Whether a guided check waits to be judged."""
        return self.line.has_work

    def put(self, media: Media) -> None:
        """Let media wait for its turn; what does not fit is dropped and counted."""
        track = media.frame.track
        if track is TrackKind.MICROPHONE:
            self._sounds.offer(media)
            return
        self.line.arrived(media.frame)
        if track not in self._pictures:
            self._pictures[track] = self._track(track, self._rates[track])
        self._pictures[track].put(media)

    def close(self, at: MediaTime) -> None:
        """The sitting ends at `at`, once nothing waits any more."""
        self.closing_at = at
        self._is_sound_due = True

    def reach(self, at: MediaTime) -> None:
        """The sitting's media time is `at`."""
        self._clock = max(self._clock, at)
        self._is_sound_due = True

    def serve_sound(self) -> list[PerceptionResult]:
        """Decode and analyse all sound that waits, if media time was told meanwhile or much of it waits."""
        if not self._is_sound_due and len(self._sounds) < SOUNDS_TOGETHER:
            return []
        self._is_sound_due = False
        results: list[PerceptionResult] = []
        while self._sounds:
            packets = [self._sounds.take().frame for _ in range(min(len(self._sounds), SOUNDS_TOGETHER))]
            self._counts.sounds += len(packets)
            for chunk in self._sound_decoder.decode(packets):
                results += map(result_of, self.line.sound(chunk))
        return results

    def decode_pictures(self) -> None:
        """Decode all pictures that wait."""
        for pictures in self._pictures.values():
            pictures.decode()

    def serve_picture(self) -> list[PerceptionResult]:
        """Analyse the oldest of the pictures that wait, if one does."""
        waiting = self._waiting()
        return self._analyse(min(waiting, key=lambda entry: entry[0])[1]) if waiting else []

    def settle(self) -> list[PerceptionResult]:
        """Let media time move on as far as no picture waits; report drops and lag when it is time to."""
        waiting = min(at for at, _ in self._waiting()) if self.has_picture else self._clock
        self._settled = max(self._settled, min(self._clock, waiting))
        results = [result_of(output) for output in self.line.advance(self._settled)]
        if self._settled - self._report_from >= REPORT_EVERY:
            results += self._report()
        return results

    def work(self) -> list[PerceptionResult]:
        """Do the next step of a guided check's judgement."""
        return [result_of(output) for output in self.line.work()]

    def wind_up(self) -> list[PerceptionResult]:
        """No picture comes any more: end the guided check that runs, so that only its judgement is left."""
        spec, at = self.line.check, self.closing_at
        if spec is None or at is None or self.line.has_work:
            return []
        return [result_of(output) for output in self.line.end_check(spec.check_id, at)]

    def finish(self) -> list[PerceptionResult]:
        """End the sitting at `closing_at`; nothing waits any more."""
        at = self._clock if self.closing_at is None else self.closing_at
        self._settled = max(self._settled, at)
        return [*map(result_of, self.line.finish(at)), *self._report()]

    def _track(self, track: TrackKind, per_s: float) -> TrackPictures:
        return TrackPictures(track, per_s, lambda at: self.line.is_held(at, track))

    def _waiting(self) -> list[tuple[MediaTime, TrackPictures]]:
        tracks = self._pictures.values()
        return [(pictures.waiting, pictures) for pictures in tracks if pictures.waiting is not None]

    def _analyse(self, pictures: TrackPictures) -> list[PerceptionResult]:
        decoded = pictures.take()
        frame = pictures.frame(decoded)
        if frame is None:
            return []
        pressed = decoded.track is TrackKind.CAMERA and (self._camera.fell_behind() or _waited(decoded))
        results = [result_of(output) for output in self.line.picture(frame, pressed=pressed)]
        self._counts.pictures += 1
        if frame.track is not TrackKind.CAMERA:
            return results
        if frame.at >= self._thumbnail_due:
            self._thumbnail_due = frame.at + THUMBNAIL_EVERY
            results.append(ThumbnailTaken(frame.at, _thumbnail(frame)))
        self._note_lag(decoded)
        return results

    def _note_lag(self, decoded: DecodedPicture) -> None:
        lag_ms = _age_ms(decoded)
        self._lags_ms.append(lag_ms)
        self._lagged(lag_ms)

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


def _waited(decoded: DecodedPicture) -> bool:
    return _age_ms(decoded) > PRESSED_AFTER_MS


def _age_ms(decoded: DecodedPicture) -> float:
    return (time.monotonic_ns() - decoded.arrived_ns) / NS_PER_MS


def result_of(output: LineOutput) -> PerceptionResult:
    """The line's output as it goes to the server."""
    return _RESULTS[type(output)](output)


_RESULTS: Final[Mapping[type[LineOutput], Callable[[Any], PerceptionResult]]] = {
    Signal: SignalChanged,
    IncidentUpdate: lambda update: IncidentChanged(update.change, update.incident),
    DetectorFailed: lambda failed: DetectorDisabled(failed.name, failed.reason, failed.at),
    AnalysisThinned: lambda thinned: ThinnedOut(thinned.senses, thinned.at),
    ObservationSummary: SummaryMade,
    IncidentPicture: lambda picture: IncidentPictureTaken(picture.incident_id, picture.at, picture.jpeg),
    CheckProgressed: CheckMoved,
    CheckJudged: CheckInJudgement,
    CheckFinished: CheckDone,
}


def _thumbnail(frame: Frame) -> bytes:
    width, height = frame.size
    size = (THUMBNAIL_WIDTH_PX, max(1, round(height * THUMBNAIL_WIDTH_PX / width)))
    if isinstance(frame, PlanarFrame) and size[1] % 2 == 0:
        return encode_jpeg(cv2.cvtColor(frame.scaled(*size), cv2.COLOR_YUV2BGR_I420), THUMBNAIL_QUALITY)
    small = cv2.resize(frame.rgb, size, interpolation=cv2.INTER_AREA)
    return encode_jpeg(cv2.cvtColor(small, cv2.COLOR_RGB2BGR), THUMBNAIL_QUALITY)
