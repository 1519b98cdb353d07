"""Where the candidate's face usually is in the picture, and how far something is from there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from proctor.detectors.recent_median import RecentMedian
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
        self._x, self._y, self._width = (RecentMedian(MOST_PICTURES) for _ in range(3))

    def observe(self, seen: PeopleObserved) -> None:
        """Take one camera picture."""
        if seen.people == 1 and len(seen.faces) == 1:
            place = place_of(seen.faces[0].box)
            self._x.add(place.x)
            self._y.add(place.y)
            self._width.add(place.width)

    def known(self) -> Place | None:
        """The place so far; None until enough pictures have come."""
        if len(self._x) < LEAST_PICTURES:
            return None
        return Place(self._x.value, self._y.value, self._width.value)


def place_of(box: Box) -> Place:
    """Place of a face."""
    x, y, width, height = box
    return Place(x + width / 2, y + height / 2, width)
