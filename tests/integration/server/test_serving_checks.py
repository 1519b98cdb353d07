"""Guided checks over HTTP and sockets, with real media and a real perception worker."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import numpy as np
import pytest
from websockets.asyncio.client import ClientConnection

from server.rtc.pump_source import PumpSource, encode_media
from tests.integration.server.serving import Json, RunningServer, receive
from tests.integration.server.taking import OTHER_TAB, TAB, WITHOUT_IDENTITY, Taking, filmed
from tests.media.files import write_clip
from tests.media.portraits import Picture
from tests.media.rooms import Camera, Room
from tests.media.scenes import SIZE, Scene, Shot
from tests.media.sounds import soundtrack

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.live]

OPENING = WITHOUT_IDENTITY + "room_scan_at_start = true\nchallenge_at_start = true\n"
TURN_S = 24
FPS = 15
STAYS = 3
"""Pictures of one direction, for composing one takes longer than showing it."""


@pytest.fixture(scope="session")
def alone(tmp_path_factory: pytest.TempPathFactory) -> PumpSource:
    return filmed(tmp_path_factory.mktemp("media") / "alone.webm", Shot(Scene.PRESENT, 4))


@pytest.fixture(scope="session")
def turning(tmp_path_factory: pytest.TempPathFactory) -> PumpSource:
    """A camera that turns round a room again and again."""
    path = tmp_path_factory.mktemp("media") / "turning.webm"
    write_clip(path, _turn(), FPS, soundtrack(TURN_S))
    return encode_media(path)


def _turn() -> Iterator[tuple[float, Picture]]:
    room, camera, grain = Room(), Camera(size=SIZE, sway_deg=0.0), np.random.default_rng(5)
    for number in range(0, TURN_S * FPS, STAYS):
        seen = room.seen(camera, 360 * number / (TURN_S * FPS), number / FPS, grain)
        yield from ((later / FPS, seen) for later in range(number, number + STAYS))


@asynccontextmanager
async def running(
    server: RunningServer, source: PumpSource, policy: str = WITHOUT_IDENTITY
) -> AsyncIterator[tuple[Taking, ClientConnection]]:
    """A sitting that runs, and its control socket."""
    taking = Taking(server["candidate"], await server.schedule("candidate", await server.make_exam(policy)))
    await taking.consent()
    async with taking.connected(source):
        await taking.check_equipment()
        await taking.step("start")
        async with taking.person.socket(f"{taking.path}/control?client_id={TAB}") as control:
            yield taking, control


async def view(taking: Taking) -> Json:
    shown: Json = await taking.person.ask("GET", f"{taking.path}/candidate")
    return shown


async def told(control: ClientConnection, state: str, timeout_s: float = 10.0) -> Json:
    """The candidate's page hears of a check in this state."""
    async with asyncio.timeout(timeout_s):
        while True:
            check: Json = (await receive(control, "check", timeout_s))["check"]
            if check["state"] == state:
                return check


