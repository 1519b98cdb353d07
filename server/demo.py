"""The demonstration: one account for each role, an exam, and always a sitting that is ready to be taken."""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from pydantic import TypeAdapter

from proctor.domain.timeline import Entry, EntryKind
from server.accounts.access import Role
from server.accounts.schemas import AccountRequest
from server.diagnostics.schemas import DemoAccount, DemoInfo
from server.exams.schemas import ExamRequest, Question
from server.schemas import LocalizedText
from server.sittings.scheduling import Scheduling
from server.sittings.service import SittingService
from server.sittings.states import SittingState
from server.wiring import Ground, Seed

_ACCOUNTS_FILE: Final = "demo-accounts.json"
_PASSWORD_BYTES: Final = 9
_ACCOUNTS: Final = TypeAdapter(list[DemoAccount])
_NAMES: Final = {
    Role.CANDIDATE: "Әсем Нұрлан",
    Role.INVIGILATOR: "Данияр Омаров",
    Role.COMMITTEE: "Сәуле Ахмет",
    Role.ADMIN: "Admin",
}
_OVER: Final = frozenset({SittingState.FINISHED, SittingState.REFUSED})
_DURATION_MINUTES: Final = 40

EXAM: Final = ExamRequest(
    title=LocalizedText(kk="Көрсетілім емтиханы", ru="Демонстрационный экзамен", en="Demonstration exam"),
    duration_minutes=_DURATION_MINUTES,
    questions=[
        Question(
            question_id="honesty",
            text=LocalizedText(
                kk="Академиялық адалдық дегенді қалай түсінесіз? Оқудан бір мысал келтіріңіз.",
                ru="Как вы понимаете академическую честность? Приведите один пример из учёбы.",
                en="What does academic honesty mean to you? Give one example from your studies.",
            ),
        ),
        Question(
            question_id="water",
            text=LocalizedText(
                kk="Су неліктен мұзға айналғанда кеңейеді және бұл табиғат үшін неге маңызды?",
                ru="Почему вода расширяется при замерзании и почему это важно для природы?",
                en="Why does water expand when it freezes, and why does that matter in nature?",
            ),
        ),
        Question(
            question_id="city",
            text=LocalizedText(
                kk="Өз қалаңызда немесе ауылыңызда нені өзгертер едіңіз? Үш-төрт сөйлеммен жазыңыз.",
                ru="Что бы вы изменили в своём городе или селе? Ответьте тремя-четырьмя предложениями.",
                en="What would you change in your own town or village? Answer in three or four sentences.",
            ),
        ),
    ],
)


def read_accounts(directory: Path) -> list[DemoAccount]:
    """The demonstration's accounts as they were made on the first start; none before it. Blocking."""
    try:
        return _ACCOUNTS.validate_json((directory / _ACCOUNTS_FILE).read_bytes())
    except FileNotFoundError:
        return []


def seed_into(directory: Path) -> Seed:
    """What fills the demonstration's database in `directory`; a second start finds everything in place."""

    async def seed(base: Ground, sittings: SittingService) -> DemoInfo:
        accounts = await asyncio.to_thread(read_accounts, directory)
        if not accounts:
            accounts = _new_accounts()
            await asyncio.to_thread(_keep, directory, accounts)
        candidate_id = await _make_accounts(base, accounts)
        exams = await base.exams.list()
        exam_id = exams[-1].exam_id if exams else (await base.exams.create(EXAM)).exam_id
        freshness = _Freshness(sittings, base.scheduling, exam_id, candidate_id)
        await freshness.make_sure()
        base.timeline.subscribe(freshness.hear)
        return DemoInfo(accounts=accounts)

    return seed


class _Freshness:
    """Schedules a new sitting when the last one is over."""

    def __init__(self, sittings: SittingService, scheduling: Scheduling, exam_id: str, candidate_id: str) -> None:
        self._sittings = sittings
        self._scheduling = scheduling
        self._exam_id = exam_id
        self._candidate_id = candidate_id
        self._tasks: set[asyncio.Task[None]] = set()

    def hear(self, entries: Sequence[Entry]) -> None:
        """Look at a commit."""
        if any(entry.kind in {EntryKind.SITTING_FINISHED, EntryKind.CONSENT_REFUSED} for entry in entries):
            task = asyncio.create_task(self.make_sure(), name="fresh sitting")
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def make_sure(self) -> None:
        """See to it that the candidate has a sitting to take."""
        mine = await self._sittings.mine(self._candidate_id)
        if all(sitting.state in _OVER for sitting in mine):
            await self._scheduling.schedule(self._exam_id, self._candidate_id)


def _new_accounts() -> list[DemoAccount]:
    return [
        DemoAccount(
            role=role, email=f"{role.value}@demo.local", password=secrets.token_urlsafe(_PASSWORD_BYTES), name=name
        )
        for role, name in _NAMES.items()
    ]


def _keep(directory: Path, accounts: list[DemoAccount]) -> None:
    path = directory / _ACCOUNTS_FILE
    path.touch(mode=0o600)
    path.write_text(json.dumps(_ACCOUNTS.dump_python(accounts, mode="json"), ensure_ascii=False, indent=1))


async def _make_accounts(base: Ground, accounts: Sequence[DemoAccount]) -> str:
    """Make those that are missing; the candidate's identifier."""
    known = {account.email: account for account in await base.accounts.list()}
    for account in accounts:
        if account.email not in known:
            known[account.email] = await base.accounts.create(AccountRequest.model_validate(account.model_dump()))
    return next(known[account.email].account_id for account in accounts if account.role is Role.CANDIDATE)
