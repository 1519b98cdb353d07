"""A running server through its own HTTP API, for commands."""

from __future__ import annotations

from types import TracebackType
from typing import Any, Final, Self

import httpx

_TIMEOUT_S: Final = 60.0
Json = dict[str, Any]


class RefusedError(Exception):
    """The server refused; `code` is the problem's, the message is its detail."""

    def __init__(self, status: int, code: str, detail: str) -> None:
        super().__init__(f"{code}: {detail}")
        self.status = status
        self.code = code


class UnreachableError(Exception):
    """There is no proctor server at the address."""


class RemoteServer:
    """One person's log-in at a server. Use as an async context manager.

    Args:
        url: the server's address.
        connections: how many requests may run at once.
    """

    def __init__(self, url: str, *, connections: int = 4) -> None:
        self._client = httpx.AsyncClient(
            base_url=url.rstrip("/"),
            headers={"X-Proctor": "1"},
            timeout=_TIMEOUT_S,
            limits=httpx.Limits(max_connections=connections),
            trust_env=False,
        )

    async def __aenter__(self) -> Self:
        """Nothing is opened before the first request."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the connections."""
        await self._client.aclose()

    @property
    def cookie(self) -> str:
        """The Cookie header of the log-in, for sockets."""
        return "; ".join(f"{name}={value}" for name, value in self._client.cookies.items())

    async def log_in(self, email: str, password: str) -> Json:
        """Log in; requests after it are this person's.

        Raises:
            RefusedError: e-mail or password are not right.
        """
        me: Json = await self.send("POST", "/api/login", {"email": email, "password": password})
        return me

    async def get(self, path: str) -> Any:  # noqa: ANN401 - what the API says
        """Read.

        Raises:
            RefusedError: the server refused.
            UnreachableError: there is no such server.
        """
        return await self.send("GET", path)

    async def send(self, method: str, path: str, body: Json | None = None) -> Any:  # noqa: ANN401 - what the API says
        """Send a request with a JSON body.

        Raises:
            RefusedError: the server refused.
            UnreachableError: there is no such server.
        """
        try:
            response = await self._client.request(method, path, json=body)
        except httpx.HTTPError as error:
            raise UnreachableError(f"{self._client.base_url}: {error or type(error).__name__}") from error
        return _answer(response)

    async def send_picture(self, path: str, jpeg: bytes) -> Any:  # noqa: ANN401 - what the API says
        """Send a JPEG.

        Raises:
            RefusedError: the server refused.
            UnreachableError: there is no such server.
        """
        try:
            response = await self._client.post(path, content=jpeg, headers={"Content-Type": "image/jpeg"})
        except httpx.HTTPError as error:
            raise UnreachableError(f"{self._client.base_url}: {error or type(error).__name__}") from error
        return _answer(response)


def _answer(response: httpx.Response) -> Any:  # noqa: ANN401 - what the API says
    try:
        body = response.json() if response.content else None
    except ValueError:
        raise UnreachableError(f"{response.url}: this is not a proctor server") from None
    if response.is_success:
        return body
    problem = body if isinstance(body, dict) else {}
    raise RefusedError(response.status_code, str(problem.get("code", "unknown")), str(problem.get("detail", "")))
