from __future__ import annotations

import asyncio
import itertools
import os
import random
import select
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from proctor.domain.errors import NotCanonicalError, StorageFullError, TimelineWriteError
from proctor.domain.time import MediaTime
from proctor.domain.timeline import GENESIS_HASH, Entry
from proctor.ports.timeline_store import TimelineStore
from server.db.engine import Database
from server.db.migrate import check, migrate
from server.timeline.store import SqlTimelineStore
from tests.fakes.clock import HeldClock
from tests.small_disk import filled, small_disk

PROGRAM = Path(__file__).with_name("appending_program.py")
ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    path = tmp_path / "proctor.db"
    await asyncio.to_thread(migrate, path)
    database = Database(path)
    yield database
    await database.close()


@pytest.fixture
async def store(database: Database) -> AsyncIterator[SqlTimelineStore]:
    async with SqlTimelineStore(database, HeldClock(), group_window_s=0.001) as store:
        yield store


def test_migrations_and_records_agree(tmp_path: Path) -> None:
    migrate(tmp_path / "proctor.db")
    migrate(tmp_path / "proctor.db")
    check(tmp_path / "proctor.db")


async def test_entries_are_linked_in_the_order_of_the_calls(store: TimelineStore) -> None:
    done = [store.append("a", "client_event", {"n": n}, MediaTime(n)) for n in range(50)]
    entries = await asyncio.gather(*done)
    assert [entry.seq for entry in entries] == list(range(1, 51))
    assert entries[0].previous_hash == GENESIS_HASH
    assert all(after.previous_hash == before.hash for before, after in itertools.pairwise(entries))
    assert await store.read("a", limit=100) == entries
    assert await store.read("a", after_seq=48) == entries[48:]
    assert (await store.verify("a")).entries == 50


async def test_sittings_have_chains_of_their_own(store: TimelineStore) -> None:
    first, second = await asyncio.gather(store.append("a", "k", {}, None), store.append("b", "k", {}, None))
    assert (first.seq, second.seq) == (1, 1)
    assert first.hash != second.hash
    assert await store.read("c") == []
    assert (await store.verify("c")).ok


async def test_reading_by_kind(store: TimelineStore) -> None:
    await asyncio.gather(*(store.append("a", kind, {}, None) for kind in ("x", "y", "x", "z")))
    assert [entry.seq for entry in await store.read("a", kinds={"x", "z"})] == [1, 3, 4]


async def test_a_chain_goes_on_after_a_restart(database: Database) -> None:
    for expected in (1, 2, 3):
        async with SqlTimelineStore(database, HeldClock(), group_window_s=0) as store:
            assert (await store.append("a", "k", {})).seq == expected
    assert (await store.verify("a")).ok


async def test_leaving_the_store_commits_what_waits_and_refuses_the_rest(database: Database) -> None:
    async with SqlTimelineStore(database, HeldClock(), group_window_s=5) as store:
        done = store.append("a", "k", {})
    assert done.result().seq == 1
    with pytest.raises(TimelineWriteError):
        store.append("a", "k", {})


async def test_listeners_hear_of_each_commit_and_cannot_stop_the_writer(store: SqlTimelineStore) -> None:
    heard: list[Entry] = []

    def fail(_entries: Sequence[Entry]) -> None:
        raise RuntimeError("a listener's fault")

    store.subscribe(fail)
    stop = store.subscribe(heard.extend)
    first = await store.append("a", "k", {})
    stop()
    await store.append("a", "k", {})
    assert heard == [first]


async def test_a_payload_that_json_cannot_hold_is_refused_at_once(store: SqlTimelineStore) -> None:
    with pytest.raises(NotCanonicalError):
        store.append("a", "k", {"x": float("nan")})
    with pytest.raises(NotCanonicalError):
        store.append("\ud800", "k", {})
    assert (await store.append("a", "k", {})).seq == 1


async def test_waiting_entries_are_bounded(database: Database) -> None:
    async with SqlTimelineStore(database, HeldClock(), max_waiting=3) as store:
        done = [store.append("a", "k", {}) for _ in range(3)]
        with pytest.raises(TimelineWriteError, match="3 entries"):
            store.append("a", "k", {})
        await asyncio.gather(*done)
        await store.append("a", "k", {})


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE timeline_entries SET kind = 'x'",
        "DELETE FROM timeline_entries",
        "INSERT OR REPLACE INTO timeline_entries VALUES ('a', 1, NULL, 'u', 'k', '{}', '0', '1')",
        "INSERT INTO timeline_entries VALUES ('a', 3, NULL, 'u', 'k', '{}', '0', '1')",
        "INSERT INTO timeline_entries VALUES ('a', NULL, NULL, 'u', 'k', '{}', '0', '1')",
    ],
)
async def test_the_database_itself_refuses_changes(store: SqlTimelineStore, database: Database, statement: str) -> None:
    await store.append("a", "k", {})
    with pytest.raises(DBAPIError, match="timeline entries"):
        async with database.write() as connection:
            await connection.execute(text(statement))
    with pytest.raises(DBAPIError, match="readonly"):
        async with database.read() as connection:
            await connection.execute(text(statement))
    assert (await store.verify("a")).entries == 1


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ("UPDATE timeline_entries SET kind = 'x' WHERE seq = 3", "hash"),
        ("UPDATE timeline_entries SET payload = '{\"n\": 2}' WHERE seq = 3", "payload"),
        ("DELETE FROM timeline_entries WHERE seq = 3", "seq"),
    ],
)
async def test_tampering_behind_the_triggers_is_named(
    store: SqlTimelineStore, database: Database, change: str, reason: str
) -> None:
    await asyncio.gather(*(store.append("a", "k", {"n": n}) for n in range(5)))
    await asyncio.to_thread(_without_triggers, database.path, change)
    verdict = await store.verify("a")
    assert (verdict.ok, verdict.first_bad_seq, verdict.reason) == (False, 3, reason)
    assert len(await store.read("a")) >= 4


