from __future__ import annotations

import math

import numpy as np
import pytest

from benchmarks.calibration.fit import Scores, Tail, calibrate, curve, fit_tail, held_out_people, threshold_for

RNG = np.random.default_rng(7)


def made_up(people: int = 40, pictures: int = 3) -> Scores:
    """Two collections; people are alike by chance, an exponential tail with a mean of 0.02 beyond 0.3."""
    person = np.repeat(np.arange(people), pictures)
    collection = person % 2
    left, right = np.triu_indices(len(person), 1)
    same = person[left] == person[right]
    similarity = np.where(same, RNG.uniform(0.7, 0.9, len(left)), RNG.uniform(0.0, 0.3, len(left)))
    tail = ~same & (RNG.random(len(left)) < 0.02)
    similarity[tail] = 0.3 + RNG.exponential(0.02, int(tail.sum()))
    groups = {name: (collection[left] == number) & (collection[right] == number) for number, name in enumerate("ab")}
    return Scores(similarity, same, person[left], person[right], groups, ("a", "b"), people)


def test_the_tail_of_an_exponential_is_found() -> None:
    values = np.concatenate([RNG.uniform(0, 0.3, 99_000), 0.3 + RNG.exponential(0.02, 1_000)])
    tail = fit_tail(values)
    assert tail is not None
    assert tail.mean_excess == pytest.approx(0.02, rel=0.1)
    assert tail.similarity(1e-4) == pytest.approx(0.3 + 0.02 * math.log(0.01 / 1e-4), abs=0.01)
    assert tail.rate(tail.similarity(1e-3)) == pytest.approx(1e-3)


def test_weights_count_as_often_as_they_say() -> None:
    values = RNG.exponential(0.1, 2_000)
    twice = fit_tail(np.repeat(values, 2))
    weighted = fit_tail(values, np.full(len(values), 2.0))
    assert twice is not None
    assert weighted is not None
    assert weighted.mean_excess == pytest.approx(twice.mean_excess)


def test_too_few_pairs_have_no_tail() -> None:
    assert fit_tail(RNG.uniform(0, 1, 50)) is None
    assert fit_tail(np.ones(1000)) is None


def test_the_threshold_is_rounded_up() -> None:
    assert threshold_for(Tail(0.3, 0.01, 0.02), 1e-4) == 0.4  # 0.3921
    assert threshold_for(Tail(0.3, 0.01, 0.0), 1e-4) == 0.3


def test_the_curve_never_rises() -> None:
    values = RNG.normal(0.1, 0.1, 20_000)
    tail = fit_tail(values)
    assert tail is not None
    rates = [rate for _, rate in curve(values, tail)]
    assert rates == sorted(rates, reverse=True)
    assert all(rate > 0 for rate in rates)


def test_a_calibration_states_bounds_groups_and_what_holds_for_others() -> None:
    figures = calibrate(made_up())
    assert figures["threshold"] < 0.5
    assert figures["false_match_rate"] <= 1e-4 < figures["bounds"]["rule_of_three_if_pairs_were_independent"]
    assert figures["false_match_rate"] < figures["false_match_rate_upper"] < 0.01
    assert set(figures["groups"]) == {"a", "b"}
    assert figures["groups"]["a"]["true_accepts"] == figures["groups"]["a"]["genuine_pairs"] == 60
    assert figures["held_out_people"]["true_accept_rate"] == 1.0
    assert figures["held_out_collections"]["a"]["impostor_pairs"] > 0


def test_people_of_the_fit_are_not_tried() -> None:
    scores = made_up(people=20)
    held_out = held_out_people(scores)
    within_a_fold = 3 * 3 * (4 * 3 / 2)  # pictures of a pair of people, pairs among four people
    assert held_out["impostor_pairs"] <= within_a_fold * held_out["folds"] * held_out["repeats"]
    assert held_out["genuine_pairs"] == 20 * 3 * held_out["repeats"]


def test_without_enough_pairs_nothing_is_claimed() -> None:
    with pytest.raises(ValueError, match="too few"):
        calibrate(made_up(people=4, pictures=1))
