"""What the line asks of a sense that it runs beside faces, identity and speech."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from proctor.analyzers.identity import Enrolment
from proctor.domain.media import AudioChunk, Frame
from proctor.domain.observations import Box, ObjectsObserved, Observation, PeopleObserved, SoundObserved
from proctor.domain.policy import AnalysisPolicy


@dataclass(frozen=True, slots=True)
class Beginning:
    """What is known of a sitting when a sense begins to serve it."""

    policy: AnalysisPolicy
    enrolment: Enrolment | None


class PictureSense(Protocol):
    """Looks at the pictures of one sitting; an analyzer without state of its own serves all of them."""

    def observe(self, frame: Frame, people: PeopleObserved | None) -> Observation | None:
        """Measure one picture; None where there is nothing to be measured.

        `people` are those of the same picture where it is the camera's, None otherwise.
        """
        ...


@runtime_checkable
class CloserSense(PictureSense, Protocol):
    """Can look at a part of a picture once more, enlarged."""

    def look_closer(self, frame: Frame, observed: ObjectsObserved, place: Box) -> ObjectsObserved:
        """What was observed and what the picture shows enlarged round `place`, in its pixels."""
        ...


class SoundSense(Protocol):
    """Listens to the sound of one sitting."""

    def observe(self, chunk: AudioChunk, heard: Sequence[SoundObserved]) -> Sequence[Observation]:
        """Take the next chunk; `heard` are the windows that it completed, with level and speech."""
        ...

    def finish(self) -> Sequence[Observation]:
        """Return the rest."""
        ...


BeginLooking = Callable[[Beginning], PictureSense]
BeginListening = Callable[[Beginning], SoundSense]
