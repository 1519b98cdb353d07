"""Drawing tasks from a seed, and judging what was measured while they ran."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from proctor.challenge.judgement import ChallengeResult, FaceSample, Outcome, Skin, judge
from proctor.challenge.tasks import DOT_KINDS, DOTS, FLASH_KINDS, REST_MS, TURN_KINDS, TURNS, Challenge, TaskKind, draw
from proctor.domain.observations import GazeAngles, HeadPose
from proctor.domain.time import NS_PER_MS, MediaTime

SEED = bytes(range(16))
TURNED_DEG = 30.0
LOOK_DEG = 12.0
COLOURS = {TaskKind.FLASH_RED: 0, TaskKind.FLASH_GREEN: 1, TaskKind.FLASH_BLUE: 2}


def seeds(count: int) -> list[bytes]:
    return [number.to_bytes(16, "big") for number in range(count)]


class Sitter:
    """A person before the camera, ten pictures a second, who does what a challenge asks, or something else."""

    def __init__(
        self, *, turns: int = 1, looks: float = 1.0, zero_deg: float = 3.0, bright: bool = False, seed: int = 1
    ) -> None:
        self._turns = turns
        self._looks = looks
        self._zero_deg = zero_deg
        self._gain = 0.0 if bright else 0.08
        self._rng = np.random.default_rng(seed)

    def does(self, asked: Challenge, *, late_ms: int = 400, flashes: Challenge | None = None) -> list[FaceSample]:
        return [
            FaceSample(
                MediaTime(at),
                HeadPose(self._yaw(asked, at - late_ms * NS_PER_MS) + self._rng.normal(0, 1), 0.0, 0.0),
                self._skin(asked if flashes is None else flashes, at - 150 * NS_PER_MS),
                self._look(asked, at - late_ms * NS_PER_MS),
            )
            for at in range(0, asked.end, 100 * NS_PER_MS)
        ]

    def _yaw(self, asked: Challenge, at: int) -> float:
        for task in asked.tasks:
            if task.kind in TURN_KINDS and task.start <= at < task.end - 500 * NS_PER_MS:
                part = (at - task.start) / (task.end - 500 * NS_PER_MS - task.start)
                side = 1 if task.kind is TaskKind.TURN_LEFT else -1
                return self._zero_deg + self._turns * side * TURNED_DEG * float(np.sin(np.pi * part)) * 1.2
        return self._zero_deg

    def _look(self, asked: Challenge, at: int) -> GazeAngles | None:
        look_deg = self._yaw(asked, at)
        if abs(look_deg - self._zero_deg) > TURNED_DEG:
            return None
        for task in asked.tasks:
            if task.kind in DOT_KINDS and task.start <= at < task.end:
                look_deg += self._looks * LOOK_DEG * (1 if task.kind is TaskKind.DOT_LEFT else -1)
        return GazeAngles(look_deg + self._rng.normal(0, 1), 0.0)

    def _skin(self, asked: Challenge, at: int) -> Skin:
        colour = np.array([150.0, 110.0, 90.0])
        for task in asked.tasks:
            if task.kind in FLASH_KINDS and task.start <= at < task.end:
                colour[COLOURS[task.kind]] *= 1 + self._gain
        red, green, blue = colour * self._rng.normal(1, 0.03) + self._rng.normal(0, 0.2, 3)
        return float(red), float(green), float(blue)


def outcomes(result: ChallengeResult, kinds: tuple[TaskKind, ...]) -> set[Outcome]:
    return {each.outcome for each in result.tasks if each.task.kind in kinds}


def test_a_seed_gives_the_same_challenge_every_time_and_others_another() -> None:
    assert draw(SEED) == draw(SEED)
    assert len({draw(seed).tasks for seed in seeds(50)}) == 50


@given(st.binary(min_size=16, max_size=64))
def test_tasks_come_in_order_with_rests_around_them(seed: bytes) -> None:
    challenge = draw(seed)
    assert sum(task.kind in TURN_KINDS for task in challenge.tasks) == TURNS
    assert sum(task.kind in DOT_KINDS for task in challenge.tasks) == DOTS
    edges = [0, *(edge for task in challenge.tasks for edge in (task.start, task.end)), challenge.end]
    assert edges == sorted(edges)
    rests = [(later - earlier) / NS_PER_MS for earlier, later in zip(edges[::2], edges[1::2], strict=True)]
    assert all(REST_MS[0] <= rest <= REST_MS[1] for rest in rests)
    assert challenge.end < MediaTime(45_000 * NS_PER_MS)


def test_every_kind_is_drawn_about_as_often_as_the_others_of_its_sort() -> None:
    counted = Counter(task.kind for seed in seeds(400) for task in draw(seed).tasks)
    for sort in (TURN_KINDS, FLASH_KINDS, DOT_KINDS):
        total = sum(counted[kind] for kind in sort)
        assert all(counted[kind] / total == pytest.approx(1 / len(sort), rel=0.15) for kind in sort)


def test_a_seed_that_could_be_guessed_is_refused() -> None:
    with pytest.raises(ValueError, match="16"):
        draw(b"short")


@pytest.mark.parametrize("seed", seeds(12))
def test_who_does_what_is_asked_passes(seed: bytes) -> None:
    result = judge(draw(seed), Sitter().does(draw(seed)))
    assert result.outcome is Outcome.PASSED
    assert {each.outcome for each in result.tasks} == {Outcome.PASSED}


@pytest.mark.parametrize("seed", seeds(6))
def test_in_a_bright_room_the_turns_decide(seed: bytes) -> None:
    result = judge(draw(seed), Sitter(bright=True).does(draw(seed)))
    assert result.outcome is Outcome.PASSED
    assert outcomes(result, FLASH_KINDS) == {Outcome.CANNOT_TELL}


@pytest.mark.parametrize("seed", seeds(6))
def test_who_sits_still_or_turns_the_other_way_fails(seed: bytes) -> None:
    for turns in (0, -1):
        result = judge(draw(seed), Sitter(turns=turns).does(draw(seed)))
        assert result.outcome is Outcome.FAILED
        assert outcomes(result, TURN_KINDS) == {Outcome.FAILED}


def test_a_clip_made_for_another_challenge_rarely_passes() -> None:
    results = [judge(draw(seed), Sitter().does(draw(b"x" + seed))) for seed in seeds(150)]
    assert sum(result.outcome is Outcome.PASSED for result in results) <= 3


def test_the_right_turns_under_the_colours_of_another_challenge_fail() -> None:
    asked = draw(SEED)
    shifted = {TaskKind.FLASH_RED: TaskKind.FLASH_BLUE, TaskKind.FLASH_GREEN: TaskKind.FLASH_RED}
    other = Challenge(
        tuple(
            type(task)(shifted.get(task.kind, TaskKind.FLASH_GREEN), task.start, task.end)
            for task in asked.tasks
            if task.kind in FLASH_KINDS
        ),
        asked.end,
    )
    result = judge(asked, Sitter().does(asked, flashes=other))
    assert result.outcome is Outcome.FAILED
    assert outcomes(result, TURN_KINDS) == {Outcome.PASSED}


def test_a_face_that_is_not_measured_cannot_be_judged() -> None:
    asked = draw(SEED)
    samples = [FaceSample(each.at, None, None, None) for each in Sitter().does(asked)]
    assert judge(asked, samples).outcome is Outcome.CANNOT_TELL
    assert judge(asked, []).outcome is Outcome.CANNOT_TELL


def test_a_turn_that_may_have_been_missed_is_not_held_against_anyone() -> None:
    asked = draw(SEED)
    turn = next(task for task in asked.tasks if task.kind in TURN_KINDS)
    middle = (turn.start + turn.end) // 2
    samples = [
        replace(each, pose=None if abs(each.at - middle) < 900 * NS_PER_MS else each.pose)
        for each in Sitter(turns=0).does(asked)
    ]
    judged = next(each for each in judge(asked, samples).tasks if each.task == turn)
    assert judged.outcome is Outcome.CANNOT_TELL


def test_a_head_that_does_not_rest_before_a_turn_cannot_be_judged_by_it() -> None:
    asked = draw(SEED)
    samples = [
        replace(each, pose=HeadPose(25.0 * float(np.sin(each.at / 3e8)), 0.0, 0.0)) for each in Sitter().does(asked)
    ]
    assert outcomes(judge(asked, samples), TURN_KINDS) == {Outcome.CANNOT_TELL}


def test_light_that_changes_in_the_room_is_no_flash() -> None:
    asked = draw(SEED)
    samples = []
    for each in Sitter(bright=True).does(asked):
        warm = 1 + 0.3 * each.at / asked.end
        red, green, blue = each.skin or (0.0, 0.0, 0.0)
        samples.append(replace(each, skin=(red * warm, green, blue)))
    assert Outcome.FAILED not in outcomes(judge(asked, samples), FLASH_KINDS)


@pytest.mark.parametrize("seed", seeds(6))
def test_eyes_that_go_to_the_other_side_fail_and_eyes_that_stay_say_nothing(seed: bytes) -> None:
    opposite = judge(draw(seed), Sitter(looks=-1).does(draw(seed)))
    assert (opposite.outcome, outcomes(opposite, DOT_KINDS)) == (Outcome.FAILED, {Outcome.FAILED})
    for looks in (0.0, 0.2):
        result = judge(draw(seed), Sitter(looks=looks).does(draw(seed)))
        assert (result.outcome, outcomes(result, DOT_KINDS)) == (Outcome.PASSED, {Outcome.CANNOT_TELL})


@pytest.mark.parametrize("seed", seeds(6))
def test_eyes_that_cannot_be_measured_are_never_held_against_anyone(seed: bytes) -> None:
    asked = draw(seed)
    for looks in (-1, 0, 1):
        samples = [replace(each, look=None) for each in Sitter(looks=looks).does(asked)]
        result = judge(asked, samples)
        assert (result.outcome, outcomes(result, DOT_KINDS)) == (Outcome.PASSED, {Outcome.CANNOT_TELL})
        assert {each.measured for each in result.tasks if each.task.kind in DOT_KINDS} == {None}


def test_a_look_counts_whether_eyes_or_head_go_and_however_the_head_is_held() -> None:
    asked = draw(SEED)
    for zero_deg in (-15.0, 0.0, 15.0):
        result = judge(asked, Sitter(zero_deg=zero_deg).does(asked))
        assert outcomes(result, DOT_KINDS) == {Outcome.PASSED}
        measured = [each.measured for each in result.tasks if each.task.kind in DOT_KINDS]
        assert measured == pytest.approx([LOOK_DEG] * DOTS, abs=2)


def test_eyes_that_wander_through_the_rests_cannot_be_told() -> None:
    asked = draw(SEED)
    samples = [
        replace(each, look=GazeAngles(20.0 * float(np.sin(each.at / 2.3e8)), 0.0)) for each in Sitter().does(asked)
    ]
    assert outcomes(judge(asked, samples), DOT_KINDS) == {Outcome.CANNOT_TELL}
