"""Whether a telephone takes part in a sitting, for the pages of those who wait for it or watch."""

from __future__ import annotations

from collections.abc import Callable

from proctor.ports.clock import Clock
from server.phones.repository import PhoneRepository
from server.schemas import PhoneState


class PhoneStates:
    """Tells a sitting's telephone state.

    Args:
        repository: of invitations.
        joined: whether a telephone of the sitting is connected.
        clock: invitations run out by it.
    """

    def __init__(self, repository: PhoneRepository, joined: Callable[[str], bool], clock: Clock) -> None:
        self._repository = repository
        self._joined = joined
        self._clock = clock

    async def of(self, sitting_id: str) -> PhoneState:
        """`joined` while one is connected, `invited` while an invitation waits for one."""
        if self._joined(sitting_id):
            return "joined"
        row = await self._repository.of_sitting(sitting_id)
        return "invited" if row is not None and row.is_open(self._clock.now_utc()) else "none"
