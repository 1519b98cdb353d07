"""Sockets live no longer than the log-in that opened them, and an account has a bounded number of them."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus

from server.accounts.access import CLOSE_LOGGED_OUT, MOST_SOCKETS
from tests.integration.server.serving import RunningServer, log_in

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.live]
TAB = "tab-of-somebody"


async def test_logging_out_closes_the_live_socket(shared_server: RunningServer) -> None:
    person = await log_in(shared_server, "invigilator@test.local")
    async with person.socket("/api/live") as live:
        await person.send("POST", "/api/logout")

        with pytest.raises(ConnectionClosed) as closed:
            await asyncio.wait_for(live.recv(), 5)
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == CLOSE_LOGGED_OUT
    await person.client.aclose()


async def test_logging_in_anew_closes_the_control_socket_of_the_former_log_in(shared_server: RunningServer) -> None:
    sitting_id = await shared_server.schedule("other")
    person = await log_in(shared_server, "other@test.local")
    async with person.socket(f"/api/sittings/{sitting_id}/control?client_id={TAB}") as control:
        body = {"email": "invigilator@test.local", "password": "a password of tests"}
        assert (await person.send("POST", "/api/login", body)).status_code == 200

        with pytest.raises(ConnectionClosed) as closed:
            await asyncio.wait_for(control.recv(), 5)
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == CLOSE_LOGGED_OUT
    await person.client.aclose()


async def test_an_account_has_a_bounded_number_of_sockets(shared_server: RunningServer) -> None:
    person = await log_in(shared_server, "admin@test.local")
    async with AsyncExitStack() as open_sockets:
        for _ in range(MOST_SOCKETS):
            await open_sockets.enter_async_context(person.socket("/api/live"))

        with pytest.raises(InvalidStatus) as refused:
            await person.socket("/api/live")
    assert refused.value.response.status_code == 409
    await none_left(shared_server, person.account_id)
    await person.client.aclose()


async def none_left(running: RunningServer, account_id: str) -> None:
    async with asyncio.timeout(5):
        while True:
            if not running.app.state.presence.sockets(account_id):
                return
            await asyncio.sleep(0.02)
