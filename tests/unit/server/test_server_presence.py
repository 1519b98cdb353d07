"""What a log-in holds open ends with it."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

from proctor.domain.media import TrackKind
from proctor.domain.text import Language
from server.accounts.access import Caller, Role
from server.accounts.passwords import Passwords
from server.accounts.repository import AccountRepository
from server.accounts.schemas import AccountRequest
from server.accounts.service import IDLE, AccountService
from server.accounts.throttle import LoginThrottle
from server.db.engine import Database
from server.db.migrate import migrate
from server.invigilation.viewers import ViewerBook
from server.presence import Presence
from server.problems import ProblemError
from server.rtc.forwarder import Viewer
from server.rtc.leg import Leg
from tests.fakes.clock import HeldClock

PASSWORD = "long enough for a test"  # noqa: S105 - of an account that lives for one test
MANY = 30


class Door:
    """Something that a log-in holds open."""

    def __init__(self) -> None:
        self.closed = asyncio.Event()

    async def close(self) -> None:
        self.closed.set()


class StandInViewer(Viewer):
    """A live view without a connection."""

    def __init__(self, on_closed: Callable[[Viewer], None]) -> None:
        self.told = on_closed

    async def answer(self, offer_sdp: str, tracks: Sequence[TrackKind]) -> str:
        return f"answer to {offer_sdp} for {len(tracks)}"

    def watch(self, leg: Leg | None, phone: Leg | None = None) -> None:
        assert leg is None
        assert phone is None

    async def close(self) -> None:
        self.told(self)


async def accounts_in(path: Path, clock: HeldClock) -> tuple[AccountService, Database]:
    await asyncio.to_thread(migrate, path)
    database = Database(path)
    accounts = AccountService(AccountRepository(database), Passwords(), LoginThrottle(), clock)
    await accounts.create(AccountRequest(email="a@b.kz", name="A", role=Role.INVIGILATOR, password=PASSWORD))
    return accounts, database


async def test_what_a_log_in_holds_open_closes_when_it_ends(tmp_path: Path) -> None:
    clock = HeldClock()
    accounts, database = await accounts_in(tmp_path / "test.sqlite3", clock)

    async def enter(former: str | None = None) -> tuple[str, Caller, Door]:
        token, _ = await accounts.log_in("a@b.kz", PASSWORD, "127.0.0.1", former)
        caller, door = await accounts.caller(token), Door()
        assert caller is not None
        accounts.presence.opened(caller.login_sha256, caller.account_id, door.close)
        return token, caller, door

    _, caller, left = await enter()
    await accounts.log_out(caller)
    token, _, replaced = await enter()
    _, _, changed = await enter(former=token)
    assert await accounts.caller(token) is None, "logging in anew ends the browser's former log-in"
    await accounts.set_password("a@b.kz", PASSWORD)
    _, _, expired = await enter()
    clock.advance(IDLE.total_seconds() + 60)
    _, _, living = await enter()
    await accounts.close_ended()

    async with asyncio.timeout(5):
        for door in (left, replaced, changed, expired):
            await door.closed.wait()
    assert not living.closed.is_set()
    await database.close()


async def test_tries_that_are_sent_at_once_are_throttled_too(tmp_path: Path) -> None:
    accounts, database = await accounts_in(tmp_path / "test.sqlite3", HeldClock())

    async def guess(number: int) -> str:
        try:
            await accounts.log_in("a@b.kz", f"guess number {number}", "127.0.0.1")
        except ProblemError as error:
            return error.code
        return "in"

    told = Counter(await asyncio.gather(*(guess(number) for number in range(MANY))))

    assert told["wrong_log_in"] <= 9  # the limit of eight, and one that was already being checked
    assert told["too_many_tries"] == MANY - told["wrong_log_in"]
    await database.close()


async def test_live_views_close_with_the_log_in_that_opened_them() -> None:
    presence = Presence()
    views = ViewerBook(StandInViewer, presence)
    caller = Caller("account", Role.INVIGILATOR, "a@b.kz", "A", Language.KK, "login")
    await views.open("sitting", caller, "offer", [TrackKind.CAMERA], None, None)
    viewer_id, _ = await views.open("sitting", caller, "offer", [TrackKind.CAMERA], None, None)

    await views.close(viewer_id, "account")
    assert presence.logins() == {"login"}, "the other view is still open"
    presence.end("login")
    await asyncio.sleep(0)

    assert presence.logins() == frozenset()
    await views.close_all()
