"""Where timelines are kept: append-only, hash-chained, durable before acknowledged."""

from __future__ import annotations

from asyncio import Future
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Protocol

from proctor.domain.time import MediaTime
from proctor.domain.timeline import ChainVerdict, Entry, JsonValue

CommitListener = Callable[[Sequence[Entry]], None]
"""Gets the entries of one commit, in the order of the commit, on the event loop; must be quick."""


class TimelineStore(Protocol):
    """Timelines of all sittings."""

    def append(
        self,
        sitting_id: str,
        kind: str,
        payload: Mapping[str, JsonValue],
        media_time_ns: MediaTime | None,
        *,
        patient: bool = False,
    ) -> Future[Entry]:
        """Queue an entry; the order of calls is the order of entries.

        The future resolves only when the entry is durable, and fails with `StorageFullError` or
        `TimelineWriteError` when it was not written at all. A `patient` entry is one that nobody would bring again:
        while the medium is full it waits for space, before all that come later, until the store is closed.

        Raises:
            NotCanonicalError: the payload has no canonical JSON form.
            TimelineWriteError: too many entries are waiting, or the store is closed.
        """
        ...

    async def read(
        self, sitting_id: str, after_seq: int = 0, limit: int = 500, kinds: Collection[str] | None = None
    ) -> list[Entry]:
        """Entries with `seq > after_seq` in order, at most `limit`, of the given kinds only when given."""
        ...

    async def verify(self, sitting_id: str) -> ChainVerdict:
        """Check the sitting's whole chain as it is stored."""
        ...

    def subscribe(self, listener: CommitListener) -> Callable[[], None]:
        """Call `listener` after each commit; the returned function ends that."""
        ...
