"""From pictures and sound to observations: runs the analyzers when the schedule says so and outlives their failures."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Protocol

from proctor.analyzers.background import BackgroundWatch
from proctor.analyzers.identity import Enrolment
from proctor.analyzers.own_zero import CandidateZero
from proctor.analyzers.pace import PaceStream
from proctor.analyzers.people import PeopleStream
from proctor.analyzers.picture import PictureStream
from proctor.analyzers.sense import BeginListening, BeginLooking, Beginning
from proctor.domain.media import AudioChunk, EncodedFrame, Frame, TrackKind
from proctor.domain.observations import (
    Face,
    IdentityObserved,
    ObjectsObserved,
    Observation,
    PeopleObserved,
    ScreenZone,
    SoundObserved,
)
from proctor.domain.policy import AnalysisPolicy, ThinnedSense
from proctor.domain.time import MediaTime
from proctor.pipeline.guard import Guard
from proctor.pipeline.schedule import IdentitySchedule, LookSchedule, SamplingGrid, is_doubtful
from proctor.pipeline.senses import FurtherSenses
from proctor.pipeline.thinning import ThinningOut


class FaceSense(Protocol):
    """What the line needs of `proctor.analyzers.faces.FaceAnalyzer`."""

    def observe(self, frame: Frame, *, thorough: bool = False, with_pose: bool = True) -> PeopleObserved:
        """Count people and measure the head pose of the largest face."""
        ...


class IdentitySense(Protocol):
    """What the line needs of `proctor.analyzers.identity.IdentityAnalyzer`."""

    def observe(
        self, frame: Frame, face: Face | None, enrolment: Enrolment, *, second_opinion: bool = True
    ) -> IdentityObserved:
        """Compare the face with the enrolment photograph."""
        ...


class SoundSense(Protocol):
    """What the line needs of a sitting's `proctor.analyzers.sound.SoundStream`."""

    def observe(self, chunk: AudioChunk) -> list[SoundObserved]:
        """Return the windows that the chunk completed."""
        ...

    def finish(self) -> list[SoundObserved]:
        """Return the rest."""
        ...


class SpeechSense(Protocol):
    """What the line needs of `proctor.analyzers.sound.SpeechAnalyzer`."""

    def stream(self, *, window_ms: int = 512) -> SoundSense:
        """Begin listening to one sitting."""
        ...


class Senses(Protocol):
    """The analyzers, loaded once a process; `proctor.analyzers.suite.AnalyzerSuite` is one."""

    @property
    def faces(self) -> FaceSense:
        """Faces, people, head pose."""
        ...

    @property
    def identity(self) -> IdentitySense:
        """Comparison with the enrolment photograph."""
        ...

    @property
    def speech(self) -> SpeechSense:
        """Level and speech."""
        ...

    @property
    def further(self) -> Mapping[str, BeginLooking]:
        """What begins to look at a sitting's pictures, by the names of `proctor.pipeline.senses`."""
        ...

    @property
    def listening(self) -> Mapping[str, BeginListening]:
        """What begins to listen to a sitting's sound, by sense."""
        ...

    @property
    def absent(self) -> tuple[str, ...]:
        """Senses whose models are not installed."""
        ...


