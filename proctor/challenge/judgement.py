"""Whether what was measured agrees with what was asked.

A turn must go to the right side within its time, from rest; a colour must show on the skin, against the rests around
it. A bright room hides the colour of a screen, so a colour that does not show says nothing; a wrong colour does.

A look at the dot, by the eyes with or without the head, must go to its side, against the looks in the rests around it.
How far nobody knows: a narrow window, a small screen or one that stands far away asks for a few degrees only, so a look
that does not go anywhere says nothing; one that clearly goes to the other side does. Nor does anything follow where the
eyes cannot be measured: lids, glare, glasses, dark.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from statistics import median, pstdev
from typing import Final

from proctor.challenge.tasks import DOT_KINDS, FLASH_KINDS, TURN_KINDS, Challenge, Task, TaskKind
from proctor.domain.observations import GazeAngles, HeadPose
from proctor.domain.time import NS_PER_MS, MediaTime

Skin = tuple[float, float, float]
"""Mean red, green and blue of the skin, 0 to 255."""

REST_LOOK: Final = 1_400 * NS_PER_MS
"""How much of a rest is looked at, right before or after a task: five pictures of a running sitting's layer 0."""
SETTLED: Final = 400 * NS_PER_MS
"""A screen's colour has reached the camera's picture after this time."""
LEAST_SAMPLES: Final = 3
TURN_DEG: Final = 18.0
"""Yaw away from rest from which a head is turned; three times what a still head varies by."""
STILL_DEG: Final = 10.0
"""Range of yaw within a rest above which the head did not rest."""
LEAST_SHIFT: Final = 0.008
"""Change of a channel's share in the skin's colour from which a flash shows."""
LEAST_OVER_NOISE: Final = 4.0
EYES_SETTLED: Final = 700 * NS_PER_MS
"""After this time eyes have followed the dot, or come back from it: the way to the page and back through the camera, a
fifth of a second to react, as long again for who hesitates."""
LOOK_DEG: Final = 4.0
"""Look away from rest from which the dot was followed, in degrees as `GazeAngles` counts them: five of six degrees show
of moved irises, and the medians of people who speak to the camera wander by two."""
LOOK_OVER_NOISE: Final = 2.0
LARGEST_GAP: Final = 850 * NS_PER_MS
"""With longer gaps between measured poses a turn may have been missed; two pictures of layer 0 may be."""


class Outcome(StrEnum):
    """What is known of a task, or of the challenge."""

    PASSED = "passed"
    FAILED = "failed"
    CANNOT_TELL = "cannot_tell"


@dataclass(frozen=True, slots=True)
class FaceSample:
    """What one picture of the challenge showed of the face; None where it could not be measured."""

    at: MediaTime
    pose: HeadPose | None
    skin: Skin | None
    look: GazeAngles | None
    """Where head and eyes together point, from straight ahead; None where the eyes cannot be measured."""


@dataclass(frozen=True, slots=True)
class TaskResult:
    """One task with what was measured.

    Degrees for a turn and for a look at the dot, positive toward the side that was asked for; for a colour the change
    of the channel's share.
    """

    task: Task
    outcome: Outcome
    measured: float | None


@dataclass(frozen=True, slots=True)
class ChallengeResult:
    """Passed: every turn agreed and nothing spoke against it. Failed: something did. Otherwise nobody can tell."""

    outcome: Outcome
    tasks: tuple[TaskResult, ...]


def judge(challenge: Challenge, samples: Sequence[FaceSample]) -> ChallengeResult:
    """Judge samples in order of time, their times counted from the challenge's start."""
    results = tuple(_judged(task, samples) for task in challenge.tasks)
    turns = [result.outcome for result in results if result.task.kind in TURN_KINDS]
    if any(result.outcome is Outcome.FAILED for result in results):
        return ChallengeResult(Outcome.FAILED, results)
    agreed = bool(turns) and all(outcome is Outcome.PASSED for outcome in turns)
    return ChallengeResult(Outcome.PASSED if agreed else Outcome.CANNOT_TELL, results)


def _judged(task: Task, samples: Sequence[FaceSample]) -> TaskResult:
    if task.kind in TURN_KINDS:
        return _turn(task, samples)
    return _dot(task, samples) if task.kind in DOT_KINDS else _flash(task, samples)


