"""Where each key picture looked, and the focal length, from all links at once.

The focal length is first chosen on a grid: the one under which plain turns explain every link best and under which
recognised places meet where the turns in between lead. Then all turns and the focal length are adjusted together
(Gauss-Newton with damping on the distances in pixels, Huber weights). A circle that closes is therefore 360 degrees
whatever focal length was assumed to begin with.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from proctor.roomscan.links import Link
from proctor.roomscan.rotations import (
    Rotation,
    angle_deg,
    cross_matrices,
    fit_rotation,
    levelled,
    project,
    rays,
    turned,
)

USUAL_VIEW_DEG: Final = 62.0
"""Angle over the longer side of the picture that is assumed before anything is known; usual for webcams and phones."""
NARROWEST_VIEW_DEG: Final = 34.0
WIDEST_VIEW_DEG: Final = 110.0
GRID: Final = 36
POINTS_PER_LINK: Final = 32
HUBER_PX: Final = 1.5
USUAL_VIEW_SPREAD: Final = 0.35
"""Standard deviation of the logarithm of the focal length that is expected: a weak pull where links tell little."""
MEETING_PX: Final = 60.0
"""Distance in pixels that counts at most where a recognised place does not meet the turns in between."""
DOUBTFUL_PX: Final = 6.0
DOUBTFUL_TIMES: Final = 5.0
"""A recognised place that the placement misses by this much more than usual was another place that looks the same."""
NEAR: Final = 6
"""Key pictures that follow each other so closely overlap; links between them cannot lead astray by much."""
BENT_PX: Final = 1.5
BENT_TIMES: Final = 2.0
ROUNDS: Final = 12
SETTLED: Final = 1e-5


_Solution = tuple[Rotation, float, NDArray[np.float64]]


@dataclass(frozen=True, slots=True, eq=False)
class Placement:
    """Directions of the key pictures that hang together with the largest group of them."""

    focal: float
    """Pixels of the working picture."""
    keys: tuple[int, ...]
    """Numbers of the placed key pictures, in order of time."""
    rotations: Rotation
    """One for each of `keys`, in a levelled room."""
    residual_px: float
    """Median distance of points from where the placement puts them; 0 without links."""
    links: tuple[Link, ...]
    """Those that were believed."""

    def rotation(self, key: int) -> Rotation:
        """Direction of a placed key picture."""
        found: Rotation = self.rotations[self.keys.index(key)]
        return found

    def extended(self, key: int, rotation: Rotation) -> Placement:
        """The same with one key picture more, which must be the latest."""
        return replace(self, keys=(*self.keys, key), rotations=np.concatenate([self.rotations, rotation[None]]))


def focal_of(view_deg: float, longer_side_px: float) -> float:
    """Focal length in pixels for an angle of view over the longer side."""
    return longer_side_px / 2 / float(np.tan(np.radians(view_deg) / 2))


def unplaced(longer_side_px: float) -> Placement:
    """What is known without pictures."""
    return Placement(focal_of(USUAL_VIEW_DEG, longer_side_px), (), np.zeros((0, 3, 3)), 0.0, ())


def place(keys: int, links: Sequence[Link], longer_side_px: float) -> Placement:
    """Place as many of `keys` pictures as hang together by `links`."""
    group = _largest_group(keys, links)
    usual = focal_of(USUAL_VIEW_DEG, longer_side_px)
    numbers = {key: index for index, key in enumerate(group)}
    own = [link for link in links if link.first in numbers]
    if not own:
        return Placement(usual, tuple(group), np.tile(np.eye(3), (len(group), 1, 1)), 0.0, ())
    believed, (rotations, focal, misses) = _believed(own, numbers, longer_side_px)
    residual = float(np.median(misses))
    return Placement(focal, tuple(group), levelled(rotations), residual, tuple(believed))


def _believed(links: list[Link], numbers: dict[int, int], longer_side_px: float) -> tuple[list[Link], _Solution]:
    """The links without those to places that only look the same, and what the others lead to.

    A single wrong one misses by far more than the rest. Many wrong ones, as in a room with equal walls, bend the whole
    placement instead, so that the links between neighbours fit worse than they do alone.
    """
    found = _adjusted(links, numbers, longer_side_px)
    most = max(DOUBTFUL_PX, DOUBTFUL_TIMES * float(np.median(found[2])))
    kept = [link for link, miss in zip(links, found[2], strict=True) if link.tracked or miss <= most]
    if len(kept) < len(links) and _hang_together(kept, numbers):
        links, found = kept, _adjusted(kept, numbers, longer_side_px)
    near = [link for link in links if _is_near(link)]
    if len(near) == len(links) or not _hang_together(near, numbers):
        return links, found
    alone = _adjusted(near, numbers, longer_side_px)
    bent = float(np.median([miss for link, miss in zip(links, found[2], strict=True) if _is_near(link)]))
    if bent > max(BENT_PX, BENT_TIMES * float(np.median(alone[2]))):
        return near, alone
    return links, found


def _hang_together(links: Sequence[Link], numbers: dict[int, int]) -> bool:
    placed = [Link(numbers[x.first], numbers[x.second], x.first_points, x.second_points, x.tracked) for x in links]
    return len(_largest_group(len(numbers), placed)) == len(numbers)


def _is_near(link: Link) -> bool:
    return link.tracked or link.second - link.first <= NEAR


def _adjusted(links: Sequence[Link], numbers: dict[int, int], longer_side_px: float) -> _Solution:
    """Directions, focal length, and each link's median distance in pixels."""
    pairs = _Pairs(links, numbers)
    usual = focal_of(USUAL_VIEW_DEG, longer_side_px)
    focal = _choose_focal(pairs, len(numbers), longer_side_px)
    problem = _Adjustment(pairs, len(numbers), usual)
    rotations, focal = problem.solve(pairs.chained(len(numbers), focal)[0], focal, longer_side_px)
    distances = np.linalg.norm(problem.distances(rotations, focal), axis=-1)
    return rotations, focal, np.asarray(np.median(distances, axis=-1), dtype=np.float64)


