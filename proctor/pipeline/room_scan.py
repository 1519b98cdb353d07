"""A whole recording of a room: how much of it was shown, and who and what was met on the way."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

from proctor.analyzers.coco import BOOK, LAPTOP, PERSON, PHONE, SCREEN
from proctor.analyzers.people import count_people
from proctor.domain.guided import GuidedOutcome
from proctor.domain.media import Frame, TrackKind
from proctor.domain.observations import ObjectsObserved, Observation, PeopleObserved, RoomScanObserved
from proctor.roomscan.encounters import Encounter, Sighting, encounters, worth_a_look
from proctor.roomscan.panorama import Panorama, painted
from proctor.roomscan.pictures import KeyPicture
from proctor.roomscan.scan import MODEL, RoomScanResult
from proctor.roomscan.steps import finished

TOLD: Final = (PHONE, BOOK, LAPTOP, SCREEN)
"""Things that an invigilator asks about."""
LEAST_SCORE: Final = 0.5
"""No false phone at this score on 64 pictures (DESIGN section 10); several pictures must agree besides."""


class FaceSense(Protocol):
    """What is needed of `proctor.analyzers.faces.FaceAnalyzer`."""

    def observe(self, frame: Frame, *, thorough: bool = False, with_pose: bool = True) -> PeopleObserved:
        """Find the people in a picture."""
        ...


class ObjectSense(Protocol):
    """What is needed of `proctor.analyzers.objects.ObjectAnalyzer`."""

    def observe(self, frame: Frame, people: PeopleObserved | None) -> Observation | None:
        """Find the objects in a picture."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class RoomMet:
    """Who and what was met on the way round, and the room as a picture."""

    people: tuple[Encounter, ...]
    objects: tuple[Encounter, ...]
    panorama: Panorama | None
    """None where no picture could be placed."""


class RoomInspector:
    """Looks through the key pictures of recordings; holds no state, so one serves a process."""

    def __init__(self, faces: FaceSense, objects: ObjectSense) -> None:
        self._faces = faces
        self._objects = objects

    def inspect(self, pictures: Sequence[KeyPicture]) -> RoomMet:
        """Find people and things, and lay the panorama: three to five seconds for a whole room."""
        return finished(self.inspection(pictures))

    def inspection(self, pictures: Sequence[KeyPicture]) -> Generator[None, None, RoomMet]:
        """The same step by step: yields after each picture, about 90 ms, and returns what was met."""
        panorama = yield from painted(pictures)
        looks = []
        for number in worth_a_look(pictures):
            looks.append((number, self._sightings(pictures[number])))
            yield
        met = encounters(pictures, looks)
        people = tuple(each for each in met if each.label == PERSON)
        return RoomMet(people, tuple(each for each in met if each.label != PERSON), panorama)

    def _sightings(self, picture: KeyPicture) -> list[Sighting]:
        frame = Frame(TrackKind.PHONE, picture.at, picture.rgb())
        observed = self._objects.observe(frame, None)
        things = observed.objects if isinstance(observed, ObjectsObserved) else ()
        count = count_people(self._faces.observe(frame, thorough=True, with_pose=False), things)
        seen = [Sighting(PERSON, face.score, face.box) for face in count.people.faces]
        seen += [Sighting(PERSON, body.score, body.box) for body in count.backs]
        seen += [
            Sighting(thing.label, thing.score, thing.box)
            for thing in things
            if thing.label in TOLD and thing.score >= LEAST_SCORE
        ]
        return seen


def outcome_of(result: RoomScanResult) -> GuidedOutcome:
    """What a recording shows, in a word."""
    if result.is_complete:
        return GuidedOutcome.COMPLETE
    return GuidedOutcome.INCOMPLETE if result.cannot_tell is None else GuidedOutcome.CANNOT_TELL


def thing_line(met: Encounter) -> dict[str, Any]:
    """Somebody or something that was met, as JSON."""
    yaw_deg = None if met.yaw_deg is None else round(met.yaw_deg, 1)
    return {"label": met.label, "score": round(met.score, 3), "yaw_deg": yaw_deg}


def observed(result: RoomScanResult, track: TrackKind) -> RoomScanObserved:
    """What the rules are told of a recording."""
    return RoomScanObserved(
        track=track,
        at=result.until,
        since=result.since,
        coverage_deg=result.coverage_deg,
        is_complete=result.is_complete,
        model=MODEL,
    )
