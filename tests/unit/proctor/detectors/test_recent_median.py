from __future__ import annotations

from statistics import median

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proctor.detectors.recent_median import RecentMedian

VALUES = st.lists(st.floats(-1e4, 1e4, allow_nan=False) | st.integers(-3, 3).map(float), min_size=1, max_size=40)


@given(VALUES, st.integers(1, 12))
def test_it_is_the_median_of_the_latest_values(values: list[float], most: int) -> None:
    recent = RecentMedian(most)
    for number, value in enumerate(values, start=1):
        recent.add(value)
        latest = values[max(0, number - most) : number]
        assert recent.value == median(latest)
        assert len(recent) == len(latest)


def test_of_nothing_there_is_none() -> None:
    with pytest.raises(IndexError):
        _ = RecentMedian(3).value
