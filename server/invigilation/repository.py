"""Sittings in lists: rows with the candidate's and the exam's names."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, select

from server.db.engine import Database
from server.db.records import AccountRecord, ExamRecord, SittingRecord

LONGEST_LIST: Final = 1000


@dataclass(frozen=True, slots=True)
class ListedSitting:
    """What a list shows of a sitting's row."""

    sitting_id: str
    state: str
    account_id: str
    name: str
    email: str
    title: dict[str, str]
    started_at: datetime | None
    finished_at: datetime | None
    duration_ms: int | None
    policy_name: str
    policy_sha256: str
    consent_version: str | None
    created_at: datetime


class InvigilationRepository:
    """Reads rows; writes nothing."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def newest(self, *, running: bool, finished: bool, waiting: bool) -> list[ListedSitting]:
        """Sittings in the wanted stages, the newest `LONGEST_LIST`."""
        stages: list[ColumnElement[bool]] = []
        if running:
            stages.append(SittingRecord.state == "running")
        if finished:
            stages.append(SittingRecord.state == "finished")
        if waiting:
            stages.append(SittingRecord.started_at.is_(None))
        condition = stages[0]
        for stage in stages[1:]:
            condition = condition | stage
        return await self._select(condition)

    async def get(self, sitting_id: str) -> ListedSitting | None:
        """One sitting."""
        found = await self._select(SittingRecord.sitting_id == sitting_id)
        return found[0] if found else None

    async def name(self, account_id: str) -> str | None:
        """Name of an account."""
        async with self._database.read() as connection:
            query = select(AccountRecord.name).where(AccountRecord.account_id == account_id)
            name: str | None = (await connection.execute(query)).scalar_one_or_none()
        return name

    async def _select(self, condition: ColumnElement[bool]) -> list[ListedSitting]:
        query = (
            select(
                SittingRecord.sitting_id,
                SittingRecord.state,
                AccountRecord.account_id,
                AccountRecord.name,
                AccountRecord.email,
                ExamRecord.title,
                SittingRecord.started_at,
                SittingRecord.finished_at,
                SittingRecord.duration_ms,
                SittingRecord.policy_name,
                SittingRecord.policy_sha256,
                SittingRecord.consent_version,
                SittingRecord.created_at,
            )
            .join(AccountRecord, AccountRecord.account_id == SittingRecord.candidate_id)
            .join(ExamRecord, ExamRecord.exam_id == SittingRecord.exam_id)
            .where(condition)
            .order_by(SittingRecord.created_at.desc())
            .limit(LONGEST_LIST)
        )
        async with self._database.read() as connection:
            return [_listed(row) for row in await connection.execute(query)]


def _listed(row: Row[*tuple[Any, ...]]) -> ListedSitting:
    return ListedSitting(*row)
