"""One NTP time scale for the sender reports of a connection."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from proctor.domain.time import NS_PER_S
from proctor.ports.clock import Clock

_NTP_EPOCH: Final = datetime(1900, 1, 1, tzinfo=UTC)
_MICROSECONDS_NS: Final = 1_000


class NtpScale:
    """Maps monotonic time to 64-bit NTP timestamps; fixed when made, so that a corrected wall clock moves no stream."""

    def __init__(self, clock: Clock) -> None:
        since_epoch = clock.now_utc() - _NTP_EPOCH
        microseconds = (since_epoch.days * 86_400 + since_epoch.seconds) * 1_000_000 + since_epoch.microseconds
        self._offset_ns = microseconds * _MICROSECONDS_NS - clock.monotonic_ns()

    def at(self, monotonic_ns: int) -> int:
        """The NTP timestamp of a monotonic time."""
        return ((monotonic_ns + self._offset_ns) << 32) // NS_PER_S & 0xFFFF_FFFF_FFFF_FFFF
