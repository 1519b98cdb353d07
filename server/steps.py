"""One lock a sitting, held from reading how far it is to changing it, so that a step happens once."""

from __future__ import annotations

import asyncio


class Steps:
    """Locks by sitting."""

    def __init__(self) -> None:
        self._locks: dict[str, asyncio.Lock] = {}

    def of(self, sitting_id: str) -> asyncio.Lock:
        """The sitting's lock."""
        return self._locks.setdefault(sitting_id, asyncio.Lock())

    def forget(self, sitting_id: str) -> None:
        """Nothing changes in the sitting any more."""
        self._locks.pop(sitting_id, None)
