from __future__ import annotations

import numpy as np
import pytest

from proctor.analyzers.mrz_layouts import ALPHABET, FILLER
from proctor.analyzers.text_lines import Aligned, Logs, TextLine, align, greedy

PLACE = ALPHABET.index


def logs_of(steps: str) -> Logs:
    """One step a character; `_` is the blank."""
    logs = np.full((len(steps), 1 + len(ALPHABET)), -9.0)
    for step, character in enumerate(steps):
        logs[step, 0 if character == "_" else 1 + PLACE(character)] = -0.01
    return logs


def read(steps: str, length: int) -> str:
    aligned = align(logs_of(steps), length, PLACE(FILLER))
    assert isinstance(aligned, Aligned)
    return "".join(ALPHABET[character] for character in aligned.characters)


def test_repeated_steps_are_one_character_and_blanks_part_equal_ones() -> None:
    assert read("_AA_A_BB_", 3) == "AAB"
    assert [ALPHABET[index] for index in greedy(logs_of("_AA_A_BB_"))] == ["A", "A", "B"]


def test_a_row_of_fillers_that_was_run_together_is_split() -> None:
    assert read("_AB_<<<<<<<_", 7) == "AB<<<<<"


def test_what_is_too_much_is_left_out() -> None:
    steps = list("_A_B_C_D_")
    logs = logs_of("".join(steps))
    logs[3, 0] = -0.7  # B is the one in doubt
    aligned = align(logs, 3, PLACE(FILLER))
    assert aligned is not None
    assert [ALPHABET[character] for character in aligned.characters] == ["A", "C", "D"]


def test_costs_tell_what_else_a_cell_may_hold() -> None:
    logs = logs_of("_O_")
    logs[1, 1 + PLACE("0")] = -1.0
    aligned = align(logs, 1, PLACE(FILLER))
    assert aligned is not None
    assert aligned.costs[0, PLACE("O")] == pytest.approx(0.0)
    assert aligned.costs[0, PLACE("0")] == pytest.approx(0.99)


def test_a_line_shorter_than_the_text_gives_nothing() -> None:
    assert align(logs_of("_A_"), 4, PLACE(FILLER)) is None


def test_places_are_told_along_the_reading_direction() -> None:
    line = TextLine(100.0, 50.0, 80.0, 10.0, 90.0)
    assert line.place_of(100.0, 70.0) == pytest.approx((20.0, 0.0))
    assert line.place_of(90.0, 50.0) == pytest.approx((0.0, 10.0))
    assert line.reversed().place_of(90.0, 50.0) == pytest.approx((0.0, -10.0))