class _Pairs:
    """Links with the same number of points each, so that all are worked on at once."""

    def __init__(self, links: Sequence[Link], numbers: dict[int, int]) -> None:
        chosen = [np.linspace(0, len(link.first_points) - 1, POINTS_PER_LINK).round().astype(int) for link in links]
        self.source = np.stack([link.first_points[some] for link, some in zip(links, chosen, strict=True)])
        self.target = np.stack([link.second_points[some] for link, some in zip(links, chosen, strict=True)])
        self.first = np.array([numbers[link.first] for link in links])
        self.second = np.array([numbers[link.second] for link in links])
        self.weights = np.array([1.0 / (1.0 + (link.doubt_px / HUBER_PX) ** 2) for link in links])
        self._tree, self._rest = self._spanning(links, len(numbers))

    def _spanning(self, links: Sequence[Link], keys: int) -> tuple[list[int], list[int]]:
        """Links that reach every key picture from the first, and the others: sure and tracked ones come first."""

        def rank(number: int) -> tuple[float, bool, int]:
            link = links[number]
            return link.doubt_px, not link.tracked, int(abs(self.second[number] - self.first[number]))

        order = sorted(range(len(links)), key=rank)
        home = list(range(keys))
        tree = []
        for number in order:
            one, other = _root(home, int(self.first[number])), _root(home, int(self.second[number]))
            if one != other:
                home[one] = other
                tree.append(number)
        chosen = set(tree)
        return tree, [number for number in range(len(links)) if number not in chosen]

    def chained(self, keys: int, focal: float) -> tuple[Rotation, NDArray[np.float64], NDArray[np.float64]]:
        """Directions along the tree, each link's own distances, and by how many degrees the other links miss."""
        seen, found = rays(self.source, focal), rays(self.target, focal)
        turns = fit_rotation(seen, found)
        own = project(seen @ np.swapaxes(turns, -1, -2), focal) - self.target
        rotations = np.tile(np.eye(3), (keys, 1, 1))
        placed = {0}
        waiting = list(self._tree)
        while waiting:
            later = []
            for number in waiting:
                first, second = int(self.first[number]), int(self.second[number])
                if first in placed:
                    rotations[second] = rotations[first] @ turns[number].T
                elif second in placed:
                    rotations[first] = rotations[second] @ turns[number]
                else:
                    later.append(number)
                    continue
                placed |= {first, second}
            waiting = later
        led = np.swapaxes(rotations[self.second[self._rest]], 1, 2) @ rotations[self.first[self._rest]]
        misses = angle_deg(led @ np.swapaxes(turns[self._rest], 1, 2))
        return rotations, np.linalg.norm(own, axis=-1), misses


def _choose_focal(pairs: _Pairs, keys: int, longer_side_px: float) -> float:
    usual = focal_of(USUAL_VIEW_DEG, longer_side_px)
    best, least = usual, np.inf
    for view_deg in np.geomspace(NARROWEST_VIEW_DEG, WIDEST_VIEW_DEG, GRID):
        focal = focal_of(float(view_deg), longer_side_px)
        _, own, misses = pairs.chained(keys, focal)
        missed_px = np.minimum(np.radians(misses) * focal, MEETING_PX)
        cost = float((np.minimum(own, 2 * HUBER_PX) * pairs.weights[:, None]).sum())
        cost += POINTS_PER_LINK * 0.1 * float(missed_px.sum())
        cost += (np.log(focal / usual) / USUAL_VIEW_SPREAD) ** 2
        if cost < least:
            best, least = focal, cost
    return best


