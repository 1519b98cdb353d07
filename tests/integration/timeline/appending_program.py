"""Appends entries without end and prints each one once it is acknowledged; meant to be killed."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

from proctor.domain.timeline import Entry
from server.db.engine import Database
from server.timeline.store import SqlTimelineStore
from tests.fakes.clock import HeldClock


async def append_for_ever(path: Path) -> None:
    store = SqlTimelineStore(Database(path), HeldClock(), group_window_s=0.002)

    def say(done: asyncio.Future[Entry]) -> None:
        entry = done.result()
        os.write(1, f"{entry.sitting} {entry.seq} {entry.hash}\n".encode())

    async with store:
        number = 0
        while True:
            for sitting in ("a", "b", "c"):
                number += 1
                store.append(sitting, "client_event", {"number": number, "text": "ә" * 40}).add_done_callback(say)
            await asyncio.sleep(0)


if __name__ == "__main__":
    asyncio.run(append_for_ever(Path(sys.argv[1])))
