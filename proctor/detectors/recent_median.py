"""The median of the latest values, kept in order so that taking it costs next to nothing."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import deque


class RecentMedian:
    """The last `most` values; their median is that of `statistics.median`."""

    def __init__(self, most: int) -> None:
        self._latest: deque[float] = deque(maxlen=most)
        self._ordered: list[float] = []

    def __len__(self) -> int:
        """How many values there are, `most` at most."""
        return len(self._ordered)

    def add(self, value: float) -> None:
        """Take one more value; beyond `most` the oldest one goes."""
        if len(self._latest) == self._latest.maxlen:
            del self._ordered[bisect_left(self._ordered, self._latest[0])]
        self._latest.append(value)
        insort(self._ordered, value)

    @property
    def value(self) -> float:
        """The median.

        Raises:
            IndexError: there is no value yet.
        """
        middle = len(self._ordered) // 2
        upper = self._ordered[middle]
        return upper if len(self._ordered) % 2 else (self._ordered[middle - 1] + upper) / 2