class _Adjustment:
    """All turns and the focal length together."""

    def __init__(self, pairs: _Pairs, keys: int, usual_focal: float) -> None:
        self._pairs = pairs
        self._keys = keys
        self._usual = usual_focal

    def distances(self, rotations: Rotation, focal: float) -> NDArray[np.float64]:
        """Shape (links, points, 2): how far points land from where they were found."""
        turns = np.swapaxes(rotations[self._pairs.second], 1, 2) @ rotations[self._pairs.first]
        directions = rays(self._pairs.source, focal) @ np.swapaxes(turns, -1, -2)
        away: NDArray[np.float64] = project(directions, focal) - self._pairs.target
        return away

    def solve(self, rotations: Rotation, focal: float, longer_side_px: float) -> tuple[Rotation, float]:
        """Improve until nothing changes any more."""
        shortest = focal_of(WIDEST_VIEW_DEG, longer_side_px)
        longest = focal_of(NARROWEST_VIEW_DEG, longer_side_px)
        damping = 1e-3
        cost = self._cost(rotations, focal)
        for _ in range(ROUNDS):
            matrix, vector = self._normal(rotations, focal)
            step = np.linalg.solve(matrix + damping * np.diag(np.diag(matrix) + 1e-6), -vector)
            trial = turned(rotations, step[:-1].reshape(-1, 3))
            trial_focal = float(np.clip(focal * np.exp(np.clip(step[-1], -0.2, 0.2)), shortest, longest))
            trial_cost = self._cost(trial, trial_focal)
            if trial_cost >= cost:
                damping *= 10
                continue
            gained = (cost - trial_cost) / cost
            rotations, focal, cost = trial, trial_focal, trial_cost
            damping = max(1e-6, damping / 5)
            if gained < SETTLED:
                break
        return rotations, focal

    def _cost(self, rotations: Rotation, focal: float) -> float:
        trust = np.sqrt(self._pairs.weights)[:, None]
        lengths = np.linalg.norm(self.distances(rotations, focal), axis=-1) * trust
        huber = np.where(lengths <= HUBER_PX, lengths**2, HUBER_PX * (2 * lengths - HUBER_PX))
        return float(huber.sum() + (np.log(focal / self._usual) / USUAL_VIEW_SPREAD) ** 2)

    def _normal(self, rotations: Rotation, focal: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Normal equations for a small turn of each picture and for the logarithm of the focal length."""
        pairs, keys = self._pairs, self._keys
        turns = np.swapaxes(rotations[pairs.second], 1, 2) @ rotations[pairs.first]
        rough = np.concatenate([pairs.source, np.full((*pairs.source.shape[:-1], 1), focal)], axis=-1)
        seen = rough @ np.swapaxes(turns, -1, -2)
        depth = np.maximum(seen[..., 2], 1e-3 * focal)
        errors = focal * seen[..., :2] / depth[..., None] - pairs.target
        trust = pairs.weights[:, None]
        lengths = np.linalg.norm(errors, axis=-1) * np.sqrt(trust)
        weights = np.minimum(1.0, HUBER_PX / np.maximum(lengths, 1e-9)) * trust
        projecting = np.zeros((*seen.shape[:-1], 2, 3))
        projecting[..., 0, 0] = projecting[..., 1, 1] = focal / depth
        projecting[..., :, 2] = -focal * seen[..., :2] / depth[..., None] ** 2
        by_first = projecting @ (-turns[:, None] @ cross_matrices(rough))
        by_second = projecting @ cross_matrices(seen)
        by_focal = seen[..., :2] / depth[..., None] * focal
        by_focal += np.einsum("lpij,lj->lpi", projecting, turns[:, :, 2]) * focal
        columns = np.concatenate([by_first, by_second, by_focal[..., None]], axis=-1)
        rows = columns.reshape(len(columns), -1, columns.shape[-1])
        weighted = np.swapaxes((columns * weights[..., None, None]).reshape(rows.shape), -1, -2)
        small = weighted @ rows
        pull = (weighted @ errors.reshape(len(errors), -1, 1))[..., 0]
        size = 3 * keys + 1
        matrix, vector = np.zeros((size, size)), np.zeros(size)
        steps = np.arange(3)
        places = np.concatenate(
            [3 * pairs.first[:, None] + steps, 3 * pairs.second[:, None] + steps, np.full((len(small), 1), size - 1)],
            axis=1,
        )
        np.add.at(matrix, (places[:, :, None], places[:, None, :]), small)
        np.add.at(vector, places, pull)
        matrix[-1, -1] += USUAL_VIEW_SPREAD**-2
        vector[-1] += np.log(focal / self._usual) * USUAL_VIEW_SPREAD**-2
        matrix[steps, steps] += 1e6
        return matrix, vector


def _largest_group(keys: int, links: Sequence[Link]) -> list[int]:
    home = list(range(keys))
    for link in links:
        home[_root(home, link.first)] = _root(home, link.second)
    groups: dict[int, list[int]] = {}
    for key in range(keys):
        groups.setdefault(_root(home, key), []).append(key)
    return max(groups.values(), key=len)


def _root(home: list[int], key: int) -> int:
    while home[key] != key:
        home[key] = home[home[key]]
        key = home[key]
    return key
