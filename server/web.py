"""The web client's files: pages without caching, hashed assets for ever, compressed where it pays."""

from __future__ import annotations

import asyncio
import gzip
import mimetypes
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import Receive, Scope, Send

NONCE_PLACE: Final = b"__CSP_NONCE__"
_COMPRESSED_TYPES: Final = (
    "text/",
    "application/javascript",
    "application/json",
    "image/svg+xml",
    "application/manifest",
)
_SMALLEST_COMPRESSED: Final = 1024
_NOT_BUILT: Final = "The web client has not been built. Run: python3 run.py\n"

mimetypes.add_type("text/javascript", ".js")
mimetypes.add_type("font/woff2", ".woff2")
mimetypes.add_type("application/manifest+json", ".webmanifest")


@dataclass(frozen=True, slots=True)
class _File:
    content: bytes
    compressed: bytes | None
    media_type: str


class WebClient:
    """The application behind every address that the API does not have."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory.resolve()
        self._files: dict[str, _File | None] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a file, or the one page for every page's address.

        Raises:
            HTTPException: 404 under /api and for files that do not exist, 405 for anything but GET and HEAD.
        """
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1000})
            return
        request = Request(scope, receive)
        path = request.url.path
        if path == "/api" or path.startswith("/api/"):
            raise HTTPException(404)
        if request.method not in {"GET", "HEAD"}:
            raise HTTPException(405, headers={"Allow": "GET, HEAD"})
        response = await self._respond(request, path.lstrip("/"))
        await response(scope, receive, send)

    async def _respond(self, request: Request, name: str) -> Response:
        file = await self._file(name) if name and name != "index.html" else None
        if file is not None:
            return _file_response(request, file, immutable=name.startswith("assets/"))
        if "." in name.rsplit("/", 1)[-1] and name != "index.html":
            raise HTTPException(404)
        index = await self._file("index.html")
        if index is None:
            return PlainTextResponse(_NOT_BUILT, status_code=503, headers={"Cache-Control": "no-store"})
        page = index.content.replace(NONCE_PLACE, request.state.csp_nonce.encode())
        return Response(page, media_type="text/html", headers={"Cache-Control": "no-store"})

    async def _file(self, name: str) -> _File | None:
        if name not in self._files:
            found = await asyncio.to_thread(self._read, name)
            if found is None:
                return None  # not remembered: anybody can ask for any number of names
            self._files[name] = found
        return self._files[name]

    def _read(self, name: str) -> _File | None:
        try:
            path = (self._directory / name).resolve()
            if not path.is_relative_to(self._directory) or not path.is_file():
                return None
            content = path.read_bytes()
        except (OSError, ValueError):  # no file can have such a name
            return None
        media_type = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
        compressed = None
        if len(content) >= _SMALLEST_COMPRESSED and media_type.startswith(_COMPRESSED_TYPES):
            compressed = gzip.compress(content, mtime=0)
        return _File(content, compressed, media_type)


def _file_response(request: Request, file: _File, *, immutable: bool) -> Response:
    headers = {
        "Cache-Control": "public, max-age=31536000, immutable" if immutable else "public, max-age=300",
        "Vary": "Accept-Encoding",
    }
    if file.compressed is not None and "gzip" in request.headers.get("accept-encoding", ""):
        headers["Content-Encoding"] = "gzip"
        return Response(file.compressed, media_type=file.media_type, headers=headers)
    return Response(file.content, media_type=file.media_type, headers=headers)
