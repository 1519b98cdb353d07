"""Errors as RFC 9457 problem details; `code` is stable and the web client translates by it."""

from __future__ import annotations

import http
from collections.abc import Mapping
from typing import Annotated, Final

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from proctor.domain.errors import BlobMissingError, StorageFullError

log = structlog.get_logger(__name__)

PROBLEM_JSON: Final = "application/problem+json"
_SHOWN_ERRORS: Final = 20


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
    413: ("too_large", "The request is larger than the server takes."),
    415: ("unsupported_media_type", "The body is not of a type that this address takes."),
}


async def _problem(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, ProblemError)  # noqa: S101 - registered for this type only
    return respond(error)


async def _http(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for this type only
    code, detail = _CODES.get(error.status_code, ("http_error", "The request was refused."))
    return respond(ProblemError(error.status_code, code, detail, headers=error.headers))


async def _validation(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - registered for this type only
    fields = [
        FieldProblem(field=".".join(str(part) for part in item["loc"]), message=item["msg"])
        for item in error.errors()[:_SHOWN_ERRORS]
    ]
    return respond(
        ProblemError(
            422,
            "invalid_request",
            "Some fields of the request are not as expected.",
            remedy="Correct the listed fields and send the request again.",
            fields=fields,
        )
    )


async def _storage_full(_: Request, error: Exception) -> JSONResponse:
    log.error("storage_full", error=str(error))
    return respond(
        ProblemError(
            507,
            "storage_full",
            "The server's disk is full, so this could not be kept.",
            remedy="Tell the administrator; what was recorded before is safe.",
        )
    )


async def _blob_missing(_: Request, __: Exception) -> JSONResponse:
    return respond(ProblemError(404, "not_found", "Nothing is stored under this address."))


async def _unexpected(request: Request, error: Exception) -> JSONResponse:
    log.error("request_failed", method=request.method, path=request.url.path, exc_info=error)
    return respond(
        ProblemError(
            500,
            "internal_error",
            "The server failed at this request; the failure is in its log.",
            remedy="Try again in a moment; if it happens again, tell the administrator.",
        )
    )


def install_problem_handlers(app: FastAPI) -> None:
    """Make every refusal and failure of `app` a problem document."""
    app.add_exception_handler(ProblemError, _problem)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _validation)
    app.add_exception_handler(StorageFullError, _storage_full)
    app.add_exception_handler(BlobMissingError, _blob_missing)
    app.add_exception_handler(Exception, _unexpected)
