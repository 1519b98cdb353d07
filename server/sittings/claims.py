"""Which browser tab a sitting is taken in: one at a time, for as long as it shows itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from proctor.domain.time import NS_PER_S
from proctor.ports.clock import Clock
from server.problems import ProblemError

LEASE_S: Final = 30


@dataclass(slots=True)
class _Claim:
    client_id: str
    until_ns: int
    sockets: int = 0


class ClaimBook:
    """Claims live in memory: after a restart of the server the first tab that shows itself has the sitting again."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._claims: dict[str, _Claim] = {}

    def hold(self, sitting_id: str, client_id: str) -> bool:
        """Make sure that this tab has the sitting; True when it did not have it before.

        Raises:
            ProblemError: 409 another tab has it.
        """
        claim = self._live(sitting_id)
        if claim is None:
            self._claims[sitting_id] = _Claim(client_id, self._lease_end())
            return True
        if claim.client_id != client_id:
            raise ProblemError(
                409,
                "sitting_open_elsewhere",
                "This sitting is open in another window or on another device.",
                remedy="Go on there, or take the sitting over to here.",
            )
        claim.until_ns = self._lease_end()
        return False

    def take_over(self, sitting_id: str, client_id: str) -> str | None:
        """Give the sitting to this tab; the other tab that had it, if one did."""
        claim = self._live(sitting_id)
        former = claim.client_id if claim is not None and claim.client_id != client_id else None
        if former is not None or claim is None:
            self._claims[sitting_id] = _Claim(client_id, self._lease_end())
        else:
            claim.until_ns = self._lease_end()
        return former

    def connected(self, sitting_id: str, client_id: str) -> None:
        """A control socket of the tab opened: the claim holds while it is open."""
        claim = self._claims.get(sitting_id)
        if claim is not None and claim.client_id == client_id:
            claim.sockets += 1

    def disconnected(self, sitting_id: str, client_id: str) -> None:
        """A control socket of the tab closed: the lease runs from now."""
        claim = self._claims.get(sitting_id)
        if claim is not None and claim.client_id == client_id:
            claim.sockets = max(0, claim.sockets - 1)
            claim.until_ns = self._lease_end()

    def release(self, sitting_id: str) -> None:
        """Forget the sitting's claim."""
        self._claims.pop(sitting_id, None)

    def _live(self, sitting_id: str) -> _Claim | None:
        claim = self._claims.get(sitting_id)
        if claim is None or (claim.sockets == 0 and claim.until_ns < self._clock.monotonic_ns()):
            return None
        return claim

    def _lease_end(self) -> int:
        return self._clock.monotonic_ns() + LEASE_S * NS_PER_S
