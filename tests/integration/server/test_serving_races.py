"""Steps of one sitting that are sent at the same time, and more of them than an honest page sends."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from server.rtc.pump_source import PumpSource
from tests.integration.server.serving import RunningServer
from tests.integration.server.taking import TAB, WITHOUT_IDENTITY, Taking, filmed
from tests.media.scenes import Scene, Shot, identity_photograph

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.live]


@pytest.fixture(scope="session")
def alone(tmp_path_factory: pytest.TempPathFactory) -> PumpSource:
    path: Path = tmp_path_factory.mktemp("media") / "alone.webm"
    return filmed(path, Shot(Scene.PRESENT, 4))


async def test_a_photograph_that_is_judged_while_the_sitting_starts_does_not_set_it_back(
    shared_server: RunningServer, alone: PumpSource
) -> None:
    exam_id = await shared_server.make_exam(WITHOUT_IDENTITY)
    taking = Taking(shared_server["other"], await shared_server.schedule("other", exam_id))
    await taking.consent()
    async with taking.connected(alone):
        await taking.check_equipment()
        photograph = asyncio.create_task(
            taking.person.client.post(f"{taking.path}/enrolment?client_id={TAB}", content=identity_photograph())
        )
        await asyncio.sleep(0.02)
        await asyncio.gather(taking.step("start"), taking.step("start"))
        judged = await photograph

        assert judged.json().get("code") in {"already_running", None}
        assert (await taking.person.ask("GET", f"{taking.path}/candidate"))["state"] == "running"
        ends = await asyncio.gather(taking.step("finish"), taking.step("finish"))
    assert {end["state"] for end in ends} == {"finished"}
    timeline = await shared_server["admin"].ask("GET", f"{taking.path}/timeline")
    kinds = [entry["kind"] for entry in timeline["entries"]]
    assert (kinds.count("sitting_started"), kinds.count("sitting_finished")) == (1, 1)


async def test_consent_that_is_given_and_refused_at_once_is_one_of_them(shared_server: RunningServer) -> None:
    taking = Taking(shared_server["other"], await shared_server.schedule("other"))
    text = await taking.person.ask("GET", "/api/consent")

    def answer(*, accepted: bool) -> dict[str, object]:
        return {"client_id": TAB, "version": text["version"], "language": "kk", "accepted": accepted}

    await asyncio.gather(
        *(taking.person.send("POST", f"{taking.path}/consent", answer(accepted=given)) for given in (True, False) * 3)
    )

    timeline = await shared_server["admin"].ask("GET", f"{taking.path}/timeline")
    answers = [entry["kind"] for entry in timeline["entries"] if entry["kind"].startswith("consent_")]
    assert len(answers) == 1


async def test_photographs_are_judged_at_a_bounded_pace(shared_server: RunningServer) -> None:
    taking = Taking(shared_server["other"], await shared_server.schedule("other"))
    await taking.consent()

    answers = [
        await taking.person.client.post(f"{taking.path}/enrolment?client_id={TAB}", content=b"\xff\xd8 no picture")
        for _ in range(25)
    ]

    codes = [answer.json()["code"] for answer in answers]
    assert codes[0] == "bad_image"
    assert codes[-1] == "too_many_photographs"
    assert int(answers[-1].headers["retry-after"]) >= 1
