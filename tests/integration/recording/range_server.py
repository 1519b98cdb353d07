"""Serves virtual files by HTTP ranges on loopback, with a page to play them in."""

from __future__ import annotations

import contextlib
import http.server
import re
import threading
from collections.abc import Iterator, Mapping

from proctor.recording.virtual import VirtualWebm

PAGE = b"<!doctype html><title>player</title><video preload=auto></video>"


@contextlib.contextmanager
def range_server(files: Mapping[str, VirtualWebm]) -> Iterator[str]:
    """Address of a server that has the page at `/` and each file at `/NAME`."""

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: object) -> None:
            pass

        def do_GET(self) -> None:
            file = files.get(self.path.removeprefix("/"))
            if file is None:
                self._head(200, "text/html", len(PAGE))
                self.wfile.write(PAGE)
                return
            found = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", "bytes=0-"))
            assert found is not None
            start = int(found[1])
            end = min(int(found[2] or file.size - 1) + 1, file.size)
            self._head(206, "video/webm", end - start, f"bytes {start}-{end - 1}/{file.size}")
            with contextlib.suppress(OSError):
                for chunk in file.chunks(start, end):
                    self.wfile.write(chunk)

        def _head(self, status: int, media_type: str, length: int, content_range: str | None = None) -> None:
            self.send_response(status)
            self.send_header("Content-Type", media_type)
            self.send_header("Content-Length", str(length))
            if content_range is not None:
                self.send_header("Accept-Ranges", "bytes")
                self.send_header("Content-Range", content_range)
            self.end_headers()

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
