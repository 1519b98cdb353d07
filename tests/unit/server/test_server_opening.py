from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert

from proctor.detectors.registry import discover
from proctor.domain.guided import GuidedKind, GuidedOutcome
from proctor.domain.media import TrackKind
from proctor.domain.policy import StepsPolicy
from proctor.domain.timeline import EntryKind
from proctor.pipeline.outputs import CheckFinished
from server.checks.checking import BEGUN_WITHIN
from server.checks.history import Check
from server.db.records import AccountRecord, ExamRecord
from server.policies import PolicyBook
from server.sittings.opening import LONGEST_OPENING, MOST_TRIES, Opening, asks_for_checks, next_check
from server.sittings.repository import Sitting, SittingRepository
from server.sittings.states import SittingState
from server.sittings.views import elapsed_ms, is_opening
from tests.unit.server.guided import SITTING, Guided, guided

ALL_CHECKS = StepsPolicy(room_scan_at_start=True, challenge_at_start=True, gaze_calibration=True)
BOTH = "[steps]\nroom_scan_at_start = true\nchallenge_at_start = true\n"
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass
class Begun:
    """A sitting that has just started."""

    parts: Guided
    opening: Opening
    repository: SittingRepository
    opened: list[Sitting] = field(default_factory=list)

    async def sitting(self) -> Sitting:
        sitting = await self.repository.get(SITTING)
        assert sitting is not None
        return sitting

    async def open_check(self) -> Check:
        await self.opening.settled()
        check = (await self.parts.book.of(SITTING)).open
        assert check is not None
        return check

    async def end(self, outcome: GuidedOutcome) -> None:
        check = await self.open_check()
        await self.parts.checking.end(SITTING, check.check_id, outcome)
        await self.opening.settled()


@pytest.fixture
async def begun(tmp_path: Path) -> AsyncIterator[Begun]:
    async with guided(tmp_path) as parts:
        repository, opened = SittingRepository(parts.database), list[Sitting]()
        await _seed(parts, repository)
        opening = Opening(
            repository=repository,
            policies=PolicyBook(discover()),
            timeline=parts.timeline,
            book=parts.book,
            checking=parts.checking,
            steps=parts.steps,
            clock=parts.clock,
            media_now=parts.media.media_now,
            opened=opened.append,
        )
        made = Begun(parts, opening, repository, opened)
        await opening.begin(await made.sitting())
        yield made
        await opening.stop()


async def _seed(parts: Guided, repository: SittingRepository) -> None:
    account = {
        "account_id": "c",
        "email": "c@example.org",
        "name": "C",
        "role": "candidate",
        "language": "kk",
        "password_hash": "-",
        "created_at": LONG_AGO,
    }
    exam = {
        "exam_id": "e",
        "title": {"kk": "E", "ru": "E", "en": "E"},
        "kind": "embedded",
        "duration_minutes": 30,
        "questions": [],
        "policy_toml": BOTH,
        "policy_name": "Both",
        "policy_sha256": "0" * 64,
        "created_at": LONG_AGO,
    }
    async with parts.database.write() as connection:
        await connection.execute(insert(AccountRecord).values(account))
        await connection.execute(insert(ExamRecord).values(exam))
    to_sit = await repository.exam("e")
    assert to_sit is not None
    await repository.add(SITTING, to_sit, "c", LONG_AGO)
    await repository.change(SITTING, state=SittingState.RUNNING, started_at=parts.clock.now_utc())


async def test_checks_are_asked_for_one_after_the_other_and_then_the_questions_open(begun: Begun) -> None:
    parts = begun.parts
    check = await begun.open_check()
    assert (check.kind, check.asked_by) == (GuidedKind.ROOM_SCAN, None)
    parts.clock.advance(20)
    sitting = await begun.sitting()
    assert is_opening(sitting)
    assert elapsed_ms(sitting, parts.clock.now_utc()) == 0

    await parts.checking.begin(SITTING, check.check_id, TrackKind.CAMERA)
    now = parts.media.media_now(SITTING)
    await parts.checking.finished(
        SITTING, CheckFinished(check.check_id, now, now, GuidedOutcome.INCOMPLETE, None, None)
    )
    assert (await begun.open_check()).kind is GuidedKind.CHALLENGE
    assert begun.opened == []
    await begun.end(GuidedOutcome.DECLINED)

    sitting = await begun.sitting()
    assert begun.opened == [sitting]
    assert sitting.opened_at == parts.clock.now_utc()
    (entry,) = await parts.timeline.read(SITTING, kinds=[EntryKind.QUESTIONS_OPENED])
    assert dict(entry.payload) == {"after_ms": 20_000, "reason": "checks_ended"}
    parts.clock.advance(7)
    assert elapsed_ms(sitting, parts.clock.now_utc()) == 7_000


