"""Whether what was measured agrees with what was asked.

A turn must go to the right side within its time, from rest; a colour must show on the skin, against the rests around
it. A bright room hides the colour of a screen, so a colour that does not show says nothing; a wrong colour does.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from statistics import median, pstdev
from typing import Final

from proctor.challenge.tasks import FLASH_KINDS, TURN_KINDS, Challenge, Task, TaskKind
from proctor.domain.observations import HeadPose
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


@dataclass(frozen=True, slots=True)
class TaskResult:
    """One task with what was measured: degrees for a turn, change of the channel's share for a colour."""

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
    return _turn(task, samples) if task.kind in TURN_KINDS else _flash(task, samples)


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
