"""Exams in the database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, insert, select, update

from server.db.engine import Database
from server.db.records import ExamRecord
from server.exams.schemas import ExamKind


@dataclass(frozen=True, slots=True)
class Exam:
    """An exam as it is kept."""

    exam_id: str
    title: dict[str, str]
    kind: str
    url: str | None
    duration_minutes: int
    questions: list[dict[str, Any]]
    policy_toml: str
    policy_name: str
    policy_sha256: str
    created_at: datetime


class ExamRepository:
    """Rows of exams."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, exam: Exam) -> None:
        """Keep a new exam."""
        async with self._database.write() as connection:
            await connection.execute(insert(ExamRecord).values(_values(exam)))

    async def replace(self, exam: Exam) -> None:
        """Keep a changed exam."""
        async with self._database.write() as connection:
            await connection.execute(update(ExamRecord).where(ExamRecord.exam_id == exam.exam_id).values(_values(exam)))

    async def get(self, exam_id: str) -> Exam | None:
        """One exam."""
        async with self._database.read() as connection:
            query = select(ExamRecord.__table__).where(ExamRecord.exam_id == exam_id)
            row = (await connection.execute(query)).one_or_none()
        return None if row is None else _exam(row)

    async def all(self) -> list[Exam]:
        """All exams, newest first."""
        async with self._database.read() as connection:
            query = select(ExamRecord.__table__).order_by(ExamRecord.created_at.desc(), ExamRecord.exam_id)
            return [_exam(row) for row in await connection.execute(query)]

    async def framed_urls(self) -> list[str]:
        """Addresses of the exams whose questions are elsewhere; what others may hold is shown nowhere."""
        framed = select(ExamRecord.url).where(ExamRecord.url.is_not(None), ExamRecord.kind == ExamKind.URL).distinct()
        async with self._database.read() as connection:
            return [row.url for row in await connection.execute(framed)]


def _values(exam: Exam) -> dict[str, Any]:
    return {name: getattr(exam, name) for name in Exam.__slots__}


def _exam(row: Row[*tuple[Any, ...]]) -> Exam:
    return Exam(**{name: getattr(row, name) for name in Exam.__slots__})