async def test_an_invigilator_asks_and_the_candidate_shows_the_room(
    shared_server: RunningServer, turning: PumpSource
) -> None:
    invigilator, committee = shared_server["invigilator"], shared_server["committee"]
    async with running(shared_server, turning) as (taking, control), invigilator.socket("/api/live") as live:
        asked = await invigilator.ask("POST", f"{taking.path}/checks", {"check": "room_scan"})
        assert (asked["state"], asked["asked_by"], asked["by_policy"]) == ("asked", "Invigilator", False)
        check_id = asked["check_id"]
        heard = await told(control, "asked")
        assert (heard["check_id"], heard["asked_by"]) == (check_id, None), "who asked is for watchers"
        assert (await view(taking))["check"]["check_id"] == check_id
        begun = await taking.step(f"checks/{check_id}/begin", track="camera")
        assert (begun["state"], begun["track"]) == ("begun", "camera")

        progress = await receive(control, "check_progress", 20)
        assert progress["check_id"] == check_id
        assert progress["hints"]
        async with asyncio.timeout(40):
            while True:
                summary = (await receive(live, "sitting", 20))["sitting"]
                if summary["sitting_id"] in taking.path and summary["check"] and summary["check"]["coverage_deg"]:
                    break
        ended = await told(control, "ended", 200)
        assert (ended["outcome"], ended["picture_url"]) == ("complete", None)
        assert ended["result"]["coverage_deg"] >= 345
        assert (await view(taking))["check"] is None

        (shown,) = await invigilator.ask("GET", f"{taking.path}/checks")
        picture = await invigilator.get(shown["picture_url"])
        assert picture.content[:2] == b"\xff\xd8"
        assert (await committee.get(f"{taking.path}/checks")).status_code == 403, "the sitting still runs"
        await taking.step("finish")

    (reviewed,) = await committee.ask("GET", f"{taking.path}/checks")
    assert reviewed == shown
    timeline = (await committee.ask("GET", f"{taking.path}/timeline?limit=1000"))["entries"]
    kinds = [entry["kind"] for entry in timeline]
    assert [kind for kind in kinds if kind.startswith("check_")] == ["check_asked", "check_begun", "check_ended"]
    views = [(entry["payload"]["role"], entry["payload"]["what"]) for entry in timeline if entry["kind"] == "viewed"]
    assert ("invigilator", "checks") in views
    assert ("committee", "checks") in views
    noticed = [entry["payload"] for entry in timeline if entry["kind"] == "signal_opened"]
    within = range(shown["start_ms"], shown["end_ms"])
    assert [signal["kind"] for signal in noticed if signal["start_ms"] in within] == [], "the pictures are the scan's"
    assert "room_scan_incomplete" not in {signal["kind"] for signal in noticed}


async def test_a_challenge_tells_what_to_do_and_ends_by_itself(shared_server: RunningServer, alone: PumpSource) -> None:
    invigilator = shared_server["invigilator"]
    async with running(shared_server, alone) as (taking, control):
        check_id = (await invigilator.ask("POST", f"{taking.path}/checks", {"check": "challenge"}))["check_id"]
        assert await taking.refused(f"checks/{check_id}/begin", track="phone") == (422, "unsuited_track")
        await taking.step(f"checks/{check_id}/begin", track="camera")
        prompts = []
        while not prompts or prompts[-1] is not None:
            prompt = (await receive(control, "check_progress", 20))["prompt"]
            prompts.append(prompt)
            if len([prompt for prompt in prompts if prompt not in (None, "rest")]) == 7 and prompts[-1] == "rest":
                break
        assert prompts[0] == "rest"
        ended = await told(control, "ended", 60)
        assert ended["outcome"] in ("failed", "cannot_tell"), "a clip of somebody who sits still"
        assert [task["kind"] for task in ended["result"]["tasks"]] == [kind for kind in prompts if kind != "rest"]
        assert all(ended["start_ms"] <= task["start_ms"] <= ended["end_ms"] for task in ended["result"]["tasks"])


