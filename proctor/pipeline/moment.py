"""A sampled picture, as the schedules of the senses see it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from proctor.analyzers.luma_plane import PLANE_HEIGHT_PX, PLANE_WIDTH_PX, LumaPlane
from proctor.domain.media import TrackKind
from proctor.domain.observations import Face, PeopleObserved
from proctor.domain.time import NS_PER_MS, MediaTime

MOVING_LUMA: Final = 4.0
"""Mean luma change from which on a head or an arm is likely to move; who reads or speaks stays below 3."""
SLACK: Final = 40 * NS_PER_MS
"""A picture this much ahead of its due time is taken."""


@dataclass(frozen=True, slots=True, eq=False)
class Moment:
    """What is known of a sampled picture before a further sense looks at it."""

    track: TrackKind
    at: MediaTime
    change: float | None
    """Mean luma change to the track's previous sampled picture; None when it is unknown."""
    people: PeopleObserved | None
    """People in it; None for other tracks than the camera and where they could not be counted."""
    is_calm: bool
    """Whether one person has faced the screen for some time and the picture did not change as a whole."""
    is_thinned: bool
    """Whether the machine cannot keep up and this sense is among those that look less often."""
    plane: LumaPlane | None = None
    """The picture averaged down; None for the screen and where it could not be made."""
    size: tuple[int, int] = (PLANE_WIDTH_PX, PLANE_HEIGHT_PX)
    """Width and height of the picture in pixels."""

    @property
    def has_movement(self) -> bool:
        """Whether something larger moves: a head, an arm, somebody who comes; as well where it is unknown."""
        return self.change is None or self.change > MOVING_LUMA

    @property
    def face(self) -> Face | None:
        """The candidate's face."""
        return self.people.faces[0] if self.people is not None and self.people.faces else None
