"""A recording of a room, picture by picture: what has been shown, and what to tell the person who turns the camera.

Nothing but pictures is used: no gyroscope, no clock, no file. The camera is taken to turn on the spot; how far its
pictures moved is turned into degrees by a focal length that is estimated from the pictures themselves and fixed by the
circle when it closes. What no features were seen in is not counted, so `coverage_deg` is what the recording proves.
"""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray

from proctor.domain.guided import REQUIRED_DEG
from proctor.domain.media import Frame
from proctor.domain.time import NS_PER_S, MediaTime
from proctor.roomscan.coverage import Sector
from proctor.roomscan.hints import Guide, Hint
from proctor.roomscan.keys import MOST_KEYS, KeyChain, Standing, key_rotation
from proctor.roomscan.parallax import LONGEST_EXCESS
from proctor.roomscan.pictures import KeyPicture
from proctor.roomscan.rotations import fit_rotation, rays, wrapped_deg, yaw_deg
from proctor.roomscan.tracking import (
    ENOUGH_POINTS,
    WORKING_PX,
    Followed,
    Follower,
    Step,
    View,
    describe,
    shifted,
    view_of,
)

MODEL: Final = "roomscan@2"
MOST_PER_S: Final = 12.0
"""Pictures beyond this rate are passed over; a slow turn needs two or three a second."""
NEW_KEY_SHIFT: Final = 0.13
"""Part of the longer side by which the picture moves from one key picture to the next: 8 degrees of a usual webcam."""
NEW_KEY_LEFT: Final = 0.5
ANEW_AFTER: Final = 2
"""Usable pictures in a row that fit nowhere, after which the chain starts anew."""
COAST: Final = 6 * NS_PER_S // 10
COAST_REACH: Final = 0.4
COAST_DOUBT: Final = 0.3
"""For so long, and over such a part of the longer side, a turn is taken to have gone on as it was, within that part."""
MOST_GUESSED_DEG: Final = 20.0
MOST_STRAY: Final = 1
"""An open turn of which more was guessed in that way, or of which more key pictures hang together with nothing, is not
told: the view was lost on the way."""
JUDGED_SHARE: Final = 0.6
"""Least part of the pictures that must have been placed; below it the recording does not tell how far it turned."""
MOST_RESIDUAL_PX: Final = 3.0
"""Composed circles on an arm of 0 to 30 cm gave 0.3 to 1.1, a camera carried around a desk 4."""
SPEED_WINDOW: Final = 4


class CannotTell(StrEnum):
    """Why a recording does not tell how far the camera turned."""

    NO_PICTURES = "no_pictures"
    TOO_DARK = "too_dark"
    TOO_PLAIN = "too_plain"
    TOO_BLURRED = "too_blurred"
    VIEW_LOST = "view_lost"
    MOVED = "moved"
    """The camera was carried about; turns on the spot do not explain its pictures."""


@dataclass(frozen=True, slots=True)
class ScanProgress:
    """Where a recording stands after a picture."""

    at: MediaTime
    coverage_deg: float
    is_complete: bool
    yaw_deg: float
    """Where the camera looks: degrees turned to the right since the first picture, not wrapped."""
    speed_deg_per_s: float
    missed: tuple[Sector, ...]
    hints: tuple[Hint, ...]
    """The most pressing first."""


@dataclass(frozen=True, slots=True, eq=False)
class RoomScanResult:
    """What a recording of a room showed."""

    since: MediaTime
    until: MediaTime
    coverage_deg: float
    """Degrees that the camera turned through, 0 to 360: a lower bound where `cannot_tell` says why."""
    least_deg: float
    """The same for a camera at arm's length, where the circle did not close."""
    most_deg: float
    """The same for a camera on the spot."""
    is_complete: bool
    """At least the required degrees on the spot, and a place was recognised after going round."""
    is_closed: bool
    missed: tuple[Sector, ...]
    """Directions that the camera did not look in, widest first."""
    untold: tuple[Sector, ...]
    """Directions that it may have looked in, as the places on both sides are known and its pictures in between showed
    too little to be followed; no part of `coverage_deg`."""
    view_deg: float
    """Estimated angle of view over the longer side."""
    cannot_tell: CannotTell | None
    key_pictures: tuple[KeyPicture, ...]
    pictures: int
    """Pictures looked at."""


