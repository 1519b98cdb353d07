"""Clocks for tests."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta


class HeldClock:
    """Stands still until it is moved."""

    def __init__(self, start: datetime = datetime(2026, 6, 1, 9, 0, tzinfo=UTC)) -> None:
        self._now = start
        self._monotonic_ns = 0

    def now_utc(self) -> datetime:
        return self._now

    def monotonic_ns(self) -> int:
        return self._monotonic_ns

    def advance(self, seconds: float) -> None:
        self._now += timedelta(seconds=seconds)
        self._monotonic_ns += round(seconds * 1e9)
