"""What is open on behalf of a log-in closes with it: sockets and live views outlive the request that opened them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

Close = Callable[[], Coroutine[Any, Any, None]]


@dataclass(frozen=True, slots=True, eq=False)
class _Door:
    account_id: str
    close: Close
    is_socket: bool


class Presence:
    """Doors that log-ins hold open. Used from one event loop."""

    def __init__(self) -> None:
        self._doors: dict[str, set[_Door]] = {}
        self._closing: set[asyncio.Task[None]] = set()

    def opened(self, login: str, account_id: str, close: Close, *, is_socket: bool = False) -> Callable[[], None]:
        """Call `close` when the log-in (the hash of its token) ends; what is returned makes that forgotten."""
        door = _Door(account_id, close, is_socket)
        self._doors.setdefault(login, set()).add(door)

        def forget() -> None:
            doors = self._doors.get(login, set())
            doors.discard(door)
            if not doors:
                self._doors.pop(login, None)

        return forget

    def sockets(self, account_id: str) -> int:
        """How many sockets the account has open."""
        return sum(door.is_socket and door.account_id == account_id for doors in self._doors.values() for door in doors)

    def logins(self) -> frozenset[str]:
        """Log-ins that hold anything open."""
        return frozenset(self._doors)

    def end(self, login: str) -> None:
        """The log-in has ended: close what it held open, in the background."""
        for door in self._doors.pop(login, set()):
            task = asyncio.create_task(door.close(), name="closing after log-out")
            self._closing.add(task)
            task.add_done_callback(self._closing.discard)
