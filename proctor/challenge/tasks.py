"""What a person is asked to do, drawn from a seed so that nobody can record it beforehand.

The seed comes from outside (a secret of the machine that asks); the same seed gives the same challenge, so that a
judgement can be repeated. A recorded clip that turns to one side now and again agrees with three drawn turns once in
eight times, and only if it turns in the right two seconds each time.

The places of the dot are the left and the right edge of the window, at half its height; the rests between are looks at
its middle. Above and below are not among them: a screen reaches 9 degrees up and down from its middle where it reaches
16 to the sides, lids cover the irises there, and in 640x480 what is measured of people who look into the camera and
speak wanders up and down by as much within three seconds.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from proctor.domain.guided import LEAST_SEED_BYTES
from proctor.domain.time import NS_PER_MS, SITTING_START, MediaTime

TURNS: Final = 3
FLASHES: Final = 2
DOTS: Final = 2
REST_MS: Final = (2_500, 3_500)
"""Shortest and longest rest before each task, and after the last: long enough to come back late and then sit still for
`REST_LOOK`. Of simulated people who react 0.7 s late, measured 3.75 times a second, all pass; with 1.5 to 2.5 s of rest
and colours of 1.5 s it was 76 of 100, and nobody could tell of the others."""
TURN_MS: Final = 2_500
FLASH_MS: Final = 2_000
DOT_MS: Final = 2_500
"""Eyes have arrived after 0.7 s even of people who hesitate; the rest is six pictures of a running sitting."""

REST: Final = "rest"
"""What is asked between tasks: face the screen."""


class TaskKind(StrEnum):
    """What is asked. Left and right are the person's own."""

    TURN_LEFT = "turn_left"
    TURN_RIGHT = "turn_right"
    FLASH_RED = "flash_red"
    FLASH_GREEN = "flash_green"
    FLASH_BLUE = "flash_blue"
    DOT_LEFT = "dot_left"
    DOT_RIGHT = "dot_right"


TURN_KINDS: Final = (TaskKind.TURN_LEFT, TaskKind.TURN_RIGHT)
FLASH_KINDS: Final = (TaskKind.FLASH_RED, TaskKind.FLASH_GREEN, TaskKind.FLASH_BLUE)
"""In the order of the channels of a picture."""
DOT_KINDS: Final = (TaskKind.DOT_LEFT, TaskKind.DOT_RIGHT)
_LENGTHS_MS: Final = (
    dict.fromkeys(TURN_KINDS, TURN_MS) | dict.fromkeys(FLASH_KINDS, FLASH_MS) | dict.fromkeys(DOT_KINDS, DOT_MS)
)


@dataclass(frozen=True, slots=True)
class Task:
    """One thing to do: turn the head and come back, sit still while the screen has one colour, look at the dot."""

    kind: TaskKind
    start: MediaTime
    end: MediaTime


@dataclass(frozen=True, slots=True)
class Challenge:
    """Tasks in order of time, with rests between them in which the person faces the screen."""

    tasks: tuple[Task, ...]
    end: MediaTime
    """End of the rest after the last task."""


class _Draws:
    """Numbers out of a seed, by SHA-256 in counter mode."""

    def __init__(self, seed: bytes) -> None:
        self._seed = seed
        self._count = 0

    def below(self, limit: int) -> int:
        """A number from 0 to below `limit`, which is small."""
        digest = hashlib.sha256(self._seed + self._count.to_bytes(4, "big")).digest()
        self._count += 1
        return int.from_bytes(digest[:8], "big") % limit


def draw(seed: bytes) -> Challenge:
    """The challenge of a seed, which decides order, times and kinds of three turns, two colours and two dots.

    Raises:
        ValueError: the seed is shorter than 16 bytes, so that it could be guessed.
    """
    if len(seed) < LEAST_SEED_BYTES:
        raise ValueError(f"the seed must have at least {LEAST_SEED_BYTES} bytes")
    draws = _Draws(seed)
    kinds = [TURN_KINDS[draws.below(len(TURN_KINDS))] for _ in range(TURNS)]
    kinds += [FLASH_KINDS[draws.below(len(FLASH_KINDS))] for _ in range(FLASHES)]
    kinds += [DOT_KINDS[draws.below(len(DOT_KINDS))] for _ in range(DOTS)]
    tasks = []
    at = 0
    while kinds:
        kind = kinds.pop(draws.below(len(kinds)))
        start = at + _rest(draws)
        at = start + _LENGTHS_MS[kind] * NS_PER_MS
        tasks.append(Task(kind, MediaTime(start), MediaTime(at)))
    return Challenge(tuple(tasks), MediaTime(at + _rest(draws)))


def prompts(challenge: Challenge) -> list[tuple[MediaTime, str]]:
    """What is asked from when on, counted from the challenge's start: a task's kind, or `REST`."""
    asked: list[tuple[MediaTime, str]] = [(SITTING_START, REST)]
    for task in challenge.tasks:
        asked += [(task.start, task.kind.value), (task.end, REST)]
    return asked


def _rest(draws: _Draws) -> int:
    shortest, longest = REST_MS
    return (shortest + draws.below(longest - shortest + 1)) * NS_PER_MS
