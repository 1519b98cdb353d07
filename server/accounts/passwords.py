"""Argon2id, away from the event loop and a few at a time: each hash takes 64 MiB and tens of milliseconds."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

_AT_ONCE: Final = 2


class Passwords:
    """Hashes and checks passwords with argon2-cffi's recommended parameters (RFC 9106, low memory)."""

    def __init__(self) -> None:
        self._hasher = PasswordHasher()
        self._turn = asyncio.Semaphore(_AT_ONCE)
        self._nobody: str | None = None

    async def hash(self, password: str) -> str:
        """The PHC string to keep."""
        async with self._turn:
            return await asyncio.to_thread(self._hasher.hash, password)

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Wait until one of the few turns is free; `matches` is called within it."""
        async with self._turn:
            yield

    async def matches(self, kept: str | None, password: str) -> bool:
        """Whether the password is the one kept; takes as long when there is none, so that e-mails cannot be probed."""
        if kept is None:
            if self._nobody is None:
                self._nobody = await asyncio.to_thread(self._hasher.hash, "nobody's password")
            await self._verify(self._nobody, password)
            return False
        return await self._verify(kept, password)

    async def _verify(self, kept: str, password: str) -> bool:
        try:
            return await asyncio.to_thread(self._hasher.verify, kept, password)
        except (VerificationError, InvalidHashError):
            return False