def _without_triggers(path: Path, change: str) -> None:
    with sqlite3.connect(path) as connection:
        for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            connection.execute(f"DROP TRIGGER {name}")
        connection.execute(change)
    connection.close()


async def test_a_full_disk_refuses_whole_groups_and_then_goes_on(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", "2m") as disk:
        path = disk / "proctor.db"
        await asyncio.to_thread(migrate, path)
        database = Database(path)
        async with SqlTimelineStore(database, HeldClock(), group_window_s=0.001) as store:
            await store.append("a", "k", {"n": 0})
            with filled(disk):
                pending = [store.append("a", "k", {"text": "x" * 3000}) for _ in range(200)]
                results = await asyncio.gather(*pending, return_exceptions=True)
                assert all(isinstance(result, StorageFullError) for result in results)
                assert len(await store.read("a")) == 1
            assert (await store.append("a", "k", {"n": 1})).seq == 2
            assert (await store.verify("a")).entries == 2
        await database.close()


async def test_patient_entries_wait_for_space_in_their_order_and_others_are_refused(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", "24m") as disk:
        path = disk / "proctor.db"
        await asyncio.to_thread(migrate, path)
        database = Database(path)
        async with SqlTimelineStore(database, HeldClock(), group_window_s=0.001) as store:
            await store.append("a", "k", {"n": 0})
            with filled(disk):
                text = "x" * 3000
                patient = [store.append("a", "k", {"n": n, "text": text}, patient=True) for n in range(1, 1200)]
                with pytest.raises(StorageFullError):
                    await store.append("a", "k", {"n": "refused", "text": text})
                assert not any(future.done() for future in patient)
            entries = await asyncio.wait_for(asyncio.gather(*patient), 20)
            assert [entry.seq for entry in entries] == [entry.payload["n"] + 1 for entry in entries]
            assert (await store.append("a", "k", {"n": 1200})).seq == 1201
            assert (await store.verify("a")).entries == 1201
            with filled(disk):
                stuck = store.append("a", "k", {"text": "x" * 9_000_000}, patient=True)
                await store.__aexit__(None, None, None)
                with pytest.raises(StorageFullError):
                    await stuck
        await database.close()


@pytest.mark.slow
def test_no_acknowledged_entry_is_lost_by_kill_9(tmp_path: Path) -> None:
    path = tmp_path / "proctor.db"
    migrate(path)
    chance = random.Random(7)  # noqa: S311 - moments to kill at, not secrets
    acknowledged: dict[tuple[str, int], str] = {}
    for _ in range(20):
        for line in _killed_after(path, chance.uniform(0.0, 0.15)):
            sitting, seq, digest = line.split()
            acknowledged[sitting, int(seq)] = digest
    assert len(acknowledged) > 1000
    stored = asyncio.run(_stored(path))
    assert {key: stored.get(key) for key in acknowledged} == acknowledged


def _killed_after(path: Path, seconds: float) -> list[str]:
    command = [sys.executable, str(PROGRAM), str(path)]
    with subprocess.Popen(
        command, bufsize=0, stdout=subprocess.PIPE, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}
    ) as process:
        assert process.stdout is not None
        written = process.stdout.readline()
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            if select.select([process.stdout], [], [], left)[0]:
                written += os.read(process.stdout.fileno(), 1 << 16)
        process.send_signal(signal.SIGKILL)
        written += process.stdout.read()
    return written.decode().rsplit("\n", 1)[0].splitlines()


async def _stored(path: Path) -> dict[tuple[str, int], str]:
    database = Database(path)
    entries: dict[tuple[str, int], str] = {}
    async with SqlTimelineStore(database, HeldClock()) as store:
        for sitting in ("a", "b", "c"):
            assert (await store.verify(sitting)).ok
            entries.update({(e.sitting, e.seq): e.hash for e in await store.read(sitting, limit=10_000_000)})
    await database.close()
    return entries
