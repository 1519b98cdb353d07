"""Bodies are bounded in time, files belong to the server's user, and errors tell nothing personal."""

from __future__ import annotations

import asyncio
import stat
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy.exc import IntegrityError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Message, Scope

from proctor.domain.text import Language
from server.app import create_app
from server.data_lock import hold
from server.db.engine import Database
from server.db.migrate import migrate
from server.diagnostics.schemas import DemoAccount, DemoInfo
from server.diagnostics.service import DiagnosticsService
from server.protection import BoundedBodies
from server.sittings.schemas import SittingForCandidate
from server.web import WebClient
from tests.fakes.clock import HeldClock

SCOPE: Scope = {
    "type": "http",
    "method": "POST",
    "path": "/",
    "headers": [(b"content-length", b"100")],
    "query_string": b"",
}


async def echo(request: Request) -> Response:
    return Response(await request.body())


async def test_a_body_that_drips_is_given_up() -> None:
    app = BoundedBodies(Starlette(routes=[Route("/", echo, methods=["POST"])]), within_s=0.05)
    sent: list[Message] = []

    async def drip() -> Message:
        await asyncio.sleep(0.02)
        return {"type": "http.request", "body": b"x", "more_body": True}

    async def send(message: Message) -> None:
        await asyncio.sleep(0)
        sent.append(message)

    async with asyncio.timeout(5):
        await app(SCOPE, drip, send)
        await app({**SCOPE, "headers": [(b"content-length", b"9000000")]}, drip, send)

    assert [message["status"] for message in sent if message["type"] == "http.response.start"] == [408, 413]


async def test_an_unexpected_failure_is_told_as_any_other_problem(tmp_path: Path) -> None:
    @asynccontextmanager
    async def nothing(_: FastAPI) -> AsyncIterator[None]:
        yield

    async def fail() -> None:
        raise RuntimeError("somebody@example.kz")

    app = create_app(nothing, tmp_path)
    app.add_api_route("/api/failing", fail)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost") as client:
        answer = await client.get("/api/failing")

    assert (answer.status_code, answer.json()["code"]) == (500, "internal_error")
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert "example.kz" not in answer.text


def test_the_data_directory_and_its_files_are_for_its_user_alone(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with hold(data):
        (data / "recording.webm").write_bytes(b"")
    (tmp_path / "other").write_bytes(b"")

    assert stat.S_IMODE(data.stat().st_mode) == 0o700
    assert stat.S_IMODE((data / "recording.webm").stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "other").stat().st_mode) != 0o600, "the process has its own mask again"


async def test_errors_of_the_database_do_not_tell_what_was_written(tmp_path: Path) -> None:
    await asyncio.to_thread(migrate, tmp_path / "test.sqlite3")
    database = Database(tmp_path / "test.sqlite3")
    with pytest.raises(IntegrityError) as refused:
        async with database.write() as connection:
            await connection.exec_driver_sql("INSERT INTO answers (sitting_id, text) VALUES (?, ?)", ("s", "An answer"))
    await database.close()

    assert "An answer" not in str(refused.value)


def test_errors_of_shapes_do_not_tell_what_was_written() -> None:
    with pytest.raises(ValueError, match="validation error") as refused:
        SittingForCandidate.model_validate({"sitting_id": ["An answer"]})

    assert "An answer" not in str(refused.value)


@pytest.mark.parametrize("name", ["assets/" + "a" * 3000 + ".js", "assets/a\0b.js", "../outside.js"])
async def test_names_that_no_file_can_have_are_not_found(name: str, tmp_path: Path) -> None:
    (tmp_path / "outside.js").write_text("")
    (tmp_path / "web").mkdir()

    assert await WebClient(tmp_path / "web")._file(name) is None


@pytest.mark.parametrize(
    ("address", "asked_as", "told"),
    [
        ("127.0.0.1", "localhost", True),
        ("::1", "::1", True),
        ("127.0.0.1", "rebound.example", False),
        ("127.0.0.1", None, False),
        ("192.0.2.7", "localhost", False),
    ],
)
def test_passwords_of_the_demonstration_stay_on_this_machine(address: str, asked_as: str | None, *, told: bool) -> None:
    account = DemoAccount(role="admin", email="admin@demo.local", password="shown on this machine", name="Admin")  # noqa: S106 - made up
    service = DiagnosticsService(
        version="1",
        clock=HeldClock(),
        loads=tuple,
        running=list,
        dropped=lambda: (0, 0),
        demo=DemoInfo(accounts=[account]),
    )

    config = service.config(address, asked_as)

    assert (config.demo is not None) is told
    assert config.languages == list(Language)
