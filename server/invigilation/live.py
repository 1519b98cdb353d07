"""Pushes changes of sittings and incidents to the invigilators' pages, after they are durable."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence
from typing import Final

import structlog
from fastapi import WebSocket
from pydantic import BaseModel, ValidationError

from proctor.domain.timeline import Entry, EntryKind
from server.invigilation.projection import Projections
from server.invigilation.schemas import LiveIncident, LivePing, LivePong, LiveSitting
from server.invigilation.service import InvigilationService, LiveView
from server.sockets import next_text

log = structlog.get_logger(__name__)

_GATHER_S: Final = 0.05
"""Changes of so long a time go out together."""
_REFRESH_S: Final = 5.0
_TOUCH_EVERY_S: Final = 1.0
_LONGEST_QUEUE: Final = 2000
CLOSE_SLOW: Final = 1013
_QUIET: Final = frozenset(
    {
        EntryKind.OBSERVATION_SUMMARY,
        EntryKind.VIEWED,
        EntryKind.CLIENT_EVENT,
        EntryKind.SEGMENT_SEALED,
        EntryKind.ANSWER_SAVED,
        EntryKind.SIGNAL_OPENED,
        EntryKind.SIGNAL_CLOSED,
        EntryKind.ANALYSIS_DROPPED,
        EntryKind.ANALYSIS_THINNED,
    }
)
"""Entries that change nothing in a list."""


class LiveSockets:
    """All open live sockets. `hear` is to be subscribed to the timeline; `run` pushes until it is cancelled."""

    def __init__(self, invigilation: InvigilationService, projections: Projections, live: LiveView) -> None:
        self._invigilation = invigilation
        self._projections = projections
        self._live = live
        self._outs: set[asyncio.Queue[str | None]] = set()
        self._sittings: dict[str, None] = {}
        self._incidents: dict[tuple[str, str], None] = {}
        self._wake = asyncio.Event()
        self._touched_s: dict[str, float] = {}

    def hear(self, entries: Sequence[Entry]) -> None:
        """Note what a commit changed."""
        changed = self._projections.hear(entries)
        if not self._outs:
            return
        self._incidents.update(dict.fromkeys(changed))
        self._sittings.update({entry.sitting: None for entry in entries if entry.kind not in _QUIET})
        if self._incidents or self._sittings:
            self._wake.set()

    def touch(self, sitting_id: str) -> None:
        """Something that is not kept has moved in a sitting: push it, at most once a second."""
        now_s = asyncio.get_running_loop().time()
        if not self._outs or now_s - self._touched_s.get(sitting_id, -_TOUCH_EVERY_S) < _TOUCH_EVERY_S:
            return
        self._touched_s = {other: at for other, at in self._touched_s.items() if now_s - at < _TOUCH_EVERY_S}
        self._touched_s[sitting_id] = now_s
        self._sittings[sitting_id] = None
        self._wake.set()

    async def run(self) -> None:
        """Push changes as they come, and running sittings every few seconds."""
        loop = asyncio.get_running_loop()
        refresh_at = loop.time() + _REFRESH_S
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout_at(refresh_at):
                    await self._wake.wait()
            if loop.time() >= refresh_at:
                refresh_at = loop.time() + _REFRESH_S
                if self._outs:
                    self._sittings.update(dict.fromkeys(self._live.running()))
            self._wake.clear()
            try:
                await self._push()
            except Exception:
                log.exception("live_push_failed")
            await asyncio.sleep(_GATHER_S)

    async def serve(self, socket: WebSocket) -> None:
        """Serve one socket until either end closes it."""
        await socket.accept()
        out: asyncio.Queue[str | None] = asyncio.Queue(_LONGEST_QUEUE)
        self._outs.add(out)
        sender = asyncio.create_task(_send(socket, out), name="live out")
        try:
            while (text := await next_text(socket)) is not None:
                with contextlib.suppress(ValidationError):
                    LivePing.model_validate_json(text)
                    _put(out, LivePong().model_dump_json())
        finally:
            self._outs.discard(out)
            sender.cancel()
            await asyncio.gather(sender, return_exceptions=True)

    async def _push(self) -> None:
        incidents, self._incidents = self._incidents, {}
        sittings, self._sittings = self._sittings, {}
        for sitting_id, incident_id in incidents:
            incident = await self._invigilation.incident(sitting_id, incident_id)
            if incident is not None:
                self._tell(LiveIncident(incident=incident))
        for sitting_id in sittings:
            summary = await self._invigilation.summary(sitting_id)
            if summary is not None:
                self._tell(LiveSitting(sitting=summary))

    def _tell(self, message: BaseModel) -> None:
        text = message.model_dump_json()
        for out in self._outs:
            _put(out, text)


def _put(out: asyncio.Queue[str | None], text: str) -> None:
    try:
        out.put_nowait(text)
    except asyncio.QueueFull:
        while not out.empty():
            out.get_nowait()
        out.put_nowait(None)  # a page that does not read is closed; it comes back and asks anew


async def _send(socket: WebSocket, out: asyncio.Queue[str | None]) -> None:
    while True:
        text = await out.get()
        if text is None:
            await socket.close(CLOSE_SLOW)
            return
        await socket.send_text(text)
