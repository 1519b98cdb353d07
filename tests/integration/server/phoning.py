"""A telephone without a browser: it joins a sitting by the public API and sends real media."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import httpx

from proctor.domain.media import TrackKind
from server.clock import SystemClock
from server.rtc.negotiation import OfferedTrack
from server.rtc.network import NetworkSettings
from server.rtc.pump import SimulatedCandidate
from server.rtc.pump_source import PumpSource
from tests.integration.server.serving import Json
from tests.integration.server.taking import filmed
from tests.media.scenes import Scene, Shot


class Telephone:
    """One telephone, which nobody is logged in at."""

    def __init__(self, url: str, secret: str | None = None, key: str | None = None) -> None:
        self.secret = secret
        self.key = key
        self.leg = 0
        self.client = httpx.AsyncClient(base_url=url, headers={"X-Proctor": "1"}, trust_env=False, timeout=30)

    @property
    def shown(self) -> dict[str, str | None]:
        return {"phone_key": self.key} if self.key is not None else {"secret": self.secret}

    async def post(self, name: str, **body: object) -> httpx.Response:
        return await self.client.post(f"/api/phone/{name}", json={**self.shown, **body})

    async def status(self) -> httpx.Response:
        return await self.client.get("/api/phone/check", headers={"X-Phone-Key": self.key or "k" * 43})

    @asynccontextmanager
    async def sending(self, source: PumpSource) -> AsyncIterator[SimulatedCandidate]:
        """The telephone's picture flows to the server while this is open; leaving it is a lost connection."""
        peer = SimulatedCandidate(source, clock=SystemClock(), network=NetworkSettings(bind_addresses=("127.0.0.1",)))
        sent = None
        try:
            await peer.connect(self._exchange)
            sent = asyncio.create_task(peer.run())
            yield peer
        finally:
            await peer.close()
            if sent is not None:
                await sent

    async def _exchange(self, offer_sdp: str, tracks: Sequence[OfferedTrack]) -> str:
        response = await self.post("legs", offer_sdp=offer_sdp, mid=tracks[0].mid)
        assert response.status_code == 201, response.text
        answer: Json = response.json()
        self.leg, self.key = answer["leg"], answer["phone_key"]
        return str(answer["answer_sdp"])


def secret_of(invitation: Json) -> str:
    return str(invitation["url"]).split("#")[1]


def phone_film(path: Path) -> PumpSource:
    """What a telephone sends: pictures without sound."""
    source = filmed(path, Shot(Scene.EMPTY, 3))
    camera = next(track for track in source.tracks if track.track is TrackKind.CAMERA)
    return replace(source, tracks=(replace(camera, track=TrackKind.PHONE),))
