"""The control socket of the tab that a sitting is taken in."""

from __future__ import annotations

import asyncio
from typing import Final

from fastapi import WebSocket
from pydantic import TypeAdapter, ValidationError

from server.checks.book import CheckBook
from server.checks.schemas import CheckMessage
from server.problems import ProblemError
from server.sittings.events import EventBook
from server.sittings.live import LiveSittings
from server.sittings.pages import CLOSE_TAKEN_OVER, Closing, Page, SittingPages
from server.sittings.schemas import (
    AckMessage,
    ControlFromClient,
    EventsMessage,
    PingMessage,
    PongMessage,
    RecordingMessage,
    RefusedMessage,
    TakenOverMessage,
)
from server.sittings.service import SittingService
from server.sockets import next_text

_STATUS_EVERY_S: Final = 2.0
_LONGEST_MESSAGE: Final = 200_000
_SHOWN_ERRORS: Final = 300
_FROM_CLIENT: Final[TypeAdapter[EventsMessage | PingMessage]] = TypeAdapter(ControlFromClient)


class ControlSockets:
    """Serves control sockets: events in, acknowledgements, messages, states and the recording's state out."""

    def __init__(
        self, *, sittings: SittingService, pages: SittingPages, events: EventBook, live: LiveSittings, checks: CheckBook
    ) -> None:
        self._sittings = sittings
        self._pages = pages
        self._events = events
        self._live = live
        self._checks = checks

    async def serve(self, socket: WebSocket, sitting_id: str, client_id: str) -> None:
        """Serve a socket until either end closes it.

        Raises:
            ProblemError: before the socket opens: 409 another tab has the sitting.
        """
        await self._sittings.hold(sitting_id, client_id)
        await socket.accept()
        page = self._pages.open(sitting_id, client_id)
        tasks = [
            asyncio.create_task(_send(socket, page), name=f"control out {sitting_id}"),
            asyncio.create_task(self._tell_recording(page), name=f"recording state {sitting_id}"),
        ]
        try:
            await self._close_if_taken_over(page)
            check = await self._checks.open_view(sitting_id)
            if check is not None:  # it may have changed while no socket was open
                page.push(CheckMessage(check=check))
            while (text := await next_text(socket)) is not None:
                await self._take(page, text)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            if self._pages.close(page):
                self._events.forget(sitting_id)

    async def _close_if_taken_over(self, page: Page) -> None:
        """Another tab may have taken the sitting over before this page could be told."""
        try:
            await self._sittings.hold(page.sitting_id, page.client_id)
        except ProblemError:
            page.push(TakenOverMessage())
            page.push(Closing(CLOSE_TAKEN_OVER))

    async def _take(self, page: Page, text: str) -> None:
        if len(text) > _LONGEST_MESSAGE:
            page.push(RefusedMessage(code="too_large", detail="The message is longer than the server takes."))
            return
        try:
            message = _FROM_CLIENT.validate_json(text)
        except ValidationError as error:
            page.push(RefusedMessage(code="invalid_request", detail=str(error)[:_SHOWN_ERRORS]))
            return
        if isinstance(message, PingMessage):
            page.push(PongMessage())
            return
        durable = await self._events.take(page.sitting_id, message.events)
        if durable:
            page.push(AckMessage(event_ids=durable))

    async def _tell_recording(self, page: Page) -> None:
        while True:
            if self._live.runs(page.sitting_id):
                page.push(RecordingMessage(tracks=self._live.recording(page.sitting_id)))
            await asyncio.sleep(_STATUS_EVERY_S)


async def _send(socket: WebSocket, page: Page) -> None:
    while True:
        message = await page.outgoing.get()
        if isinstance(message, Closing):
            await socket.close(message.code)
            return
        await socket.send_text(message.model_dump_json())
