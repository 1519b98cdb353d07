"""The server is killed in the middle of a sitting: nothing acknowledged is lost, and the sitting goes on."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from server.accounts.access import Role
from server.accounts.schemas import AccountRequest
from server.wiring import ground
from tests.integration.server.serving import PASSWORD, Person, exam_request, receive
from tests.integration.server.taking import TAB, WITHOUT_IDENTITY, Taking, event, filmed
from tests.media.scenes import Scene, Shot

pytestmark = pytest.mark.live

ROOT = Path(__file__).resolve().parents[3]


async def prepare(data: Path, policy: str = WITHOUT_IDENTITY) -> tuple[str, str]:
    """Accounts and a sitting, made without a server; account of the candidate and the sitting."""
    async with ground(data) as base:
        accounts = {}
        for role in (Role.CANDIDATE, Role.ADMIN):
            request = AccountRequest(email=f"{role}@test.local", name=role, role=role, password=PASSWORD)
            accounts[role] = (await base.accounts.create(request)).account_id
        exam = await base.exams.create(exam_request(policy))
        sitting = await base.scheduling.schedule(exam.exam_id, accounts[Role.CANDIDATE])
        return accounts[Role.CANDIDATE], sitting.sitting_id


@asynccontextmanager
async def program(data: Path) -> AsyncIterator[tuple[asyncio.subprocess.Process, str]]:
    """`proctor serve` as a process of its own, and its address."""
    config = data / "server.toml"
    await asyncio.to_thread(config.write_text, '[network]\nbind_addresses = ["127.0.0.1"]\n')
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "server.cli.main", "serve"),
        *("--port", "0", "--data", str(data), "--workers", "1", "--config", str(config)),
        cwd=ROOT,
        env=os.environ | {"PYTHONUNBUFFERED": "1"},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        assert process.stdout is not None
        async with asyncio.timeout(60):
            line = await process.stdout.readline()
        yield process, json.loads(line)["address"].rstrip("/").replace("localhost", "127.0.0.1")
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


@asynccontextmanager
async def logged_in(url: str, role: Role) -> AsyncIterator[Person]:
    async with httpx.AsyncClient(base_url=url, headers={"X-Proctor": "1"}, trust_env=False, timeout=30) as client:
        body = {"email": f"{role}@test.local", "password": PASSWORD}
        response = await client.post("/api/login", json=body)
        yield Person(response.json()["account_id"], body["email"], client, url)


@pytest.mark.slow
async def test_a_killed_server_goes_on_with_the_sitting(tmp_path: Path) -> None:
    source = await asyncio.to_thread(filmed, tmp_path / "alone.webm", Shot(Scene.PRESENT, 4))
    data = tmp_path / "data"
    _, sitting_id = await prepare(data)
    before, after = event("clipboard_copy"), event("clipboard_paste")

    async with program(data) as (process, url), logged_in(url, Role.CANDIDATE) as person:
        taking = Taking(person, sitting_id)
        await taking.consent()
        async with taking.connected(source):
            await taking.check_equipment()
            await taking.step("start")
            async with person.socket(f"{taking.path}/control?client_id={TAB}") as control:
                await acknowledged(control, before)
                await person.ask("PUT", f"{taking.path}/answers/q1", {"client_id": TAB, "text": "kept"})
                before_ms = await recorded(control, {"camera": 1_000, "microphone": 1_000})
                process.send_signal(signal.SIGKILL)
                await process.wait()

    async with program(data) as (process, url), logged_in(url, Role.CANDIDATE) as person:
        taking = Taking(person, sitting_id)
        resumed = await person.ask("GET", f"{taking.path}/candidate")
        assert resumed["state"] == "running"
        assert resumed["exam"]["questions"][0]["answer"] == "kept"
        async with taking.connected(source), person.socket(f"{taking.path}/control?client_id={TAB}") as control:
            await acknowledged(control, before)
            await acknowledged(control, after)
            await recorded(control, {track: ms + 2_000 for track, ms in before_ms.items()})
            await taking.step("finish")
        async with logged_in(url, Role.ADMIN) as admin:
            await nothing_is_lost(admin, taking.path, [before, after])
        process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(30):
            assert await process.wait() == 0


@pytest.mark.slow
async def test_a_killed_server_asks_anew_for_the_check_that_ran(tmp_path: Path) -> None:
    source = await asyncio.to_thread(filmed, tmp_path / "alone.webm", Shot(Scene.PRESENT, 4))
    data = tmp_path / "data"
    _, sitting_id = await prepare(data, WITHOUT_IDENTITY + "room_scan_at_start = true\n")

    async with program(data) as (process, url), logged_in(url, Role.CANDIDATE) as person:
        taking = Taking(person, sitting_id)
        await taking.consent()
        async with taking.connected(source):
            await taking.check_equipment()
            first = (await taking.step("start"))["check"]
            for _ in range(300):  # until the worker has taken the sitting up
                if (await taking.tried(f"checks/{first['check_id']}/begin", track="camera")).is_success:
                    break
                await asyncio.sleep(0.2)
            process.send_signal(signal.SIGKILL)
            await process.wait()

    async with program(data) as (_, url), logged_in(url, Role.CANDIDATE) as person:
        taking = Taking(person, sitting_id)
        resumed = await person.ask("GET", f"{taking.path}/candidate")
        assert (resumed["opening"], resumed["elapsed_ms"]) == (True, 0)
        again = resumed["check"]
        assert (again["check"], again["state"], again["by_policy"]) == ("room_scan", "asked", True)
        assert again["check_id"] != first["check_id"]
        async with taking.connected(source), person.socket(f"{taking.path}/control?client_id={TAB}") as control:
            await taking.step(f"checks/{again['check_id']}/decline")
            await receive(control, "opened")
            await taking.step("finish")
        async with logged_in(url, Role.ADMIN) as admin:
            checks = await admin.ask("GET", f"{taking.path}/checks")
            assert [check["outcome"] for check in checks] == ["interrupted", "declined"]
            assert (await admin.ask("GET", f"{taking.path}/timeline/verify"))["ok"] is True


async def acknowledged(control: object, reported: dict[str, object]) -> None:
    await control.send(json.dumps({"type": "events", "events": [reported]}))  # type: ignore[attr-defined]
    assert (await receive(control, "ack"))["event_ids"] == [reported["event_id"]]  # type: ignore[arg-type]


async def recorded(control: object, least_ms: dict[str, int]) -> dict[str, int]:
    """Wait until more than that is recorded of each track; how much it is."""
    async with asyncio.timeout(60):
        while True:
            tracks = (await receive(control, "recording"))["tracks"]  # type: ignore[arg-type]
            now_ms = {track["track"]: track["recorded_ms"] for track in tracks}
            if all(now_ms.get(track, 0) > ms for track, ms in least_ms.items()):
                return now_ms


async def nothing_is_lost(admin: Person, path: str, events: list[dict[str, object]]) -> None:
    timeline = (await admin.ask("GET", f"{path}/timeline?limit=1000"))["entries"]
    by_kind: dict[str, list[dict[str, object]]] = {}
    for entry in timeline:
        by_kind.setdefault(entry["kind"], []).append(entry["payload"])
    assert [payload["event_id"] for payload in by_kind["client_event"]] == [event["event_id"] for event in events]
    assert [payload["leg"] for payload in by_kind["leg_connected"]] == [1, 2]
    gap = next(payload for payload in by_kind["recording_gap"] if payload["cause"] == "server")
    assert int(str(gap["end_ms"])) > int(str(gap["start_ms"])) > 0
    assert any(payload.get("repaired") for payload in by_kind["segment_sealed"])
    assert (await admin.ask("GET", f"{path}/timeline/verify"))["ok"] is True
    manifest = await admin.ask("GET", f"{path}/recording")
    for track in manifest["tracks"]:
        assert len(track["gaps"]) >= 1, track
        assert abs(track["end_ms"] - manifest["duration_ms"]) < 1_000


@pytest.mark.slow
async def test_a_second_server_on_the_same_data_is_refused(tmp_path: Path) -> None:
    async with ground(tmp_path):
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "server.cli.main", "serve", "--port", "0", "--data", str(tmp_path)),
            cwd=ROOT,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        _, told = await process.communicate()

    assert process.returncode == 2
    assert "another proctor process works on" in told.decode()
