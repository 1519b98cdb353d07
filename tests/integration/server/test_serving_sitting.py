"""A sitting from consent to the committee, with real media, a real perception worker, database and files."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from io import BytesIO

import av
import httpx
import pytest
import pytest_asyncio
from blockbuster import blockbuster_ctx
from websockets.asyncio.client import ClientConnection

from server.rtc.pump_source import PumpSource
from tests.integration.server.serving import Json, Person, RunningServer, receive
from tests.integration.server.taking import OTHER_TAB, TAB, WITHOUT_IDENTITY, Taking, event, filmed
from tests.media.scenes import VISITOR, Scene, Shot, identity_photograph

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.live]

WITH_IDENTITY = "[steps]\nscreen = false\n"


@pytest.fixture(scope="session")
def visited(tmp_path_factory: pytest.TempPathFactory) -> PumpSource:
    """The candidate alone, then with a visitor."""
    path = tmp_path_factory.mktemp("media") / "visited.webm"
    return filmed(path, Shot(Scene.PRESENT, 2), Shot(Scene.TWO_PEOPLE, 8))


@pytest_asyncio.fixture(loop_scope="session")
async def taking(shared_server: RunningServer) -> AsyncIterator[Taking]:
    exam_id = await shared_server.make_exam(WITHOUT_IDENTITY)
    yield Taking(shared_server["candidate"], await shared_server.schedule("candidate", exam_id))


async def started(taking: Taking) -> None:
    await taking.check_equipment()
    running = await taking.step("start")
    assert running["state"] == "running"


async def test_steps_are_taken_in_order(taking: Taking, visited: PumpSource) -> None:
    assert await taking.refused("legs", offer_sdp="v=0", tracks=[{"mid": "0", "track": "camera"}]) == (
        409,
        "consent_missing",
    )
    assert await taking.refused("start") == (409, "consent_missing")
    await taking.consent()
    assert (await taking.consent())["state"] == "consented", "answering twice changes nothing"
    assert await taking.refused("start") == (409, "equipment_missing")
    checks = [{"check": check, "ok": True} for check in ("camera", "microphone")]
    assert await taking.refused("equipment", checks=checks) == (409, "media_not_arriving")
    assert await taking.refused("finish") == (409, "not_running")
    async with taking.connected(visited):
        failed = await taking.step("equipment", checks=[{"check": "camera", "ok": False}])
        assert failed["state"] == "consented"
        assert (await taking.check_equipment())["state"] == "checked"
    assert await taking.refused("start") == (409, "media_not_arriving")


async def test_refused_consent_ends_the_sitting_and_is_recorded(taking: Taking, shared_server: RunningServer) -> None:
    assert (await taking.consent(accepted=False))["state"] == "refused"
    text = await taking.person.ask("GET", "/api/consent")
    again = {"version": text["version"], "language": "kk", "accepted": True}
    assert await taking.refused("consent", **again) == (409, "consent_refused")
    timeline = await shared_server["admin"].ask("GET", f"{taking.path}/timeline")
    assert [entry["kind"] for entry in timeline["entries"]][-1] == "consent_refused"
    assert timeline["entries"][-1]["payload"]["sha256"] == text["sha256"]


async def test_an_outdated_consent_text_is_refused(taking: Taking) -> None:
    answer = {"version": "1999-1", "language": "ru", "accepted": True}
    assert await taking.refused("consent", **answer) == (409, "consent_outdated")


async def test_a_second_tab_is_told_and_may_take_over(taking: Taking) -> None:
    second = Taking(taking.person, taking.path.rsplit("/", 1)[-1], OTHER_TAB)
    await taking.step("claim", take_over=False)
    async with taking.person.socket(f"{taking.path}/control?client_id={TAB}") as first:
        assert await second.refused("claim", take_over=False) == (409, "sitting_open_elsewhere")
        assert (await second.step("claim", take_over=True))["lease_s"] > 0
        await receive(first, "taken_over")
        with pytest.raises(Exception, match="4001"):
            await first.recv()
    assert await taking.refused("claim", take_over=False) == (409, "sitting_open_elsewhere")


async def test_photographs_are_judged(taking: Taking) -> None:
    await taking.consent()

    async def hand_in(picture: bytes) -> httpx.Response:
        return await taking.person.client.post(f"{taking.path}/enrolment?client_id={TAB}", content=picture)

    blank = (await hand_in(b"\xff\xd8 no picture")).json()
    assert (blank["status"], blank["code"]) == (422, "bad_image")
    assert blank["remedy"]
    accepted = (await hand_in(identity_photograph())).json()
    assert accepted["accepted"] is True
    assert (await hand_in(b"x" * 8_000_001)).json()["code"] == "too_large"


async def test_further_photographs_must_show_the_same_person(taking: Taking) -> None:
    await taking.consent()

    async def hand_in(picture: bytes, *, further: bool) -> httpx.Response:
        query = f"client_id={TAB}&further={str(further).lower()}"
        return await taking.person.client.post(f"{taking.path}/enrolment?{query}", content=picture)

    first = (await hand_in(identity_photograph(), further=True)).json()
    assert first["photographs"] == 1
    second = (await hand_in(identity_photograph(), further=True)).json()
    assert second["photographs"] == 2
    refused = (await hand_in(identity_photograph(VISITOR), further=True)).json()
    assert (refused["status"], refused["code"]) == (422, "another_person")
    assert refused["remedy"]
    anew = (await hand_in(identity_photograph(VISITOR), further=False)).json()
    assert anew["photographs"] == 1


@pytest.fixture
def nothing_blocks() -> Iterator[None]:
    """A call that blocks the event loop anywhere in the server raises there."""
    with blockbuster_ctx(["server", "proctor"]):
        yield


@pytest.mark.usefixtures("nothing_blocks")
async def test_a_whole_sitting(shared_server: RunningServer, visited: PumpSource) -> None:
    exam_id = await shared_server.make_exam(WITH_IDENTITY)
    taking = Taking(shared_server["candidate"], await shared_server.schedule("candidate", exam_id))
    invigilator = shared_server["invigilator"]
    await taking.consent()
    async with invigilator.socket("/api/live") as live, taking.connected(visited):
        await taking.check_equipment()
        photograph = await taking.person.client.post(
            f"{taking.path}/enrolment?client_id={TAB}", content=identity_photograph()
        )
        assert photograph.status_code == 200, photograph.text
        begun = await taking.step("start")
        assert [question["question_id"] for question in begun["exam"]["questions"]] == ["q1"]
        async with taking.person.socket(f"{taking.path}/control?client_id={TAB}") as control:
            await events_are_written_once(control)
            await messages_arrive(taking, control, invigilator)
            incident = await incident_comes(live, "multiple_faces")
            assert incident["signals"][0]["why"]["text"]["kk"]
            await reviews_can_be_withdrawn(taking, invigilator, incident["incident_id"])
            await taking.person.ask("PUT", f"{taking.path}/answers/q1", {"client_id": TAB, "text": "Because."})
            status = await receive(control, "recording")
            assert {track["track"]: track["receiving"] for track in status["tracks"]} == {
                "camera": True,
                "screen": True,
                "microphone": True,
            }
            listed = await invigilator.ask("GET", "/api/sittings?state=running")
            assert listed[0]["sitting_id"] in taking.path, "what needs a person comes first"
            assert listed[0]["thumbnail_url"]
            assert (await invigilator.get(listed[0]["thumbnail_url"])).content[:2] == b"\xff\xd8"
            finished = await taking.step("finish")
            assert finished["state"] == "finished"
            assert (await receive(control, "state"))["state"] == "finished"
    again = await taking.step("finish")
    assert again["finished_at"] == finished["finished_at"], "finishing twice changes nothing"
    await the_committee_reviews(shared_server, taking, finished)


async def events_are_written_once(control: ClientConnection) -> None:
    reported = event("clipboard_paste", ms_ago=200)
    for _ in range(2):
        await control.send(json.dumps({"type": "events", "events": [reported]}))
        ack = await receive(control, "ack")
        assert ack["event_ids"] == [reported["event_id"]]
    await control.send("not json")
    assert (await receive(control, "refused"))["code"] == "invalid_request"


async def messages_arrive(taking: Taking, control: ClientConnection, invigilator: Person) -> None:
    sent = await invigilator.ask("POST", f"{taking.path}/messages", {"text": "Please turn on a light."})
    heard = await receive(control, "message")
    assert (heard["message_id"], heard["text"]) == (sent["message_id"], "Please turn on a light.")
    view = await taking.person.ask("GET", f"{taking.path}/candidate")
    assert [message["text"] for message in view["messages"]] == ["Please turn on a light."]


async def incident_comes(live: ClientConnection, kind: str) -> Json:
    async with asyncio.timeout(40):
        while True:
            incident: Json = (await receive(live, "incident", 40))["incident"]
            if kind in incident["kinds"] and incident["picture_url"]:
                return incident


async def reviews_can_be_withdrawn(taking: Taking, invigilator: Person, incident_id: str) -> None:
    path = f"{taking.path}/incidents/{incident_id}/reviews"
    noted = await invigilator.ask("POST", path, {"decision": "noted", "note": "A visitor."})
    assert (noted["review"], noted["reviewed_by"], noted["note"]) == ("noted", "Invigilator", "A visitor.")
    assert noted["undo_until"]
    withdrawn = await invigilator.ask("POST", path, {"decision": "withdrawn"})
    assert withdrawn["review"] == "unreviewed"
    again = await invigilator.send("POST", path, {"decision": "withdrawn"})
    assert again.json()["code"] == "not_reviewed"
    picture = await invigilator.get(noted["picture_url"])
    assert picture.headers["content-type"] == "image/jpeg"
    nobody = await invigilator.get(f"{taking.path}/pictures/{'0' * 64}.jpg")
    assert nobody.json()["code"] == "picture_not_found"


async def the_committee_reviews(running: RunningServer, taking: Taking, finished: Json) -> None:
    committee = running["committee"]
    manifest = await committee.ask("GET", f"{taking.path}/recording")
    assert manifest["running"] is False
    assert manifest["duration_ms"] == finished["elapsed_ms"]
    for track in manifest["tracks"]:
        assert abs(track["end_ms"] - manifest["duration_ms"]) < 500
        assert track["start_ms"] < 2_500, "this sender's next key frame"
        assert track["recorded_ms"] == track["end_ms"] - track["start_ms"]
        first = await committee.get(track["url"], headers={"Range": "bytes=0-99"})
        assert first.status_code == 206
        size = int(first.headers["content-range"].rsplit("/", 1)[1])
        whole = await committee.get(track["url"])
        assert len(whole.content) == size
        assert whole.content[:100] == first.content
        tail = await committee.get(track["url"], headers={"Range": f"bytes={size}-"})
        assert (tail.status_code, tail.json()["code"]) == (416, "range_outside")
        played = await asyncio.to_thread(played_ms, whole.content)
        assert abs(played - manifest["duration_ms"]) < 500
    verified = await committee.ask("GET", f"{taking.path}/timeline/verify")
    assert verified["ok"] is True
    timeline = await committee.ask("GET", f"{taking.path}/timeline?limit=1000")
    kinds = [entry["kind"] for entry in timeline["entries"]]
    views = [entry["payload"]["what"] for entry in timeline["entries"] if entry["kind"] == "viewed"]
    assert views == ["recording"] * len(manifest["tracks"]), "each once in ten minutes"
    latest = await committee.ask("GET", f"{taking.path}/timeline?after_seq={timeline['entries'][-1]['seq']}")
    assert [entry["payload"]["what"] for entry in latest["entries"]] == ["timeline"], "reading it is a view, too"
    assert kinds.count("client_event") == 1
    assert {"sitting_started", "leg_connected", "segment_sealed", "sitting_finished", "answer_saved"} <= set(kinds)
    assert kinds.index("sitting_finished") > kinds.index("segment_sealed")
    assert "Because" not in json.dumps(timeline), "the timeline has an answer's hash, never its text"
    incidents = await committee.ask("GET", f"{taking.path}/incidents")
    assert {kind for incident in incidents for kind in incident["kinds"]} == {"multiple_faces", "clipboard"}
    assert all(incident["end_ms"] is not None for incident in incidents)
    refused = await committee.send("POST", f"{taking.path}/messages", {"text": "Hello"})
    assert refused.json()["code"] == "not_allowed"


def played_ms(content: bytes) -> float:
    with av.open(BytesIO(content)) as container:
        last = 0.0
        for packet in container.demux():
            if packet.pts is not None and packet.time_base is not None:
                last = max(last, float((packet.pts + (packet.duration or 0)) * packet.time_base))
        return last * 1000


async def test_a_malformed_offer_is_refused_and_the_server_goes_on(taking: Taking) -> None:
    await taking.consent()
    for offer in ("v=0", "x" * 50_000, "v=0\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\na=mid:0\r\n"):
        assert await taking.refused("legs", offer_sdp=offer, tracks=[{"mid": "0", "track": "camera"}]) == (
            422,
            "bad_sdp",
        )
    assert (await taking.person.get("/api/health")).json()["status"] == "ok"


async def test_the_exams_time_ends_the_sitting(
    shared_server: RunningServer, visited: PumpSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.sittings.conduct.GRACE_S", -58)
    exam_id = await shared_server.make_exam(WITHOUT_IDENTITY, minutes=1)
    taking = Taking(shared_server["candidate"], await shared_server.schedule("candidate", exam_id))
    await taking.consent()
    async with taking.connected(visited):
        await started(taking)
        async with taking.person.socket(f"{taking.path}/control?client_id={TAB}") as control:
            assert (await receive(control, "state"))["state"] == "finished"
    view = await taking.person.ask("GET", f"{taking.path}/candidate")
    assert view["state"] == "finished"
