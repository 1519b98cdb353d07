from __future__ import annotations

import numpy as np
import pytest

from proctor.analyzers.background import BackgroundWatch
from proctor.analyzers.picture import LumaPlane

CANDIDATE = (270.0, 150.0, 100.0, 130.0)


def room() -> LumaPlane:
    return np.random.default_rng(2).uniform(60, 180, (60, 80)).astype(np.float32)


def watch() -> BackgroundWatch:
    looked = BackgroundWatch()
    looked.looked(room())
    return looked


def with_patch(column: int, row: int, size: int, luma: float) -> LumaPlane:
    plane = room()
    plane[row : row + size, column : column + size] += luma
    return plane


def test_before_the_first_look_anything_may_have_stirred() -> None:
    assert BackgroundWatch().has_stirred(room(), CANDIDATE, 640, 480)


def test_noise_and_a_change_of_light_are_no_stirring() -> None:
    noisy = room() + np.random.default_rng(3).normal(0, 2, (60, 80)).astype(np.float32)
    assert not watch().has_stirred(noisy, CANDIDATE, 640, 480)
    assert not watch().has_stirred(room() + 20, CANDIDATE, 640, 480)


@pytest.mark.parametrize(("column", "row"), [(4, 10), (70, 5), (8, 50)])
def test_something_the_size_of_a_small_face_stirs(column: int, row: int) -> None:
    assert watch().has_stirred(with_patch(column, row, 3, 40), CANDIDATE, 640, 480)


def test_the_candidates_own_head_and_trunk_do_not_count() -> None:
    assert not watch().has_stirred(with_patch(38, 20, 6, 60), CANDIDATE, 640, 480)
    assert not watch().has_stirred(with_patch(38, 50, 8, 60), CANDIDATE, 640, 480)
    assert watch().has_stirred(with_patch(38, 20, 6, 60), None, 640, 480)
