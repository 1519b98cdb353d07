"""People and things met on the way round, each counted once although several pictures show it.

What two pictures show in one direction is one; what one picture shows twice is two. What only a single picture shows
although others looked there too is not told: detectors err now and again, and a thing in a room stays.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

import numpy as np

from proctor.domain.observations import Box
from proctor.domain.time import MediaTime
from proctor.roomscan.pictures import KeyPicture
from proctor.roomscan.rotations import Rotation, wrapped_deg, yaw_deg

EVERY_DEG: Final = 10.0
"""A picture every so many degrees is looked through; each direction is then shown by several."""
MOST_UNPLACED: Final = 8
REACH_DEG: Final = 7.0
REACH_WIDTHS: Final = 0.6
"""Directions of one thing differ by up to this, or by this part of its width: the camera's turn has a radius."""
REACH_CUT_DEG: Final = 15.0
"""The same where the picture's edge cuts the thing, so that its middle is not known: half the shoulders of somebody at
an arm's length."""
EDGE: Final = 0.01
"""Part of the picture's width within which a box touches the edge."""
WELL_INSIDE: Final = 0.1
"""A direction is shown by a picture when it lies so far from its edges, as a part of its size."""
LOOKS_THAT_DECIDE: Final = 3
"""From so many pictures that show a direction, one sighting alone is taken for an error."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """Something in one key picture."""

    label: str
    score: float
    box: Box
    """Pixels of the picture as it is kept."""


@dataclass(frozen=True, slots=True)
class Encounter:
    """Somebody or something in the room."""

    label: str
    score: float
    """The highest of its sightings."""
    yaw_deg: float | None
    """Degrees to the right of where the recording began, 0 up to 360; None where that could not be told."""
    at: MediaTime
    """Time of the picture that shows it best."""
    box: Box
    """Where in that picture."""


@dataclass(frozen=True, slots=True)
class _Directed:
    picture: int
    sighting: Sighting
    yaw_deg: float
    width_deg: float
    is_cut: bool
    """Whether the left or right edge of the picture cuts it."""


def worth_a_look(pictures: Sequence[KeyPicture]) -> list[int]:
    """Numbers of the pictures that together show everything: some of those that are placed, a few of the others."""
    chosen: list[int] = []
    unplaced: list[int] = []
    for number, picture in enumerate(pictures):
        if picture.rotation is None:
            unplaced.append(number)
            continue
        ahead = picture.rotation[:, 2]
        others = [rotation[:, 2] for rotation in (pictures[other].rotation for other in chosen) if rotation is not None]
        if all(float(ahead @ other) < math.cos(math.radians(EVERY_DEG)) for other in others):
            chosen.append(number)
    every = max(1, math.ceil(len(unplaced) / MOST_UNPLACED))
    return sorted([*chosen, *unplaced[::every]])


def encounters(
    pictures: Sequence[KeyPicture], sightings: Iterable[tuple[int, Sequence[Sighting]]]
) -> tuple[Encounter, ...]:
    """Who and what was met, by direction; `sightings` by the number of the picture that was looked through.

    What unplaced pictures show is added where more of a kind stand in one of them than were met in the placed ones.
    """
    looked = list(sightings)
    placed = [number for number, _ in looked if pictures[number].rotation is not None]
    directed = [
        found
        for number, seen in looked
        if (rotation := pictures[number].rotation) is not None
        for found in (_directed(number, pictures[number], rotation, each) for each in seen)
    ]
    groups = [group for group in _grouped(directed) if _is_confirmed(group, [pictures[number] for number in placed])]
    met = [_encounter(group, pictures) for group in groups]
    for number, seen in looked:
        if pictures[number].rotation is None:
            met += _beyond(met, seen, pictures[number].at)
    return tuple(sorted(met, key=lambda each: (each.yaw_deg is None, each.yaw_deg or 0.0, each.label)))


def _directed(number: int, picture: KeyPicture, rotation: Rotation, sighting: Sighting) -> _Directed:
    x, y, width, height = sighting.box
    across = x + width / 2 - (picture.width - 1) / 2
    down = y + height / 2 - (picture.height - 1) / 2
    ray = rotation @ np.array([across, down, picture.focal_px])
    yaw = math.degrees(math.atan2(ray[0], ray[2]))
    edge = EDGE * picture.width
    is_cut = x <= edge or x + width >= picture.width - edge
    return _Directed(number, sighting, yaw, math.degrees(2 * math.atan(width / 2 / picture.focal_px)), is_cut)


def _grouped(directed: Iterable[_Directed]) -> list[list[_Directed]]:
    """Sightings of one thing each, the surest first."""
    groups: list[list[_Directed]] = []
    by_label = sorted(directed, key=lambda each: (each.sighting.label, -each.sighting.score))
    for _, same_label in groupby(by_label, key=lambda each: each.sighting.label):
        own: list[list[_Directed]] = []
        for found in same_label:
            near = [group for group in own if _belongs(found, group)]
            if near:
                min(near, key=lambda group: _apart(found, group)).append(found)
            else:
                own.append([found])
        groups += own
    return groups


def _belongs(found: _Directed, group: Sequence[_Directed]) -> bool:
    if any(other.picture == found.picture for other in group):
        return False
    width = max(found.width_deg, *(other.width_deg for other in group))
    uncut_deg = REACH_CUT_DEG if found.is_cut or all(other.is_cut for other in group) else 0.0
    return _apart(found, group) <= max(REACH_DEG, REACH_WIDTHS * width, uncut_deg)


def _apart(found: _Directed, group: Sequence[_Directed]) -> float:
    return min(abs(wrapped_deg(found.yaw_deg - other.yaw_deg)) for other in group)


def _is_confirmed(group: Sequence[_Directed], looks: Sequence[KeyPicture]) -> bool:
    shown = sum(_shows(picture, group[0].yaw_deg) for picture in looks)
    return len(group) > 1 or shown < LOOKS_THAT_DECIDE


def _shows(picture: KeyPicture, direction_deg: float) -> bool:
    if picture.rotation is None:
        return False
    aside = abs(wrapped_deg(direction_deg - yaw_deg(picture.rotation)))
    reach = math.degrees(math.atan((0.5 - WELL_INSIDE) * picture.width / picture.focal_px))
    return aside < reach


def _encounter(group: Sequence[_Directed], pictures: Sequence[KeyPicture]) -> Encounter:
    best = max(group, key=lambda each: each.sighting.score)
    middle = float(np.median([wrapped_deg(each.yaw_deg - best.yaw_deg) for each in group]))
    return Encounter(
        best.sighting.label,
        best.sighting.score,
        (best.yaw_deg + middle) % 360.0,
        pictures[best.picture].at,
        best.sighting.box,
    )


def _beyond(met: Sequence[Encounter], seen: Sequence[Sighting], at: MediaTime) -> list[Encounter]:
    """Sightings of an unplaced picture that are more of their kind than were met so far, the surest ones."""
    more: list[Encounter] = []
    for label in sorted({each.label for each in seen}):
        own = sorted((each for each in seen if each.label == label), key=lambda each: -each.score)
        known = sum(each.label == label for each in met)
        more += [Encounter(label, each.score, None, at, each.box) for each in own[: max(0, len(own) - known)]]
    return more
