"""`proctor users` and `proctor exams`: on a data directory, or at a running server with `--url`."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated, Any, Protocol

import typer
from pydantic import BaseModel, ValidationError
from rich.console import Console
from rich.table import Table

from proctor.domain.errors import ProctorError
from server.accounts.access import Role
from server.accounts.schemas import AccountRequest
from server.cli.remote import Json, RefusedError, RemoteServer, UnreachableError
from server.config import default_data_dir
from server.exams.schemas import ExamRequest
from server.problems import ProblemError
from server.wiring import Ground, ground

users = typer.Typer(no_args_is_help=True, help="Accounts.")
exams = typer.Typer(no_args_is_help=True, help="Exams and sittings.")

REFUSED = 1
BAD_INPUT = 2
Url = Annotated[
    str | None, typer.Option(help="A running server; without it, the data directory.", envvar="PROCTOR_URL")
]
Data = Annotated[Path | None, typer.Option(help="Data directory of a server that is not running.", file_okay=False)]
AsJson = Annotated[bool, typer.Option("--json", help="JSON instead of a table.")]
LogInEmail = Annotated[str | None, typer.Option("--admin", help="Administrator's e-mail.", envvar="PROCTOR_EMAIL")]
LogInPassword = Annotated[
    str | None, typer.Option("--admin-password", help="Administrator's password.", envvar="PROCTOR_PASSWORD")
]
Password = Annotated[
    str,
    typer.Option(help="Password, ten characters or more.", prompt=True, hide_input=True, envvar="PROCTOR_NEW_PASSWORD"),
]


class Office(Protocol):
    """What an administrator does, here or far away."""

    async def accounts(self) -> list[Json]:
        """All accounts."""
        ...

    async def create_account(self, request: AccountRequest) -> Json:
        """Make an account."""
        ...

    async def exams(self) -> list[Json]:
        """All exams."""
        ...

    async def create_exam(self, request: ExamRequest) -> Json:
        """Make an exam."""
        ...

    async def schedule(self, exam_id: str, account_id: str) -> Json:
        """Schedule a sitting."""
        ...


class _LocalOffice:
    """On the database of a server that is not running."""

    def __init__(self, base: Ground) -> None:
        self._base = base

    async def accounts(self) -> list[Json]:
        return [_plain(account) for account in await self._base.accounts.list()]

    async def create_account(self, request: AccountRequest) -> Json:
        return _plain(await self._base.accounts.create(request))

    async def exams(self) -> list[Json]:
        return [_plain(exam) for exam in await self._base.exams.list()]

    async def create_exam(self, request: ExamRequest) -> Json:
        return _plain(await self._base.exams.create(request))

    async def schedule(self, exam_id: str, account_id: str) -> Json:
        return _plain(await self._base.scheduling.schedule(exam_id, account_id))


class _RemoteOffice:
    """Through a running server's API."""

    def __init__(self, server: RemoteServer) -> None:
        self._server = server

    async def accounts(self) -> list[Json]:
        found: list[Json] = await self._server.get("/api/accounts")
        return found

    async def create_account(self, request: AccountRequest) -> Json:
        made: Json = await self._server.send("POST", "/api/accounts", _plain(request))
        return made

    async def exams(self) -> list[Json]:
        found: list[Json] = await self._server.get("/api/exams")
        return found

    async def create_exam(self, request: ExamRequest) -> Json:
        made: Json = await self._server.send("POST", "/api/exams", _plain(request))
        return made

    async def schedule(self, exam_id: str, account_id: str) -> Json:
        body = {"exam_id": exam_id, "candidate_account_id": account_id}
        made: Json = await self._server.send("POST", "/api/sittings", body)
        return made


@users.command("list")
def list_users(
    data: Data = None, url: Url = None, admin: LogInEmail = None, admin_password: LogInPassword = None,
    *, as_json: AsJson = False,
) -> None:  # fmt: skip
    """All accounts by name."""
    _show(
        _in_office(data, url, admin, admin_password, lambda office: office.accounts()),
        ("account_id", "email", "name", "role"),
        as_json=as_json,
    )


@users.command("create")
def create_user(  # noqa: PLR0913 - a command line
    email: Annotated[str, typer.Argument(help="E-mail to log in with.")],
    name: Annotated[str, typer.Option(help="Name of the person.")],
    role: Annotated[Role, typer.Option(help="What the person does.")],
    password: Password,
    *,
    data: Data = None,
    url: Url = None,
    admin: LogInEmail = None,
    admin_password: LogInPassword = None,
) -> None:
    """Make an account; prints it as JSON."""
    request = _checked(AccountRequest, {"email": email, "name": name, "role": role, "password": password})
    _show_one(_in_office(data, url, admin, admin_password, lambda office: office.create_account(request)))


