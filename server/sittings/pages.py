"""Pages that candidates have open, and what is pushed to them."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from pydantic import BaseModel

from proctor.domain.timeline import Entry, EntryKind
from server.checks.schemas import OpenedMessage
from server.sittings.claims import ClaimBook
from server.sittings.schemas import PhoneMessage, StateMessage, TakenOverMessage, TextMessage
from server.sittings.states import SittingState
from server.sittings.views import message_view

CLOSE_FINISHED: Final = 4000
CLOSE_TAKEN_OVER: Final = 4001
CLOSE_SLOW: Final = 1013
_LONGEST_QUEUE: Final = 256


@dataclass(frozen=True, slots=True)
class Closing:
    """The socket is to be closed with this code."""

    code: int


@dataclass(slots=True, eq=False)
class Page:
    """One control socket's way out."""

    sitting_id: str
    client_id: str
    outgoing: asyncio.Queue[BaseModel | Closing] = field(default_factory=lambda: asyncio.Queue(_LONGEST_QUEUE))

    def push(self, message: BaseModel | Closing) -> None:
        """Queue a message; a page that does not read is closed, it comes back and asks anew."""
        try:
            self.outgoing.put_nowait(message)
        except asyncio.QueueFull:
            while not self.outgoing.empty():
                self.outgoing.get_nowait()
            self.outgoing.put_nowait(Closing(CLOSE_SLOW))


class SittingPages:
    """All open pages by sitting. `hear` is to be subscribed to the timeline, so that only durable news are told."""

    def __init__(self, claims: ClaimBook) -> None:
        self._claims = claims
        self._pages: dict[str, set[Page]] = {}

    def open(self, sitting_id: str, client_id: str) -> Page:
        """A page's control socket has opened."""
        page = Page(sitting_id, client_id)
        self._pages.setdefault(sitting_id, set()).add(page)
        self._claims.connected(sitting_id, client_id)
        return page

    def close(self, page: Page) -> bool:
        """A page's control socket has closed; True when the sitting has no other page open."""
        pages = self._pages.get(page.sitting_id, set())
        pages.discard(page)
        self._claims.disconnected(page.sitting_id, page.client_id)
        if not pages:
            self._pages.pop(page.sitting_id, None)
        return not pages

    def push(self, sitting_id: str, message: BaseModel) -> None:
        """Send a message to the sitting's pages."""
        for page in tuple(self._pages.get(sitting_id, ())):
            page.push(message)

    def hear(self, entries: Sequence[Entry]) -> None:
        """Push what concerns a candidate's page."""
        for entry in entries:
            for page in tuple(self._pages.get(entry.sitting, ())):
                _tell(page, entry)


def _tell(page: Page, entry: Entry) -> None:
    match entry.kind:
        case EntryKind.MESSAGE_SENT:
            page.push(TextMessage.model_validate(message_view(entry).model_dump()))
        case EntryKind.SITTING_STARTED:
            page.push(StateMessage(state=SittingState.RUNNING))
        case EntryKind.SITTING_FINISHED:
            page.push(StateMessage(state=SittingState.FINISHED))
            page.push(Closing(CLOSE_FINISHED))
        case EntryKind.QUESTIONS_OPENED:
            page.push(OpenedMessage(opened_at=datetime.fromisoformat(entry.utc)))
        case EntryKind.PHONE_JOINED | EntryKind.PHONE_LEFT:
            page.push(PhoneMessage(joined=entry.kind == EntryKind.PHONE_JOINED))
        case EntryKind.SITTING_TAKEN_OVER if entry.payload.get("client_id") != page.client_id:
            page.push(TakenOverMessage())
            page.push(Closing(CLOSE_TAKEN_OVER))
