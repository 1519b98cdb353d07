"""Accounts and log-ins in the database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from proctor.domain.text import Language
from server.accounts.access import Caller, Role, SittingOwnership
from server.db.engine import Database
from server.db.records import AccountRecord, LoginRecord, SittingRecord


class EmailTakenError(Exception):
    """Another account has this e-mail."""


@dataclass(frozen=True, slots=True)
class Account:
    """An account without its password."""

    account_id: str
    email: str
    name: str
    role: Role
    language: Language
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Login:
    """A log-in row with its account."""

    caller: Caller
    created_at: datetime
    used_at: datetime


class AccountRepository:
    """Rows of accounts and log-ins."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, account: Account, password_hash: str) -> None:
        """Keep a new account.

        Raises:
            EmailTakenError: the e-mail has an account.
        """
        try:
            async with self._database.write() as connection:
                await connection.execute(
                    insert(AccountRecord).values(
                        account_id=account.account_id,
                        email=account.email,
                        name=account.name,
                        role=account.role.value,
                        language=account.language.value,
                        password_hash=password_hash,
                        created_at=account.created_at,
                    )
                )
        except IntegrityError as error:
            raise EmailTakenError from error

    async def set_password(self, account_id: str, password_hash: str) -> None:
        """Replace the password and end all log-ins of the account."""
        async with self._database.write() as connection:
            await connection.execute(
                update(AccountRecord).where(AccountRecord.account_id == account_id).values(password_hash=password_hash)
            )
            await connection.execute(delete(LoginRecord).where(LoginRecord.account_id == account_id))

    async def set_language(self, account_id: str, language: Language) -> None:
        """Change the language."""
        async with self._database.write() as connection:
            await connection.execute(
                update(AccountRecord).where(AccountRecord.account_id == account_id).values(language=language.value)
            )

    async def all(self) -> list[Account]:
        """All accounts by name."""
        async with self._database.read() as connection:
            rows = await connection.execute(select(*_COLUMNS).order_by(AccountRecord.name, AccountRecord.email))
            return [_account(row) for row in rows]

    async def by_email(self, email: str) -> tuple[Account, str] | None:
        """The account with its password hash."""
        async with self._database.read() as connection:
            query = select(*_COLUMNS, AccountRecord.password_hash).where(AccountRecord.email == email)
            row = (await connection.execute(query)).one_or_none()
        return None if row is None else (_account(row), row.password_hash)

    async def add_login(self, token_sha256: str, account_id: str, now: datetime, expired_before: datetime) -> None:
        """Keep a log-in, and drop those that were made too long ago."""
        async with self._database.write() as connection:
            await connection.execute(delete(LoginRecord).where(LoginRecord.created_at < expired_before))
            await connection.execute(
                insert(LoginRecord).values(
                    token_sha256=token_sha256, account_id=account_id, created_at=now, used_at=now
                )
            )

    async def login(self, token_sha256: str) -> Login | None:
        """The log-in of a token, however old."""
        query = (
            select(*_COLUMNS, LoginRecord.created_at.label("login_created_at"), LoginRecord.used_at)
            .join(LoginRecord, LoginRecord.account_id == AccountRecord.account_id)
            .where(LoginRecord.token_sha256 == token_sha256)
        )
        async with self._database.read() as connection:
            row = (await connection.execute(query)).one_or_none()
        if row is None:
            return None
        account = _account(row)
        caller = Caller(
            account_id=account.account_id,
            role=account.role,
            email=account.email,
            name=account.name,
            language=account.language,
            login_sha256=token_sha256,
        )
        return Login(caller, row.login_created_at, row.used_at)

    async def touch_login(self, token_sha256: str, now: datetime) -> None:
        """Note that a log-in was used."""
        async with self._database.write() as connection:
            await connection.execute(
                update(LoginRecord).where(LoginRecord.token_sha256 == token_sha256).values(used_at=now)
            )

    async def end_login(self, token_sha256: str) -> None:
        """Remove a log-in."""
        async with self._database.write() as connection:
            await connection.execute(delete(LoginRecord).where(LoginRecord.token_sha256 == token_sha256))

    async def living(self, made_after: datetime, used_after: datetime) -> frozenset[str]:
        """Hashes of the tokens of log-ins that have not expired."""
        query = select(LoginRecord.token_sha256).where(
            LoginRecord.created_at >= made_after, LoginRecord.used_at >= used_after
        )
        async with self._database.read() as connection:
            return frozenset((await connection.execute(query)).scalars())

    async def ownership(self, sitting_id: str) -> SittingOwnership | None:
        """Whose sitting it is, and whether it is finished."""
        query = select(SittingRecord.candidate_id, SittingRecord.finished_at).where(
            SittingRecord.sitting_id == sitting_id
        )
        async with self._database.read() as connection:
            row = (await connection.execute(query)).one_or_none()
        return None if row is None else SittingOwnership(row.candidate_id, finished=row.finished_at is not None)


_COLUMNS = (
    AccountRecord.account_id,
    AccountRecord.email,
    AccountRecord.name,
    AccountRecord.role,
    AccountRecord.language,
    AccountRecord.created_at,
)


def _account(row: Row[*tuple[Any, ...]]) -> Account:
    return Account(
        account_id=row.account_id,
        email=row.email,
        name=row.name,
        role=Role(row.role),
        language=Language(row.language),
        created_at=row.created_at,
    )
