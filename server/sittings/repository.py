"""Sittings and answers in the database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, Select, insert, select, update
from sqlalchemy.dialects.sqlite import insert as upsert
from sqlalchemy.exc import IntegrityError

from server.db.engine import Database
from server.db.records import AccountRecord, AnswerRecord, ExamRecord, SittingRecord
from server.sittings.states import SittingState


class NoSuchPartError(Exception):
    """The exam or the account that a sitting is to be made of does not exist."""


@dataclass(frozen=True, slots=True)
class Sitting:
    """A sitting with what its exam says."""

    sitting_id: str
    exam_id: str
    candidate_id: str
    state: SittingState
    policy_toml: str
    policy_sha256: str
    consent_version: str | None
    enrolment_sha256: str | None
    created_at: datetime
    started_at: datetime | None
    opened_at: datetime | None
    finished_at: datetime | None
    duration_ms: int | None
    finish_reason: str | None
    title: dict[str, str]
    kind: str
    url: str | None
    duration_minutes: int
    questions: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class ExamToSit:
    """What scheduling needs to know of an exam."""

    exam_id: str
    policy_toml: str
    policy_name: str
    policy_sha256: str


class SittingRepository:
    """Rows of sittings and answers."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def exam(self, exam_id: str) -> ExamToSit | None:
        """The exam that a sitting is to be made of."""
        columns = [getattr(ExamRecord, name) for name in ExamToSit.__slots__]
        async with self._database.read() as connection:
            row = (await connection.execute(select(*columns).where(ExamRecord.exam_id == exam_id))).one_or_none()
        return None if row is None else ExamToSit(*row)

    async def role(self, account_id: str) -> str | None:
        """The role of an account."""
        async with self._database.read() as connection:
            query = select(AccountRecord.role).where(AccountRecord.account_id == account_id)
            role: str | None = (await connection.execute(query)).scalar_one_or_none()
        return role

    async def add(self, sitting_id: str, exam: ExamToSit, candidate_id: str, now: datetime) -> None:
        """Keep a new sitting.

        Raises:
            NoSuchPartError: the exam or the candidate has gone meanwhile.
        """
        values = {
            "sitting_id": sitting_id,
            "candidate_id": candidate_id,
            "state": SittingState.SCHEDULED.value,
            "legs": 0,
            "created_at": now,
        } | {name: getattr(exam, name) for name in ExamToSit.__slots__}
        try:
            async with self._database.write() as connection:
                await connection.execute(insert(SittingRecord).values(values))
        except IntegrityError as error:
            raise NoSuchPartError from error

    async def get(self, sitting_id: str) -> Sitting | None:
        """One sitting."""
        found = await self._select(_SITTINGS.where(SittingRecord.sitting_id == sitting_id))
        return found[0] if found else None

    async def of_candidate(self, account_id: str) -> list[Sitting]:
        """A candidate's sittings: open ones first, then the newest."""
        return await self._select(
            _SITTINGS.where(SittingRecord.candidate_id == account_id).order_by(
                SittingRecord.finished_at.is_not(None), SittingRecord.created_at.desc()
            )
        )

    async def running(self) -> list[Sitting]:
        """Sittings that have started and not finished."""
        return await self._select(_SITTINGS.where(SittingRecord.state == SittingState.RUNNING.value))

    async def unsealed(self) -> list[Sitting]:
        """Sittings whose finish was cut short."""
        return await self._select(
            _SITTINGS.where(SittingRecord.finished_at.is_not(None), SittingRecord.sealed_at.is_(None))
        )

    async def change(self, sitting_id: str, **values: object) -> None:
        """Set columns of a sitting."""
        plain = {name: value.value if isinstance(value, SittingState) else value for name, value in values.items()}
        async with self._database.write() as connection:
            await connection.execute(
                update(SittingRecord).where(SittingRecord.sitting_id == sitting_id).values(**plain)
            )

    async def next_leg(self, sitting_id: str) -> int:
        """The number of a new peer connection."""
        statement = (
            update(SittingRecord)
            .where(SittingRecord.sitting_id == sitting_id)
            .values(legs=SittingRecord.legs + 1)
            .returning(SittingRecord.legs)
        )
        async with self._database.write() as connection:
            number: int = (await connection.execute(statement)).scalar_one()
        return number

    async def save_answer(self, sitting_id: str, question_id: str, text: str, now: datetime) -> None:
        """Keep the latest text of an answer."""
        statement = upsert(AnswerRecord).values(sitting_id=sitting_id, question_id=question_id, text=text, saved_at=now)
        statement = statement.on_conflict_do_update(
            index_elements=["sitting_id", "question_id"], set_={"text": text, "saved_at": now}
        )
        async with self._database.write() as connection:
            await connection.execute(statement)

    async def answers(self, sitting_id: str) -> dict[str, str]:
        """Texts by question."""
        query = select(AnswerRecord.question_id, AnswerRecord.text).where(AnswerRecord.sitting_id == sitting_id)
        async with self._database.read() as connection:
            return {row.question_id: row.text for row in await connection.execute(query)}

    async def _select(self, query: Select[Any]) -> list[Sitting]:
        async with self._database.read() as connection:
            return [_sitting(row) for row in await connection.execute(query)]


_FROM_EXAM: Final = ("title", "kind", "url", "duration_minutes", "questions")
_SITTINGS: Final = select(
    *(getattr(ExamRecord if name in _FROM_EXAM else SittingRecord, name) for name in Sitting.__slots__)
).join(ExamRecord, ExamRecord.exam_id == SittingRecord.exam_id)


def _sitting(row: Row[*tuple[Any, ...]]) -> Sitting:
    values = row._asdict()
    return Sitting(**(values | {"state": SittingState(values["state"])}))
