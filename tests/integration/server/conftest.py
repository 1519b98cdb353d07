"""One server for the tests that can share it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.integration.server.serving import RunningServer, serving


@pytest_asyncio.fixture(loop_scope="session", scope="session")
async def shared_server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningServer]:
    web = tmp_path_factory.mktemp("web")
    (web / "assets").mkdir()
    (web / "index.html").write_text('<!doctype html><meta name="csp-nonce" content="__CSP_NONCE__"><title>x</title>')
    (web / "assets" / "main-1a2b.js").write_text("export {};\n" * 400)
    async with serving(tmp_path_factory.mktemp("data"), web) as running:
        yield running
