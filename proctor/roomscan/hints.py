"""What to tell the person who turns the camera, while it turns."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from proctor.domain.time import NS_PER_S, MediaTime
from proctor.roomscan.coverage import FULL_DEG, Side
from proctor.roomscan.keys import Standing
from proctor.roomscan.tracking import Usability

FAST_DEG_PER_S: Final = 45.0
"""Above this a usual webcam's pictures smear and sampled pictures hardly overlap."""
BACK_DEG: Final = 12.0
"""A turn back by this much is no sway."""
BEGUN_DEG: Final = 30.0
STANDSTILL_S: Final = 3.0
STANDSTILL_DEG: Final = 3.0
LOST_S: Final = 0.7


class Hint(StrEnum):
    """Stable identifiers; sides are those of the camera's first picture."""

    SLOWER = "slower"
    TOO_DARK = "too_dark"
    BLURRED = "blurred"
    PLAIN = "plain"
    """An even surface: show edges, corners, furniture with it."""
    GO_BACK = "go_back"
    """The view was lost: turn back to what was shown before."""
    REVERSED = "reversed"
    """The turn went back: go on in the first direction."""
    MISSED_FRONT = "missed_front"
    MISSED_RIGHT = "missed_right"
    MISSED_BEHIND = "missed_behind"
    MISSED_LEFT = "missed_left"
    KEEP_TURNING = "keep_turning"
    COMPLETE = "complete"


_MISSED: Final = {
    Side.FRONT: Hint.MISSED_FRONT,
    Side.RIGHT: Hint.MISSED_RIGHT,
    Side.BEHIND: Hint.MISSED_BEHIND,
    Side.LEFT: Hint.MISSED_LEFT,
}


class Guide:
    """Chooses hints, the most pressing first."""

    def __init__(self) -> None:
        self._lost_since: MediaTime | None = None
        self._gained_at: MediaTime | None = None
        self._gained_deg = 0.0

    def picture_hints(self, at: MediaTime, usability: Usability, *, is_placed: bool, speed: float) -> list[Hint]:
        """What is wrong with the latest picture; `speed` in degrees a second."""
        if is_placed:
            self._lost_since = None
        elif self._lost_since is None:
            self._lost_since = at
        hints = []
        if usability.is_dark:
            hints.append(Hint.TOO_DARK)
        elif usability.is_plain:
            hints.append(Hint.PLAIN)
        elif usability.is_blurred:
            hints.append(Hint.BLURRED)
        if speed > FAST_DEG_PER_S:
            hints.append(Hint.SLOWER)
        if self._lost_since is not None and at - self._lost_since >= LOST_S * NS_PER_S and not usability.is_plain:
            hints.append(Hint.GO_BACK)
        return hints

    def progress_hints(self, at: MediaTime, standing: Standing, yaw_deg: float, *, is_complete: bool) -> list[Hint]:
        """What is still missing; `yaw_deg` is the present direction, not wrapped."""
        if is_complete:
            return [Hint.COMPLETE]
        covered = standing.circle.coverage_deg
        if self._gained_at is None or covered > self._gained_deg + STANDSTILL_DEG:
            self._gained_at, self._gained_deg = at, covered
        if covered < BEGUN_DEG:
            return [Hint.KEEP_TURNING]
        hints = []
        if self._turned_back(standing, yaw_deg):
            hints.append(Hint.REVERSED)
        missed = standing.circle.missed()
        if hints or at - self._gained_at >= STANDSTILL_S * NS_PER_S:
            if missed:
                hints.append(_MISSED[missed[0].side])
            elif standing.circle.untold():
                hints.append(Hint.PLAIN)
        return hints or [Hint.KEEP_TURNING]

    @staticmethod
    def _turned_back(standing: Standing, yaw_deg: float) -> bool:
        """Whether the turn, in the direction that went further, has gone back before the circle was round."""
        right, left = max(standing.turned_to_deg, yaw_deg), min(standing.turned_from_deg, yaw_deg)
        if right - left >= FULL_DEG:
            return False
        back = right - yaw_deg if right >= -left else yaw_deg - left
        return back >= BACK_DEG
