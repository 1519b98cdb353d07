from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from limits import RateLimitItemPerMinute

from server.accounts.access import RULES, Role, check_rules
from server.accounts.passwords import Passwords
from server.accounts.repository import AccountRepository
from server.accounts.schemas import AccountRequest
from server.accounts.service import ABSOLUTE, IDLE, AccountService
from server.accounts.throttle import LoginThrottle
from server.db.engine import Database
from server.db.migrate import check, migrate
from server.problems import ProblemError
from tests.fakes.clock import HeldClock

PASSWORD = "long enough for a test"  # noqa: S105 - of an account that lives for one test


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    migrate(tmp_path / "test.sqlite3")
    database = Database(tmp_path / "test.sqlite3")
    yield database
    await database.close()


async def service(database: Database, clock: HeldClock) -> AccountService:
    made = AccountService(AccountRepository(database), Passwords(), LoginThrottle(), clock)
    await made.create(AccountRequest(email="A@b.kz", name="A", role=Role.CANDIDATE, password=PASSWORD))
    return made


async def test_a_log_in_that_is_not_used_ends(database: Database) -> None:
    clock = HeldClock()
    accounts = await service(database, clock)
    token, me = await accounts.log_in("a@b.kz", PASSWORD, "127.0.0.1")
    assert me.email == "a@b.kz"

    clock.advance(IDLE.total_seconds() - 60)
    assert await accounts.caller(token) is not None
    clock.advance(IDLE.total_seconds() - 60)
    assert await accounts.caller(token) is not None, "the use before counts"
    clock.advance(IDLE.total_seconds() + 60)
    assert await accounts.caller(token) is None


async def test_a_log_in_that_is_used_ends_all_the_same(database: Database) -> None:
    clock = HeldClock()
    accounts = await service(database, clock)
    token, _ = await accounts.log_in("a@b.kz", PASSWORD, "127.0.0.1")

    for _ in range(int(ABSOLUTE / IDLE) * 2):
        clock.advance(IDLE.total_seconds() / 2)
        assert await accounts.caller(token) is not None
    clock.advance(60)
    assert await accounts.caller(token) is None


async def test_a_new_password_ends_all_log_ins(database: Database) -> None:
    accounts = await service(database, HeldClock())
    token, _ = await accounts.log_in("a@b.kz", PASSWORD, "127.0.0.1")

    assert await accounts.set_password("a@b.kz", "another long password")

    assert await accounts.caller(token) is None
    with pytest.raises(ProblemError):
        await accounts.log_in("a@b.kz", PASSWORD, "127.0.0.1")


def test_failures_are_counted_by_address_as_well() -> None:
    throttle = LoginThrottle(per_address=RateLimitItemPerMinute(3, 5))
    for number in range(3):
        throttle.check(f"{number}@b.kz", "10.0.0.1")
        throttle.failed(f"{number}@b.kz", "10.0.0.1")

    with pytest.raises(ProblemError) as refusal:
        throttle.check("new@b.kz", "10.0.0.1")
    assert refusal.value.headers["Retry-After"]
    throttle.check("new@b.kz", "10.0.0.2")


def test_an_endpoint_without_a_rule_stops_the_start() -> None:
    with pytest.raises(RuntimeError, match="brand_new"):
        check_rules([*RULES, "brand_new"])
    with pytest.raises(RuntimeError, match="get_me"):
        check_rules(RULES.keys() - {"get_me"})


def test_records_and_migrations_agree(tmp_path: Path) -> None:
    migrate(tmp_path / "new.sqlite3")

    check(tmp_path / "new.sqlite3")
