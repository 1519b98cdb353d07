"""Guided checks over a real database, with held clocks and a judge that does what the test says."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import BaseModel

from proctor.domain.guided import GuidedOutcome, GuidedSpec
from proctor.domain.media import TrackKind
from proctor.domain.time import MediaTime
from proctor.domain.timeline import Entry
from server.checks.book import CHECK_KINDS, CheckBook
from server.checks.checking import Checking
from server.db.engine import Database
from server.db.migrate import migrate
from server.perception.attendance import CheckPendingError
from server.perception.questions import PerceptionUnavailableError
from server.steps import Steps
from server.storage.blobs import sha256_of
from server.timeline.store import SqlTimelineStore
from tests.fakes.clock import HeldClock

SITTING = "sitting"
REQUIRED_DEG = 300.0


@dataclass
class Judges:
    """Remembers what it was told."""

    begun: list[GuidedSpec] = field(default_factory=list)
    ended: list[tuple[str, GuidedOutcome | None]] = field(default_factory=list)
    is_there: bool = True
    is_busy: bool = False
    """With a check whose end has not been told."""
    meanwhile: Callable[[], Awaitable[object]] | None = None
    """What happens while a check waits for its turn."""

    def begin_check(self, sitting_id: str, spec: GuidedSpec) -> None:
        assert sitting_id == SITTING
        if not self.is_there:
            raise PerceptionUnavailableError("no worker")
        if self.is_busy:
            raise CheckPendingError("another check")
        self.begun.append(spec)

    async def free_for_check(self, sitting_id: str) -> None:
        assert sitting_id == SITTING
        if self.meanwhile is not None:
            await self.meanwhile()

    def end_check(self, sitting_id: str, check_id: str, at: MediaTime, outcome: GuidedOutcome | None = None) -> None:
        assert sitting_id == SITTING
        assert at >= 0
        self.ended.append((check_id, outcome))


@dataclass
class Media:
    """One sitting that runs, by the held clock."""

    clock: HeldClock
    arriving: dict[TrackKind, bool] = field(default_factory=lambda: {TrackKind.CAMERA: True})
    is_running: bool = True

    def runs(self, sitting_id: str) -> bool:
        return sitting_id == SITTING and self.is_running

    def running(self) -> list[str]:
        return [SITTING] if self.is_running else []

    def media_now(self, sitting_id: str) -> MediaTime:
        assert sitting_id == SITTING
        return MediaTime(self.clock.monotonic_ns())

    def receiving(self, sitting_id: str) -> Mapping[TrackKind, bool]:
        assert sitting_id == SITTING
        return self.arriving


@dataclass
class Guided:
    """All parts of a test."""

    database: Database
    timeline: SqlTimelineStore
    clock: HeldClock
    book: CheckBook
    checking: Checking
    judges: Judges
    media: Media
    steps: Steps
    pushed: list[BaseModel]
    pictures: list[bytes]

    async def entries(self) -> list[Entry]:
        return await self.timeline.read(SITTING, kinds=CHECK_KINDS)


@asynccontextmanager
async def guided(folder: Path) -> AsyncIterator[Guided]:
    """Everything open."""
    path = folder / "guided.sqlite3"
    migrate(path)
    database, clock = Database(path), HeldClock()
    pushed: list[BaseModel] = []
    pictures: list[bytes] = []
    judges, media, steps = Judges(), Media(clock), Steps()

    async def keep(sitting_id: str, jpeg: bytes) -> str:
        assert sitting_id == SITTING
        pictures.append(jpeg)
        return sha256_of(jpeg)

    async def required_deg(sitting_id: str) -> float:
        assert sitting_id == SITTING
        return REQUIRED_DEG

    async with SqlTimelineStore(database, clock, group_window_s=0) as timeline:
        book = CheckBook(timeline, lambda _, message: pushed.append(message))
        checking = Checking(
            book=book,
            timeline=timeline,
            judges=judges,
            media=media,
            steps=steps,
            clock=clock,
            keep_picture=keep,
            required_deg=required_deg,
        )
        timeline.subscribe(book.hear)
        timeline.subscribe(checking.hear)
        yield Guided(database, timeline, clock, book, checking, judges, media, steps, pushed, pictures)
        await checking.stop_all()
    await database.close()
