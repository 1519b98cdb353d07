"""What the endpoints of guided checks call."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from proctor.domain.guided import GuidedKind, GuidedOutcome
from proctor.domain.media import TrackKind
from server.accounts.access import Caller
from server.checks.book import CheckBook
from server.checks.checking import Checking
from server.checks.history import Check
from server.checks.schemas import BeginCheckRequest, CheckView
from server.checks.views import check_view
from server.viewings import Viewings


class CheckService:
    """The candidates' and the watchers' side of guided checks.

    Args:
        hold: makes sure that a sitting is open in this tab; refuses when another one has it.
        name_of: name of an account.
    """

    def __init__(
        self,
        *,
        book: CheckBook,
        checking: Checking,
        viewings: Viewings,
        hold: Callable[[str, str], Awaitable[object]],
        name_of: Callable[[str], Awaitable[str | None]],
    ) -> None:
        self._book = book
        self._checking = checking
        self._viewings = viewings
        self._hold = hold
        self._name_of = name_of

    async def all_of(self, sitting_id: str, caller: Caller) -> list[CheckView]:
        """All checks; before the first result goes out, the timeline tells who looked."""
        checks = list((await self._book.of(sitting_id)).checks.values())
        if any(check.ended is not None for check in checks):
            await self._viewings.note(sitting_id, "checks", caller)
        return [await self._for_watchers(sitting_id, check) for check in checks]

    async def ask(self, sitting_id: str, kind: GuidedKind, caller: Caller) -> CheckView:
        """An invigilator asks.

        Raises:
            ProblemError: 409 the sitting does not run, or a check is open.
        """
        return await self._for_watchers(sitting_id, await self._checking.ask(sitting_id, kind, caller.account_id))

    async def withdraw(self, sitting_id: str, check_id: str, caller: Caller) -> CheckView:
        """An invigilator takes a check back.

        Raises:
            ProblemError: 404 no such check, 409 it has ended.
        """
        check = await self._checking.end(sitting_id, check_id, GuidedOutcome.WITHDRAWN, caller.account_id)
        return await self._for_watchers(sitting_id, check)

    async def begin(self, sitting_id: str, check_id: str, request: BeginCheckRequest) -> CheckView:
        """The candidate begins; see `Checking.begin`."""
        await self._hold(sitting_id, request.client_id)
        return check_view(await self._checking.begin(sitting_id, check_id, TrackKind(request.track)))

    async def stop(self, sitting_id: str, check_id: str, client_id: str) -> CheckView:
        """The candidate stops; see `Checking.stop`."""
        await self._hold(sitting_id, client_id)
        return check_view(await self._checking.stop(sitting_id, check_id))

    async def decline(self, sitting_id: str, check_id: str, client_id: str) -> CheckView:
        """The candidate cannot do it, or leaves out what nobody has to do.

        Raises:
            ProblemError: 404 no such check, 409 it has ended.
        """
        await self._hold(sitting_id, client_id)
        return check_view(await self._checking.decline(sitting_id, check_id))

    async def _for_watchers(self, sitting_id: str, check: Check) -> CheckView:
        asked_by = None if check.asked_by is None else await self._name_of(check.asked_by)
        return check_view(check, asked_by=asked_by, pictures_of=sitting_id)
