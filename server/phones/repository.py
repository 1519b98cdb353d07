"""Invitations and keys in the database, and what a telephone needs to know of its sitting."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.dialects.sqlite import insert as upsert

from server.db.engine import Database
from server.db.records import ExamRecord, PhoneRecord, SittingRecord


@dataclass(frozen=True, slots=True)
class PhoneRow:
    """The telephone of one sitting, with what its page says of the exam."""

    sitting_id: str
    secret_sha256: str | None
    expires_at: datetime | None
    key_sha256: str | None
    state: str
    """Of the sitting."""
    policy_toml: str
    title: dict[str, str]

    def is_open(self, now: datetime) -> bool:
        """Whether an invitation waits for a telephone."""
        return self.secret_sha256 is not None and self.expires_at is not None and self.expires_at > now


class PhoneRepository:
    """Rows of telephones, at most one a sitting."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def of_sitting(self, sitting_id: str) -> PhoneRow | None:
        """The sitting's telephone; None when it never invited one."""
        return await self._one(PhoneRecord.sitting_id == sitting_id)

    async def by_secret(self, secret_sha256: str) -> PhoneRow | None:
        """Whose invitation it is."""
        return await self._one(PhoneRecord.secret_sha256 == secret_sha256)

    async def by_key(self, key_sha256: str) -> PhoneRow | None:
        """Whose telephone it is."""
        return await self._one(PhoneRecord.key_sha256 == key_sha256)

    async def state(self, sitting_id: str) -> str | None:
        """How far the sitting is; None when there is no such sitting."""
        query = select(SittingRecord.state).where(SittingRecord.sitting_id == sitting_id)
        async with self._database.read() as connection:
            state: str | None = (await connection.execute(query)).scalar_one_or_none()
        return state

    async def invite(self, sitting_id: str, secret_sha256: str, expires_at: datetime) -> None:
        """Keep a new invitation in the place of the one before; a telephone that joined may still come back."""
        values = {"secret_sha256": secret_sha256, "expires_at": expires_at}
        statement = upsert(PhoneRecord).values(sitting_id=sitting_id, **values)
        async with self._database.write() as connection:
            await connection.execute(statement.on_conflict_do_update(index_elements=["sitting_id"], set_=values))

    async def join(self, sitting_id: str, key_sha256: str) -> None:
        """The invitation is used up; its telephone comes back by this key, and one that joined before does not."""
        await self._set(sitting_id, key_sha256)

    async def dismiss(self, sitting_id: str) -> None:
        """Neither the invitation nor the key is worth anything any more."""
        await self._set(sitting_id, None)

    async def _set(self, sitting_id: str, key_sha256: str | None) -> None:
        async with self._database.write() as connection:
            await connection.execute(
                update(PhoneRecord)
                .where(PhoneRecord.sitting_id == sitting_id)
                .values(secret_sha256=None, expires_at=None, key_sha256=key_sha256)
            )

    async def _one(self, condition: ColumnElement[bool]) -> PhoneRow | None:
        query = (
            select(
                PhoneRecord.sitting_id,
                PhoneRecord.secret_sha256,
                PhoneRecord.expires_at,
                PhoneRecord.key_sha256,
                SittingRecord.state,
                SittingRecord.policy_toml,
                ExamRecord.title,
            )
            .join(SittingRecord, SittingRecord.sitting_id == PhoneRecord.sitting_id)
            .join(ExamRecord, ExamRecord.exam_id == SittingRecord.exam_id)
            .where(condition)
        )
        async with self._database.read() as connection:
            row = (await connection.execute(query)).one_or_none()
        return None if row is None else PhoneRow(*row)
