"""Objects in a picture, from two detectors that err in different ways.

NanoDet finds small things such as phones, COCO-SSD large ones such as screens and persons. An object that both see is
surer than each alone says; one that both see under different names gets the surer name. Screens are looked at a second
time, enlarged, for faces that they show, and so is what may be a telephone. Where something has newly come, that place
is looked at enlarged, and upside down and mirrored as well: the networks have learnt from telephones that are held
upright, and one in a cover, or held the other way, they know from one side only.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from proctor.analyzers.coco import BOOK, LAPTOP, PERSON, PHONE, SCREEN
from proctor.analyzers.coco_ssd import CocoSsdDetector
from proctor.analyzers.faces import FaceAnalyzer
from proctor.analyzers.geometry import Picture, overlap
from proctor.analyzers.nanodet import NanodetDetector
from proctor.analyzers.people import faces_shown, sure_screens
from proctor.analyzers.yunet import DetectedFace
from proctor.domain.media import Frame
from proctor.domain.observations import Box, Face, ObjectSeen, ObjectsObserved, PeopleObserved
from proctor.ports.model_files import ModelFiles

LABELS: Final = (PERSON, PHONE, BOOK, LAPTOP, SCREEN, "keyboard", "mouse", "remote")
"""What an exam's room is about; the other classes are not told."""
EITHER_OR: Final = frozenset({PHONE, BOOK, LAPTOP, SCREEN, "keyboard", "remote"})
"""Flat rectangles that are taken for each other; where two of them lie over each other only one is there."""
LEAST_SCORE: Final = 0.3
"""Objects below this are not told; thresholds of rules lie above it."""
TRACE_SCORE: Final = 0.2
"""A trace of a telephone is looked at again from here on."""
SURE_SCORE: Final = 0.6
"""A telephone that is surer needs no second look."""
SECOND_LOOK_CONTEXT: Final = 3.0
"""Side of the enlarged crop in lengths of the telephone."""
MOST_SECOND_LOOKS: Final = 3
"""Bounds the cost of a picture."""
CLOSER_CONTEXT: Final = 2.1
"""Side of the crop round something new, in lengths of it. Chosen from 1.5 to 2.7 on two composed sittings in which a
covered telephone is held up."""
SAME_OBJECT: Final = 0.45
"""Overlap from which the boxes of the two detectors are one object."""
WAYS: Final = ((1, 1), (-1, -1), (-1, 1), (1, -1))
"""Steps down and across in which an enlarged crop is read: as it is, turned by half a turn, and both mirrored."""
MOST_SCREENS: Final = 3
"""So many screens, the surest, are looked at for faces; bounds the cost of a picture."""
LEAST_SCREEN_PX: Final = 24
"""A screen smaller than this shows no face that could be made out."""


class ObjectAnalyzer:
    """Finds objects; holds no state, so one serves all sittings of a process."""

    def __init__(self, small: NanodetDetector, large: CocoSsdDetector, faces: FaceAnalyzer, model: str) -> None:
        self._small = small
        self._large = large
        self._faces = faces
        self._model = model

    @classmethod
    def load(cls, files: ModelFiles, faces: FaceAnalyzer) -> ObjectAnalyzer:
        """Load the models; `faces` finds those on screens.

        Raises:
            ModelMissingError: a model file is not installed.
        """
        model = "+".join(f"{name}@{files.version(name)}" for name in ("nanodet", "coco_ssd"))
        return cls(NanodetDetector(files.path("nanodet")), CocoSsdDetector(files.path("coco_ssd")), faces, model)

    def observe(self, frame: Frame, people: PeopleObserved | None = None) -> ObjectsObserved:
        """Find the objects of one picture; `people` are not needed, but what looks at pictures is given them."""
        del people
        return self.observe_all([frame])[0]

    def observe_all(self, frames: Sequence[Frame]) -> list[ObjectsObserved]:
        """Find the objects of several pictures, of any sittings, in one run of each model."""
        found = self.detect([frame.rgb for frame in frames])
        return [self._observed(frame, objects) for frame, objects in zip(frames, found, strict=True)]

    def _observed(self, frame: Frame, objects: tuple[ObjectSeen, ...]) -> ObjectsObserved:
        height, width = frame.rgb.shape[:2]
        on_screens = [
            face for screen in sure_screens(objects)[:MOST_SCREENS] for face in self._within(frame.rgb, screen)
        ]
        return ObjectsObserved(
            track=frame.track,
            at=frame.at,
            objects=objects,
            width_px=width,
            height_px=height,
            faces_shown=faces_shown(on_screens, objects),
            model=self._model,
        )

    def look_closer(self, frame: Frame, observed: ObjectsObserved, place: Box) -> ObjectsObserved:
        """What was observed, and the telephone that the picture shows enlarged round `place`, if it shows one there.

        `place` is in pixels of the picture.
        """
        found = self._phone_near(frame.rgb, place)
        if found is None or found.score < LEAST_SCORE:
            return observed
        return replace(observed, objects=named_once([*observed.objects, found]))

    def _phone_near(self, rgb: Picture, place: Box) -> ObjectSeen | None:
        """The surest telephone round a place, however it is turned."""
        left, top, crop = _cut_around(rgb, place, CLOSER_CONTEXT)
        height, width = crop.shape[:2]
        ways = [np.ascontiguousarray(crop[::down, ::across]) for down, across in WAYS]
        small = self._small.detect(ways[:1], least_score=TRACE_SCORE)
        large = self._large.detect(ways, least_score=TRACE_SCORE)
        found = [paired(small[0], large[0]), *large[1:]]
        phones = [
            ObjectSeen(PHONE, seen.score, (left + x, top + y, *seen.box[2:]))
            for (down, across), objects in zip(WAYS, found, strict=True)
            for seen in objects
            if seen.label == PHONE
            for x, y in [_unturned(seen.box, (width, height), down, across)]
        ]
        return max(phones, key=lambda seen: seen.score, default=None)

    def _within(self, rgb: Picture, screen: Box) -> list[Face]:
        """Faces inside a box, which is enlarged for the face model."""
        left, top = round(screen[0]), round(screen[1])
        crop = np.ascontiguousarray(rgb[top : round(screen[1] + screen[3]), left : round(screen[0] + screen[2])])
        if min(crop.shape[:2]) < LEAST_SCREEN_PX:
            return []
        found = self._faces.detect(crop, thorough=False)
        return [
            Face((x + left, y + top, width, height), face.score) for face in found for x, y, width, height in [face.box]
        ]

    def detect(self, pictures: Sequence[Picture]) -> list[tuple[ObjectSeen, ...]]:
        """Objects of each picture, surest first; each of shape (height, width, 3)."""
        small = self._small.detect(pictures, least_score=TRACE_SCORE)
        large = self._large.detect(pictures, least_score=TRACE_SCORE)
        return [
            self._decided(rgb, paired(first, second)) for rgb, first, second in zip(pictures, small, large, strict=True)
        ]

    def _decided(self, rgb: Picture, found: Iterable[ObjectSeen]) -> tuple[ObjectSeen, ...]:
        """Look again at what may be a telephone: what the enlarged crop shows is what counts."""
        looks = 0
        decided = []
        for seen in found:
            if seen.label != PHONE or seen.score >= SURE_SCORE:
                decided.append(seen)
            elif looks < MOST_SECOND_LOOKS:
                looks += 1
                decided.append(
                    ObjectSeen(PHONE, self._phone_in(_cut_around(rgb, seen.box, SECOND_LOOK_CONTEXT)[2]), seen.box)
                )
        return named_once(each for each in decided if each.score >= LEAST_SCORE)

    def _phone_in(self, crop: Picture) -> float:
        small = self._small.detect([crop], least_score=TRACE_SCORE)[0]
        large = self._large.detect([crop], least_score=TRACE_SCORE)[0]
        return max((seen.score for seen in paired(small, large) if seen.label == PHONE), default=0.0)


