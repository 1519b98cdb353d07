"""A crowd of simulated candidates: sittings are made, everyone goes through every step, figures are kept."""

from __future__ import annotations

import asyncio
import secrets
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import av
import cv2
import numpy as np

from proctor.domain.errors import MediaError
from proctor.domain.media import TrackKind
from server.cli.remote import Json, RefusedError, RemoteServer, UnreachableError
from server.cli.simulated import SimulatedSitting
from server.rtc.pump_source import PumpSource

_AT_ONCE: Final = 8
_TRIED_PICTURES: Final = 12
_PICTURE_EVERY_S: Final = 0.5
_JPEG_QUALITY: Final = 92


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be simulated."""

    url: str
    candidates: int
    seconds: float
    source: PumpSource
    media: Path | None
    """Where the identity photograph is taken from; None leaves that step out."""
    ramp_s: float
    admin: tuple[str, str] | None
    tell: Callable[[str], None] | None
    """Told how it goes."""


@dataclass(slots=True)
class _Totals:
    joined: int = 0
    finished: int = 0
    errors: Counter[str] = field(default_factory=Counter)
    ack_ms: list[float] = field(default_factory=list)
    join_ms: list[float] = field(default_factory=list)
    late_p95_ms: list[float] = field(default_factory=list)
    round_trip_ms: list[float] = field(default_factory=list)
    sums: Counter[str] = field(default_factory=Counter)


class Crowd:
    """Runs a plan once."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._totals = _Totals()
        self._photograph: bytes | None = None
        self._setting_up = asyncio.Semaphore(_AT_ONCE)

    async def run(self) -> dict[str, object]:
        """Simulate, and return the figures.

        Raises:
            RefusedError: the administrator may not do what is needed.
            UnreachableError: there is no server.
        """
        async with RemoteServer(self._plan.url) as office:
            await office.log_in(*await self._administrator(office))
            exam_id = await self._make_exam(office)
            await asyncio.gather(*(self._one(office, exam_id, number) for number in range(self._plan.candidates)))
            diagnostics = await office.get("/api/diagnostics")
        return self._report(diagnostics)

    async def _administrator(self, office: RemoteServer) -> tuple[str, str]:
        if self._plan.admin is not None:
            return self._plan.admin
        config: Json = await office.get("/api/config")
        accounts = (config.get("demo") or {}).get("accounts", [])
        for account in accounts:
            if account["role"] == "admin":
                return account["email"], account["password"]
        raise RefusedError(401, "not_logged_in", "--admin and --admin-password are needed for this server")

    async def _make_exam(self, office: RemoteServer) -> str:
        if self._plan.media is not None:
            exam_id = await self._exam(office, identity=True)
            await self._find_photograph(office, exam_id)
            if self._photograph is not None:
                return exam_id
        return await self._exam(office, identity=False)

    async def _exam(self, office: RemoteServer, *, identity: bool) -> str:
        tracks = {track.track for track in self._plan.source.tracks}
        steps = {
            "camera": TrackKind.CAMERA in tracks,
            "microphone": TrackKind.MICROPHONE in tracks,
            "screen": TrackKind.SCREEN in tracks,
            "identity_photograph": identity,
            "fullscreen": False,
        }
        policy = "[steps]\n" + "".join(f"{step} = {str(wanted).lower()}\n" for step, wanted in steps.items())
        title = f"Simulation {secrets.token_hex(2)}"
        exam = await office.send(
            "POST",
            "/api/exams",
            {
                "title": dict.fromkeys(("kk", "ru", "en"), title),
                "duration_minutes": max(1, round(self._plan.seconds / 60) + 10),
                "policy_toml": policy,
                "questions": [{"question_id": "q1", "text": dict.fromkeys(("kk", "ru", "en"), "…")}],
            },
        )
        return str(exam["exam_id"])

    async def _find_photograph(self, office: RemoteServer, exam_id: str) -> None:
        """Hand in pictures of the media until the server accepts one."""
        assert self._plan.media is not None  # noqa: S101 - asked for only with media
        async with RemoteServer(self._plan.url) as candidate:
            sitting = await self._sitting(office, candidate, exam_id, "photograph")
            await sitting.claim_and_consent()
            for jpeg in await asyncio.to_thread(lambda: list(_pictures(self._plan.media))):
                if await sitting.try_photograph(jpeg):
                    self._photograph = jpeg
                    return
        self._say("no picture of the media is accepted as an identity photograph; going on without that step")

    async def _one(self, office: RemoteServer, exam_id: str, number: int) -> None:
        await asyncio.sleep(number * self._plan.ramp_s)
        try:
            async with RemoteServer(self._plan.url) as candidate:
                async with self._setting_up:
                    sitting = await self._sitting(office, candidate, exam_id, str(number))
                await self._sit(sitting)
        except (RefusedError, UnreachableError, ConnectionError, OSError, TimeoutError) as error:
            code = error.code if isinstance(error, RefusedError) else type(error).__name__
            self._totals.errors[code] += 1
            self._say(f"candidate {number}: {error}")

    async def _sit(self, sitting: SimulatedSitting) -> None:
        totals = self._totals
        try:
            async with self._setting_up:
                totals.join_ms.append(await sitting.join(self._photograph))
            totals.joined += 1
            self._say(f"{totals.joined} of {self._plan.candidates} have started")
            await sitting.stay(self._plan.seconds)
            totals.sums.update(await sitting.reception())
            await sitting.finish()
            totals.finished += 1
        finally:
            stats = sitting.stats()
            totals.sums.update(packets=stats.packets, bytes=stats.bytes, asked=stats.asked, repeated=stats.repeated)
            totals.late_p95_ms.append(stats.late_p95_ms)
            totals.ack_ms += sitting.ack_ms
            if stats.round_trip_ms is not None:
                totals.round_trip_ms.append(stats.round_trip_ms)
            await sitting.close()

    async def _sitting(
        self, office: RemoteServer, candidate: RemoteServer, exam_id: str, name: str
    ) -> SimulatedSitting:
        email = f"simulated-{secrets.token_hex(6)}@simulation.invalid"
        password = secrets.token_urlsafe(12)
        account = await office.send(
            "POST",
            "/api/accounts",
            {"email": email, "name": f"Simulated {name}", "role": "candidate", "password": password},
        )
        scheduled = await office.send(
            "POST", "/api/sittings", {"exam_id": exam_id, "candidate_account_id": account["account_id"]}
        )
        await candidate.log_in(email, password)
        return SimulatedSitting(self._plan.url, candidate, scheduled["sitting_id"], self._plan.source)

    def _report(self, diagnostics: Json) -> dict[str, object]:
        totals, sums = self._totals, self._totals.sums
        sent = sums["packets"]
        return {
            "candidates": self._plan.candidates,
            "joined": totals.joined,
            "finished": totals.finished,
            "identity": self._photograph is not None,
            "packets": sent,
            "bytes": sums["bytes"],
            "repeated": sums["repeated"],
            "received": sums["received"],
            "recovered": sums["recovered"],
            "lost": sums["lost"],
            "loss": sums["lost"] / sent if sent else 0.0,
            "join_ms_p95": percentile(totals.join_ms, 95),
            "ack_ms_p50": percentile(totals.ack_ms, 50),
            "ack_ms_p95": percentile(totals.ack_ms, 95),
            "round_trip_ms_p50": percentile(totals.round_trip_ms, 50),
            "late_ms_p95": percentile(totals.late_p95_ms, 95),
            "analysis_lag_ms_p50": diagnostics["analysis_lag_p50_ms"],
            "analysis_lag_ms_p95": diagnostics["analysis_lag_p95_ms"],
            "pictures_dropped": diagnostics["pictures_dropped"],
            "sound_dropped": diagnostics["sound_dropped"],
            "errors": dict(totals.errors),
        }

    def _say(self, text: str) -> None:
        if self._plan.tell is not None:
            self._plan.tell(text)


def percentile(values: list[float], share: int) -> float | None:
    """The value below which `share` percent of the values lie; None of nothing."""
    return round(float(np.percentile(values, share)), 1) if values else None


def _pictures(path: Path | None) -> Iterator[bytes]:
    """JPEGs of the media, two a second, of its first seconds."""
    try:
        with av.open(str(path)) as container:
            if not container.streams.video:
                return
            next_s, taken = 0.0, 0
            for frame in container.decode(video=0):
                at_s = float(frame.time or 0.0)
                if at_s < next_s:
                    continue
                next_s, taken = at_s + _PICTURE_EVERY_S, taken + 1
                yield _jpeg(frame.to_ndarray(format="bgr24"))
                if taken == _TRIED_PICTURES:
                    return
    except (av.FFmpegError, OSError) as error:
        raise MediaError(f"{path}: {error}") from error


def _jpeg(bgr: Any) -> bytes:  # noqa: ANN401 - an array of whatever PyAV gives
    done, data = cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY])
    if not done:
        raise MediaError("a picture could not be written as JPEG")
    return bytes(data)
