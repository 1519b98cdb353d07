"""Where the candidate's face usually is in the picture, and how far something is from there."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from statistics import median
from typing import Final

from proctor.domain.observations import Box, PeopleObserved

LEAST_PICTURES: Final = 20
"""Pictures with one face before there is a usual place; at two a second ten seconds."""
MOST_PICTURES: Final = 240
"""Pictures that the place is a median of; at two a second two minutes, after which a new place is the usual one."""


@dataclass(frozen=True, slots=True)
class Place:
    """Centre and width of the face, in pixels."""

    x: float
    y: float
    width: float

    def shift(self, x: float, y: float) -> float:
        """Distance of a point from here, in face widths."""
        return float(((x - self.x) ** 2 + (y - self.y) ** 2) ** 0.5) / max(self.width, 1.0)


class UsualPlace:
    """Learns the place from pictures with exactly one face."""

    def __init__(self) -> None:
        self._places: deque[Place] = deque(maxlen=MOST_PICTURES)

    def observe(self, seen: PeopleObserved) -> None:
        """Take one camera picture."""
        if seen.people == 1 and len(seen.faces) == 1:
            self._places.append(place_of(seen.faces[0].box))

    def known(self) -> Place | None:
        """The place so far; None until enough pictures have come."""
        if len(self._places) < LEAST_PICTURES:
            return None
        return Place(
            median(place.x for place in self._places),
            median(place.y for place in self._places),
            median(place.width for place in self._places),
        )


def place_of(box: Box) -> Place:
    """Place of a face."""
    x, y, width, height = box
    return Place(x + width / 2, y + height / 2, width)
