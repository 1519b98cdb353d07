"""Timelines in the database: entries queue up, one task commits them in groups and acknowledges after the commit."""

from __future__ import annotations

import asyncio
import contextlib
import json
import sqlite3
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC
from typing import Any, Final, Self

import structlog
from sqlalchemy import Row, Select, select
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection

from proctor.domain.errors import NotCanonicalError, ProctorError, StorageFullError, TimelineWriteError
from proctor.domain.time import MediaTime
from proctor.domain.timeline import ChainVerdict, Entry, JsonValue
from proctor.evidence.chain import Head, Verification, canonical_json, link, parse_canonical
from proctor.ports.clock import Clock
from proctor.ports.timeline_store import CommitListener
from server.db.engine import Database
from server.db.records.timeline import TimelineRecord

GROUP_WINDOW_S: Final = 0.02
MAX_WAITING: Final = 20_000
MAX_GROUP: Final = 1_000
FULL_RETRY_S: Final = 1.0
"""Patient entries on a full disk are tried again after so long, and with every entry that comes."""
_MAX_KNOWN_HEADS: Final = 4_096
_VERIFY_PAGE: Final = 1_000

_INSERT: Final = (
    "INSERT INTO timeline_entries (sitting_id, seq, media_time_ns, utc, kind, payload, previous_hash, hash)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
)

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Waiting:
    sitting_id: str
    kind: str
    payload_json: str
    media_time_ns: MediaTime | None
    utc: str
    is_patient: bool
    done: asyncio.Future[Entry]


