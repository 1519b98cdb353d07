"""Junk from clients and a full disk: a clear problem each time, and the server goes on."""

from __future__ import annotations

import gc
import json
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from websockets.asyncio.client import ClientConnection

from proctor.domain.timeline import Entry
from tests.integration.server.serving import RunningServer, receive, serving
from tests.integration.server.taking import TAB, WITHOUT_IDENTITY, Taking, event, filmed
from tests.media.scenes import Scene, Shot
from tests.small_disk import filled, small_disk

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.live]


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"{not json", 422, "invalid_request"),
        (b"\xff\xfe\x00", 400, "bad_request"),
        (b"[]", 422, "invalid_request"),
        (b'{"toml": 5}', 422, "invalid_request"),
        (b'{"toml": "", "more": 1}', 422, "invalid_request"),
        (b" " * 1_000_001, 413, "too_large"),
    ],
)
async def test_junk_bodies(shared_server: RunningServer, body: bytes, status: int, code: str) -> None:
    response = await shared_server["admin"].client.post(
        "/api/policy/validate", content=body, headers={"Content-Type": "application/json"}
    )

    assert response.headers["content-type"] == "application/problem+json"
    assert (response.status_code, response.json()["code"]) == (status, code)


async def test_a_body_without_an_end_is_cut(shared_server: RunningServer) -> None:
    async def endless() -> AsyncIterator[bytes]:
        for _ in range(40):
            yield b" " * 50_000

    response = await shared_server["admin"].client.post(
        "/api/policy/validate", content=endless(), headers={"Content-Type": "application/json"}
    )

    assert (response.status_code, response.json()["code"]) == (413, "too_large")


async def test_numbers_that_json_does_not_have(shared_server: RunningServer) -> None:
    taking = Taking(shared_server["candidate"], await shared_server.schedule("candidate"))
    await taking.consent()
    body = json.dumps(
        {"client_id": TAB, "checks": [{"check": "network", "ok": False, "detail": {"rtt": float("nan"), "n": 2**70}}]}
    )

    response = await taking.person.client.post(
        f"{taking.path}/equipment", content=body, headers={"Content-Type": "application/json"}
    )

    assert (response.status_code, response.json()["code"]) == (422, "invalid_request")


async def test_a_page_that_sends_junk_over_its_socket_stays_connected(shared_server: RunningServer) -> None:
    taking = Taking(shared_server["candidate"], await shared_server.schedule("candidate"))
    async with taking.person.socket(f"{taking.path}/control?client_id={TAB}") as control:
        for junk in ("", "[]", '{"type":"unknown"}', '{"type":"events","events":[]}', "x" * 201_000):
            await control.send(junk)
            assert (await receive(control, "refused"))["code"] in {"invalid_request", "too_large"}
        await control.send('{"type":"ping"}')
        await receive(control, "pong")


async def test_a_page_that_tells_much_costs_no_memory_for_what_is_durable(shared_server: RunningServer) -> None:
    taking = Taking(shared_server["candidate"], sitting_id := await shared_server.schedule("candidate"))
    async with taking.person.socket(f"{taking.path}/control?client_id={TAB}") as control:
        for _ in range(5):
            reported = [event() for _ in range(20)]
            await control.send(json.dumps({"type": "events", "events": reported}))
            assert len((await receive(control, "ack"))["event_ids"]) == len(reported)

        kept = [found for found in gc.get_objects() if type(found) is Entry and found.sitting == sitting_id]
        assert len(kept) <= len(reported), "only the last commit may still be in hand"


async def test_a_full_disk(tmp_path: Path) -> None:
    source = filmed(tmp_path / "alone.webm", Shot(Scene.EMPTY, 3))
    with small_disk(tmp_path / "disk", "24m") as disk:
        async with serving(disk) as running:
            exam_id = await running.make_exam(WITHOUT_IDENTITY)
            taking = Taking(running["candidate"], await running.schedule("candidate", exam_id))
            await taking.consent()
            async with taking.connected(source):
                await taking.check_equipment()
                await taking.step("start")
                async with taking.person.socket(f"{taking.path}/control?client_id={TAB}") as control:
                    await goes_through_a_full_disk(taking, control, disk)
                await taking.step("finish")
            timeline = await running["admin"].ask("GET", f"{taking.path}/timeline?limit=1000")
            kinds = [entry["kind"] for entry in timeline["entries"]]
            assert kinds.count("client_event") == 1
            assert kinds[-1] == "sitting_finished"
            manifest = await running["admin"].ask("GET", f"{taking.path}/recording")
            assert all(track["recorded_ms"] > 0 for track in manifest["tracks"])
            # Told while the disk was full, and nobody would tell it again.
            assert kinds.count("recording_failed") == kinds.count("recording_resumed") == len(manifest["tracks"])


async def goes_through_a_full_disk(taking: Taking, control: ClientConnection, disk: Path) -> None:
    reported = event()
    with filled(disk):
        await control.send(json.dumps({"type": "events", "events": [reported]}))
        answer = {"client_id": TAB, "text": "x" * 40_000}
        refused = await taking.person.send("PUT", f"{taking.path}/answers/q1", answer)
        assert (refused.status_code, refused.json()["code"]) == (507, "storage_full"), refused.text
        assert (await taking.person.get("/api/health")).status_code == 200
        while True:
            status = await receive(control, "recording")
            if {track["failed"] for track in status["tracks"]} == {"disk_full"}:
                break
    await control.send(json.dumps({"type": "events", "events": [reported]}))
    assert (await receive(control, "ack"))["event_ids"] == [reported["event_id"]]
    saved = await taking.person.send("PUT", f"{taking.path}/answers/q1", {"client_id": TAB, "text": "Because."})
    assert saved.status_code == 200
    while True:
        status = await receive(control, "recording", 20)
        if {track["failed"] for track in status["tracks"]} == {None}:
            return


async def test_unknown_hosts_paths_and_methods(shared_server: RunningServer) -> None:
    async with httpx.AsyncClient(base_url=shared_server.url, trust_env=False) as client:
        for method, path, status in (
            ("GET", "/api", 404),
            ("POST", "/api/nothing", 404),
            ("DELETE", "/api/me", 405),
            ("GET", "/api/sittings/%00/timeline", 401),
        ):
            response = await client.request(method, path, headers={"X-Proctor": "1"})
            assert response.status_code == status, path
            assert response.headers["content-type"] == "application/problem+json"
