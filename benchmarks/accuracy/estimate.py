"""How sure a figure is: intervals by resampling whole persons, and bounds where nothing went wrong.

Pictures of one person, pairs that share a person and windows of one recording are not independent. So each figure is
resampled by cluster (a person, a file, a sitting), and a figure without any error is bounded by the number of its
clusters, not of its cases.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

Interval = tuple[float, float]
Weights = NDArray[np.float64]
"""How often each cluster was drawn, shape (clusters,)."""

DRAWS = 2_000
SEED = 20_260_101
CONFIDENCE = 0.95
FEWEST_CLUSTERS = 2
"""With a single cluster there is nothing to resample."""


class Method(StrEnum):
    """Where an interval comes from."""

    BOOTSTRAP = "bootstrap by cluster"
    BOUND = "rule of three over the clusters"
    NONE = "too few clusters"


@dataclass(frozen=True, slots=True)
class Estimate:
    """A share of cases, with its 95 % interval."""

    hits: float
    cases: float
    clusters: int
    interval: Interval | None
    method: Method

    @property
    def share(self) -> float | None:
        """Part of the cases; None when there are none."""
        return self.hits / self.cases if self.cases else None

    def as_json(self) -> dict[str, object]:
        """Plain values."""
        return {
            "hits": self.hits,
            "cases": self.cases,
            "share": None if self.share is None else round(self.share, 4),
            "clusters": self.clusters,
            "interval_95": None if self.interval is None else [round(edge, 4) for edge in self.interval],
            "method": self.method.value,
        }


def share_of(cases: Iterable[tuple[str, bool]]) -> Estimate:
    """Share of hits among cases, each given as its cluster and whether it is a hit.

    The interval is the percentile bootstrap over clusters; where every case is a hit, or none is, resampling can only
    say the same again, and the one-sided 95 % bound over the clusters stands instead (`rule_of_three`).
    """
    counts: dict[str, list[int]] = {}
    for cluster, hit in cases:
        count = counts.setdefault(cluster, [0, 0])
        count[0] += hit
        count[1] += 1
    hits = np.array([count[0] for count in counts.values()], np.float64)
    totals = np.array([count[1] for count in counts.values()], np.float64)
    all_hits, all_cases = int(hits.sum()), int(totals.sum())
    if not all_cases:
        return Estimate(0, 0, 0, None, Method.NONE)
    if all_hits in {0, all_cases}:
        bound = rule_of_three(len(counts))
        edges = (0.0, bound) if all_hits == 0 else (1.0 - bound, 1.0)
        return Estimate(all_hits, all_cases, len(counts), edges, Method.BOUND)

    def resampled_share(weights: Weights) -> float | None:
        cases = float(weights @ totals)
        return float(weights @ hits) / cases if cases else None

    interval = bootstrap(len(counts), resampled_share)
    method = Method.NONE if interval is None else Method.BOOTSTRAP
    return Estimate(all_hits, all_cases, len(counts), interval, method)


def bootstrap(clusters: int, statistic: Callable[[Weights], float | None], *, draws: int = DRAWS) -> Interval | None:
    """95 % percentile interval of a statistic under resampling of whole clusters with replacement; the seed is fixed.

    Args:
        clusters: number of persons, files or sittings.
        statistic: gets how often each cluster was drawn; None where it is not defined for that draw.
        draws: number of resamplings.

    Returns:
        Lower and upper edge; None with fewer than two clusters, or where the statistic is hardly ever defined.
    """
    if clusters < FEWEST_CLUSTERS:
        return None
    weights = np.random.default_rng(SEED).multinomial(clusters, np.full(clusters, 1 / clusters), size=draws)
    values = [value for drawn in weights.astype(np.float64) if (value := statistic(drawn)) is not None]
    if len(values) < draws / 2:
        return None
    tail = 100 * (1 - CONFIDENCE) / 2
    low, high = np.percentile(values, (tail, 100 - tail))
    return float(low), float(high)


def pair_weights(persons_a: Sequence[int], persons_b: Sequence[int], weights: Weights) -> Weights:
    """How often each pair of faces occurs when persons are drawn `weights` times.

    A pair of one person occurs as often as the person; a pair of two persons as often as both together, the subsets
    bootstrap of R. M. Bolle, N. K. Ratha and S. Pankanti ("Error analysis of pattern recognition systems", 2004).
    """
    a, b = np.asarray(persons_a, np.intp), np.asarray(persons_b, np.intp)
    return np.where(a == b, weights[a], weights[a] * weights[b])


def rule_of_three(independent: int) -> float:
    """Largest error rate that is compatible, at 95 %, with no error in so many independent cases; about 3 / n.

    J. A. Hanley and A. Lippman-Hand, "If nothing goes wrong, is everything all right?", 1983.
    """
    return 1.0 if independent < 1 else 1.0 - (1.0 - CONFIDENCE) ** (1.0 / independent)


def cases_needed(rate: float) -> int:
    """Independent cases without an error that are needed to state at 95 % that the error rate is at most `rate`."""
    return math.ceil(math.log(1.0 - CONFIDENCE) / math.log1p(-rate))


def events_per_hour(events: int, seconds: float) -> dict[str, float | None]:
    """Rate of rare events with its exact Poisson 95 % interval; one-sided (2.996 / hours) when none was seen."""
    hours = seconds / 3600
    if hours <= 0:
        return {"events": events, "hours": 0.0, "per_hour": None, "low": None, "high": None}
    tail = (1 - CONFIDENCE) / 2
    low = _poisson_mean(events - 1, 1 - tail) if events else 0.0
    high = _poisson_mean(events, tail if events else 1 - CONFIDENCE)
    return {
        "events": events,
        "hours": round(hours, 4),
        "per_hour": round(events / hours, 2),
        "low": round(low / hours, 2),
        "high": round(high / hours, 2),
    }


def _poisson_mean(at_most: int, probability: float) -> float:
    """Mean of the Poisson distribution that gives at most so many events with that probability, by bisection."""
    low, high = 0.0, 10.0 * (at_most + 2)
    for _ in range(80):
        middle = (low + high) / 2
        term = total = math.exp(-middle)
        for count in range(1, at_most + 1):
            term *= middle / count
            total += term
        low, high = (middle, high) if total > probability else (low, middle)
    return (low + high) / 2
