"""A whole recording of a room: how much of it was shown, and who and what was met on the way."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from proctor.analyzers.coco import BOOK, LAPTOP, PERSON, PHONE, SCREEN
from proctor.analyzers.faces import FaceAnalyzer
from proctor.analyzers.objects import ObjectAnalyzer
from proctor.analyzers.people import count_people
from proctor.domain.media import Frame, TrackKind
from proctor.domain.observations import RoomScanObserved
from proctor.roomscan.encounters import Encounter, Sighting, encounters, worth_a_look
from proctor.roomscan.pictures import KeyPicture
from proctor.roomscan.scan import MODEL, RoomScanResult

TOLD: Final = (PHONE, BOOK, LAPTOP, SCREEN)
"""Things that an invigilator asks about."""
LEAST_SCORE: Final = 0.5
"""No false phone at this score on 64 pictures (DESIGN section 10); several pictures must agree besides."""


@dataclass(frozen=True, slots=True)
class RoomMet:
    """Who and what was met on the way round."""

    people: tuple[Encounter, ...]
    objects: tuple[Encounter, ...]


class RoomInspector:
    """Looks through the key pictures of recordings; holds no state, so one serves a process."""

    def __init__(self, faces: FaceAnalyzer, objects: ObjectAnalyzer) -> None:
        self._faces = faces
        self._objects = objects

    def inspect(self, pictures: Sequence[KeyPicture]) -> RoomMet:
        """Find people and things; about 90 ms a picture, a picture for every 10 degrees."""
        met = encounters(pictures, self._sightings(pictures))
        people = tuple(each for each in met if each.label == PERSON)
        return RoomMet(people, tuple(each for each in met if each.label != PERSON))

    def _sightings(self, pictures: Sequence[KeyPicture]) -> Iterator[tuple[int, list[Sighting]]]:
        for number in worth_a_look(pictures):
            frame = Frame(TrackKind.PHONE, pictures[number].at, pictures[number].rgb())
            things = self._objects.observe(frame).objects
            count = count_people(self._faces.observe(frame, thorough=True, with_pose=False), things)
            seen = [Sighting(PERSON, face.score, face.box) for face in count.people.faces]
            seen += [Sighting(PERSON, body.score, body.box) for body in count.backs]
            seen += [
                Sighting(thing.label, thing.score, thing.box)
                for thing in things
                if thing.label in TOLD and thing.score >= LEAST_SCORE
            ]
            yield number, seen


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
