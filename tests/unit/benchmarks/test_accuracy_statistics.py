from __future__ import annotations

import numpy as np
import pytest

from benchmarks.accuracy.estimate import (
    Method,
    bootstrap,
    cases_needed,
    events_per_hour,
    pair_weights,
    rule_of_three,
    share_of,
)
from benchmarks.accuracy.onsets import FoundSignal, Stage, false_signals, stages_found
from benchmarks.accuracy.operating import Scored, detection_at, equal_error_rate, error_curve
from proctor.domain.signals import SignalKind as Kind


def test_a_share_counts_cases_and_its_interval_counts_persons() -> None:
    each = [(f"person {number}", number % 4 != 0) for number in range(40)]
    alone, tenfold = share_of(each), share_of(each * 10)
    assert (alone.hits, alone.cases, alone.clusters, alone.share) == (30, 40, 40, 0.75)
    assert tenfold.cases == 400
    assert alone.interval == tenfold.interval, "ten pictures of the same person are no ten persons"
    assert alone.interval is not None
    assert alone.interval[0] == pytest.approx(0.61, abs=0.03)
    assert alone.interval[1] == pytest.approx(0.88, abs=0.03)


def test_cases_that_depend_on_each_other_widen_the_interval() -> None:
    apart = share_of([(str(number), number % 2 == 0) for number in range(100)]).interval
    together = share_of([(str(number // 10), number // 10 % 2 == 0) for number in range(100)]).interval
    assert apart is not None
    assert together is not None
    assert together[1] - together[0] > 2 * (apart[1] - apart[0])


def test_without_an_error_the_bound_is_that_of_the_persons() -> None:
    right = share_of([(str(number % 10), True) for number in range(1000)])
    assert right.method is Method.BOUND
    assert right.interval == (pytest.approx(1 - rule_of_three(10)), 1.0)
    wrong = share_of([("a", False), ("b", False)])
    assert wrong.interval == (0.0, pytest.approx(rule_of_three(2)))


def test_one_person_or_none_supports_no_interval() -> None:
    assert share_of([("a", True), ("a", False)]).interval is None
    assert share_of([]).share is None
    assert share_of([]).as_json()["interval_95"] is None


def test_the_rule_of_three() -> None:
    assert rule_of_three(300) == pytest.approx(0.01, rel=0.01)
    assert rule_of_three(0) == 1.0
    assert cases_needed(1e-4) == pytest.approx(30_000, rel=0.01)
    assert rule_of_three(cases_needed(1e-2)) <= 1e-2


def test_the_bootstrap_is_repeatable_and_covers() -> None:
    covered = 0
    for seed in range(60):
        values = np.random.default_rng(seed).normal(0, 1, 50)
        interval = bootstrap(50, lambda weights, values=values: float(weights @ values / weights.sum()), draws=400)
        assert interval is not None
        covered += interval[0] <= 0 <= interval[1]
    assert 51 <= covered <= 60
    assert bootstrap(5, lambda weights: float(weights[0])) == bootstrap(5, lambda weights: float(weights[0]))
    assert bootstrap(5, lambda _: None) is None
    assert bootstrap(1, lambda _: 1.0) is None


def test_a_pair_of_two_persons_is_drawn_as_often_as_both() -> None:
    weights = np.array([2.0, 3.0, 0.0])
    assert pair_weights([0, 0, 1, 2], [0, 1, 2, 2], weights).tolist() == [2.0, 6.0, 0.0, 0.0]


def test_rare_events_are_bounded_by_poisson() -> None:
    none = events_per_hour(0, 3600 * 6)
    assert none["per_hour"] == 0.0
    assert none["high"] == pytest.approx(2.996 / 6, abs=0.01)
    some = events_per_hour(4, 3600)
    assert (some["low"], some["high"]) == (pytest.approx(1.09, abs=0.01), pytest.approx(10.24, abs=0.01))
    assert events_per_hour(0, 0)["per_hour"] is None


def scored(positive: list[float], negative: list[float]) -> Scored:
    cases = [(f"p{index}", True, score) for index, score in enumerate(positive)]
    return Scored.of(cases + [(f"n{index}", False, score) for index, score in enumerate(negative)])


def test_detection_at_a_fixed_false_alarm_rate() -> None:
    negative = [index / 100 for index in range(100)]
    found = detection_at(scored([0.5, 0.985, 0.995, 1.5], negative), 0.01)
    assert (found["share"], found["threshold"], found["supported"]) == (0.75, 0.98, True)
    strict = detection_at(scored([0.5, 0.985, 0.995, 1.5], negative), 0.001)
    assert (strict["share"], strict["threshold"], strict["supported"]) == (0.5, 0.99, False)


def test_the_error_curve_ends_at_both_corners_and_meets_in_the_middle() -> None:
    positive, negative = np.array([0.4, 0.6, 0.8, 0.9]), np.array([0.1, 0.2, 0.5, 0.3])
    false_alarms, misses = error_curve(positive, negative)
    assert (false_alarms[0], misses[0], false_alarms[-1], misses[-1]) == (0.0, 1.0, 1.0, 0.0)
    assert equal_error_rate(positive, negative) == 0.25
    assert equal_error_rate(positive, np.array([])) is None


EMPTY = Stage("empty", 20, 32, frozenset({Kind.FACE_ABSENT, Kind.LEFT_SEAT}), frozenset({Kind.LEANING}))
CALM = Stage("present", 32, 60)


def signal(kind: Kind, start_s: float, end_s: float, *, dwell_s: float = 3.0, noticed_s: float = 0.0) -> FoundSignal:
    return FoundSignal(kind, start_s, noticed_s or start_s + dwell_s, end_s, dwell_s)


def test_an_event_is_found_by_the_signal_that_states_its_onset_best() -> None:
    signals = [signal(Kind.LEFT_SEAT, 21.8, 31), signal(Kind.FACE_ABSENT, 20.5, 31.5)]
    (found,) = stages_found([EMPTY, CALM], signals)
    assert (found.kind, found.onset_error_s, found.notice_s) == (Kind.FACE_ABSENT, 0.5, 3.5)


@pytest.mark.parametrize(
    "late",
    [
        signal(Kind.FACE_ABSENT, 22.5, 31),
        signal(Kind.FACE_ABSENT, 17.5, 31),
        signal(Kind.SPEECH, 20, 31),
        signal(Kind.FACE_ABSENT, 20, 60, noticed_s=40),
    ],
)
def test_too_early_too_late_or_of_another_kind_finds_nothing(late: FoundSignal) -> None:
    (found,) = stages_found([EMPTY, CALM], [late])
    assert found.kind is None


def test_the_dwell_is_set_apart() -> None:
    (found,) = stages_found([EMPTY], [signal(Kind.FACE_ABSENT, 24, 31, noticed_s=26, dwell_s=5)])
    assert found.onset_error_s == 1.0


def test_a_signal_is_false_where_no_stage_it_overlaps_explains_it() -> None:
    lag = signal(Kind.FACE_ABSENT, 20, 33)
    leaning = signal(Kind.LEANING, 25, 30)
    false = signal(Kind.LEANING, 40, 45)
    other = signal(Kind.SPEECH, 22, 30)
    assert false_signals([EMPTY, CALM], [lag, leaning, false, other]) == [false, other]
