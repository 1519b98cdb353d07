"""A candidate without a browser: real media over WebRTC, steps through the public API."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import httpx

from server.clock import SystemClock
from server.rtc.negotiation import OfferedTrack
from server.rtc.network import NetworkSettings
from server.rtc.pump import SimulatedCandidate
from server.rtc.pump_source import PumpSource, encode_media
from tests.integration.server.serving import Json, Person
from tests.media.files import write_clip
from tests.media.scenes import Shot, pictures
from tests.media.sounds import soundtrack

WITHOUT_IDENTITY = "[steps]\nidentity_photograph = false\nscreen = false\n"
TAB = "first-tab-of-tests"
OTHER_TAB = "second-tab-of-tests"


class Taking:
    """One sitting as one tab takes it."""

    def __init__(self, person: Person, sitting_id: str, tab: str = TAB) -> None:
        self.person = person
        self.path = f"/api/sittings/{sitting_id}"
        self.tab = tab
        self.leg = 0

    async def step(self, name: str, **body: object) -> Json:
        done: Json = await self.person.ask("POST", f"{self.path}/{name}", {"client_id": self.tab, **body})
        return done

    async def refused(self, name: str, **body: object) -> tuple[int, str]:
        response = await self.tried(name, **body)
        return response.status_code, response.json()["code"]

    async def tried(self, name: str, **body: object) -> httpx.Response:
        return await self.person.send("POST", f"{self.path}/{name}", {"client_id": self.tab, **body})

    async def consent(self, *, accepted: bool = True) -> Json:
        text = await self.person.ask("GET", "/api/consent")
        return await self.step("consent", version=text["version"], language="kk", accepted=accepted)

    @asynccontextmanager
    async def connected(self, source: PumpSource) -> AsyncIterator[SimulatedCandidate]:
        """Media flows to the server while this is open."""
        candidate = SimulatedCandidate(
            source, clock=SystemClock(), network=NetworkSettings(bind_addresses=("127.0.0.1",))
        )
        sending = None
        try:
            await candidate.connect(self._exchange)
            sending = asyncio.create_task(candidate.run())
            await self.arrived()
            yield candidate
        finally:
            await candidate.close()
            if sending is not None:
                await sending

    async def arrived(self) -> None:
        async with asyncio.timeout(10):
            while True:
                leg = await self.person.ask("GET", f"{self.path}/legs/{self.leg}")
                if all(track["frames"] for track in leg["tracks"]):
                    return
                await asyncio.sleep(0.05)

    async def check_equipment(self) -> Json:
        checks = ("browser", "network", "codec", "camera", "microphone")
        return await self.step("equipment", checks=[{"check": check, "ok": True} for check in checks])

    async def _exchange(self, offer_sdp: str, tracks: Sequence[OfferedTrack]) -> str:
        offered = [{"mid": track.mid, "track": track.track.value} for track in tracks]
        answer = await self.step("legs", offer_sdp=offer_sdp, tracks=offered)
        self.leg = answer["leg"]
        return str(answer["answer_sdp"])


def event(kind: str = "focus_lost", ms_ago: int = 0) -> Json:
    return {"event_id": str(uuid.uuid4()), "kind": kind, "ms_ago": ms_ago, "detail": {}}


def filmed(path: Path, *shots: Shot) -> PumpSource:
    """Camera and a quiet room's microphone."""
    seconds = sum(shot.seconds for shot in shots)
    write_clip(path, pictures(shots, 15), 15, soundtrack(seconds))
    return encode_media(path)