class SittingAnalysis:
    """The analyzers' side of one sitting's line."""

    def __init__(self, policy: AnalysisPolicy, senses: Senses, enrolment: Enrolment | None, guard: Guard) -> None:
        self._senses = senses
        self._enrolment = enrolment
        self._guard = guard
        self._grids = {
            TrackKind.CAMERA: SamplingGrid(policy.pictures_per_s),
            TrackKind.SCREEN: SamplingGrid(policy.screen_pictures_per_s),
            TrackKind.PHONE: SamplingGrid(policy.phone_pictures_per_s),
        }
        self._screen: ScreenZone | None = None
        self._begin_looking()
        self._identity = IdentitySchedule(policy)
        self._is_carried = False
        """The people of the present picture are those of an earlier look: there is no face to compare."""
        self._pictures = {track: PictureStream(track) for track in (TrackKind.CAMERA, TrackKind.PHONE)}
        self._pace = PaceStream()
        self._sound = senses.speech.stream(window_ms=policy.sound_window_ms)
        self.thinning = ThinningOut(policy.thin_out)
        self._further = FurtherSenses(
            senses.further, senses.listening, Beginning(policy, enrolment), guard, self.thinning.is_thinned
        )

    def _begin_looking(self) -> None:
        """As if nothing had been seen of the camera yet."""
        self._looks = LookSchedule()
        self._counts = PeopleStream()
        self._background = BackgroundWatch()
        self._zero = CandidateZero(self._screen)

    def calibrate(self, screen: ScreenZone) -> None:
        """Judge looks by this candidate's own screen from now on; the own zero is found anew."""
        self._screen = screen
        self._zero = CandidateZero(screen)

    def restart(self, track: TrackKind) -> None:
        """Begin afresh with a track whose pictures served something else: who and what it shows may have changed."""
        if track in self._pictures:
            self._pictures[track] = PictureStream(track)
        self._further.restart(track)
        if track is TrackKind.CAMERA:
            self._begin_looking()
            self._identity.lose()

    def wants_picture(self, track: TrackKind, at: MediaTime) -> bool:
        """Whether a picture of the track at `at` would be analysed."""
        grid = self._grids.get(track)
        return grid is not None and grid.wants(at)

    def arrived(self, frame: EncodedFrame) -> None:
        """Note when an encoded picture was captured, whether or not it will be looked at."""
        if frame.track is TrackKind.CAMERA:
            self._guard.run("pace", frame.at, lambda: self._pace.arrived(frame))

    def picture(self, frame: Frame) -> Iterator[Observation]:
        """Analyse one sampled picture."""
        self._grids[frame.track].took(frame.at)
        change = None
        if frame.track in self._pictures:
            plain = self._guard.run("picture", frame.at, lambda: self._pictures[frame.track].observe(frame))
            if plain is not None:
                change = plain.change
                yield plain
        people = None
        if frame.track is TrackKind.CAMERA:
            paced = self._guard.run("pace", frame.at, lambda: self._pace.observe(frame.at))
            if paced is not None:
                yield paced
            people = self._guard.run("faces", frame.at, lambda: self._people(frame, change))
        is_calm = people is not None and self._looks.is_calm(frame.at)
        plane = None if change is None else self._pictures[frame.track].plane
        further = list(self._further.picture(frame, people=people, change=change, is_calm=is_calm, plane=plane))
        if people is not None:
            people = self._counted(people, further)
            yield people
            yield from self._compared(frame, people, change)
        yield from further

    def sound(self, chunk: AudioChunk, *, is_guided: Callable[[MediaTime], bool]) -> Iterator[Observation]:
        """Listen to one chunk; the windows that it completed, and what else was heard in them.

        `is_guided` tells whether a guided check's hints may be heard at a time.
        """
        windows = self._guard.run("speech", chunk.at, lambda: self._sound.observe(chunk)) or []
        heard = [replace(window, is_guided=True) if is_guided(window.at) else window for window in windows]
        yield from heard
        yield from self._further.sound(chunk, heard)

    def finish(self, at: MediaTime) -> Iterator[Observation]:
        """The last, shorter window of sound, and what the other senses still hold."""
        yield from self._guard.run("speech", at, self._sound.finish) or ()
        yield from self._further.finish(at)

    def _counted(self, people: PeopleObserved, further: Iterable[Observation]) -> PeopleObserved:
        """Count the people with the bodies and screens of the same picture, or of the last that was looked through."""
        objects = next((each for each in further if isinstance(each, ObjectsObserved)), None)
        if objects is None:
            return self._counts.without_objects(people)
        return self._counts.with_objects(people, objects)

    def _compared(self, frame: Frame, people: PeopleObserved, change: float | None) -> Iterator[IdentityObserved]:
        identity = self._guard.run("identity", frame.at, lambda: self._compare(frame, people, change))
        if identity is not None:
            yield identity

    def _people(self, frame: Frame, change: float | None) -> PeopleObserved:
        looks = self._looks
        pressed = self.thinning.is_thinned(ThinnedSense.HEAD_POSE)
        look = looks.look(frame.at, change, stirred=self._stirred(frame), pressed=pressed)
        self._is_carried = look is None
        if look is None:
            return looks.carry(frame.at)
        # Identity aligns the face by the same mesh, so where it is due the pose costs nothing.
        thorough, posed = look.thorough, look.with_pose or self._identity.is_due(frame.at)
        seen = self._senses.faces.observe(frame, thorough=thorough, with_pose=posed)
        if looks.must_confirm(look, seen):
            thorough = posed = True
            seen = self._senses.faces.observe(frame, thorough=True, with_pose=True)
        elif not pressed and not posed and looks.needs_pose(look, seen):
            posed = True
            seen = self._senses.faces.observe(frame, thorough=thorough, with_pose=True)
        seen = self._zero.observe(seen) if posed else looks.with_carried_pose(seen)
        looks.looked(seen, thorough=thorough, posed=posed)
        plane = self._pictures[TrackKind.CAMERA].plane
        if thorough and plane is not None:
            self._background.looked(plane)
        return seen

    def _stirred(self, frame: Frame) -> bool | None:
        """Whether something changed beside the candidate; None where it cannot be told."""
        plane = self._pictures[TrackKind.CAMERA].plane
        if plane is None or not self._guard.runs("picture"):
            return None
        width_px, height_px = frame.size
        return self._background.has_stirred(plane, self._looks.candidate, width_px, height_px)

    def _compare(self, frame: Frame, people: PeopleObserved, change: float | None) -> IdentityObserved | None:
        if self._enrolment is None or self._is_carried or not self._identity.wants(people, change):
            return None
        face = people.faces[0]
        observed = self._senses.identity.observe(frame, face, self._enrolment, second_opinion=False)
        if is_doubtful(observed):
            observed = self._senses.identity.observe(frame, face, self._enrolment, second_opinion=True)
        self._identity.compared(observed)
        self._zero.compared(observed)
        return observed
