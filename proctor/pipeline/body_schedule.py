"""When bodies are looked for: soon after the face is lost or has moved in the picture, and now and then besides.

A body costs ten times what a face costs, and a seated candidate with a face in the usual place needs none. The look now
and then is for a second person who never shows a face.
"""

from __future__ import annotations

from typing import Final

from proctor.detectors.recent_median import RecentMedian
from proctor.domain.observations import BodyObserved, Face, Observation
from proctor.domain.time import NS_PER_S, MediaTime
from proctor.pipeline.moment import SLACK, Moment

CALM_EVERY: Final = 20 * NS_PER_S
STILL_EVERY: Final = 60 * NS_PER_S
"""As long as nothing larger has moved in the picture since the last look: nobody comes unseen."""
ODD_EVERY: Final = 1 * NS_PER_S
THINNED_EVERY: Final = 8 * NS_PER_S
ODD_FOR: Final = 6 * NS_PER_S
"""The quicker pace goes on for this long after the last odd picture."""
USUAL_PICTURES: Final = 60
MOVED_WIDTHS: Final = 1.0
"""A face whose centre is this many face widths from its usual place has moved."""
GROWN: Final = 1.5
"""A face this many times its usual width, or this part of it, has come nearer or gone back."""


class BodySchedule:
    """The schedule of the sense `body` for one sitting's camera."""

    def __init__(self) -> None:
        self._usual = tuple(RecentMedian(USUAL_PICTURES) for _ in range(4))
        """Left and upper edge, width and height of the face."""
        self._odd_until: int | None = None
        self._looked_at: MediaTime | None = None
        self._has_movement = False

    def wants(self, moment: Moment) -> bool:
        """Whether to look at this picture; False too where it was not possible to look for faces."""
        if moment.people is None:
            return False
        if moment.people.people != 1 or moment.face is None or self._has_moved(moment.face):
            self._odd_until = moment.at + ODD_FOR
        if moment.face is not None:
            for usual, side in zip(self._usual, moment.face.box, strict=True):
                usual.add(side)
        self._has_movement = self._has_movement or moment.has_movement
        pace = CALM_EVERY if self._has_movement else STILL_EVERY
        if self._odd_until is not None and moment.at <= self._odd_until:
            pace = ODD_EVERY
        if moment.is_thinned:
            pace = max(pace, THINNED_EVERY)
        return self._looked_at is None or moment.at - self._looked_at >= pace - SLACK

    def looked(self, moment: Moment, observed: Observation | None) -> None:
        """Take note: a second body is reason enough to look again soon."""
        self._looked_at = moment.at
        self._has_movement = False
        if isinstance(observed, BodyObserved) and len(observed.bodies) > 1:
            self._odd_until = moment.at + ODD_FOR

    def _has_moved(self, face: Face) -> bool:
        if not len(self._usual[0]):
            return False
        x, y, width, height = (usual.value for usual in self._usual)
        across = abs(face.box[0] + face.box[2] / 2 - x - width / 2)
        down = abs(face.box[1] + face.box[3] / 2 - y - height / 2)
        ratio = face.box[2] / max(width, 1.0)
        return max(across, down) > MOVED_WIDTHS * width or not 1 / GROWN <= ratio <= GROWN
