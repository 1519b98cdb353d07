"""Errors as RFC 9457 problem details; `code` is stable and the web client translates by it."""

from __future__ import annotations

import http
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any, Final

import structlog
from fastapi import FastAPI, WebSocket
from fastapi.exceptions import RequestValidationError, WebSocketRequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from sqlalchemy.exc import DBAPIError, OperationalError
from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocketState

from proctor.domain.errors import (
    BlobMissingError,
    NotCanonicalError,
    StorageFullError,
    TimelineWriteError,
)
from server.storage.blobs import BlobWriteError

log = structlog.get_logger(__name__)

PROBLEM_JSON: Final = "application/problem+json"
_SHOWN_ERRORS: Final = 20
CLOSE_FAILED: Final = 1011


class FieldProblem(BaseModel):
    """One field of a request that is not as expected."""

    field: Annotated[str, Field(description="Dotted path of the field.")]
    message: str


class Problem(BaseModel):
    """Problem details (RFC 9457)."""

    type: Annotated[str, Field(description="Stable URI reference of this kind of problem.")]
    title: str
    status: int
    detail: str
    code: Annotated[str, Field(description="Stable identifier that a client translates by.")]
    remedy: Annotated[str | None, Field(description="What the person can do about it.")] = None
    fields: Annotated[list[FieldProblem] | None, Field(description="Fields that were not as expected.")] = None


class ProblemError(Exception):
    """A refusal that is told to the client as it is."""

    def __init__(  # noqa: PLR0913 - the members of a problem document
        self,
        status: int,
        code: str,
        detail: str,
        *,
        remedy: str | None = None,
        headers: Mapping[str, str] | None = None,
        fields: list[FieldProblem] | None = None,
    ) -> None:
        super().__init__(f"{code}: {detail}")
        self.status = status
        self.code = code
        self.detail = detail
        self.remedy = remedy
        self.headers = dict(headers or {})
        self.fields = fields


def document(error: ProblemError) -> Problem:
    """The body that tells of `error`."""
    return Problem(
        type=f"/problems/{error.code}",
        title=http.HTTPStatus(error.status).phrase,
        status=error.status,
        detail=error.detail,
        code=error.code,
        remedy=error.remedy,
        fields=error.fields,
    )


def respond(error: ProblemError) -> JSONResponse:
    """The response that tells of `error`."""
    return JSONResponse(
        document(error).model_dump(exclude_none=True),
        status_code=error.status,
        headers=error.headers,
        media_type=PROBLEM_JSON,
    )


_CODES: Final[Mapping[int, tuple[str, str]]] = {
    400: ("bad_request", "The request could not be read."),
    404: ("not_found", "There is nothing at this address."),
    405: ("method_not_allowed", "This address does not take that method."),
    406: ("not_acceptable", "The server cannot answer in the form that was asked for."),
    408: ("too_slow", "The request did not come in whole in time."),
    413: ("too_large", "The request is larger than the server takes."),
    415: ("unsupported_media_type", "The body is not of a type that this address takes."),
}


def _as_problem(error: Exception) -> ProblemError:
    """What a client is told of an error; what is nobody's fault but the server's is logged."""
    if isinstance(error, ProblemError):
        return error
    for kind, tell in _TELLING:
        if isinstance(error, kind):
            return tell(error)
    return _unexpected(error)


def _refused(error: HTTPException) -> ProblemError:
    code, detail = _CODES.get(error.status_code, ("http_error", "The request was refused."))
    return ProblemError(error.status_code, code, detail, headers=error.headers)


def _database(error: DBAPIError) -> ProblemError:
    if getattr(error.orig, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL:
        return _storage_full(error)
    return _storage_unavailable(error) if isinstance(error, OperationalError) else _unexpected(error)


def _invalid(errors: Sequence[Mapping[str, Any]]) -> ProblemError:
    fields = [
        FieldProblem(field=".".join(str(part) for part in item["loc"]), message=item["msg"])
        for item in errors[:_SHOWN_ERRORS]
    ]
    return ProblemError(
        422,
        "invalid_request",
        "Some fields of the request are not as expected.",
        remedy="Correct the listed fields and send the request again.",
        fields=fields,
    )


def _storage_full(error: Exception) -> ProblemError:
    log.error("storage_full", reason=str(error))
    return ProblemError(
        507,
        "storage_full",
        "The server's disk is full, so this could not be kept.",
        remedy="Tell the administrator; what was recorded before is safe.",
    )


def _storage_unavailable(error: Exception) -> ProblemError:
    log.error("storage_unavailable", reason=str(error))
    return ProblemError(
        503,
        "storage_unavailable",
        "The server's storage does not take anything at the moment.",
        remedy="Try again in a moment; if it happens again, tell the administrator.",
    )


def _unexpected(error: Exception) -> ProblemError:
    log.error("request_failed", exc_info=error)
    return ProblemError(
        500,
        "internal_error",
        "The server failed at this request; the failure is in its log.",
        remedy="Try again in a moment; if it happens again, tell the administrator.",
    )


async def _answer(connection: HTTPConnection, error: Exception) -> JSONResponse | None:
    response = respond(_as_problem(error))
    if not isinstance(connection, WebSocket):
        return response
    if connection.application_state is WebSocketState.CONNECTING:
        if "websocket.http.response" in connection.scope.get("extensions", {}):
            await connection.send_denial_response(response)
        else:
            await connection.close()
    elif connection.application_state is WebSocketState.CONNECTED:
        await connection.close(CLOSE_FAILED)
    return None


class UnexpectedFailures:
    """Answers what no handler knows.

    It stands inside of whatever else is around the application, so that such an answer has the headers of any other.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request; a failure after the answer has begun can only cut it off, and is raised on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        has_begun = False

        async def watched(message: Message) -> None:
            nonlocal has_begun
            has_begun = True
            await send(message)

        try:
            await self._app(scope, receive, watched)
        except Exception as error:
            if has_begun:
                raise
            await respond(_unexpected(error))(scope, receive, send)


def install_problem_handlers(app: FastAPI) -> None:
    """Make every refusal and failure of `app` a problem document; a socket is refused with one before it opens."""
    for kind in _TOLD:
        app.add_exception_handler(kind, _answer)  # type: ignore[arg-type]


_TELLING: Final[Sequence[tuple[type[Exception], Callable[[Any], ProblemError]]]] = (
    (HTTPException, _refused),
    (RequestValidationError, lambda error: _invalid(error.errors())),
    (WebSocketRequestValidationError, lambda error: _invalid(error.errors())),
    (NotCanonicalError, lambda error: _invalid([{"loc": ("body",), "msg": str(error)}])),
    (BlobMissingError, lambda _: ProblemError(404, "not_found", "Nothing is stored under this address.")),
    (StorageFullError, _storage_full),
    (TimelineWriteError, _storage_unavailable),
    (BlobWriteError, _storage_unavailable),
    (DBAPIError, _database),
)
_TOLD: Final = (ProblemError, *(kind for kind, _ in _TELLING), Exception)