async def test_an_interrupted_check_is_asked_for_anew_a_few_times(begun: Begun) -> None:
    for _ in range(MOST_TRIES):
        assert (await begun.open_check()).kind is GuidedKind.ROOM_SCAN
        await begun.end(GuidedOutcome.INTERRUPTED)
    assert (await begun.open_check()).kind is GuidedKind.CHALLENGE


async def test_questions_open_in_the_end_whatever_the_candidate_does(begun: Begun) -> None:
    parts = begun.parts
    scan = await begun.open_check()
    parts.clock.advance(BEGUN_WITHIN.total_seconds() + 1)
    await parts.checking.sweep()
    challenge = await begun.open_check()
    assert (scan.outcome, challenge.kind) == (GuidedOutcome.EXPIRED, GuidedKind.CHALLENGE)
    await begun.opening.sweep()
    assert is_opening(await begun.sitting())
    parts.clock.advance((LONGEST_OPENING - BEGUN_WITHIN).total_seconds())
    await begun.opening.sweep()
    assert challenge.outcome is GuidedOutcome.EXPIRED
    (entry,) = await parts.timeline.read(SITTING, kinds=[EntryKind.QUESTIONS_OPENED])
    assert entry.payload["reason"] == "time_over"
    assert len(begun.opened) == 1


async def test_a_restarted_server_goes_on_with_the_opening(begun: Begun) -> None:
    check = await begun.open_check()
    await begun.opening.stop()
    await begun.opening.begin(await begun.sitting())
    assert (await begun.open_check()) is check, "what was asked for is not asked for twice"
    for _ in range(2):
        await begun.end(GuidedOutcome.DECLINED)
    await begun.opening.begin(await begun.sitting())
    assert len(await begun.parts.timeline.read(SITTING, kinds=[EntryKind.QUESTIONS_OPENED])) == 1


async def test_a_finished_sitting_is_asked_for_nothing_more(begun: Begun) -> None:
    check = await begun.open_check()
    finished_at = begun.parts.clock.now_utc() + timedelta(seconds=1)
    await begun.repository.change(SITTING, state=SittingState.FINISHED, finished_at=finished_at, duration_ms=1000)
    await begun.parts.checking.end(SITTING, check.check_id, GuidedOutcome.DECLINED)
    await begun.opening.settled()
    assert len((await begun.parts.book.of(SITTING)).checks) == 1
    assert begun.opened == []
    assert elapsed_ms(await begun.sitting(), finished_at) == 0


def test_an_invigilators_check_does_not_stand_in_for_the_policys() -> None:
    by_invigilator = Check("1", GuidedKind.ROOM_SCAN, LONG_AGO, "watcher", ended={"outcome": "complete"})
    by_policy = Check("2", GuidedKind.ROOM_SCAN, LONG_AGO, None, ended={"outcome": "incomplete"})
    steps = StepsPolicy(room_scan_at_start=True)
    assert next_check(steps, [by_invigilator]) is GuidedKind.ROOM_SCAN
    assert next_check(steps, [by_invigilator, by_policy]) is None
    assert next_check(StepsPolicy(), []) is None


def test_the_calibration_comes_last_and_one_that_was_left_out_is_not_asked_for_again() -> None:
    assert asks_for_checks(StepsPolicy(gaze_calibration=True))
    assert not asks_for_checks(StepsPolicy())
    ended: list[Check] = []
    order = []
    while (kind := next_check(ALL_CHECKS, ended)) is not None:
        order.append(kind)
        ended.append(Check(str(len(ended)), kind, LONG_AGO, None, ended={"outcome": "left_out"}))
    assert order == [GuidedKind.ROOM_SCAN, GuidedKind.CHALLENGE, GuidedKind.GAZE_CALIBRATION]