def _turn(task: Task, samples: Sequence[FaceSample]) -> TaskResult:
    rest = [yaw for _, yaw in _yaws(samples, task.start - REST_LOOK, task.start)]
    during = _yaws(samples, task.start, task.end)
    if len(rest) < LEAST_SAMPLES or len(during) < LEAST_SAMPLES or max(rest) - min(rest) > STILL_DEG:
        return TaskResult(task, Outcome.CANNOT_TELL, None)
    sign = 1.0 if task.kind is TaskKind.TURN_LEFT else -1.0
    away = [(at, sign * (yaw - median(rest))) for at, yaw in during]
    measured = max((value for _, value in away), key=abs)
    right = _first_held(away, lambda value: value >= TURN_DEG)
    wrong = _first_held(away, lambda value: value <= -TURN_DEG)
    if right is not None and (wrong is None or right < wrong):
        return TaskResult(task, Outcome.PASSED, measured)
    times = [task.start, *(at for at, _ in away), task.end]
    seen_through = all(later - earlier <= LARGEST_GAP for earlier, later in pairwise(times))
    known = wrong is not None or seen_through
    return TaskResult(task, Outcome.FAILED if known else Outcome.CANNOT_TELL, measured)


def _yaws(samples: Sequence[FaceSample], start: int, end: int) -> list[tuple[MediaTime, float]]:
    return [(each.at, each.pose.yaw_deg) for each in samples if each.pose is not None and start <= each.at < end]


def _first_held(away: Sequence[tuple[MediaTime, float]], holds: Callable[[float], bool]) -> MediaTime | None:
    """When a condition first held in two pictures in a row; one alone may be a slip of the measurement."""
    for (at, earlier), (_, later) in pairwise(away):
        if holds(earlier) and holds(later):
            return at
    return None


def _flash(task: Task, samples: Sequence[FaceSample]) -> TaskResult:
    before = _shares(samples, task.start - REST_LOOK, task.start)
    after = _shares(samples, task.end + SETTLED, task.end + SETTLED + REST_LOOK)
    during = _shares(samples, task.start + SETTLED, task.end)
    if min(len(before), len(after), len(during)) < LEAST_SAMPLES:
        return TaskResult(task, Outcome.CANNOT_TELL, None)
    shifts, needed = [], []
    for channel in range(len(FLASH_KINDS)):
        first, last = ([shares[channel] for shares in part] for part in (before, after))
        shifts.append(median(shares[channel] for shares in during) - (median(first) + median(last)) / 2)
        # A drift from the rest before to the rest after is noise, too: light in the room has changed.
        noise = max(pstdev(first), pstdev(last), abs(median(first) - median(last)) / 2)
        needed.append(max(LEAST_SHIFT, LEAST_OVER_NOISE * noise))
    asked = FLASH_KINDS.index(task.kind)
    strongest = max(range(len(shifts)), key=lambda channel: shifts[channel])
    if shifts[strongest] < needed[strongest]:
        return TaskResult(task, Outcome.CANNOT_TELL, shifts[asked])
    return TaskResult(task, Outcome.PASSED if strongest == asked else Outcome.FAILED, shifts[asked])


def _shares(samples: Sequence[FaceSample], start: int, end: int) -> list[Skin]:
    """Share of each channel in the skin's colour: light that only grows brighter changes none of them."""
    skins = [each.skin for each in samples if each.skin is not None and start <= each.at < end]
    return [(red / total, green / total, blue / total) for red, green, blue in skins if (total := red + green + blue)]


def _dot(task: Task, samples: Sequence[FaceSample]) -> TaskResult:
    before = _looks(samples, task.start - REST_LOOK, task.start)
    after = _looks(samples, task.end + EYES_SETTLED, task.end + EYES_SETTLED + REST_LOOK)
    during = _looks(samples, task.start + EYES_SETTLED, task.end)
    if min(len(before), len(after), len(during)) < LEAST_SAMPLES:
        return TaskResult(task, Outcome.CANNOT_TELL, None)
    sign = 1.0 if task.kind is TaskKind.DOT_LEFT else -1.0
    measured = sign * (median(during) - (median(before) + median(after)) / 2)
    # Eyes that wander in the rests, or come back to another place, are noise; single blinks are not, by the medians.
    noise = max(_spread(before), _spread(after), abs(median(before) - median(after)) / 2)
    needed = max(LOOK_DEG, LOOK_OVER_NOISE * noise)
    if abs(measured) < needed:
        return TaskResult(task, Outcome.CANNOT_TELL, measured)
    return TaskResult(task, Outcome.PASSED if measured > 0 else Outcome.FAILED, measured)


def _looks(samples: Sequence[FaceSample], start: int, end: int) -> list[float]:
    """Looks in degrees to the person's own left."""
    return [each.look.left_deg for each in samples if each.look is not None and start <= each.at < end]


def _spread(values: Sequence[float]) -> float:
    """Median distance from the median."""
    middle = median(values)
    return median(abs(value - middle) for value in values)
