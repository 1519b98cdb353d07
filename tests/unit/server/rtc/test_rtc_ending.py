"""A connection that is closed while it is being answered leaves nothing behind."""

from __future__ import annotations

import asyncio

import pytest

from server.clock import SystemClock
from server.rtc.leg import Leg
from server.rtc.negotiation import BadSdpError
from server.rtc.network import NetworkSettings
from tests.unit.server.rtc.test_rtc_negotiation import PUBLISHED, TRACKS


@pytest.mark.parametrize("steps", range(12))
async def test_a_leg_that_is_closed_while_it_is_answered_does_not_tick_on(steps: int) -> None:
    ended: list[Leg] = []
    network = NetworkSettings(bind_addresses=("127.0.0.1",))
    leg = Leg(1, clock=SystemClock(), network=network, on_closed=ended.append)
    answering = asyncio.create_task(leg.answer(PUBLISHED, TRACKS))
    for _ in range(steps):
        await asyncio.sleep(0)
    await leg.close()

    with pytest.raises(BadSdpError):
        await answering
    assert ended == [leg]
    assert leg._timer is None
