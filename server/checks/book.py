"""All sittings' guided checks, and how those that run go; for whoever shows them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from pydantic import BaseModel

from proctor.domain.timeline import Entry, EntryKind
from proctor.ports.timeline_store import TimelineStore
from server.checks.history import CHECK_KINDS, Check, SittingChecks
from server.checks.schemas import CheckMessage, CheckProgressMessage, CheckSummary, CheckView
from server.checks.views import check_view
from server.folds import Folds


class CheckBook:
    """All sittings' checks. `hear` is to be subscribed to the timeline, so that only durable news are told.

    Args:
        timeline: where the checks stand.
        push: sends a message to the sitting's open pages.
    """

    def __init__(self, timeline: TimelineStore, push: Callable[[str, BaseModel], None]) -> None:
        self._push = push
        self._folds = Folds(timeline, CHECK_KINDS, SittingChecks)
        self._progress: dict[str, CheckProgressMessage] = {}
        self._listeners: list[Callable[[str, Check], None]] = []
        self._progress_listeners: list[Callable[[str], None]] = []

    async def of(self, sitting_id: str) -> SittingChecks:
        """The sitting's checks up to the last commit."""
        return await self._folds.get(sitting_id)

    def known(self, sitting_id: str) -> SittingChecks | None:
        """The sitting's checks where they are in memory, as those of a sitting with an open check are."""
        return self._folds.known(sitting_id)

    async def latest(self, sitting_id: str) -> CheckView | None:
        """The sitting's latest check as its candidate sees it; None when there is none."""
        checks = (await self.of(sitting_id)).checks
        return check_view(next(reversed(checks.values()))) if checks else None

    async def open_view(self, sitting_id: str) -> CheckView | None:
        """The sitting's open check as its candidate sees it."""
        check = (await self.of(sitting_id)).open
        return None if check is None else check_view(check)

    async def summary(self, sitting_id: str) -> CheckSummary | None:
        """The sitting's open check, in a list."""
        check = (await self.of(sitting_id)).open
        if check is None:
            return None
        progress = self.progress(sitting_id)
        is_its = progress is not None and progress.check_id == check.check_id
        return CheckSummary(
            check_id=check.check_id,
            check=check.kind,
            state=check.state,
            coverage_deg=progress.coverage_deg if progress is not None and is_its else None,
        )

    async def shows(self, sitting_id: str, sha256: str) -> bool:
        """Whether a check of the sitting left this picture."""
        checks = (await self.of(sitting_id)).checks.values()
        return any(check.ended is not None and check.ended.get("picture_sha256") == sha256 for check in checks)

    def progress(self, sitting_id: str) -> CheckProgressMessage | None:
        """How the check goes that has begun; None when none has, or nothing is known yet."""
        return self._progress.get(sitting_id)

    def moved(self, sitting_id: str, progress: CheckProgressMessage) -> None:
        """A check goes on: tell the candidate at once."""
        self._progress[sitting_id] = progress
        self._push(sitting_id, progress)
        for listener in tuple(self._progress_listeners):
            listener(sitting_id)

    def on_progress(self, listener: Callable[[str], None]) -> None:
        """Tell `listener` of every sitting whose check goes on, several times a second."""
        self._progress_listeners.append(listener)

    def on_end(self, listener: Callable[[str, Check], None]) -> None:
        """Tell `listener` of every check that has ended, when that is durable."""
        self._listeners.append(listener)

    def hear(self, entries: Sequence[Entry]) -> None:
        """Tell the candidates' pages what a commit changed."""
        for entry in self._folds.hear(entries):
            checks = self._folds.known(entry.sitting)
            check = None if checks is None else checks.checks.get(str(entry.payload["check_id"]))
            if check is None:
                continue
            if check.ended is not None:
                self._progress.pop(entry.sitting, None)
            self._push(entry.sitting, CheckMessage(check=check_view(check)))
            if entry.kind == EntryKind.CHECK_ENDED:
                for listener in tuple(self._listeners):
                    listener(entry.sitting, check)
