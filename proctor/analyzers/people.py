"""How many people are in a picture, from its faces and its objects together.

The face model alone counts a poster on the wall and a film on a television, and misses whoever stands with the back to
the camera. The bodies and screens that the object detectors see put that right, by geometry alone:

- a face inside a screen is a picture, unless it belongs to a body that reaches out of the screen and so sits in front
  of it;
- a small face without a body, beside a face several times its size that has one, hangs on the wall;
- a body that has no face, and is no part of another body, is a person seen from behind.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from proctor.analyzers.coco import PERSON, SCREENS
from proctor.analyzers.geometry import overlap
from proctor.domain.observations import Box, Face, ObjectSeen, ObjectsObserved, PeopleObserved
from proctor.domain.time import NS_PER_S, MediaTime

SCREEN_SCORE: Final = 0.5
"""A screen that hides people from the count must be this sure."""
INSIDE: Final = 0.9
"""Share of a box that lies inside another from which it is inside."""
HEAD_PART: Final = 0.6
"""The face of a body lies in this upper part of its box."""
SMALL_BESIDE: Final = 0.4
"""A face without a body counts from this part of the height of the largest face that has one."""
BACK_SCORE: Final = 0.6
"""A body without a face counts from this score."""
SAME_BODY: Final = 0.5
"""A body of which so much lies inside another is a part of it, or the same one seen twice."""
SAME_FACE: Final = 0.3
"""Overlap from which a face in a later picture is one that was not counted before."""
CARRY_FOR: Final = 13 * NS_PER_S
"""What a look for objects showed holds this long for pictures in which only faces are looked for: a little longer than
objects are left alone while nothing changes. Another number of faces is reason enough to look for them at once."""


@dataclass(frozen=True, slots=True)
class Count:
    """The people of one picture."""

    people: PeopleObserved
    shown: tuple[Face, ...]
    """Faces on screens and walls, which do not count."""
    backs: tuple[ObjectSeen, ...]
    """Bodies of people whose face is not seen."""


class PeopleStream:
    """Counts the people of one sitting's camera, whose pictures are not all looked through for objects."""

    def __init__(self) -> None:
        self._last: Count | None = None

    def with_objects(self, people: PeopleObserved, objects: ObjectsObserved) -> PeopleObserved:
        """Count the people of a picture that was looked through for objects too."""
        self._last = count_people(people, objects.objects)
        return self._last.people

    def without_objects(self, people: PeopleObserved) -> PeopleObserved:
        """Count the people of a picture in which only faces were looked for, by what the last look showed."""
        last = self._last
        if last is None or not _is_recent(last.people.at, people.at):
            return people
        faces = tuple(face for face in people.faces if not _is_among(face, last.shown))
        backs = [body for body in last.backs if _without_owner(faces, [body])]
        return replace(people, people=len(faces) + len(backs), faces=faces)


def count_people(people: PeopleObserved, objects: Iterable[ObjectSeen]) -> Count:
    """Count anew with the objects of the same picture; `faces` are then those of people who are there."""
    seen = list(objects)
    screens = sure_screens(seen)
    bodies = _bodies(seen, screens)
    owned = [face for face in people.faces if _owner(face, bodies) is not None]
    least_height = SMALL_BESIDE * max((face.box[3] for face in owned), default=0.0)
    shown = tuple(
        face
        for face in people.faces
        if face not in owned and (_is_inside_one(face.box, screens) or face.box[3] < least_height)
    )
    faces = tuple(face for face in people.faces if face not in shown)
    backs = _without_face(bodies, faces)
    counted = replace(people, people=len(faces) + len(backs), faces=faces)
    return Count(counted, shown, tuple(backs))


def faces_shown(faces: Sequence[Face], objects: Iterable[ObjectSeen]) -> int:
    """How many of the faces are shown by a screen, each counted once; who sits in front of a screen is not."""
    seen = list(objects)
    screens = sure_screens(seen)
    bodies = _bodies(seen, screens)
    shown: list[Face] = []
    for face in faces:
        is_shown = _is_inside_one(face.box, screens) and _owner(face, bodies) is None
        if is_shown and not _is_among(face, shown):
            shown.append(face)
    return len(shown)


def sure_screens(objects: Iterable[ObjectSeen]) -> list[Box]:
    """What can show a picture of a person and is sure enough to be believed."""
    return [each.box for each in objects if each.label in SCREENS and each.score >= SCREEN_SCORE]


def _bodies(objects: Iterable[ObjectSeen], screens: Sequence[Box]) -> list[ObjectSeen]:
    """Persons who are not on a screen."""
    return [each for each in objects if each.label == PERSON and not _is_inside_one(each.box, screens)]


def _without_face(bodies: Sequence[ObjectSeen], faces: Sequence[Face]) -> list[ObjectSeen]:
    """Bodies of people whose face is not seen, each once; `bodies` are ordered by score."""
    owners = [_owner(face, bodies) for face in faces]
    taken = [body.box for body in owners if body is not None]
    backs = []
    for body in _without_owner(faces, bodies):
        if body.score >= BACK_SCORE and not any(_share_a_place(body.box, other) for other in taken):
            taken.append(body.box)
            backs.append(body)
    return backs


def _without_owner(faces: Iterable[Face], bodies: Iterable[ObjectSeen]) -> list[ObjectSeen]:
    """Bodies in which no face lies, neither in its place nor elsewhere."""
    return [body for body in bodies if not any(part_of(face.box, body.box) >= SAME_BODY for face in faces)]


def _owner(face: Face, bodies: Iterable[ObjectSeen]) -> ObjectSeen | None:
    """The smallest body in whose upper part the face lies."""
    owners = [body for body in bodies if part_of(face.box, _upper_part(body.box)) >= SAME_BODY]
    return min(owners, key=lambda body: body.box[2] * body.box[3], default=None)


def _is_inside_one(box: Box, others: Iterable[Box]) -> bool:
    return any(part_of(box, other) >= INSIDE for other in others)


def _is_among(face: Face, others: Iterable[Face]) -> bool:
    return any(overlap(face.box, other.box) >= SAME_FACE for other in others)


def _is_recent(before: MediaTime, now: MediaTime) -> bool:
    return 0 <= now - before <= CARRY_FOR


def _upper_part(box: Box) -> Box:
    return box[0], box[1], box[2], box[3] * HEAD_PART


def _share_a_place(first: Box, second: Box) -> bool:
    return max(part_of(first, second), part_of(second, first)) >= SAME_BODY


def part_of(box: Box, other: Box) -> float:
    """Share of a box's area that lies inside another box, 0 to 1."""
    width = min(box[0] + box[2], other[0] + other[2]) - max(box[0], other[0])
    height = min(box[1] + box[3], other[1] + other[3]) - max(box[1], other[1])
    area = box[2] * box[3]
    return width * height / area if width > 0 and height > 0 and area > 0 else 0.0
