"""Writes a sitting's observations by hand, in seconds, and runs rules over them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Self

from proctor.detectors.base import Detector
from proctor.domain.documents import DocumentObserved, PortraitReading, ZoneReading
from proctor.domain.media import (
    ClientEvent,
    ClientEventKind,
    DetailValue,
    LinkEvent,
    LinkState,
    TrackKind,
)
from proctor.domain.observations import (
    Body,
    BodyObserved,
    ClientObserved,
    Face,
    GazeAngles,
    HeadPose,
    IdentityObserved,
    LinkObserved,
    LivenessObserved,
    ObjectSeen,
    ObjectsObserved,
    Observation,
    OwnZero,
    PaceObserved,
    PeopleObserved,
    PictureObserved,
    ResamplingObserved,
    RoomScanObserved,
    ScreenObserved,
    ScreenZone,
    SoundObserved,
    StreamObserved,
    Tick,
    VoiceObserved,
)
from proctor.domain.signals import Signal
from proctor.domain.time import MediaTime, media_time_from_s

FACE_MODEL = "faces@1"
IDENTITY_MODEL = "identity@1"
BODY_MODEL = "body@1"
LIVENESS_MODEL = "liveness@1"
ROOM_SCAN_MODEL = "roomscan@2"
STREAM_STEP_S = 5.0
DOCUMENT_MODEL = "documents@1"
SPEECH_MODEL = "voice@1"
VOICE_MODEL = "voices@1"
OBJECT_MODEL = "objects@1"
PICTURE_STEP_S = 0.5
OBJECT_STEP_S = 1.0
SOUND_STEP_S = 0.5
SCREEN_STEP_S = 2.0


class SittingScript:
    """Observations of one sitting; each method adds a stretch and returns the script."""

    def __init__(self) -> None:
        self._observations: list[Observation] = []

    def people(  # noqa: PLR0913 - every argument has a plain default
        self,
        start_s: float,
        end_s: float,
        people: int = 1,
        *,
        score: float = 0.9,
        yaw_deg: float | None = 0.0,
        pitch_deg: float = 0.0,
        faces: int | None = None,
    ) -> Self:
        pose = None if yaw_deg is None else HeadPose(yaw_deg, pitch_deg, 0.0)
        seen = tuple(
            Face((100.0 + 200 * i, 80.0, 120.0, 150.0), score, pose) for i in range(people if faces is None else faces)
        )
        for at in _times(start_s, end_s, PICTURE_STEP_S):
            self._observations.append(PeopleObserved(TrackKind.CAMERA, at, people, seen, FACE_MODEL))
        return self

    def gaze(
        self,
        start_s: float,
        end_s: float,
        left_deg: float | None = 0.0,
        up_deg: float = 0.0,
        *,
        screen: ScreenZone | None = None,
    ) -> Self:
        """One face whose look is off its own zero by so much; None where that cannot be told."""
        angles = None if left_deg is None else GazeAngles(left_deg, up_deg)
        zero = None if screen is None else OwnZero(HeadPose(0.0, 0.0, 0.0), None, 10, screen)
        face = Face((100.0, 80.0, 120.0, 150.0), 0.9, HeadPose(0.0, 0.0, 0.0), gaze_angles=angles)
        for at in _times(start_s, end_s, PICTURE_STEP_S):
            self._observations.append(PeopleObserved(TrackKind.CAMERA, at, 1, (face,), FACE_MODEL, zero))
        return self

    def face_at(self, start_s: float, end_s: float, x: float = 260.0, width: float = 120.0) -> Self:
        """One face with its left edge at `x`, so many pixels wide."""
        face = Face((x, 80.0, width, 1.25 * width), 0.9, HeadPose(0.0, 0.0, 0.0))
        for at in _times(start_s, end_s, PICTURE_STEP_S):
            self._observations.append(PeopleObserved(TrackKind.CAMERA, at, 1, (face,), FACE_MODEL))
        return self

    def bodies(  # noqa: PLR0913 - every argument has a plain default
        self,
        start_s: float,
        end_s: float,
        bodies: int = 1,
        *,
        faces: int = 0,
        head_x: float = 320.0,
        score: float = 0.9,
    ) -> Self:
        """Looks for bodies, once a second."""
        seen = tuple(
            Body((head_x - 100 + 200 * i, 100.0, 200.0, 300.0), (head_x + 200 * i, 155.0), score, None, None, None, 0)
            for i in range(bodies)
        )
        for at in _times(start_s, end_s, 1.0):
            self._observations.append(BodyObserved(TrackKind.CAMERA, at, seen, faces, BODY_MODEL))
        return self

    def picture(
        self, start_s: float, end_s: float, *, deviation: float = 50.0, detail: float = 15.0, change: float = 2.0
    ) -> Self:
        for at in _times(start_s, end_s, PICTURE_STEP_S):
            self._observations.append(PictureObserved(TrackKind.CAMERA, at, 110.0, deviation, detail, change))
        return self

    def screen(self, start_s: float, end_s: float, *, blank: float = 0.6, width: int = 1280, height: int = 720) -> Self:
        for at in _times(start_s, end_s, SCREEN_STEP_S):
            self._observations.append(ScreenObserved(at, width, height, 200.0, 40.0, blank, 0.5, 0.02))
        return self

    def sound(  # noqa: PLR0913 - every argument has a plain default
        self,
        start_s: float,
        end_s: float,
        *,
        level_dbfs: float = -55.0,
        speech: float = 0.0,
        lufs: float | None = None,
        crest_db: float = 0.5,
        voiced: float | None = None,
    ) -> Self:
        for at in _times(start_s, end_s, SOUND_STEP_S):
            self._observations.append(
                SoundObserved(at, 500, level_dbfs, speech, SPEECH_MODEL, lufs, crest_db=crest_db, voiced_share=voiced)
            )
        return self

    def objects(  # noqa: PLR0913 - every argument has a plain default
        self,
        start_s: float,
        end_s: float,
        *seen: tuple[str, float],
        track: TrackKind = TrackKind.CAMERA,
        size: float = 120.0,
        bottom: float = 400.0,
        faces_shown: int = 0,
    ) -> Self:
        """Squares of `size` that end at `bottom` of 640 x 480, each given by its class and score."""
        objects = tuple(
            ObjectSeen(label, score, (130.0 * place, bottom - size, size, size))
            for place, (label, score) in enumerate(seen)
        )
        for at in _times(start_s, end_s, OBJECT_STEP_S):
            self._observations.append(ObjectsObserved(track, at, objects, 640, 480, faces_shown, OBJECT_MODEL))
        return self

    def voice(self, *stretches: tuple[float, float | None]) -> Self:
        """Stretches of speech of two seconds: start and similarity to the candidate's voice."""
        for at_s, similarity in stretches:
            self._observations.append(VoiceObserved(media_time_from_s(at_s), 2000, similarity, 1, VOICE_MODEL))
        return self

    def identity(self, *checks: tuple[float, float | None], second_opinion: float | None = None) -> Self:
        for at_s, similarity in checks:
            self._observations.append(
                IdentityObserved(media_time_from_s(at_s), similarity, second_opinion, IDENTITY_MODEL)
            )
        return self

    def room_scan(self, since_s: float, at_s: float, coverage_deg: float, *, is_complete: bool) -> Self:
        self._observations.append(
            RoomScanObserved(
                TrackKind.PHONE,
                media_time_from_s(at_s),
                media_time_from_s(since_s),
                coverage_deg,
                is_complete,
                ROOM_SCAN_MODEL,
            )
        )
        return self

    def document(
        self,
        similarity: float | None,
        *,
        agreeing: int = 5,
        zone: ZoneReading = ZoneReading.READ,
        portrait: PortraitReading = PortraitReading.COMPARED,
        shown: bool = True,
    ) -> Self:
        """What the identity document gave before the start; of five check digits so many agree."""
        at, checks = media_time_from_s(0), 0 if zone is ZoneReading.MISSING else 5
        self._observations.append(
            DocumentObserved(at, shown, zone, min(agreeing, checks), checks, portrait, similarity, DOCUMENT_MODEL)
        )
        return self

    def liveness(self, *pictures: tuple[float, float | None]) -> Self:
        for at_s, bona_fide in pictures:
            self._observations.append(LivenessObserved(media_time_from_s(at_s), bona_fide, LIVENESS_MODEL))
        return self

    def stream(self, start_s: float, end_s: float, repeating: float | None) -> Self:
        for at in _times(start_s, end_s, PICTURE_STEP_S):
            self._observations.append(StreamObserved(at, repeating, 0.0 if repeating is None else 12.0))
        return self

    def enlarged(self, start_s: float, end_s: float, peak: float | None) -> Self:
        for at in _times(start_s, end_s, STREAM_STEP_S):
            self._observations.append(ResamplingObserved(at, peak, 0.0 if peak is None else 1.5))
        return self

    def pace(self, start_s: float, end_s: float, even: float | None) -> Self:
        for at in _times(start_s, end_s, STREAM_STEP_S):
            self._observations.append(PaceObserved(at, even, 0.0 if even is None else 267.0))
        return self

    def event(self, at_s: float, kind: ClientEventKind, **detail: DetailValue) -> Self:
        self._observations.append(ClientObserved(ClientEvent(kind, media_time_from_s(at_s), detail)))
        return self

    def link(self, at_s: float, state: LinkState) -> Self:
        self._observations.append(LinkObserved(LinkEvent(state, media_time_from_s(at_s))))
        return self

    def ticks(self, end_s: float) -> Self:
        self._observations.extend(Tick(at) for at in _times(0, end_s, 0.5))
        return self

    def observations(self) -> list[Observation]:
        """In order of time; what happens at the same time stays in the order of writing."""
        return sorted(self._observations, key=lambda observation: observation.at)

    @property
    def end(self) -> MediaTime:
        """Time of the last observation, 0 without any."""
        return max((observation.at for observation in self._observations), default=MediaTime(0))


def run(detector: Detector, observations: Iterable[Observation], end: MediaTime | None) -> list[Signal]:
    """Everything that a rule says of the observations; `end` None leaves the sitting running."""
    signals: list[Signal] = []
    for observation in observations:
        if isinstance(observation, detector.consumes):
            signals += detector.update(observation)
    if end is not None:
        signals += detector.finish(end)
    return signals


def _times(start_s: float, end_s: float, step_s: float) -> list[MediaTime]:
    return [media_time_from_s(start_s + step_s * i) for i in range(round((end_s - start_s) / step_s))]
