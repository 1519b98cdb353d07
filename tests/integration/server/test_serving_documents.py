"""The identity document as a step of a sitting: read, left to a person, seen by those who decide and nobody else."""

from __future__ import annotations

import asyncio
import json

import pytest
import pytest_asyncio

from server.rtc.pump_source import PumpSource
from tests.integration.server.serving import Json, RunningServer
from tests.integration.server.taking import TAB, Taking, filmed
from tests.media.documents import PASSPORT, as_jpeg, page
from tests.media.scenes import CANDIDATE, VISITOR, Scene, Shot, face_of, identity_photograph

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.live]

WITH_DOCUMENT = "[steps]\nscreen = false\nidentity_document = true\n"
OWN = as_jpeg(page(PASSPORT, face=face_of(CANDIDATE)))


@pytest.fixture(scope="session")
def alone(tmp_path_factory: pytest.TempPathFactory) -> PumpSource:
    return filmed(tmp_path_factory.mktemp("media") / "alone.webm", Shot(Scene.PRESENT, 6))


@pytest_asyncio.fixture(loop_scope="session")
async def taking(shared_server: RunningServer) -> Taking:
    exam_id = await shared_server.make_exam(WITH_DOCUMENT)
    taking = Taking(shared_server["candidate"], await shared_server.schedule("candidate", exam_id))
    await taking.consent()
    return taking


async def handed_in(taking: Taking, step: str, jpeg: bytes) -> Json:
    response = await taking.person.client.post(f"{taking.path}/{step}?client_id={TAB}", content=jpeg)
    answer: Json = response.json()
    return answer


async def test_a_document_that_fits_is_clear_and_only_those_who_decide_see_it(
    shared_server: RunningServer, taking: Taking, alone: PumpSource
) -> None:
    invigilator = shared_server["invigilator"]
    async with taking.connected(alone):
        checked = await taking.check_equipment()
        assert checked["document"] == "none"
        assert (await handed_in(taking, "document", OWN))["code"] == "enrolment_missing"
        await handed_in(taking, "enrolment", identity_photograph())
        assert await taking.refused("start") == (409, "document_missing")
        assert (await handed_in(taking, "document", b"\xff\xd8 no picture"))["code"] == "bad_image"
        outcome = await handed_in(taking, "document", OWN)
        assert outcome == {"clear": True, "zone": "read", "portrait": "compared", "same": True}
        assert (await taking.step("start"))["document"] == "clear"
        shown = await invigilator.ask("GET", f"{taking.path}/document")
        assert shown["zone"]["fields"]["surname"] == "ERIKSSON"
        assert shown["zone"]["lines"] == list(PASSPORT)
        assert shown["zone"]["expired"] is True
        assert shown["portrait"]["similarity"] > shown["portrait"]["threshold"] == 0.45
        (picture,) = shown["pictures"]
        assert (await invigilator.get(picture["picture_url"])).content == OWN
        elsewhere = picture["picture_url"].replace("/document/", "/pictures/")
        assert (await invigilator.get(elsewhere)).json()["code"] == "picture_not_found"
        for person in ("admin", "candidate", "committee"):
            refused = await shared_server[person].get(f"{taking.path}/document")
            assert refused.status_code == 403, person
        assert (await shared_server["admin"].get(picture["picture_url"])).json()["code"] == "not_allowed"
        await taking.step("finish")
    assert (await shared_server["committee"].ask("GET", f"{taking.path}/document"))["state"] == "clear"
    timeline = json.dumps(await invigilator.ask("GET", f"{taking.path}/timeline?limit=1000"))
    for personal in ("ERIKSSON", "L898902C", "740812"):
        assert personal not in timeline
    assert timeline.count('"document_read"') == 1
    assert timeline.count('"what": "document"') == 2, "one of the invigilator, one of the committee"
    incidents = await invigilator.ask("GET", f"{taking.path}/incidents")
    assert [incident["kinds"] for incident in incidents if "identity_document" in incident["kinds"]] == []


async def test_what_does_not_fit_is_put_before_a_person_and_the_candidate_goes_on(
    shared_server: RunningServer, taking: Taking, alone: PumpSource
) -> None:
    async with taking.connected(alone):
        await taking.check_equipment()
        await handed_in(taking, "enrolment", identity_photograph())
        outcome = await handed_in(taking, "document", as_jpeg(page(PASSPORT, face=face_of(VISITOR))))
        assert (outcome["clear"], outcome["zone"], outcome["same"]) == (False, "read", False)
        assert (await taking.step("document/left"))["document"] == "left"
        await taking.step("start")
        incident = await flagged(shared_server, taking)
        assert incident["severity"] == "medium"
        assert incident["signals"][0]["why"]["crossing"]["measure"] == "portrait_similarity"
        await taking.step("finish")


async def test_a_document_may_be_left_out_and_a_person_is_told(
    shared_server: RunningServer, taking: Taking, alone: PumpSource
) -> None:
    async with taking.connected(alone):
        await taking.check_equipment()
        await handed_in(taking, "enrolment", identity_photograph())
        for _ in range(2):
            assert (await taking.step("document/left"))["document"] == "left"
        anew = await handed_in(taking, "enrolment", identity_photograph())
        assert anew["accepted"], "and what was said of the document does not count for another photograph"
        assert await taking.refused("start") == (409, "document_missing")
        await taking.step("document/left")
        await taking.step("start")
        incident = await flagged(shared_server, taking)
        assert incident["signals"][0]["why"]["crossing"]["measure"] == "documents_shown"
        shown = await shared_server["invigilator"].ask("GET", f"{taking.path}/document")
        assert (shown["state"], shown["pictures"], shown["zone"]) == ("left", [], None)
        await taking.step("finish")


async def test_an_exam_that_asks_for_no_document_takes_none(shared_server: RunningServer) -> None:
    taking = Taking(shared_server["candidate"], await shared_server.schedule("candidate"))
    assert (await taking.consent())["document"] is None
    assert (await handed_in(taking, "document", OWN))["code"] == "document_not_asked"


async def flagged(running: RunningServer, taking: Taking) -> Json:
    """The incident about the document."""
    async with asyncio.timeout(40):
        while True:
            incidents = await running["invigilator"].ask("GET", f"{taking.path}/incidents")
            for incident in incidents:
                if "identity_document" in incident["kinds"]:
                    found: Json = incident
                    return found
            await asyncio.sleep(0.1)
