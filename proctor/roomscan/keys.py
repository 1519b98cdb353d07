"""The chain of key pictures that grows while the camera turns, and what ties them together."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from proctor.domain.time import MediaTime
from proctor.roomscan.coverage import Circle
from proctor.roomscan.links import Link
from proctor.roomscan.parallax import narrowed, true_share
from proctor.roomscan.pictures import kept
from proctor.roomscan.placement import Placement, place, unplaced
from proctor.roomscan.rotations import Points, Rotation, fit_rotation, rays, wrapped_deg, yaw_deg
from proctor.roomscan.tracking import WORKING_PX, Described, Followed, View, describe, recognise

MOST_KEYS: Final = 240
"""About six turns; what comes later is not judged."""
LOOKED_FOR_DEG: Final = 50.0
"""Pictures further apart than this hardly show the same."""
DRIFT: Final = 0.3
"""How wrong the turn between two pictures may be, as a part of the way between them, before it is adjusted."""
SETTLE_EVERY: Final = 4
SETTLE_PART: Final = 8
"""Placing all key pictures anew costs more the more there are, so it waits for an eighth of them: with 95 key pictures
of a camera that went to and fro it took 2 s each time."""
BRIDGED_DEG: Final = 35.0
"""A turn past a plain wall is taken as made when the places at both its ends are known and this near to each other."""
WHOLE_TURN_DEG: Final = 180.0
"""A place recognised after a turn that differs by more than this was reached by going all the way round."""


@dataclass(frozen=True, slots=True, eq=False)
class Key:
    """One key picture of the chain."""

    at: MediaTime
    described: Described
    begins: bool
    """The view was lost since the key picture before."""
    jpeg: bytes
    width: int
    height: int


@dataclass(frozen=True, slots=True, eq=False)
class Standing:
    """What the chain shows so far."""

    circle: Circle
    is_closed: bool
    """A place was recognised after going all the way round."""
    is_open: bool
    """It was not, and the turn was led from its first key picture to its last."""
    torn_deg: float
    """Degrees between key pictures that hang together by others alone: what was shown on the way is not known."""
    yaw_deg: float
    """Where the last placed key picture looks, degrees turned to the right since the first, not wrapped."""
    turned_from_deg: float
    """Least and most of that since the recording began."""
    turned_to_deg: float


class KeyChain:
    """Key pictures, links and the latest placement."""

    def __init__(self, most_keys: int = MOST_KEYS) -> None:
        self.keys: list[Key] = []
        self._most_keys = most_keys
        self._links: list[Link] = []
        self._lost: dict[int, tuple[int, int]] = {}
        """Pictures that were not placed before a key picture: those with too little in them to follow, and others."""
        self._unsettled = 0
        self.placement: Placement = unplaced(WORKING_PX)

    @property
    def is_full(self) -> bool:
        """Whether no more key pictures are taken."""
        return len(self.keys) >= self._most_keys

    def append(
        self,
        at: MediaTime,
        view: View,
        rgb: NDArray[np.uint8],
        *,
        followed: Followed | None = None,
        recognised: tuple[int, Points, Points] | None = None,
    ) -> None:
        """Add a key picture that was followed from the last one, or recognised from any, or starts anew."""
        number = len(self.keys)
        described = describe(view)
        self.keys.append(Key(at, described, followed is None, *kept(rgb)))
        tied = -1
        if followed is not None:
            points = followed.key_points, followed.points
            self._links.append(Link(number - 1, number, *points, tracked=True, doubt_px=followed.doubt_px))
            tied = number - 1
        elif recognised is not None:
            tied = recognised[0]
            self._links.append(Link(*recognised[:1], number, *recognised[1:], tracked=False))
        self._extend(number, tied)
        far = self._look_for(number, described, tied)
        self._unsettled += 1
        if far or self._unsettled >= max(SETTLE_EVERY, len(self.keys) // SETTLE_PART):
            self.settle()

    def lost_before(self, plain: int, others: int) -> None:
        """So many pictures before the last key picture were not placed, `plain` ones for want of anything to follow."""
        self._lost[len(self.keys) - 1] = (plain, others)

    def find(self, described: Described) -> tuple[int, Points, Points] | None:
        """The latest key picture that shows the same place as a picture."""
        for number in reversed(range(len(self.keys))):
            found = recognise(self.keys[number].described, described)
            if found is not None:
                return number, *found
        return None

    def settle(self) -> None:
        """Place all key pictures anew."""
        self._unsettled = 0
        self.placement = place(len(self.keys), self._links, WORKING_PX)

    def narrow(self) -> None:
        """Take off an open turn what the length of an arm adds to it, once all are placed."""
        self.placement = narrowed(self.placement, true_share(self.placement))

    def standing(self) -> Standing:
        """What has been covered, by the latest placement."""
        circle = Circle()
        placed = list(zip(self.placement.keys, self.placement.rotations, strict=True))
        if not placed:
            return Standing(
                circle,
                is_closed=False,
                is_open=False,
                torn_deg=0.0,
                yaw_deg=0.0,
                turned_from_deg=0.0,
                turned_to_deg=0.0,
            )
        yaws = [yaw_deg(rotation) for _, rotation in placed]
        unwrapped = [0.0]
        stretch = [0]
        torn_deg = 0.0
        for index in range(1, len(placed)):
            step = wrapped_deg(yaws[index] - yaws[index - 1])
            number = placed[index][0]
            led_here = number == placed[index - 1][0] + 1 and not self.keys[number].begins
            bridged = led_here or abs(step) <= BRIDGED_DEG
            if bridged:
                circle.sweep(yaws[index - 1], step)
            elif self._is_past_plain(placed[index - 1][0], number):
                circle.sweep_blind(yaws[index - 1], step)
            torn_deg += 0.0 if bridged else abs(step)
            unwrapped.append(unwrapped[-1] + step)
            stretch.append(stretch[-1] + (not bridged))
        is_closed = self._is_closed(yaws, unwrapped, stretch)
        return Standing(
            circle,
            is_closed=is_closed,
            is_open=not is_closed and not stretch[-1],
            torn_deg=torn_deg,
            yaw_deg=unwrapped[-1],
            turned_from_deg=min(unwrapped),
            turned_to_deg=max(unwrapped),
        )

    def _is_past_plain(self, before: int, after: int) -> bool:
        """Whether what was shown between two key pictures mostly had nothing in it, so that the view had to be lost."""
        lost = [self._lost.get(number, (0, 0)) for number in range(before + 1, after + 1)]
        unplaced = after - before - 1
        return sum(plain for plain, _ in lost) > sum(others for _, others in lost) + unplaced

    def _is_closed(self, yaws: list[float], unwrapped: list[float], stretch: list[int]) -> bool:
        index = {key: place for place, key in enumerate(self.placement.keys)}
        for link in self.placement.links:
            first, second = index[link.first], index[link.second]
            way = unwrapped[second] - unwrapped[first]
            if (
                stretch[first] == stretch[second]
                and abs(way - wrapped_deg(yaws[second] - yaws[first])) > WHOLE_TURN_DEG
            ):
                return True
        return False

    def _extend(self, number: int, tied: int) -> None:
        """Place the new key picture by its link alone, until all are placed anew."""
        if not self.placement.keys:
            self.settle()
        elif tied in self.placement.keys:
            link, focal = self._links[-1], self.placement.focal
            turn = fit_rotation(rays(link.first_points, focal), rays(link.second_points, focal))
            self.placement = self.placement.extended(number, self.placement.rotation(tied) @ turn.T)

    def _look_for(self, number: int, described: Described, tied: int) -> bool:
        """Link the new key picture with all earlier ones that show the same; whether one was reached by going round."""
        far = False
        for earlier in range(number - 1):
            if earlier == tied or not self._may_show_the_same(earlier, number):
                continue
            found = recognise(self.keys[earlier].described, described)
            if found is not None:
                self._links.append(Link(earlier, number, *found, tracked=False))
                far |= number - earlier > SETTLE_EVERY and self._went_round(earlier, number)
        return far

    def _went_round(self, earlier: int, number: int) -> bool:
        """Whether the way from one key picture to the other leads all the way round; as well where it is unknown."""
        placed = self.placement.keys
        if earlier not in placed or number not in placed:
            return True
        yaws = [yaw_deg(rotation) for rotation in self.placement.rotations[placed.index(earlier) :]]
        way = sum(wrapped_deg(after - before) for before, after in pairwise(yaws))
        return abs(way - wrapped_deg(yaws[-1] - yaws[0])) > WHOLE_TURN_DEG

    def _may_show_the_same(self, earlier: int, number: int) -> bool:
        placed = self.placement.keys
        if earlier not in placed or number not in placed:
            return True
        start = placed.index(earlier)
        yaws = [yaw_deg(rotation) for rotation in self.placement.rotations[start:]]
        way = sum(abs(wrapped_deg(after - before)) for before, after in pairwise(yaws))
        return abs(wrapped_deg(yaws[-1] - yaws[0])) < LOOKED_FOR_DEG + DRIFT * way


def key_rotation(chain: KeyChain, number: int) -> Rotation | None:
    """Direction of a key picture; None where it hangs together with none of the placed ones."""
    return chain.placement.rotation(number) if number in chain.placement.keys else None
