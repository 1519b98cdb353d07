"""One simulated candidate, step by step through the public API, with a control socket like the page's."""

from __future__ import annotations

import asyncio
import contextlib
import json
import secrets
import time
import uuid
from collections.abc import Sequence
from typing import Final

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

from server.cli.remote import Json, RefusedError, RemoteServer
from server.clock import SystemClock
from server.rtc.negotiation import OfferedTrack
from server.rtc.network import NetworkSettings
from server.rtc.pump import PumpStats, SimulatedCandidate
from server.rtc.pump_source import PumpSource

_EVENT_EVERY_S: Final = 5.0
_ARRIVAL_TIMEOUT_S: Final = 20.0
_POLL_S: Final = 0.25
_CHECKS: Final = ("browser", "network", "codec")


class SimulatedSitting:
    """A sitting that is taken without a browser.

    Args:
        url: the server's address.
        server: logged in as the candidate.
        sitting_id: the candidate's sitting.
        source: what is sent as camera, microphone and screen.
    """

    def __init__(self, url: str, server: RemoteServer, sitting_id: str, source: PumpSource) -> None:
        self.ack_ms: list[float] = []
        self._socket_url = url.rstrip("/").replace("http", "ws", 1)
        self._server = server
        self._sitting_id = sitting_id
        self._source = source
        self._client_id = secrets.token_hex(8)
        self._candidate = SimulatedCandidate(
            source, clock=SystemClock(), network=NetworkSettings(include_loopback=True)
        )
        self._sending: asyncio.Task[None] | None = None
        self._leg = 0

    async def claim_and_consent(self) -> None:
        """The first two steps.

        Raises:
            RefusedError: the server refused one.
        """
        await self._step("claim", {"take_over": True})
        consent: Json = await self._server.get("/api/consent")
        await self._step("consent", {"version": consent["version"], "language": "en", "accepted": True})

    async def try_photograph(self, jpeg: bytes) -> bool:
        """Hand in an identity photograph; False when it is not usable.

        Raises:
            RefusedError: refused for another reason than the picture.
        """
        try:
            await self._server.send_picture(f"{self._path}/enrolment?client_id={self._client_id}", jpeg)
        except RefusedError as error:
            if error.status == 422:  # noqa: PLR2004 - the status of every refused photograph
                return False
            raise
        return True

    async def join(self, photograph: bytes | None) -> float:
        """Go through every step up to the start; how long that took, in ms.

        Raises:
            RefusedError: the server refused a step.
            ConnectionError: the media connection did not come about.
        """
        began = time.monotonic()
        await self.claim_and_consent()
        await self._candidate.connect(self._exchange)
        self._sending = asyncio.create_task(self._candidate.run(), name=f"sending {self._sitting_id}")
        await self._wait_for_media()
        tracks = [track.track.value for track in self._source.tracks]
        checks = [{"check": check, "ok": True, "detail": {}} for check in (*_CHECKS, *tracks)]
        await self._step("equipment", {"checks": checks})
        if photograph is not None and not await self.try_photograph(photograph):
            raise RefusedError(422, "bad_image", "the photograph was accepted once and then refused")
        await self._step("start", {})
        return (time.monotonic() - began) * 1000

    async def stay(self, seconds: float) -> None:
        """Sit for so long, with the control socket open and a harmless event every few seconds."""
        until = time.monotonic() + seconds
        address = f"{self._socket_url}{self._path}/control?client_id={self._client_id}"
        headers = {"Cookie": self._server.cookie}
        try:
            async with connect(address, additional_headers=headers, proxy=None) as socket:
                while (left := until - time.monotonic()) > 0:
                    await self._report_event(socket)
                    await asyncio.sleep(min(left, _EVENT_EVERY_S))
        except WebSocketException as error:
            raise ConnectionError(f"the control socket ended: {error}") from error

    async def reception(self) -> dict[str, int]:
        """What the server has received on this connection: packets, recovered, lost."""
        leg: Json = await self._server.get(f"{self._path}/legs/{self._leg}")
        tracks = leg["tracks"]
        return {
            "received": sum(track["packets"] for track in tracks),
            "recovered": sum(track["recovered"] for track in tracks),
            "lost": sum(track["lost"] for track in tracks),
        }

    async def finish(self) -> None:
        """Finish the sitting."""
        await self._step("finish", {})

    def stats(self) -> PumpStats:
        """What was sent."""
        return self._candidate.stats()

    async def close(self) -> None:
        """End the media connection."""
        await self._candidate.close()
        if self._sending is not None:
            self._sending.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._sending

    @property
    def _path(self) -> str:
        return f"/api/sittings/{self._sitting_id}"

    async def _step(self, name: str, body: Json) -> None:
        await self._server.send("POST", f"{self._path}/{name}", {"client_id": self._client_id, **body})

    async def _exchange(self, offer_sdp: str, tracks: Sequence[OfferedTrack]) -> str:
        body = {
            "client_id": self._client_id,
            "offer_sdp": offer_sdp,
            "tracks": [{"mid": track.mid, "track": track.track.value} for track in tracks],
        }
        answer: Json = await self._server.send("POST", f"{self._path}/legs", body)
        self._leg = answer["leg"]
        return str(answer["answer_sdp"])

    async def _wait_for_media(self) -> None:
        until = time.monotonic() + _ARRIVAL_TIMEOUT_S
        while time.monotonic() < until:
            leg: Json = await self._server.get(f"{self._path}/legs/{self._leg}")
            if all(track["frames"] for track in leg["tracks"]):
                return
            await asyncio.sleep(_POLL_S)
        raise ConnectionError("media does not arrive at the server")

    async def _report_event(self, socket: ClientConnection) -> None:
        event = {"event_id": str(uuid.uuid4()), "kind": "devices_changed", "ms_ago": 0, "detail": {}}
        sent = time.monotonic()
        await socket.send(json.dumps({"type": "events", "events": [event]}))
        async with asyncio.timeout(_ARRIVAL_TIMEOUT_S):
            while True:
                message: Json = json.loads(await socket.recv())
                if message["type"] == "ack" and event["event_id"] in message["event_ids"]:
                    self.ack_ms.append((time.monotonic() - sent) * 1000)
                    return
