"""A share of cases with its uncertainty."""

from __future__ import annotations

import math
from dataclasses import dataclass

Z_95 = 1.959964


@dataclass(frozen=True, slots=True)
class Proportion:
    """`hits` of `cases`, with the 95 % Wilson interval. The interval takes the cases for independent."""

    hits: int
    cases: int

    @property
    def share(self) -> float | None:
        """Part of the cases; None when there are none."""
        return self.hits / self.cases if self.cases else None

    def interval(self) -> tuple[float, float] | None:
        """E. B. Wilson, "Probable inference, the law of succession, and statistical inference", 1927."""
        if not self.cases:
            return None
        share, weight = self.hits / self.cases, Z_95**2 / self.cases
        centre = (share + weight / 2) / (1 + weight)
        half = Z_95 * math.sqrt(share * (1 - share) / self.cases + weight / (4 * self.cases)) / (1 + weight)
        return max(0.0, centre - half), min(1.0, centre + half)

    def as_json(self) -> dict[str, object]:
        """Plain values."""
        interval = self.interval()
        return {
            "hits": self.hits,
            "cases": self.cases,
            "share": None if self.share is None else round(self.share, 4),
            "wilson_95": None if interval is None else [round(edge, 4) for edge in interval],
        }

    def __str__(self) -> str:
        """Like `31/33 = 0.939 (0.80 to 0.98)`."""
        interval = self.interval()
        if interval is None:
            return "no cases"
        return f"{self.hits}/{self.cases} = {self.hits / self.cases:.3f} ({interval[0]:.3f} to {interval[1]:.3f})"
