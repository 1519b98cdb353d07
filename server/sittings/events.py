"""Browser events: written once however often they are sent, acknowledged only when durable."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Final

import structlog

from proctor.domain.errors import ProctorError
from proctor.domain.media import ClientEvent
from proctor.domain.time import NS_PER_MS, MediaTime, to_ms
from proctor.domain.timeline import Entry, EntryKind, JsonValue
from proctor.ports.timeline_store import TimelineStore
from server.pace import Paces
from server.sittings.live import LiveSittings
from server.sittings.schemas import ReportedEvent

log = structlog.get_logger(__name__)

_PAGE: Final = 1000
_EVENTS_PER_S: Final = 5.0
_EVENTS_AT_ONCE: Final = 1000
"""A browser that was cut off for long has many to tell; nobody makes so many for long by hand."""


class EventBook:
    """Remembers the event ids of sittings that have a page open."""

    def __init__(self, timeline: TimelineStore, live: LiveSittings) -> None:
        self._timeline = timeline
        self._live = live
        self._known: dict[str, dict[str, asyncio.Future[Entry] | None]] = {}
        """By sitting and event id; None once the event is durable."""
        self._loading = asyncio.Lock()
        self._paces = Paces(_EVENTS_PER_S, _EVENTS_AT_ONCE)

    async def take(self, sitting_id: str, events: Sequence[ReportedEvent]) -> list[str]:
        """Write the events that are new; the ids of those that are durable now. Too many have to wait first."""
        await self._turn(sitting_id, len(events))
        known = await self._ids(sitting_id)
        for event in events:
            waiting = known.get(event.event_id)
            failed = waiting is not None and waiting.done() and waiting.exception() is not None
            if event.event_id not in known or failed:
                known[event.event_id] = self._write(sitting_id, event)
        waits = [future for event in events if (future := known[event.event_id]) is not None]
        if waits:
            await asyncio.wait(waits)
        durable = [event.event_id for event in events if _durable(known[event.event_id])]
        known.update(dict.fromkeys(durable))  # the entry itself is the timeline's to keep
        return durable

    async def _turn(self, sitting_id: str, events: int) -> None:
        while True:
            wait_s = self._paces.wait_s(sitting_id, events)
            if not wait_s:
                return
            await asyncio.sleep(wait_s)

    def forget(self, sitting_id: str) -> None:
        """Drop what is remembered; it is read from the timeline when it is needed again."""
        self._known.pop(sitting_id, None)

    def _write(self, sitting_id: str, event: ReportedEvent) -> asyncio.Future[Entry]:
        runs = self._live.runs(sitting_id)
        now = self._live.media_now(sitting_id)
        at = MediaTime(max(0, now - event.ms_ago * NS_PER_MS))
        payload: dict[str, JsonValue] = {
            "event_id": event.event_id,
            "kind": event.kind.value,
            "at_ms": to_ms(at) if runs else None,
            "detail": dict(event.detail),
        }
        try:
            future = self._timeline.append(sitting_id, EntryKind.CLIENT_EVENT, payload, at if runs else None)
        except ProctorError as error:
            future = asyncio.get_running_loop().create_future()
            future.set_exception(error)
            future.exception()
            return future
        self._live.client_event(sitting_id, ClientEvent(kind=event.kind, at=at, detail=dict(event.detail)))
        return future

    async def _ids(self, sitting_id: str) -> dict[str, asyncio.Future[Entry] | None]:
        async with self._loading:
            known = self._known.get(sitting_id)
            if known is not None:
                return known
            known = {}
            after = 0
            while page := await self._timeline.read(sitting_id, after, _PAGE, [EntryKind.CLIENT_EVENT]):
                known.update({str(entry.payload.get("event_id")): None for entry in page})
                after = page[-1].seq
            return self._known.setdefault(sitting_id, known)


def _durable(waiting: asyncio.Future[Entry] | None) -> bool:
    return waiting is None or (waiting.done() and not waiting.cancelled() and waiting.exception() is None)
