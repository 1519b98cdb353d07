"""Anyone can send datagrams to an open port; none of them may end or disturb a sitting."""

from __future__ import annotations

import asyncio
import os
import random
import socket
import struct

import pylibsrtp
import pytest
from rtc_rig import Publication, Relay, published, until

from proctor.domain.media import TrackKind
from server.rtc.leg import LegState
from server.rtc.pump_source import PumpSource

pytestmark = pytest.mark.live

CAMERA = TrackKind.CAMERA


def foreign_srtp() -> pylibsrtp.Session:
    policy = pylibsrtp.Policy(key=os.urandom(30), ssrc_type=pylibsrtp.Policy.SSRC_ANY_OUTBOUND)
    return pylibsrtp.Session(policy)


def noise(relay: Relay) -> list[bytes]:
    rng = random.Random(11)  # noqa: S311 - repeatable noise
    srtp = foreign_srtp()
    rtp = struct.pack("!BBHLL", 0x80, 96, 7, 7, 7) + b"x" * 50
    rtcp = struct.pack("!BBHLL", 0x81, 206, 2, 7, 7)
    stun = struct.pack("!HHL", 1, 8, 0x2112A442) + os.urandom(12)
    replayed = [seen for seen in relay.seen if seen and 127 < seen[0] < 192]
    assert len(replayed) > 20
    return [
        b"",
        *(bytes([first]) for first in range(256)),
        *(rng.randbytes(rng.randrange(1, 1_400)) for _ in range(400)),
        *(bytes([rng.randrange(128, 192)]) + rng.randbytes(rng.randrange(1, 1_400)) for _ in range(200)),
        *(bytes([rng.randrange(20, 64)]) + rng.randbytes(rng.randrange(1, 200)) for _ in range(100)),
        *(bytes([rng.randrange(4)]) + rng.randbytes(rng.randrange(1, 200)) for _ in range(100)),
        b"\x80" * 3_000,
        srtp.protect(rtp),
        srtp.protect_rtcp(rtcp),
        stun + struct.pack("!HHL", 0x0006, 4, 0x61626364) + struct.pack("!HHL", 0x0024, 4, 1),
        stun + b"\x00\x06\xff\xff\x00",
        struct.pack("!HHL", 0x0101, 0, 0x2112A442) + os.urandom(12),
        *replayed,
    ]


async def assert_undisturbed(publication: Publication) -> None:
    before = publication.figures(CAMERA)
    await until(lambda: publication.figures(CAMERA).frames > before.frames + 15)
    after = publication.figures(CAMERA)
    assert publication.leg.state is LegState.CONNECTED
    assert (after.gaps, after.lost) == (0, 0)
    assert publication.leg.snapshot().datagrams.failed == 0


@pytest.mark.parametrize("stranger", [False, True], ids=["from-the-candidates-address", "from-a-stranger"])
async def test_noise_is_counted_and_changes_nothing(source: PumpSource, relay: Relay, *, stranger: bool) -> None:
    async with published(source, relay=relay) as publication:
        publication.begin()
        await until(lambda: publication.figures(CAMERA).frames > 10)
        assert relay.server is not None
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as outside:
            for number, data in enumerate(noise(relay)):
                if stranger:
                    outside.sendto(data, relay.server)
                else:
                    relay.send_to_server(data)
                if number % 50 == 0:
                    await asyncio.sleep(0.01)
        await assert_undisturbed(publication)
        counts = publication.leg.snapshot().datagrams
        assert counts.unauthenticated > 200
        assert counts.junk > 200


async def test_noise_before_the_handshake_does_not_prevent_it(source: PumpSource, relay: Relay) -> None:
    publication = Publication(source, relay=relay)
    rng = random.Random(3)  # noqa: S311 - repeatable noise
    outside = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)

    async def disturb() -> None:
        while publication.leg.state is not LegState.CONNECTED:
            if relay.server is not None:
                for first in (0, 1, 25, 100, 130, 255):
                    outside.sendto(bytes([first]) + rng.randbytes(60), relay.server)
                outside.sendto(b"", relay.server)
            await asyncio.sleep(0.005)

    disturbing = asyncio.get_running_loop().create_task(disturb())
    try:
        await publication.start()
        await disturbing
        assert publication.leg.snapshot().datagrams.junk > 0
        await assert_undisturbed(publication)
    finally:
        disturbing.cancel()
        outside.close()
        await publication.close()
