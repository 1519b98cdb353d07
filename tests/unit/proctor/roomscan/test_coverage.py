from __future__ import annotations

import pytest

from proctor.roomscan.coverage import Circle, Side


def test_a_turn_there_and_back_counts_once() -> None:
    circle = Circle()
    circle.sweep(0.0, 90.0)
    circle.sweep(90.0, -90.0)
    assert circle.coverage_deg == 90.0


def test_a_turn_over_the_seam_is_wrapped() -> None:
    circle = Circle()
    circle.sweep(-170.0, -20.0)
    circle.sweep(150.0, 20.0)
    assert circle.coverage_deg == 40.0


def test_a_full_circle_misses_nothing() -> None:
    circle = Circle()
    for begin in range(0, 360, 30):
        circle.sweep(float(begin), 30.0)
    assert circle.coverage_deg == 360.0
    assert circle.missed() == ()


def test_an_empty_circle_misses_everything() -> None:
    (sector,) = Circle().missed()
    assert (sector.from_deg, sector.width_deg) == (0.0, 360.0)


@pytest.mark.parametrize(
    ("sweeps", "from_deg", "width_deg", "side"),
    [
        ([(0, 100), (160, 200)], 100.0, 60.0, Side.RIGHT),
        ([(0, 240), (300, 60)], 240.0, 60.0, Side.LEFT),
        ([(0, 130), (230, 130)], 130.0, 100.0, Side.BEHIND),
        ([(30, 300)], 330.0, 60.0, Side.FRONT),
    ],
)
def test_what_was_missed_has_a_side(
    sweeps: list[tuple[float, float]], from_deg: float, width_deg: float, side: Side
) -> None:
    circle = Circle()
    for begin, turn in sweeps:
        circle.sweep(begin, turn)
    (sector,) = circle.missed()
    assert (sector.from_deg, sector.width_deg, sector.side) == (from_deg, width_deg, side)


def test_a_stretch_of_which_the_pictures_do_not_tell_is_neither_shown_nor_missed() -> None:
    circle = Circle()
    circle.sweep(0.0, 140.0)
    circle.sweep_blind(140.0, 70.0)
    circle.sweep(210.0, 110.0)
    assert (circle.coverage_deg, circle.untold_deg) == (250.0, 70.0)
    (untold,), (missed,) = circle.untold(), circle.missed()
    assert (untold.from_deg, untold.width_deg, untold.side) == (140.0, 70.0, Side.BEHIND)
    assert (missed.from_deg, missed.width_deg) == (320.0, 40.0)
    circle.sweep(120.0, 100.0)
    assert circle.untold() == (), "what is seen later is known"


def test_the_widest_gap_is_named_first_and_a_sliver_not_at_all() -> None:
    circle = Circle()
    for begin, turn in [(0, 100), (120, 100), (260, 95)]:
        circle.sweep(begin, turn)
    assert [round(sector.width_deg) for sector in circle.missed()] == [40, 20]


def test_degrees_are_plain_numbers_that_can_be_written_down() -> None:
    circle = Circle()
    circle.sweep(0.0, 300.0)
    (sector,) = circle.missed()
    assert {type(sector.from_deg), type(sector.width_deg), type(circle.coverage_deg)} == {float}