def _cut_around(rgb: Picture, box: Box, lengths: float) -> tuple[int, int, Picture]:
    """Left, top and pixels of the part of a picture around a box, with a side of several times its length."""
    half = lengths * max(box[2], box[3]) / 2
    x, y = box[0] + box[2] / 2, box[1] + box[3] / 2
    left, top = (min(max(0, round(at - half)), side - 1) for at, side in ((x, rgb.shape[1]), (y, rgb.shape[0])))
    part = rgb[top : max(top + 1, round(y + half)), left : max(left + 1, round(x + half))]
    return left, top, np.ascontiguousarray(part)


def _unturned(box: Box, size: tuple[int, int], down: int, across: int) -> tuple[float, float]:
    """Left and top of a box in a picture of `size` (width, height) before it was turned over that way."""
    x, y, width, height = box
    return (x if across > 0 else size[0] - x - width), (y if down > 0 else size[1] - y - height)


def _moved(face: DetectedFace, left: int, top: int) -> Face:
    x, y, width, height = face.box
    return Face((x + left, y + top, width, height), face.score)


def paired(first: Iterable[ObjectSeen], second: Iterable[ObjectSeen]) -> list[ObjectSeen]:
    """Objects that one or both detectors saw, surest first.

    Where both saw one object their errors are taken for independent: it is missing only if both are wrong.
    """
    rest = [seen for seen in second if _is_told(seen)]
    together = []
    for seen in first:
        if not _is_told(seen):
            continue
        twins = [other for other in rest if _is_same(seen, other)]
        if not twins:
            together.append(seen)
            continue
        twin = max(twins, key=lambda other: overlap(seen.box, other.box))
        rest.remove(twin)
        surer = max(seen, twin, key=lambda either: either.score)
        together.append(ObjectSeen(seen.label, 1 - (1 - seen.score) * (1 - twin.score), surer.box))
    return sorted([*together, *rest], key=lambda seen: -seen.score)


def _is_told(seen: ObjectSeen) -> bool:
    return seen.label in LABELS and (seen.score >= LEAST_SCORE or seen.label == PHONE)


def _is_same(seen: ObjectSeen, other: ObjectSeen) -> bool:
    return seen.label == other.label and overlap(seen.box, other.box) >= SAME_OBJECT


def named_once(objects: Iterable[ObjectSeen]) -> tuple[ObjectSeen, ...]:
    """One name for each rectangle, the surer one; surest first."""
    kept: list[ObjectSeen] = []
    for seen in sorted(objects, key=lambda each: -each.score):
        is_taken = seen.label in EITHER_OR and any(
            other.label in EITHER_OR and overlap(seen.box, other.box) >= SAME_OBJECT for other in kept
        )
        if not is_taken:
            kept.append(seen)
    return tuple(kept)