async def test_a_check_may_be_withdrawn_or_declined(shared_server: RunningServer, alone: PumpSource) -> None:
    invigilator = shared_server["invigilator"]
    async with running(shared_server, alone) as (taking, control):
        first = await invigilator.ask("POST", f"{taking.path}/checks", {"check": "room_scan"})
        second = await invigilator.send("POST", f"{taking.path}/checks", {"check": "challenge"})
        assert (second.status_code, second.json()["code"]) == (409, "check_open")
        path = f"{taking.path}/checks/{first['check_id']}"
        by_candidate = await taking.person.send("POST", f"{path}/withdraw")
        assert by_candidate.status_code == 403
        other = await shared_server["other"].send("POST", f"{path}/decline", {"client_id": TAB})
        assert other.status_code == 404
        elsewhere = Taking(taking.person, taking.path.rsplit("/", 1)[-1], OTHER_TAB)
        assert await elsewhere.refused(f"checks/{first['check_id']}/decline") == (409, "sitting_open_elsewhere")
        assert (await invigilator.ask("POST", f"{path}/withdraw"))["outcome"] == "withdrawn"
        assert (await told(control, "ended"))["outcome"] == "withdrawn"

        check_id = (await invigilator.ask("POST", f"{taking.path}/checks", {"check": "room_scan"}))["check_id"]
        assert await taking.refused(f"checks/{check_id}/begin", track="phone") == (409, "track_not_arriving")
        assert await taking.refused(f"checks/{check_id}/stop") == (409, "check_not_begun")
        assert (await taking.step(f"checks/{check_id}/decline"))["outcome"] == "declined"
        assert await taking.refused(f"checks/{check_id}/decline") == (409, "check_ended")
        outcomes = [check["outcome"] for check in await invigilator.ask("GET", f"{taking.path}/checks")]
        assert outcomes == ["withdrawn", "declined"]

        left = (await invigilator.ask("POST", f"{taking.path}/checks", {"check": "challenge"}))["check_id"]
        await taking.step("finish")
        assert (await told(control, "ended"))["outcome"] == "declined"
        assert (await told(control, "ended"))["outcome"] == "expired", "the sitting ended without it"
    assert await taking.refused(f"checks/{left}/begin", track="camera") == (409, "not_running")
    late = await invigilator.send("POST", f"{taking.path}/checks", {"check": "challenge"})
    assert late.json()["code"] == "not_running"
    verified = await invigilator.ask("GET", f"{taking.path}/timeline/verify")
    assert verified["ok"] is True


async def test_questions_open_when_the_policys_checks_have_ended(
    shared_server: RunningServer, alone: PumpSource
) -> None:
    async with running(shared_server, alone, OPENING) as (taking, control):
        shown = await view(taking)
        assert (shown["state"], shown["opening"], shown["opened_at"]) == ("running", True, None)
        assert (shown["exam"]["questions"], shown["elapsed_ms"]) == ([], 0)
        assert shown["steps"]["room_scan_at_start"]
        assert (shown["check"]["check"], shown["check"]["by_policy"]) == ("room_scan", True)
        answer = await taking.person.send("PUT", f"{taking.path}/answers/q1", {"client_id": TAB, "text": "Early."})
        assert (answer.status_code, answer.json()["code"]) == (409, "not_opened_yet")

        assert (await told(control, "asked"))["check_id"] == shown["check"]["check_id"], "a new socket hears of it"
        await taking.step(f"checks/{shown['check']['check_id']}/decline")
        challenge = await told(control, "asked")
        assert challenge["check"] == "challenge"
        await asyncio.sleep(1)
        await taking.step(f"checks/{challenge['check_id']}/decline")
        opened = await receive(control, "opened")
        shown = await view(taking)
        assert (shown["opening"], shown["check"]) == (False, None)
        assert [question["question_id"] for question in shown["exam"]["questions"]] == ["q1"]
        assert opened["opened_at"][:16] == shown["opened_at"][:16]
        assert shown["elapsed_ms"] < 5_000
        await taking.person.ask("PUT", f"{taking.path}/answers/q1", {"client_id": TAB, "text": "Now."})
        finished = await taking.step("finish")
        manifest = await shared_server["committee"].ask("GET", f"{taking.path}/recording")
        assert manifest["duration_ms"] - finished["elapsed_ms"] > 1_000, "the opening is recorded, and takes no time"


async def test_the_exams_time_runs_from_the_opening(
    shared_server: RunningServer, alone: PumpSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.sittings.conduct.GRACE_S", -29 * 60 - 57)
    policy = WITHOUT_IDENTITY + "challenge_at_start = true\n"
    async with running(shared_server, alone, policy) as (taking, control):
        check = await told(control, "asked")
        await asyncio.sleep(4)
        assert (await view(taking))["state"] == "running", "three seconds of time have not begun"
        await taking.step(f"checks/{check['check_id']}/decline")
        assert (await receive(control, "state"))["state"] == "finished"
