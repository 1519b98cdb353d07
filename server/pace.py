"""How much may be asked for in a while: a bucket for each key that fills at a steady rate."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

_PRUNE_ABOVE: Final = 10_000


class Paces:
    """Buckets by key; one that is full again is forgotten when there are many.

    Args:
        per_s: what may be taken in the long run, each second.
        burst: what may be taken at once.
        now_s: a monotonic clock.
    """

    def __init__(self, per_s: float, burst: float, now_s: Callable[[], float] = time.monotonic) -> None:
        self._per_s = per_s
        self._burst = burst
        self._now_s = now_s
        self._full_at_s: dict[str, float] = {}
        """When each bucket will be full again."""

    def wait_s(self, key: str, amount: float = 1) -> float:
        """Take from the key's bucket; 0 when it was there, otherwise nothing is taken and it is there in so long."""
        now_s = self._now_s()
        full_at_s = max(now_s, self._full_at_s.get(key, now_s)) + min(amount, self._burst) / self._per_s
        late_s = full_at_s - now_s - self._burst / self._per_s
        if late_s > 0:
            return late_s
        if len(self._full_at_s) >= _PRUNE_ABOVE:
            self._full_at_s = {known: at_s for known, at_s in self._full_at_s.items() if at_s > now_s}
        self._full_at_s[key] = full_at_s
        return 0.0
