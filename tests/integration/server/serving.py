"""A whole server on loopback inside the test's own process and event loop, and people who are logged in at it."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import uvicorn
from fastapi import FastAPI
from websockets.asyncio.client import ClientConnection, connect

from proctor.domain.text import Language
from server.accounts.access import LOGIN_COOKIE, Role
from server.accounts.schemas import AccountRequest
from server.config import NetworkConfig, ServerConfig
from server.exams.schemas import ExamRequest, Question
from server.schemas import LocalizedText
from server.wiring import Ground, build

PASSWORD = "a password of tests"  # noqa: S105 - of accounts that live for one test run
PEOPLE = {
    "candidate": Role.CANDIDATE,
    "other": Role.CANDIDATE,
    "invigilator": Role.INVIGILATOR,
    "committee": Role.COMMITTEE,
    "admin": Role.ADMIN,
}
Json = dict[str, Any]


def words(text: str) -> LocalizedText:
    return LocalizedText(kk=text, ru=text, en=text)


def exam_request(policy_toml: str = "", minutes: int = 30) -> ExamRequest:
    return ExamRequest(
        title=words("Exam"),
        duration_minutes=minutes,
        questions=[Question(question_id="q1", text=words("Why?"))],
        policy_toml=policy_toml,
    )


@dataclass
class Person:
    """Somebody who is logged in."""

    account_id: str
    email: str
    client: httpx.AsyncClient
    url: str

    async def get(self, path: str, headers: Mapping[str, str] | None = None) -> httpx.Response:
        return await self.client.get(path, headers=headers)

    async def send(
        self, method: str, path: str, body: object = None, headers: Mapping[str, str] | None = None
    ) -> httpx.Response:
        return await self.client.request(method, path, json=body, headers=headers)

    async def ask(self, method: str, path: str, body: object = None) -> Any:  # noqa: ANN401 - what the API says
        """Send, demand success, return the JSON."""
        response = await self.send(method, path, body)
        assert response.is_success, (path, response.status_code, response.text)
        return response.json() if response.content else None

    def cookie(self) -> str:
        return f"{LOGIN_COOKIE}={self.client.cookies[LOGIN_COOKIE]}"

    def socket(self, path: str) -> connect:
        address = self.url.replace("http", "ws", 1) + path
        return connect(address, additional_headers={"Cookie": self.cookie()}, proxy=None)


@dataclass
class RunningServer:
    """The server, its parts, and the people of the test."""

    url: str
    data: Path
    app: FastAPI
    people: dict[str, Person] = field(default_factory=dict)
    exam_id: str = ""

    def __getitem__(self, name: str) -> Person:
        return self.people[name]

    async def schedule(self, who: str = "candidate", exam_id: str | None = None) -> str:
        body = {"exam_id": exam_id or self.exam_id, "candidate_account_id": self[who].account_id}
        made: Json = await self["admin"].ask("POST", "/api/sittings", body)
        return str(made["sitting_id"])

    async def make_exam(self, policy_toml: str, minutes: int = 30) -> str:
        body = exam_request(policy_toml, minutes).model_dump(mode="json")
        made: Json = await self["admin"].ask("POST", "/api/exams", body)
        return str(made["exam_id"])


@asynccontextmanager
async def serving(data: Path, web: Path | None = None) -> AsyncIterator[RunningServer]:
    """Serve on a free port of loopback; ends as on SIGTERM."""
    config = ServerConfig(data=data, workers=1, network=NetworkConfig(bind_addresses=["127.0.0.1"]))
    app = build(config, seed=_seed, **({"web_directory": web} if web else {}))
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{listening.getsockname()[1]}"
    server = uvicorn.Server(
        uvicorn.Config(
            app,
            log_config=None,
            access_log=False,
            ws="websockets-sansio",
            timeout_graceful_shutdown=2,
            timeout_keep_alive=60,
        )
    )
    server.capture_signals = _no_signals  # type: ignore[method-assign]
    task = asyncio.create_task(server.serve(sockets=[listening]))
    while not server.started:
        assert not task.done(), "the server did not start"
        await asyncio.sleep(0.02)
    running = RunningServer(url, data, app)
    try:
        await _log_in_everybody(running)
        yield running
    finally:
        for person in running.people.values():
            await person.client.aclose()
        server.should_exit = True
        await task
        listening.close()


async def receive(connection: ClientConnection, kind: str, timeout_s: float = 10.0) -> Json:
    """The next message of a kind; others are passed over."""
    async with asyncio.timeout(timeout_s):
        while True:
            message: Json = json.loads(await connection.recv())
            if message["type"] == kind:
                return message


async def _seed(base: Ground, _: object) -> None:
    known = {account.email for account in await base.accounts.list()}
    for name, role in PEOPLE.items():
        if f"{name}@test.local" not in known:
            await base.accounts.create(
                AccountRequest(
                    email=f"{name}@test.local", name=name.title(), role=role, password=PASSWORD, language=Language.EN
                )
            )
    if not await base.exams.list():
        await base.exams.create(exam_request())


async def _log_in_everybody(running: RunningServer) -> None:
    for name in PEOPLE:
        running.people[name] = await log_in(running, f"{name}@test.local")
    running.exam_id = (await running["admin"].ask("GET", "/api/exams"))[-1]["exam_id"]


async def log_in(running: RunningServer, email: str, password: str = PASSWORD) -> Person:
    client = httpx.AsyncClient(base_url=running.url, headers={"X-Proctor": "1"}, trust_env=False, timeout=30)
    response = await client.post("/api/login", json={"email": email, "password": password})
    assert response.status_code == 200, response.text
    me: Mapping[str, Any] = response.json()
    return Person(me["account_id"], email, client, running.url)


class _no_signals:  # noqa: N801 - stands in for a context manager method of uvicorn
    def __enter__(self) -> None: ...

    def __exit__(self, *_: object) -> None: ...
