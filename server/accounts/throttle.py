"""Failed log-ins are counted by account and by address; too many, and further tries wait."""

from __future__ import annotations

import hashlib
import math
import time
from typing import Final

from limits import RateLimitItem, RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from server.problems import ProblemError

PER_ACCOUNT: Final = RateLimitItemPerMinute(8, 5)
PER_ADDRESS: Final = RateLimitItemPerMinute(60, 5)


class LoginThrottle:
    """Eight failures for one account, or sixty from one address, within five minutes are enough."""

    def __init__(self, per_account: RateLimitItem = PER_ACCOUNT, per_address: RateLimitItem = PER_ADDRESS) -> None:
        self._limiter = MovingWindowRateLimiter(MemoryStorage())
        self._limits = (per_account, per_address)

    def check(self, email: str, address: str) -> None:
        """Refuse a try when too many have failed.

        Raises:
            ProblemError: 429 with Retry-After.
        """
        waits = [
            self._limiter.get_window_stats(limit, key).reset_time - time.time()
            for limit, key in self._keys(email, address)
            if not self._limiter.test(limit, key)
        ]
        if waits:
            wait_s = max(1, math.ceil(max(waits)))
            raise ProblemError(
                429,
                "too_many_tries",
                f"Too many log-ins have failed; the next try is possible in {wait_s} seconds.",
                remedy="Wait and try again, or ask the administrator for a new password.",
                headers={"Retry-After": str(wait_s)},
            )

    def failed(self, email: str, address: str) -> None:
        """Count a failure."""
        for limit, key in self._keys(email, address):
            self._limiter.hit(limit, key)

    def _keys(self, email: str, address: str) -> tuple[tuple[RateLimitItem, str], ...]:
        account, place = self._limits
        hidden = hashlib.sha256(email.encode()).hexdigest()
        return (account, f"account:{hidden}"), (place, f"address:{address}")
