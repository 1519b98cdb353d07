"""From pictures and sound to observations: runs the analyzers when the schedule says so and outlives their failures."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Protocol, TypeVar

from proctor.analyzers.identity import Enrolment
from proctor.analyzers.picture import PictureStream
from proctor.domain.media import AudioChunk, Frame, TrackKind
from proctor.domain.observations import Face, IdentityObserved, Observation, PeopleObserved, SoundObserved
from proctor.domain.policy import AnalysisPolicy
from proctor.domain.time import MediaTime
from proctor.pipeline.outputs import DetectorFailed
from proctor.pipeline.schedule import IdentitySchedule, LookSchedule, SamplingGrid, is_doubtful

T = TypeVar("T")


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


class Guard:
    """Runs named parts; one that raises is left out from then on and reported once."""

    def __init__(self) -> None:
        self._failed: set[str] = set()
        self._reports: list[DetectorFailed] = []

    def runs(self, name: str) -> bool:
        """Whether the part has not failed."""
        return name not in self._failed

    def run(self, name: str, at: MediaTime, call: Callable[[], T]) -> T | None:
        """Call the part and return its result; None when it failed now or earlier."""
        if name in self._failed:
            return None
        try:
            return call()
        except Exception as error:  # noqa: BLE001 - whatever a model or a rule raises, the sitting goes on and says so
            self._failed.add(name)
            self._reports.append(DetectorFailed(name=name, reason=f"{type(error).__name__}: {error}", at=at))
            return None

    def reports(self) -> list[DetectorFailed]:
        """Failures since the last call."""
        reports, self._reports = self._reports, []
        return reports


class SittingAnalysis:
    """The analyzers' side of one sitting's line."""

    def __init__(self, policy: AnalysisPolicy, senses: Senses, enrolment: Enrolment | None, guard: Guard) -> None:
        self._senses = senses
        self._enrolment = enrolment
        self._guard = guard
        self._grid = SamplingGrid(policy.pictures_per_s)
        self._looks = LookSchedule()
        self._identity = IdentitySchedule(policy)
        self._pictures = PictureStream(TrackKind.CAMERA)
        self._sound = senses.speech.stream(window_ms=policy.sound_window_ms)

    def wants_picture(self, at: MediaTime) -> bool:
        """Whether a camera picture at `at` would be analysed."""
        return self._grid.wants(at)

    def picture(self, frame: Frame, *, pressed: bool) -> Iterator[Observation]:
        """Analyse one sampled camera picture; `pressed` as in `LookSchedule.look`."""
        self._grid.took(frame.at)
        plain = self._guard.run("picture", frame.at, lambda: self._pictures.observe(frame))
        if plain is not None:
            yield plain
        change = None if plain is None else plain.change
        people = self._guard.run("faces", frame.at, lambda: self._people(frame, change, pressed=pressed))
        if people is None:
            return
        yield people
        identity = self._guard.run("identity", frame.at, lambda: self._compare(frame, people, change))
        if identity is not None:
            yield identity

    def sound(self, chunk: AudioChunk) -> list[SoundObserved]:
        """Listen to one chunk; return the windows that it completed."""
        return self._guard.run("speech", chunk.at, lambda: self._sound.observe(chunk)) or []

    def finish(self, at: MediaTime) -> list[SoundObserved]:
        """Return the last, shorter window of sound."""
        return self._guard.run("speech", at, self._sound.finish) or []

    def _people(self, frame: Frame, change: float | None, *, pressed: bool) -> PeopleObserved:
        looks = self._looks
        look = looks.look(frame.at, change, pressed=pressed)
        if look is None:
            return looks.carry(frame.at)
        thorough, posed = look.thorough, look.with_pose
        seen = self._senses.faces.observe(frame, thorough=thorough, with_pose=posed)
        if looks.must_confirm(look, seen):
            thorough = posed = True
            seen = self._senses.faces.observe(frame, thorough=True, with_pose=True)
        elif not pressed and looks.needs_pose(look, seen):
            posed = True
            seen = self._senses.faces.observe(frame, thorough=thorough, with_pose=True)
        if not posed:
            seen = looks.with_carried_pose(seen)
        looks.looked(seen, thorough=thorough, posed=posed)
        return seen

    def _compare(self, frame: Frame, people: PeopleObserved, change: float | None) -> IdentityObserved | None:
        if self._enrolment is None or not self._identity.wants(people, change):
            return None
        face = people.faces[0]
        observed = self._senses.identity.observe(frame, face, self._enrolment, second_opinion=False)
        if is_doubtful(observed):
            observed = self._senses.identity.observe(frame, face, self._enrolment, second_opinion=True)
        self._identity.compared(observed)
        return observed
