"""What timelines add up to, kept in memory: read once, and then folded on with every commit."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Collection, Sequence
from typing import Final, Generic, Protocol, TypeVar

from proctor.domain.timeline import Entry
from proctor.ports.timeline_store import TimelineStore

_PAGE: Final = 1000
_REMEMBERED: Final = 2000


class Fold(Protocol):
    """What some kinds of a sitting's entries add up to."""

    last_seq: int
    """Number of the last entry that was folded in; those up to it are passed over."""

    def take(self, entry: Entry) -> object:
        """Fold an entry in."""
        ...


F = TypeVar("F", bound=Fold)


class Folds(Generic[F]):
    """Folds on demand and keeps folding; the longest unused are forgotten and read again. `hear` gets every commit."""

    def __init__(self, timeline: TimelineStore, kinds: Collection[str], make: Callable[[], F]) -> None:
        self._timeline = timeline
        self._kinds = frozenset(kinds)
        self._make = make
        self._folds: OrderedDict[str, F] = OrderedDict()
        self._locks: dict[str, asyncio.Lock] = {}
        self._meanwhile: dict[str, list[Entry]] = {}
        """Commits heard while a sitting is being read."""

    async def get(self, sitting_id: str) -> F:
        """The sitting's fold up to the last commit."""
        known = self._folds.get(sitting_id)
        if known is not None:
            self._folds.move_to_end(sitting_id)
            return known
        lock = self._locks.setdefault(sitting_id, asyncio.Lock())
        async with lock:
            fold = self._folds.get(sitting_id) or await self._load(sitting_id)
        self._locks.pop(sitting_id, None)
        return fold

    def known(self, sitting_id: str) -> F | None:
        """The sitting's fold where it is in memory."""
        return self._folds.get(sitting_id)

    def hear(self, entries: Sequence[Entry]) -> list[Entry]:
        """Fold a commit in; the entries of the kinds concerned. Sittings that nobody asked for are left alone."""
        concerned = [entry for entry in entries if entry.kind in self._kinds]
        for entry in concerned:
            fold = self._folds.get(entry.sitting)
            if fold is not None:
                fold.take(entry)
            elif entry.sitting in self._meanwhile:
                self._meanwhile[entry.sitting].append(entry)
        return concerned

    async def _load(self, sitting_id: str) -> F:
        fold = self._make()
        heard = self._meanwhile[sitting_id] = []
        try:
            while page := await self._timeline.read(sitting_id, fold.last_seq, _PAGE, self._kinds):
                for entry in page:
                    fold.take(entry)
        finally:
            del self._meanwhile[sitting_id]
        for entry in heard:
            fold.take(entry)
        self._folds[sitting_id] = fold
        while len(self._folds) > _REMEMBERED:
            self._folds.popitem(last=False)
        return fold