class RoomScan:
    """One recording of a room; `add` each picture, then `finish`."""

    def __init__(self, *, required_deg: float = REQUIRED_DEG, most_keys: int = MOST_KEYS) -> None:
        """Configure.

        Args:
            required_deg: degrees from which a closed circle counts as complete.
            most_keys: key pictures after which nothing more is judged; what one costs grows with their number.
        """
        self._required_deg = required_deg
        self._chain = KeyChain(most_keys)
        self._guide = Guide()
        self._follower: Follower | None = None
        self._followed: Followed | None = None
        self._latest: tuple[MediaTime, View, NDArray[np.uint8]] | None = None
        self._unplaced = 0
        self._gap: Counter[bool] = Counter()
        """Pictures since the last that was placed, by whether there was too little in them to follow."""
        self._outcomes: Counter[CannotTell | None] = Counter()
        self._since: MediaTime | None = None
        self._last: MediaTime | None = None
        self._placed_at: MediaTime | None = None
        self._coasted_px = 0.0
        self._yaws: deque[tuple[MediaTime, float]] = deque(maxlen=SPEED_WINDOW)
        self._focal = self._chain.placement.focal
        self._standing: Standing | None = None
        self._progress: ScanProgress | None = None

    @property
    def is_full(self) -> bool:
        """Whether no more pictures are judged."""
        return self._chain.is_full

    def wants(self, at: MediaTime) -> bool:
        """Whether a picture of this time would be looked at, so that others need not be decoded."""
        return self._last is None or at - self._last >= NS_PER_S / MOST_PER_S * 0.99

    def add(self, frame: Frame) -> ScanProgress:
        """Look at a picture; one that comes too soon after the last changes nothing."""
        if self._progress is not None and not self.wants(frame.at):
            return self._progress
        self._since = frame.at if self._since is None else self._since
        self._last = frame.at
        view = view_of(frame.rgb)
        is_placed = self._place(frame.at, view, frame.rgb)
        if is_placed:
            self._gap.clear()
        else:
            self._gap[view.usability.points < ENOUGH_POINTS and not view.usability.is_dark] += 1
        self._outcomes[None if is_placed else _reason(view)] += 1
        self._progress = self._report(frame.at, view, is_placed=is_placed)
        return self._progress

    def finish(self) -> RoomScanResult:
        """Judge the whole recording."""
        chain = self._chain
        if self._followed is not None and self._latest is not None and not chain.is_full:
            self._take_key()
        if chain.keys:
            chain.settle()
        on_the_spot = standing = chain.standing()
        if standing.is_open:
            chain.narrow()
            standing = chain.standing()
        pictures = tuple(
            KeyPicture(
                key.at,
                key.jpeg,
                key.width,
                key.height,
                key_rotation(chain, number),
                chain.placement.focal * max(key.width, key.height) / WORKING_PX,
            )
            for number, key in enumerate(chain.keys)
        )
        cannot_tell = self._cannot_tell(standing)
        since = self._since if self._since is not None else MediaTime(0)
        coverage_deg, most_deg = standing.circle.coverage_deg, on_the_spot.circle.coverage_deg
        return RoomScanResult(
            since=since,
            until=self._last if self._last is not None else since,
            coverage_deg=coverage_deg,
            least_deg=coverage_deg if standing.is_closed else min(coverage_deg, most_deg / LONGEST_EXCESS),
            most_deg=most_deg,
            is_complete=self._is_complete(standing),
            is_closed=standing.is_closed,
            missed=standing.circle.missed(),
            untold=standing.circle.untold(),
            view_deg=float(np.degrees(2 * np.arctan(WORKING_PX / 2 / chain.placement.focal))),
            cannot_tell=cannot_tell,
            key_pictures=pictures,
            pictures=self._outcomes.total(),
        )

    def _place(self, at: MediaTime, view: View, rgb: NDArray[np.uint8]) -> bool:
        """Tie a picture to the chain; whether that succeeded."""
        if self._chain.is_full:
            return False
        followed = self._follow(view)
        if followed is not None:
            self._unplaced, self._placed_at = 0, at
            self._followed, self._latest = followed, (at, view, rgb)
            if _is_far(followed, view):
                self._take_key()
            return True
        if self._followed is not None:
            self._take_key()
        if view.usability.points < ENOUGH_POINTS or view.usability.is_dark:
            return False
        return self._resume(at, view, rgb)

    def _follow(self, view: View) -> Followed | None:
        """Points of the last key picture, or of the last picture, or the shift of the picture as a whole."""
        if self._follower is None:
            return None
        followed = self._follower.follow(view)
        if followed is None and self._followed is not None and not self._followed.doubt_px:
            self._take_key()
            followed = self._follower.follow(view)
        if followed is None and not view.usability.is_dark:
            followed = self._follower.glimpse(view)
        return followed

    def _resume(self, at: MediaTime, view: View, rgb: NDArray[np.uint8]) -> bool:
        """Recognise where a picture belongs after the view was lost, go on as before, or start anew."""
        recognised = self._chain.find(describe(view)) if self._chain.keys else None
        self._unplaced += 1
        if recognised is None and self._chain.keys and self._unplaced < ANEW_AFTER:
            return False
        coasted = self._coasted(at)
        if recognised is not None and recognised[0] == len(self._chain.keys) - 1:
            self._chain.append(at, view, rgb, followed=Followed(*recognised[1:], len(recognised[1])))
        elif recognised is None and coasted is not None:
            far_px = float(np.linalg.norm(coasted))
            self._chain.append(at, view, rgb, followed=Followed(*shifted(coasted), 0, COAST_DOUBT * far_px))
            self._coasted_px += far_px
        else:
            self._chain.append(at, view, rgb, recognised=recognised)
            self._chain.lost_before(plain=self._gap[True], others=self._gap[False])
        self._restart(view, goes_on=recognised is None and coasted is not None)
        self._placed_at = at
        return True

    def _coasted(self, at: MediaTime) -> Step | None:
        """How far points moved since the last placed picture, had the turn gone on as it was; None after a while."""
        if self._placed_at is None or self._follower is None or self._follower.step is None:
            return None
        moved = self._follower.step * (self._gap.total() + 1)
        is_short = at - self._placed_at <= COAST and float(np.linalg.norm(moved)) <= COAST_REACH * WORKING_PX
        return moved if is_short else None

    def _take_key(self) -> None:
        """Make the latest followed picture a key picture."""
        if self._followed is None or self._latest is None:
            return
        at, view, rgb = self._latest
        self._chain.append(at, view, rgb, followed=self._followed)
        self._restart(view, goes_on=True)

    def _restart(self, view: View, *, goes_on: bool) -> None:
        self._unplaced = 0
        step = self._follower.step if goes_on and self._follower is not None else None
        self._follower, self._followed, self._latest = Follower(view, step), None, None
        self._standing = None

    def _report(self, at: MediaTime, view: View, *, is_placed: bool) -> ScanProgress:
        standing = self._standing = self._standing or self._chain.standing()
        if self._focal != self._chain.placement.focal:  # placed anew: directions before and after do not compare
            self._focal = self._chain.placement.focal
            self._yaws.clear()
        yaw = self._yaw_now(standing)
        if is_placed:
            self._yaws.append((at, yaw))
        else:
            self._yaws.clear()
        speed = self._speed()
        is_complete = self._is_complete(standing)
        hints = self._guide.picture_hints(at, view.usability, is_placed=is_placed, speed=speed)
        hints += self._guide.progress_hints(at, standing, yaw, is_complete=is_complete)
        covered = standing.circle.coverage_deg
        return ScanProgress(at, covered, is_complete, yaw, speed, standing.circle.missed(), tuple(hints))

    def _yaw_now(self, standing: Standing) -> float:
        """The last key picture's direction and how far the view has moved since."""
        placed = self._chain.placement
        if self._followed is None or not placed.keys or placed.keys[-1] != len(self._chain.keys) - 1:
            return standing.yaw_deg
        turn = fit_rotation(rays(self._followed.key_points, placed.focal), rays(self._followed.points, placed.focal))
        before = placed.rotations[-1]
        return standing.yaw_deg + wrapped_deg(yaw_deg(before @ turn.T) - yaw_deg(before))

    def _speed(self) -> float:
        """Degrees a second over the last pictures; 0 where that is not known."""
        if len(self._yaws) < 2:  # noqa: PLR2004 - a speed needs two directions
            return 0.0
        (begin, first), (end, last) = self._yaws[0], self._yaws[-1]
        return abs(last - first) * NS_PER_S / (end - begin)

    def _is_complete(self, standing: Standing) -> bool:
        on_the_spot = self._chain.placement.residual_px <= MOST_RESIDUAL_PX
        return standing.is_closed and on_the_spot and standing.circle.coverage_deg >= self._required_deg

    def _cannot_tell(self, standing: Standing) -> CannotTell | None:
        """The most frequent reason, where too few of the pictures could be placed; what else keeps it from a figure."""
        looked = self._outcomes.total()
        if not looked:
            return CannotTell.NO_PICTURES
        if self._outcomes[None] < JUDGED_SHARE * looked:
            return self._most_frequent()
        if self._chain.placement.residual_px > MOST_RESIDUAL_PX:
            return CannotTell.MOVED
        circle = standing.circle
        if circle.coverage_deg < self._required_deg <= circle.coverage_deg + circle.untold_deg:
            return CannotTell.TOO_PLAIN
        why = self._most_frequent()
        beyond_deg = 0.0 if why is CannotTell.TOO_DARK else standing.torn_deg  # what was dark was not shown
        may_be_whole = circle.coverage_deg < self._required_deg <= circle.coverage_deg + beyond_deg
        guessed_deg = np.degrees(self._coasted_px / self._chain.placement.focal)
        is_torn = len(self._chain.keys) - len(self._chain.placement.keys) > MOST_STRAY
        was_lost = is_torn or may_be_whole or guessed_deg > MOST_GUESSED_DEG
        return why if was_lost and not standing.is_closed else None

    def _most_frequent(self) -> CannotTell:
        """Why pictures were not placed."""
        reasons = {reason: count for reason, count in self._outcomes.items() if reason is not None}
        return max(reasons, key=lambda reason: reasons[reason], default=CannotTell.VIEW_LOST)


def _is_far(followed: Followed, view: View) -> bool:
    few = not followed.doubt_px and len(followed.points) < NEW_KEY_LEFT * followed.begun_with
    return few or followed.shift_px > NEW_KEY_SHIFT * view.longer_side_px


def _reason(view: View) -> CannotTell:
    usability = view.usability
    if usability.is_dark:
        return CannotTell.TOO_DARK
    if usability.is_plain:
        return CannotTell.TOO_PLAIN
    return CannotTell.TOO_BLURRED if usability.is_blurred else CannotTell.VIEW_LOST