@users.command("set-password")
def set_password(
    email: Annotated[str, typer.Argument(help="E-mail of the account.")], password: Password, data: Data = None
) -> None:
    """Replace a password and end the account's log-ins; on the data directory of a server that is not running."""

    async def work() -> bool:
        async with ground(data or default_data_dir()) as base:
            return await base.accounts.set_password(email.strip().lower(), password)

    if not _guarded(work()):
        _refuse(f"there is no account {email}", REFUSED)


@exams.command("list")
def list_exams(
    data: Data = None, url: Url = None, admin: LogInEmail = None, admin_password: LogInPassword = None,
    *, as_json: AsJson = False,
) -> None:  # fmt: skip
    """All exams, newest first."""
    _show(
        _in_office(data, url, admin, admin_password, lambda office: office.exams()),
        ("exam_id", "kind", "duration_minutes", "policy_name", "created_at"),
        as_json=as_json,
    )


@exams.command("create")
def create_exam(  # noqa: PLR0913 - a command line
    file: Annotated[Path, typer.Argument(help="Exam as JSON, in the form of the API's ExamRequest.")],
    *,
    policy: Annotated[Path | None, typer.Option(help="Policy in TOML, in place of policy_toml.")] = None,
    data: Data = None,
    url: Url = None,
    admin: LogInEmail = None,
    admin_password: LogInPassword = None,
) -> None:
    """Make an exam; prints it as JSON."""
    try:
        values = json.loads(file.read_text(encoding="utf-8"))
        if policy is not None:
            values["policy_toml"] = policy.read_text(encoding="utf-8")
    except (OSError, ValueError, TypeError) as error:
        _refuse(f"{file}: {error}", BAD_INPUT)
    request = _checked(ExamRequest, values)
    _show_one(_in_office(data, url, admin, admin_password, lambda office: office.create_exam(request)))


@exams.command("schedule")
def schedule(  # noqa: PLR0913 - a command line
    exam_id: Annotated[str, typer.Argument(help="The exam.")],
    account_id: Annotated[str, typer.Argument(help="The candidate's account.")],
    *,
    data: Data = None,
    url: Url = None,
    admin: LogInEmail = None,
    admin_password: LogInPassword = None,
) -> None:
    """Schedule a candidate for an exam; prints the sitting as JSON."""
    _show_one(_in_office(data, url, admin, admin_password, lambda office: office.schedule(exam_id, account_id)))


def _in_office(
    data: Path | None,
    url: str | None,
    admin: str | None,
    admin_password: str | None,
    work: Callable[[Office], Coroutine[Any, Any, Any]],
) -> Any:  # noqa: ANN401 - what the office says
    if url is not None and (admin is None or admin_password is None):
        _refuse("--url needs --admin and --admin-password (or PROCTOR_EMAIL and PROCTOR_PASSWORD)", BAD_INPUT)

    async def run() -> Any:  # noqa: ANN401 - what the office says
        async with _office(data, url, admin or "", admin_password or "") as office:
            return await work(office)

    return _guarded(run())


@asynccontextmanager
async def _office(data: Path | None, url: str | None, admin: str, admin_password: str) -> AsyncIterator[Office]:
    if url is None:
        async with ground(data or default_data_dir()) as base:
            yield _LocalOffice(base)
    else:
        async with RemoteServer(url) as server:
            await server.log_in(admin, admin_password)
            yield _RemoteOffice(server)


def _guarded(work: Coroutine[Any, Any, Any]) -> Any:  # noqa: ANN401 - what the work gives
    try:
        return asyncio.run(work)
    except ProblemError as error:
        _refuse(error.detail, REFUSED)
    except RefusedError as error:
        _refuse(str(error), REFUSED)
    except (ProctorError, UnreachableError) as error:
        _refuse(str(error), BAD_INPUT)


def _checked(shape: type[Any], values: object) -> Any:  # noqa: ANN401 - an instance of the shape
    try:
        return shape.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        _refuse(f"{'.'.join(str(part) for part in first['loc'])}: {first['msg']}", BAD_INPUT)


def _plain(shape: BaseModel) -> Json:
    return shape.model_dump(mode="json")


def _show(rows: list[Json], columns: tuple[str, ...], *, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(rows, ensure_ascii=False))
        return
    table = Table(*columns, box=None, pad_edge=False)
    for row in rows:
        table.add_row(*(str(row[column]) for column in columns))
    Console(highlight=False).print(table)


def _show_one(row: Json) -> None:
    typer.echo(json.dumps(row, ensure_ascii=False))


def _refuse(message: str, code: int) -> None:
    typer.echo(f"proctor: {message}", err=True)
    raise typer.Exit(code)
