from __future__ import annotations

import pytest

from proctor.domain.time import media_time_from_s
from proctor.pipeline.thinning import ThinningOut

ORDER = ("objects", "body", "head_pose")


def fed(thinning: ThinningOut, begin_s: float, end_s: float, *, pressed: bool) -> list[tuple[float, tuple[str, ...]]]:
    changes = []
    for step in range(round((end_s - begin_s) * 2)):
        at_s = begin_s + step / 2
        if thinning.feel(media_time_from_s(at_s), pressed=pressed):
            changes.append((at_s, thinning.senses))
    return changes


def test_senses_are_thinned_out_one_after_another_in_the_order_of_the_policy() -> None:
    changes = fed(ThinningOut(ORDER), 0, 20, pressed=True)
    assert changes == [(0.0, ORDER[:1]), (2.0, ORDER[:2]), (4.0, ORDER)]


def test_they_come_back_in_reverse_once_the_pressure_is_gone_for_long() -> None:
    thinning = ThinningOut(ORDER)
    fed(thinning, 0, 10, pressed=True)
    changes = fed(thinning, 10, 80, pressed=False)
    assert [senses for _, senses in changes] == [ORDER[:2], ORDER[:1], ()]
    assert changes[0][0] == pytest.approx(29.5)
    assert not thinning.is_thinned("objects")


def test_a_short_pressure_thins_out_only_the_first() -> None:
    thinning = ThinningOut(ORDER)
    assert fed(thinning, 0, 1, pressed=True) == [(0.0, ("objects",))]
    assert fed(thinning, 1, 5, pressed=False) == []
    assert thinning.is_thinned("objects")
    assert not thinning.is_thinned("body")


def test_nothing_is_thinned_out_where_the_policy_names_nothing() -> None:
    assert fed(ThinningOut(()), 0, 10, pressed=True) == []
