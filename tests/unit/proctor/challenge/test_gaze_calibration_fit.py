from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proctor.challenge.calibration import (
    DOTS,
    END,
    FARTHEST_EDGE_DEG,
    LEAST_MARGIN_DEG,
    NARROWEST_DEG,
    WIDEST_DEG,
    DotPlace,
    Unmeasured,
    calibrate,
    dot_prompts,
    screen_in,
)
from proctor.challenge.judgement import FaceSample
from proctor.domain.observations import GazeAngles, ScreenZone
from proctor.domain.time import NS_PER_MS, MediaTime, media_time_from_s

RATE = 3.75
"""Pictures of layer 0 a second at 15 pictures a second."""

Look = Callable[[float, DotPlace, int], float | None]
"""Look to the own left in degrees, by time in seconds, the dot that is shown, and the picture's number."""


def samples(look: Look, late_s: float = 0.4) -> Iterator[FaceSample]:
    """What a running sitting measures of somebody whose eyes are so late."""
    for number in range(round(END / 1e9 * RATE)):
        at_s = number / RATE
        shown = next((dot for dot in reversed(DOTS) if dot.start / 1e9 <= at_s - late_s), DOTS[0])
        left_deg = look(at_s, shown.place, number)
        yield FaceSample(media_time_from_s(at_s), None, None, None if left_deg is None else GazeAngles(left_deg, 0.0))


def edges(left: float, right: float, middle: float = 0.0) -> Look:
    """Somebody who looks at the dots, wandering by a degree from picture to picture."""
    places = {DotPlace.MIDDLE: middle, DotPlace.LEFT: middle + left, DotPlace.RIGHT: middle - right}
    return lambda _, place, number: places[place] + (0.5 if number % 2 else -0.5)


def test_the_dots_go_to_each_place_twice_within_about_ten_seconds() -> None:
    shown = [dot.place for dot in DOTS]
    assert sorted(shown) == sorted(2 * list(DotPlace))
    assert shown[0] is DotPlace.MIDDLE
    assert 9_000 <= END // NS_PER_MS <= 12_000
    assert dot_prompts() == [(dot.start, dot.place.value) for dot in DOTS]


@pytest.mark.parametrize("late_s", [0.2, 0.6])
@pytest.mark.parametrize(("left", "right", "middle"), [(9.0, 9.0, 0.0), (16.0, 12.0, 4.0), (24.0, 24.0, -7.0)])
def test_the_own_screen_ends_a_margin_beyond_its_edges(left: float, right: float, middle: float, late_s: float) -> None:
    found = calibrate(list(samples(edges(left, right, middle), late_s)))
    assert found.screen is not None
    assert found.unmeasured is None
    assert left + LEAST_MARGIN_DEG - 1 <= found.screen.left_deg <= left + LEAST_MARGIN_DEG + 1
    assert right + LEAST_MARGIN_DEG - 1 <= found.screen.right_deg <= right + LEAST_MARGIN_DEG + 1
    assert all(look.pictures >= 3 for look in found.looks)


def test_who_wanders_more_gets_a_wider_margin_and_a_small_window_no_narrow_screen() -> None:
    def wandering(at_s: float, place: DotPlace, number: int) -> float | None:
        calm = edges(12, 12)(at_s, place, number)
        return None if calm is None else calm + (1.5 if number % 2 else -1.5)

    found = calibrate(list(samples(wandering)))
    assert found.screen is not None
    assert found.screen.left_deg > 12 + LEAST_MARGIN_DEG + 1
    small = calibrate(list(samples(edges(4.4, 4.4))))
    assert small.screen == ScreenZone(NARROWEST_DEG, NARROWEST_DEG)


@pytest.mark.parametrize(
    ("look", "why"),
    [
        (edges(1, 1), Unmeasured.NOT_FOLLOWED),
        (edges(-12, -12), Unmeasured.NOT_FOLLOWED),
        (edges(12, 1), Unmeasured.NOT_FOLLOWED),
        (edges(FARTHEST_EDGE_DEG + 5, 12), Unmeasured.TOO_FAR),
        (lambda *_: None, Unmeasured.EYES_NOT_SEEN),
        (lambda at_s, place, number: edges(9, 9)(at_s, place, number) if number % 3 == 0 else None,
         Unmeasured.EYES_NOT_SEEN),
        (lambda at_s, place, number: (edges(9, 9)(at_s, place, number) or 0) + (8 if at_s > 5 else 0),
         Unmeasured.UNSTEADY),
    ],
    ids=["still", "the other way", "one side only", "past every screen", "hidden", "hardly seen", "moved chair"],
)  # fmt: skip
def test_looks_that_do_not_support_a_screen_give_none(look: Look, why: Unmeasured) -> None:
    found = calibrate(list(samples(look)))
    assert (found.screen, found.unmeasured) == (None, why)


def test_what_was_stopped_early_gives_none() -> None:
    seen = list(samples(edges(12, 12)))
    found = calibrate(seen, media_time_from_s(6))
    assert (found.screen, found.unmeasured) == (None, Unmeasured.NOT_FINISHED)
    assert calibrate([], MediaTime(0)).unmeasured is Unmeasured.NOT_FINISHED


@given(st.lists(st.one_of(st.none(), st.floats(-90, 90)), min_size=40, max_size=40))
def test_whatever_was_measured_an_own_screen_has_bounds(looks: list[float | None]) -> None:
    found = calibrate(list(samples(lambda _at, _place, number: looks[number])))
    assert (found.screen is None) is (found.unmeasured is not None)
    if found.screen is not None:
        for limit in (found.screen.left_deg, found.screen.right_deg):
            assert NARROWEST_DEG <= limit <= WIDEST_DEG


def test_an_own_screen_is_read_again_from_the_entry_of_its_end() -> None:
    result = {"left_deg": 12.5, "right_deg": 11.0}
    assert screen_in({"outcome": "measured", "result": result}) == ScreenZone(12.5, 11.0)
    assert screen_in({"outcome": "cannot_tell", "result": result | {"left_deg": None}}) is None
    assert screen_in({"outcome": "declined", "result": None}) is None
    assert screen_in({"outcome": "complete", "result": {"coverage_deg": 360.0}}) is None
