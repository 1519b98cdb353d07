"""What stands around the whole application: bounded bodies, security headers, one log line a request."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import time
from collections.abc import Callable, Iterable
from typing import Final

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from server.problems import ProblemError, respond

log = structlog.get_logger(__name__)

LARGEST_BODY: Final = 1_000_000
LARGEST_PICTURE: Final = 8_000_000
_PICTURES: Final = ("/enrolment", "/document")
_LONGEST_DRAIN: Final = 64_000_000
BODY_WITHIN_S: Final = 60.0
"""A body that takes longer is given up; the largest takes 60 s at 1 Mbit/s."""
_HEADERS: Final = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "x-frame-options": "DENY",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": (
        "camera=(self), microphone=(self), display-capture=(self), fullscreen=*, window-management=(self),"
        " screen-wake-lock=(self), geolocation=(), payment=(), usb=(), serial=()"
    ),
}
_API_POLICY: Final = "default-src 'none'; frame-ancestors 'none'"


class BoundedBodies:
    """Answers 413 to a body that is announced too large, and cuts one that turns out to be, or drips."""

    def __init__(self, app: ASGIApp, within_s: float = BODY_WITHIN_S) -> None:
        self._app = app
        self._within_s = within_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        limit = LARGEST_PICTURE if scope["path"].endswith(_PICTURES) else LARGEST_BODY
        announced = Headers(scope=scope).get("content-length", "0")
        if not announced.isdecimal() or int(announced) > limit:
            await self._drain(receive)
            await respond(_too_large(limit))(scope, receive, send)
            return
        taken, whole = 0, False
        until_s = asyncio.get_running_loop().time() + self._within_s

        async def bounded() -> Message:
            nonlocal taken, whole
            if whole:  # what comes now is the client's leaving
                return await receive()
            try:
                async with asyncio.timeout_at(until_s):
                    message = await receive()
            except TimeoutError:
                raise HTTPException(408, headers={"Connection": "close"}) from None
            if message["type"] == "http.request":
                taken += len(message.get("body", b""))
                whole = not message.get("more_body", False)
                if taken > limit:
                    if not whole:
                        await self._drain(receive)
                    raise HTTPException(413, headers={"Connection": "close"})
            return message

        await self._app(scope, bounded, send)

    async def _drain(self, receive: Receive) -> None:
        """Read what a client sends before it listens; one that is cut off in the middle never sees the answer."""
        drained = 0
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._within_s):
                while drained < _LONGEST_DRAIN:
                    message = await receive()
                    drained += len(message.get("body", b""))
                    if not message.get("more_body", False):
                        return


class SecurityHeaders:
    """Adds the headers that keep pages to themselves; `origins` are those that an exam's page may be framed from."""

    def __init__(self, app: ASGIApp, origins: Callable[[], Iterable[str]]) -> None:
        self._app = app
        self._origins = origins

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        nonce = secrets.token_urlsafe(16)
        scope.setdefault("state", {})["csp_nonce"] = nonce
        api = scope["path"].startswith("/api/")

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers[name] = value
                headers["content-security-policy"] = _API_POLICY if api else page_policy(nonce, self._origins())
                if api and "cache-control" not in headers:
                    headers["cache-control"] = "no-store"
                if scope["scheme"] == "https":
                    headers["strict-transport-security"] = "max-age=31536000"
            await send(message)

        await self._app(scope, receive, with_headers)


class RequestLog:
    """One line a request: method, path, status, milliseconds; never a query, a body or an address."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http" or not scope["path"].startswith("/api/"):
            await self._app(scope, receive, send)
            return
        began, status = time.perf_counter(), 500

        async def watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, watched)
        finally:
            took_ms = round((time.perf_counter() - began) * 1000, 1)
            log.info("request", method=scope["method"], path=scope["path"], status=status, took_ms=took_ms)


def page_policy(nonce: str, origins: Iterable[str]) -> str:
    """The Content-Security-Policy of a page: nothing inline, no other host but framed exams."""
    frames = " ".join(sorted(origins)) or "'none'"
    return (
        "default-src 'none'; script-src 'self'; worker-src 'self' blob:; "
        f"style-src 'self' 'nonce-{nonce}'; img-src 'self' blob: data:; media-src 'self' blob:; font-src 'self'; "
        f"connect-src 'self'; manifest-src 'self'; frame-src {frames}; frame-ancestors 'none'; base-uri 'none'; "
        "form-action 'self'; object-src 'none'"
    )


def _too_large(limit: int) -> ProblemError:
    return ProblemError(413, "too_large", f"The request is larger than {limit} bytes.", headers={"Connection": "close"})
