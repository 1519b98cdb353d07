"""What a policy asks for right after the start: questions stay closed and no time counts until it has ended."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

import structlog
from sqlalchemy.exc import DBAPIError

from proctor.domain.errors import ProctorError
from proctor.domain.guided import GuidedKind, GuidedOutcome
from proctor.domain.policy import StepsPolicy
from proctor.domain.time import MediaTime, to_ms
from proctor.domain.timeline import EntryKind, JsonValue
from proctor.ports.clock import Clock
from proctor.ports.timeline_store import TimelineStore
from server.checks.book import CheckBook
from server.checks.checking import Checking
from server.checks.history import Check
from server.policies import PolicyBook
from server.problems import ProblemError
from server.sittings.leftovers import count_entries
from server.sittings.repository import Sitting, SittingRepository
from server.sittings.states import SittingState
from server.steps import Steps

log = structlog.get_logger(__name__)

LONGEST_OPENING: Final = timedelta(minutes=15)
"""After that the questions open anyway."""
MOST_TRIES: Final = 3
"""A check that was interrupted is asked for anew, so often in all."""
_NOT_KEPT: Final = (ProctorError, ProblemError, DBAPIError)


class Opening:
    """Asks for one check after the other, and opens the questions when none is left or it has taken too long.

    `sweep` is to be called about once a second.

    Args:
        opened: hears of a sitting whose time has begun.
    """

    def __init__(  # noqa: PLR0913 - everything that opening touches
        self,
        *,
        repository: SittingRepository,
        policies: PolicyBook,
        timeline: TimelineStore,
        book: CheckBook,
        checking: Checking,
        steps: Steps,
        clock: Clock,
        media_now: Callable[[str], MediaTime],
        opened: Callable[[Sitting], None],
    ) -> None:
        self._repository = repository
        self._policies = policies
        self._timeline = timeline
        self._book = book
        self._checking = checking
        self._steps = steps
        self._clock = clock
        self._media_now = media_now
        self._opened = opened
        self._waiting: dict[str, datetime] = {}
        """Sittings whose questions are closed, and until when at the latest."""
        self._tasks: set[asyncio.Task[None]] = set()
        self._locks: dict[str, asyncio.Lock] = {}
        book.on_end(self._ended)

    async def begin(self, sitting: Sitting) -> None:
        """A sitting has started or goes on whose questions have not opened."""
        started_at = sitting.started_at or self._clock.now_utc()
        self._waiting[sitting.sitting_id] = started_at + LONGEST_OPENING
        await self._try_to_go_on(sitting.sitting_id)

    def forget(self, sitting_id: str) -> None:
        """The sitting is over."""
        self._waiting.pop(sitting_id, None)
        self._locks.pop(sitting_id, None)

    async def sweep(self) -> None:
        """Go on where something failed, and open what has waited too long."""
        for sitting_id in tuple(self._waiting):
            await self._try_to_go_on(sitting_id)

    async def stop(self) -> None:
        """The server stops; opening goes on at the next start."""
        self._waiting.clear()
        for task in tuple(self._tasks):
            task.cancel()
        await self.settled()

    async def settled(self) -> None:
        """Wait until what was heard has been dealt with."""
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _ended(self, sitting_id: str, _: Check) -> None:
        if sitting_id not in self._waiting:
            return
        task = asyncio.create_task(self._try_to_go_on(sitting_id), name=f"opening {sitting_id}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _try_to_go_on(self, sitting_id: str) -> None:
        try:
            await self._go_on(sitting_id)
        except _NOT_KEPT as error:  # the next sweep tries again
            log.warning("opening_not_gone_on", sitting=sitting_id, reason=str(error))

    async def _go_on(self, sitting_id: str) -> None:
        async with self._locks.setdefault(sitting_id, asyncio.Lock()):
            until = self._waiting.get(sitting_id)
            sitting = await self._running(sitting_id)
            if until is None or sitting is None:
                return
            checks = await self._book.of(sitting_id)
            is_late = self._clock.now_utc() >= until
            if checks.open is not None:
                if not is_late:
                    return
                await self._checking.end(sitting_id, checks.open.check_id, GuidedOutcome.EXPIRED)
            steps = self._policies.parse_stored(sitting.policy_toml).steps
            kind = None if is_late else next_check(steps, checks.checks.values())
            if kind is not None:
                await self._checking.ask(sitting_id, kind, None)
            else:
                await self._open(sitting_id, "time_over" if is_late else "checks_ended")

    async def _open(self, sitting_id: str, reason: str) -> None:
        async with self._steps.of(sitting_id):
            sitting = await self._running(sitting_id)
            if sitting is None:
                return
            opened_at = sitting.opened_at
            if opened_at is None:
                opened_at = self._clock.now_utc()
                await self._repository.change(sitting_id, opened_at=opened_at)
            await note_opened(self._timeline, sitting_id, reason, self._media_now(sitting_id))
            self.forget(sitting_id)
            self._opened(replace(sitting, opened_at=opened_at))
        log.info("questions_opened", sitting=sitting_id, reason=reason)

    async def _running(self, sitting_id: str) -> Sitting | None:
        """The sitting; None, and forgotten, when it does not run any more."""
        sitting = await self._repository.get(sitting_id)
        if sitting is None or sitting.state is not SittingState.RUNNING:
            self.forget(sitting_id)
            return None
        return sitting


async def note_opened(timeline: TimelineStore, sitting_id: str, reason: str, at: MediaTime) -> None:
    """Write down, once, that the questions have opened."""
    if not await count_entries(timeline, sitting_id, EntryKind.QUESTIONS_OPENED):
        payload: dict[str, JsonValue] = {"after_ms": to_ms(at), "reason": reason}
        await timeline.append(sitting_id, EntryKind.QUESTIONS_OPENED, payload, at)


def asks_for_checks(steps: StepsPolicy) -> bool:
    """Whether the questions are closed at first."""
    return any(_wanted(steps).values())


def next_check(steps: StepsPolicy, checks: Iterable[Check]) -> GuidedKind | None:
    """What the policy still asks for; None when all has been asked for and has ended."""
    asked = [check for check in checks if check.asked_by is None]
    for kind in (kind for kind, is_wanted in _wanted(steps).items() if is_wanted):
        tries = [check for check in asked if check.kind is kind]
        if not tries or (tries[-1].outcome is GuidedOutcome.INTERRUPTED and len(tries) < MOST_TRIES):
            return kind
    return None


def _wanted(steps: StepsPolicy) -> dict[GuidedKind, bool]:
    """In the order in which they are asked for; the calibration comes last, when the computer stands where it stays."""
    return {
        GuidedKind.ROOM_SCAN: steps.room_scan_at_start,
        GuidedKind.CHALLENGE: steps.challenge_at_start,
        GuidedKind.GAZE_CALIBRATION: steps.gaze_calibration,
    }
