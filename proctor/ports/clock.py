"""Time comes from here, so that tests can hold it."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    """Wall-clock and monotonic time."""

    def now_utc(self) -> datetime:
        """Timezone-aware current time in UTC."""
        ...

    def monotonic_ns(self) -> int:
        """Nanoseconds of a clock that never goes back; its zero is arbitrary."""
        ...
