"""False match rate as a function of similarity: counted where there are enough pairs, fitted beyond.

The pairs that count are of different people photographed for one collection, which are harder than across. Of their
similarities the highest hundredth is taken to fall off exponentially (a generalized Pareto tail of shape 0;
J. Pickands, "Statistical inference using extreme order statistics", 1975): its one free value is a mean, so few pairs
suffice.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.isotonic import IsotonicRegression
from sklearn.model_selection import RepeatedKFold

from benchmarks.accuracy.estimate import Weights, bootstrap, pair_weights, rule_of_three

Json = dict[str, Any]
Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

TAIL_SHARE = 0.01
WANTED_RATE = 1e-4
THRESHOLD_STEP = 0.01
CURVE_STEP = 0.01
CURVE_END = 0.8
FOLDS, REPEATS, SEED = 5, 20, 20_260_101
FEWEST_IN_TAIL = 5


@dataclass(frozen=True, slots=True, eq=False)
class Scores:
    """All pairs of pictures, one entry a pair."""

    similarity: Floats
    same: Mask
    person_a: NDArray[np.int64]
    person_b: NDArray[np.int64]
    groups: Mapping[str, Mask]
    """Pairs within each collection, and of people who say the same of themselves."""
    collections: tuple[str, ...]
    """Those of the groups that are collections."""
    persons: int

    @property
    def within(self) -> Mask:
        """Pairs within one collection."""
        return np.asarray(np.any([self.groups[name] for name in self.collections], axis=0), np.bool_)

    @property
    def impostors(self) -> Mask:
        """The pairs that the fit is made on."""
        return ~self.same & self.within


@dataclass(frozen=True, slots=True)
class Tail:
    """Beyond `start`, which `share` of the pairs exceed, the rate falls by e every `mean_excess`."""

    start: float
    share: float
    mean_excess: float

    def rate(self, similarity: float) -> float:
        """Share of pairs at or above a similarity that lies in the tail."""
        return self.share * math.exp(-(similarity - self.start) / self.mean_excess)

    def similarity(self, rate: float) -> float:
        """Similarity that so many pairs reach."""
        return self.start + self.mean_excess * math.log(self.share / rate)


def fit_tail(similarity: Floats, weights: Floats | None = None) -> Tail | None:
    """The tail of weighted similarities; None where there are too few pairs in it."""
    weights = np.ones(len(similarity)) if weights is None else weights
    order = np.argsort(similarity)
    values, counts = similarity[order], weights[order]
    total = counts.sum()
    if not total:
        return None
    start = values[min(np.searchsorted(np.cumsum(counts), (1 - TAIL_SHARE) * total), len(values) - 1)]
    beyond = values > start
    share = counts[beyond].sum() / total
    if np.count_nonzero(counts[beyond]) < FEWEST_IN_TAIL:
        return None
    mean = float(np.average(values[beyond] - start, weights=counts[beyond]))
    return Tail(float(start), float(share), mean)


def threshold_for(tail: Tail, rate: float = WANTED_RATE) -> float:
    """The similarity of that rate, rounded up to a hundredth."""
    return round(math.ceil(tail.similarity(rate) / THRESHOLD_STEP - 1e-9) * THRESHOLD_STEP, 2)


def calibrate(scores: Scores) -> Json:
    """Threshold, rates, curve, groups and what holds for people whom the fit has not seen."""
    impostors = scores.similarity[scores.impostors]
    tail = fit_tail(impostors)
    if tail is None:
        raise ValueError("too few pairs of different people to fit anything")
    threshold = threshold_for(tail)
    interval = bootstrap(scores.persons, _rate_of_draw(scores, threshold))
    return {
        "threshold": threshold,
        "false_match_rate": float(f"{tail.rate(threshold):.3g}"),
        "false_match_rate_upper": float(f"{(interval[1] if interval else 1.0):.3g}"),
        "tail": {
            "start": round(tail.start, 4),
            "share": round(tail.share, 5),
            "mean_excess": round(tail.mean_excess, 5),
        },
        "curve": curve(impostors, tail),
        "bounds": {
            "false_matches": int((impostors >= threshold).sum()),
            "pairs": len(impostors),
            "rule_of_three_if_pairs_were_independent": float(f"{rule_of_three(len(impostors)):.3g}"),
            "rule_of_three_over_disjoint_pairs_of_people": float(f"{rule_of_three(scores.persons // 2):.3g}"),
        },
        "groups": {name: group_figures(scores, mask, threshold) for name, mask in scores.groups.items()},
        "held_out_people": held_out_people(scores),
        "held_out_collections": {name: held_out_collection(scores, name) for name in scores.collections},
    }


def curve(impostors: Floats, tail: Tail) -> list[list[float]]:
    """Points of similarity and false match rate: counted and made monotone up to the tail, the tail beyond."""
    grid = np.arange(0.0, CURVE_END + CURVE_STEP / 2, CURVE_STEP)
    counted = np.array([(impostors >= value).mean() for value in grid])
    body = IsotonicRegression(increasing=False, y_min=0.0, y_max=1.0).fit_transform(grid, counted)
    rates = [rate if value <= tail.start else tail.rate(value) for value, rate in zip(grid, body, strict=True)]
    return [
        [round(float(value), 2), float(f"{rate:.3g}")]
        for value, rate in zip(grid, np.minimum.accumulate(rates), strict=True)
    ]


def group_figures(scores: Scores, mask: Mask, threshold: float) -> Json:
    """Counts of a group at the threshold, its own fitted rate where there are enough pairs, and the bounds."""
    different, same = scores.similarity[mask & ~scores.same], scores.similarity[mask & scores.same]
    people = len(np.unique(np.concatenate([scores.person_a[mask], scores.person_b[mask]])))
    tail = fit_tail(different) if len(different) else None
    return {
        "people": people,
        "impostor_pairs": len(different),
        "false_matches": int((different >= threshold).sum()),
        "highest_impostor": round(float(different.max()), 3) if len(different) else None,
        "fitted_rate": None if tail is None or tail.start > threshold else float(f"{tail.rate(threshold):.2g}"),
        "rule_of_three": float(f"{rule_of_three(len(different)):.2g}") if len(different) else None,
        "genuine_pairs": len(same),
        "true_accepts": int((same >= threshold).sum()),
        "lowest_genuine": round(float(same.min()), 3) if len(same) else None,
    }


def held_out_people(scores: Scores) -> Json:
    """The threshold made on some people, tried on others: every fold's pairs share nobody with its fit."""
    thresholds, false, tried, accepted, genuine = [], 0, 0, 0, 0
    for known, new in RepeatedKFold(n_splits=FOLDS, n_repeats=REPEATS, random_state=SEED).split(
        np.arange(scores.persons)
    ):
        tail = fit_tail(scores.similarity[scores.impostors & _among(scores, known)])
        if tail is None:
            continue
        threshold = threshold_for(tail)
        thresholds.append(threshold)
        there = _among(scores, new)
        different, same = scores.similarity[there & scores.impostors], scores.similarity[there & scores.same]
        false, tried = false + int((different >= threshold).sum()), tried + len(different)
        accepted, genuine = accepted + int((same >= threshold).sum()), genuine + len(same)
    return {
        "folds": FOLDS,
        "repeats": REPEATS,
        "threshold": [min(thresholds), max(thresholds)],
        "false_matches": false,
        "impostor_pairs": tried,
        "false_match_rate": float(f"{false / tried:.3g}") if tried else None,
        "true_accepts": accepted,
        "genuine_pairs": genuine,
        "true_accept_rate": round(accepted / genuine, 4) if genuine else None,
    }


def held_out_collection(scores: Scores, name: str) -> Json:
    """The threshold made without one collection, tried on it."""
    tail = fit_tail(scores.similarity[scores.impostors & ~scores.groups[name]])
    if tail is None:
        return {}
    threshold = threshold_for(tail)
    figures = group_figures(scores, scores.groups[name], threshold)
    return {"threshold": threshold, **{key: figures[key] for key in (
        "impostor_pairs", "false_matches", "genuine_pairs", "true_accepts")}}  # fmt: skip


def _among(scores: Scores, people: NDArray[np.int64]) -> Mask:
    return np.isin(scores.person_a, people) & np.isin(scores.person_b, people)


def _rate_of_draw(scores: Scores, threshold: float) -> Callable[[Weights], float | None]:
    chosen = scores.impostors
    similarity = scores.similarity[chosen]
    people = scores.person_a[chosen].tolist(), scores.person_b[chosen].tolist()

    def rate(weights: Weights) -> float | None:
        tail = fit_tail(similarity, pair_weights(people[0], people[1], weights))
        return None if tail is None else tail.rate(max(threshold, tail.start))

    return rate