class SqlTimelineStore:
    """`TimelineStore` over `Database`. Use as an async context manager; leaving it commits what waits.

    Args:
        database: migrated and open; its writing connection is shared with the rest of the process.
        clock: gives each entry its UTC time, at the moment of `append`.
        group_window_s: how long the first entry of a group waits for others, in seconds.
        max_waiting: entries that may wait for a commit before `append` refuses.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        *,
        group_window_s: float = GROUP_WINDOW_S,
        max_waiting: int = MAX_WAITING,
    ) -> None:
        self._database = database
        self._clock = clock
        self._group_window_s = group_window_s
        self._max_waiting = max_waiting
        self._waiting: list[_Waiting] = []
        self._wake = asyncio.Event()
        self._heads: dict[str, Head] = {}
        self._listeners: list[CommitListener] = []
        self._task: asyncio.Task[None] | None = None
        self._closing = False

    async def __aenter__(self) -> Self:
        """Start the writer task."""
        self._task = asyncio.create_task(self._write_groups(), name="timeline writer")
        return self

    async def __aexit__(self, *_: object) -> None:
        """Commit what waits and stop."""
        self._closing = True
        self._wake.set()
        if self._task is not None:
            await self._task

    def append(
        self,
        sitting_id: str,
        kind: str,
        payload: Mapping[str, JsonValue],
        media_time_ns: MediaTime | None = None,
        *,
        patient: bool = False,
    ) -> asyncio.Future[Entry]:
        """Queue an entry; see `TimelineStore.append`. Nobody needs to await the future: failures are logged too."""
        payload_json = canonical_json(payload).decode()
        canonical_json({"sitting": sitting_id, "kind": kind, "media_time_ns": media_time_ns})
        if self._closing or self._task is None:
            raise TimelineWriteError("the timeline store is closed")
        if len(self._waiting) >= self._max_waiting:
            raise TimelineWriteError(f"{self._max_waiting} entries wait to be written: the database does not keep up")
        utc = self._clock.now_utc().astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        done: asyncio.Future[Entry] = asyncio.get_running_loop().create_future()
        done.add_done_callback(_mark_seen)
        self._waiting.append(_Waiting(sitting_id, kind, payload_json, media_time_ns, utc, patient, done))
        self._wake.set()
        return done

    async def read(
        self, sitting_id: str, after_seq: int = 0, limit: int = 500, kinds: Collection[str] | None = None
    ) -> list[Entry]:
        """Committed entries; see `TimelineStore.read`."""
        query = _after(sitting_id, after_seq, limit)
        if kinds is not None:
            query = query.where(TimelineRecord.kind.in_(sorted(kinds)))
        async with self._database.read() as connection:
            return [_entry(row, _readable) for row in await connection.execute(query)]

    async def verify(self, sitting_id: str) -> ChainVerdict:
        """Check the stored chain, its canonical form included; see `TimelineStore.verify`."""
        verification = Verification(sitting_id)
        async with self._database.read() as connection:
            while True:
                page = await connection.execute(_after(sitting_id, verification.head.seq, _VERIFY_PAGE))
                rows = page.all()
                held = await asyncio.to_thread(_take_all, verification, rows)
                if not held or len(rows) < _VERIFY_PAGE:
                    return verification.verdict()

    def subscribe(self, listener: CommitListener) -> Callable[[], None]:
        """Hear of every commit; see `TimelineStore.subscribe`."""
        self._listeners.append(listener)

        def unsubscribe() -> None:
            with contextlib.suppress(ValueError):
                self._listeners.remove(listener)

        return unsubscribe

    async def _write_groups(self) -> None:
        while True:
            await self._wake.wait()
            if not self._closing:
                await asyncio.sleep(self._group_window_s)
            group = self._waiting[:MAX_GROUP]
            del self._waiting[:MAX_GROUP]
            if group:
                await self._write_group(group)
            elif self._closing:
                return
            if not self._waiting and not self._closing:
                self._wake.clear()

    async def _write_group(self, group: Sequence[_Waiting]) -> None:
        try:
            heads: dict[str, Head] = {}
            entries: list[Entry] = []
            async with self._database.write() as connection:
                for waiting in group:
                    head = heads.get(waiting.sitting_id) or await self._head(connection, waiting.sitting_id)
                    entry = _linked(head, waiting)
                    heads[waiting.sitting_id] = Head(entry.seq, entry.hash)
                    entries.append(entry)
                await connection.exec_driver_sql(_INSERT, [_values(*pair) for pair in zip(entries, group, strict=True)])
        except (SQLAlchemyError, OSError) as error:
            self._refuse(group, error)
            return
        if len(self._heads) > _MAX_KNOWN_HEADS:
            self._heads.clear()
        self._heads.update(heads)
        for waiting, entry in zip(group, entries, strict=True):
            if not waiting.done.done():
                waiting.done.set_result(entry)
        self._tell(entries)

    async def _head(self, connection: AsyncConnection, sitting_id: str) -> Head:
        known = self._heads.get(sitting_id)
        if known is not None:
            return known
        last = (
            select(TimelineRecord.seq, TimelineRecord.hash)
            .where(TimelineRecord.sitting_id == sitting_id)
            .order_by(TimelineRecord.seq.desc())
            .limit(1)
        )
        row = (await connection.execute(last)).one_or_none()
        return Head() if row is None else Head(row.seq, row.hash)

    def _refuse(self, group: Sequence[_Waiting], error: Exception) -> None:
        self._heads.clear()  # what a failed commit left behind is read again
        refusal = _refusal(error)
        _log.error("timeline_not_written", entries=len(group), reason=str(refusal))
        if isinstance(refusal, StorageFullError) and not self._closing:
            # Behind more patient entries than a group takes, nobody would hear of the full disk.
            group = self._keep_patient([*group, *self._waiting])
        for waiting in group:
            if not waiting.done.done():
                waiting.done.set_exception(refusal)

    def _keep_patient(self, refused: Sequence[_Waiting]) -> list[_Waiting]:
        """Let the patient ones wait for the next try; the others."""
        self._waiting = [waiting for waiting in refused if waiting.is_patient]
        self._wake.clear()
        if self._waiting:
            asyncio.get_running_loop().call_later(FULL_RETRY_S, self._wake.set)
        return [waiting for waiting in refused if not waiting.is_patient]

    def _tell(self, entries: Sequence[Entry]) -> None:
        for listener in tuple(self._listeners):
            try:
                listener(entries)
            except Exception:  # noqa: BLE001 - a listener's fault must not stop the writer
                _log.exception("timeline_listener_failed")


def _linked(head: Head, waiting: _Waiting) -> Entry:
    return link(
        head,
        sitting=waiting.sitting_id,
        kind=waiting.kind,
        payload=parse_canonical(waiting.payload_json),
        media_time_ns=waiting.media_time_ns,
        utc=waiting.utc,
    )


def _values(entry: Entry, waiting: _Waiting) -> tuple[str | int | None, ...]:
    return (
        entry.sitting,
        entry.seq,
        entry.media_time_ns,
        entry.utc,
        entry.kind,
        waiting.payload_json,
        entry.previous_hash,
        entry.hash,
    )


def _after(sitting_id: str, after_seq: int, limit: int) -> Select[TimelineRecord]:
    columns = TimelineRecord.__table__.c
    return (
        select(*columns)
        .where(columns.sitting_id == sitting_id, columns.seq > after_seq)
        .order_by(columns.seq)
        .limit(limit)
    )


def _entry(row: Row[Any], parse: Callable[[str], dict[str, JsonValue]]) -> Entry:
    return Entry(
        sitting=row.sitting_id,
        seq=row.seq,
        media_time_ns=None if row.media_time_ns is None else MediaTime(row.media_time_ns),
        utc=row.utc,
        kind=row.kind,
        payload=parse(row.payload),
        previous_hash=row.previous_hash,
        hash=row.hash,
    )


def _readable(payload_json: str) -> dict[str, JsonValue]:
    """What a reader gets; whether it is what was written is for `verify` to say."""
    try:
        value = json.loads(payload_json)
    except ValueError:
        return {"unreadable": payload_json}
    return value if isinstance(value, dict) else {"unreadable": payload_json}


def _take_all(verification: Verification, rows: Sequence[Row[Any]]) -> bool:
    for row in rows:
        try:
            entry = _entry(row, parse_canonical)
        except NotCanonicalError:
            verification.refuse("payload")
            return False
        if not verification.take(entry):
            return False
    return True


def _refusal(error: Exception) -> ProctorError:
    cause = error.orig if isinstance(error, DBAPIError) else error
    if getattr(cause, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL:
        return StorageFullError("the disk that holds the database is full: free space, the server goes on by itself")
    return TimelineWriteError(f"the database did not take the entries: {cause}")


def _mark_seen(done: asyncio.Future[Entry]) -> None:
    if not done.cancelled():
        done.exception()
