"""Invitations that run out, are tried often, or belong to sittings that are over; a real database, a held clock."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from proctor.domain.time import MediaTime
from proctor.pipeline.policy import ExamPolicy
from server.accounts.access import Role
from server.accounts.schemas import AccountRequest
from server.checks.schemas import CheckProgressMessage, CheckView
from server.phones.repository import PhoneRepository
from server.phones.schemas import PhoneLegRequest, PhonePass
from server.phones.service import PhoneService
from server.phones.states import PhoneStates
from server.problems import ProblemError
from server.rtc.negotiation import BadSdpError
from server.sittings.states import SittingState
from server.wiring import Ground, ground
from tests.fakes.clock import HeldClock
from tests.integration.server.serving import PASSWORD, exam_request

HERE = "192.0.2.1"
PAGE = "https://exam.example"


class Plane:
    """Answers every offer but the word `bad`."""

    def __init__(self) -> None:
        self.legs: dict[str, int] = {}

    async def open(self, sitting_id: str, number: int, offer_sdp: str, mid: str, policy: ExamPolicy) -> str | None:  # noqa: ARG002 - what the real one takes
        if offer_sdp == "bad":
            raise BadSdpError("bad")
        self.legs[sitting_id] = number
        return "answer"

    async def close(self, sitting_id: str) -> None:
        self.legs.pop(sitting_id, None)

    def joined(self, sitting_id: str) -> bool:
        return sitting_id in self.legs

    def receiving(self, sitting_id: str) -> bool:
        return self.joined(sitting_id)


class NoChecks:
    async def latest(self, sitting_id: str) -> CheckView | None:  # noqa: ARG002
        return None

    def progress(self, sitting_id: str) -> CheckProgressMessage | None:  # noqa: ARG002
        return None


class Setting:
    """One running sitting, and the service."""

    def __init__(self, base: Ground, clock: HeldClock, sitting_id: str) -> None:
        self.base, self.clock, self.sitting_id = base, clock, sitting_id
        self.plane = Plane()
        repository = PhoneRepository(base.database)
        self.states = PhoneStates(repository, self.plane.joined, clock)
        self.service = PhoneService(
            repository=repository,
            policies=base.policies,
            timeline=base.timeline,
            plane=self.plane,
            clock=clock,
            hold=self._hold,
            next_leg=base.sittings.next_leg,
            media_now=lambda _: MediaTime(0),
            checks=NoChecks(),
            ice_servers=[],
        )

    async def _hold(self, sitting_id: str, client_id: str) -> None: ...

    async def secret(self) -> str:
        invitation = await self.service.invite(self.sitting_id, "tab-of-tests", PAGE)
        assert invitation.expires_at == self.clock.now_utc() + timedelta(minutes=10)
        return invitation.url.removeprefix(f"{PAGE}/phone#")

    async def join(self, secret: str) -> str:
        request = PhoneLegRequest(secret=secret, offer_sdp="offer", mid="0")
        return (await self.service.open_leg(request, HERE)).phone_key

    async def code_of(self, shown: PhonePass) -> str:
        with pytest.raises(ProblemError) as refusal:
            await self.service.look(shown, HERE)
        return refusal.value.code


def bytes_under(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.iterdir() if path.is_file())


@asynccontextmanager
async def setting(folder: Path) -> AsyncIterator[Setting]:
    clock = HeldClock()
    async with ground(folder, clock) as base:
        request = AccountRequest(email="a@test.local", name="A", role=Role.CANDIDATE, password=PASSWORD)
        account = await base.accounts.create(request)
        exam = await base.exams.create(exam_request())
        sitting = await base.scheduling.schedule(exam.exam_id, account.account_id)
        await base.sittings.change(sitting.sitting_id, state=SittingState.RUNNING, started_at=clock.now_utc())
        yield Setting(base, clock, sitting.sitting_id)


async def test_an_invitation_runs_out(tmp_path: Path) -> None:
    async with setting(tmp_path) as here:
        secret = await here.secret()
        assert await here.states.of(here.sitting_id) == "invited"
        here.clock.advance(599)
        assert (await here.service.look(PhonePass(secret=secret), HERE)).exam_title.en == "Exam"
        here.clock.advance(1)
        assert await here.code_of(PhonePass(secret=secret)) == "phone_not_invited"
        assert await here.states.of(here.sitting_id) == "none"


async def test_a_key_holds_as_long_as_the_sitting_runs(tmp_path: Path) -> None:
    async with setting(tmp_path) as here:
        key = await here.join(await here.secret())
        here.clock.advance(3_600)
        assert (await here.service.status(key, HERE)).receiving
        request = PhoneLegRequest(phone_key=key, offer_sdp="offer", mid="0")
        assert (await here.service.open_leg(request, HERE)).phone_key == key
        await here.base.sittings.change(here.sitting_id, state=SittingState.FINISHED)
        assert await here.code_of(PhonePass(phone_key=key)) == "phone_not_invited"


async def test_an_offer_that_cannot_be_used_leaves_the_secret(tmp_path: Path) -> None:
    async with setting(tmp_path) as here:
        secret = await here.secret()
        with pytest.raises(ProblemError) as refusal:
            await here.service.open_leg(PhoneLegRequest(secret=secret, offer_sdp="bad", mid="0"), HERE)
        assert refusal.value.code == "bad_sdp"
        assert await here.join(secret)
        assert await here.code_of(PhonePass(secret=secret)) == "phone_not_invited"


async def test_neither_secret_nor_key_is_kept(tmp_path: Path) -> None:
    async with setting(tmp_path) as here:
        secret = await here.secret()
        key = await here.join(secret)
        unused = await here.secret()
        kept = await asyncio.to_thread(bytes_under, tmp_path)
        assert not [word for word in (secret, key, unused) if word.encode() in kept]


async def test_a_telephone_that_asks_without_end_waits(tmp_path: Path) -> None:
    async with setting(tmp_path) as here:
        key = await here.join(await here.secret())
        asked = (here.service.status(key, HERE) for _ in range(120))
        told = await asyncio.gather(*asked, return_exceptions=True)
        assert {str(one).split(":")[0] for one in told if isinstance(one, ProblemError)} == {"too_many_requests"}


async def test_who_guesses_waits(tmp_path: Path) -> None:
    async with setting(tmp_path) as here:
        secret = await here.secret()
        codes = [await here.code_of(PhonePass(secret="x" * 43)) for _ in range(61)]
        assert codes == ["phone_not_invited"] * 60 + ["too_many_requests"]
        assert await here.service.look(PhonePass(secret=secret), HERE), "others at the same address are not held up"
