"""Engines over one SQLite file: exactly one writing connection, and readers that cannot write.

SQLite 3.40 can corrupt a write-ahead log that two connections write and reset at once; the writer's pool of one
connection rules that out, and makes every write transaction of the process wait for its turn. Keep them short.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from sqlalchemy import Connection, event
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry

READERS: Final = 4
_TURN_TIMEOUT_S: Final = 30.0
_COMMON_PRAGMAS: Final = ("busy_timeout=5000", "foreign_keys=ON", "temp_store=MEMORY")
_WRITER_PRAGMAS: Final = ("journal_mode=WAL", "synchronous=FULL", "wal_autocheckpoint=1000")


class Database:
    """The process's access to its database file, which `server.db.migrate.migrate` has prepared."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.writer: AsyncEngine = _engine(path, "rw", 1, "BEGIN IMMEDIATE", _WRITER_PRAGMAS)
        self.readers: AsyncEngine = _engine(path, "ro", READERS, "BEGIN", ())

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncConnection]:
        """The one writing connection in a transaction: committed (durably) at the end, rolled back on an exception."""
        async with self.writer.begin() as connection:
            yield connection

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """A reading connection with one unchanging view of the database."""
        async with self.readers.connect() as connection:
            yield connection

    async def close(self) -> None:
        """Close all connections; the write-ahead log is folded into the file."""
        await self.readers.dispose()
        await self.writer.dispose()


def _engine(path: Path, mode: str, connections: int, begin: str, pragmas: tuple[str, ...]) -> AsyncEngine:
    engine = create_async_engine(
        f"sqlite+aiosqlite:///file:{quote(str(path))}?mode={mode}&uri=true",
        pool_size=connections,
        max_overflow=0,
        hide_parameters=True,  # errors go to the log; answers, names and password hashes do not
        pool_timeout=_TURN_TIMEOUT_S,
    )

    @event.listens_for(engine.sync_engine, "connect")
    def prepare(connection: Any, _entry: ConnectionPoolEntry) -> None:  # noqa: ANN401 - the driver's own type
        connection.isolation_level = None  # BEGIN is ours to send, so that a writer locks at once
        cursor = connection.cursor()
        for pragma in (*_COMMON_PRAGMAS, *pragmas):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def start(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine
