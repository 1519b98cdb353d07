"""Scores of two classes: detection at fixed false alarms, equal error rate, and the curves for plots."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.accuracy.estimate import Interval, Weights, bootstrap

Scores = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Scored:
    """Scores of cases that should be detected and of cases that should not; the higher, the rather detected.

    `positive_of` and `negative_of` number each case's cluster from 0 to `clusters` - 1.
    """

    positive: Scores
    negative: Scores
    positive_of: NDArray[np.intp]
    negative_of: NDArray[np.intp]
    clusters: int

    @classmethod
    def of(cls, cases: Sequence[tuple[str, bool, float]]) -> Scored:
        """From cluster, whether it should be detected, and score, of each case."""
        numbers: dict[str, int] = {}
        for cluster, _, _ in cases:
            numbers.setdefault(cluster, len(numbers))
        positive = [(score, numbers[cluster]) for cluster, wanted, score in cases if wanted]
        negative = [(score, numbers[cluster]) for cluster, wanted, score in cases if not wanted]
        return cls(
            np.array([score for score, _ in positive], np.float64),
            np.array([score for score, _ in negative], np.float64),
            np.array([cluster for _, cluster in positive], np.intp),
            np.array([cluster for _, cluster in negative], np.intp),
            len(numbers),
        )


def detection_at(scored: Scored, false_alarm_rate: float) -> dict[str, object]:
    """Share detected at the lowest threshold that lets through at most that share of the others, with its interval.

    `supported` is whether there are negatives enough for one of them to be that share at all; where not, the figure is
    detection without any false alarm on this data.
    """
    ones = np.ones(scored.clusters)
    share, threshold = _detection(scored, ones, false_alarm_rate)
    interval: Interval | None = bootstrap(
        scored.clusters, lambda weights: _detection(scored, weights, false_alarm_rate)[0]
    )
    return {
        "false_alarm_rate": false_alarm_rate,
        "share": None if share is None else round(share, 4),
        "threshold": None if threshold is None else round(threshold, 4),
        "interval_95": None if interval is None else [round(edge, 4) for edge in interval],
        "positives": len(scored.positive),
        "negatives": len(scored.negative),
        "clusters": scored.clusters,
        "supported": len(scored.negative) * false_alarm_rate >= 1,
    }


def _detection(scored: Scored, weights: Weights, rate: float) -> tuple[float | None, float | None]:
    positive_weights, negative_weights = weights[scored.positive_of], weights[scored.negative_of]
    return weighted_detection(scored.positive, positive_weights, scored.negative, negative_weights, rate)


def weighted_detection(
    positive: Scores, positive_weights: Weights, negative: Scores, negative_weights: Weights, rate: float
) -> tuple[float | None, float | None]:
    """Weighted share of positives strictly above the threshold, and that threshold.

    The threshold is the smallest negative score above which at most `rate` of the negatives lie.
    """
    if not positive_weights.sum() or not negative_weights.sum():
        return None, None
    falling = np.argsort(-negative, kind="stable")
    passed = np.cumsum(negative_weights[falling]) / negative_weights.sum()
    threshold = float(negative[falling][min(int(np.searchsorted(passed, rate, side="right")), len(falling) - 1)])
    detected = float(positive_weights[positive > threshold].sum() / positive_weights.sum())
    return detected, threshold


def error_curve(positive: Scores, negative: Scores) -> tuple[list[float], list[float]]:
    """False alarm rate and miss rate at every threshold that changes either, from the strictest on."""
    thresholds = np.unique(np.concatenate([positive, negative]))[::-1]
    false_alarms = [float((negative >= threshold).mean()) for threshold in thresholds]
    misses = [float((positive < threshold).mean()) for threshold in thresholds]
    return [0.0, *false_alarms], [1.0, *misses]


def equal_error_rate(positive: Scores, negative: Scores) -> float | None:
    """Mean of false alarm and miss rate where they are nearest to each other; None without cases."""
    if not len(positive) or not len(negative):
        return None
    false_alarms, misses = (np.array(rates) for rates in error_curve(positive, negative))
    nearest = int(np.abs(false_alarms - misses).argmin())
    return round(float(false_alarms[nearest] + misses[nearest]) / 2, 4)
