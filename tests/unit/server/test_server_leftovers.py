from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from proctor.domain.time import media_time_from_ms
from proctor.domain.timeline import EntryKind, JsonValue
from server.db.engine import Database
from server.db.migrate import migrate
from server.sittings.leftovers import close_leftovers, count_entries, last_media_time
from server.timeline.store import SqlTimelineStore
from tests.fakes.clock import HeldClock

SITTING = "sitting"


@pytest.fixture
async def timeline(tmp_path: Path) -> AsyncIterator[SqlTimelineStore]:
    migrate(tmp_path / "test.sqlite3")
    database = Database(tmp_path / "test.sqlite3")
    async with SqlTimelineStore(database, HeldClock(), group_window_s=0) as store:
        yield store
    await database.close()


def signal(number: int, end_ms: int | None) -> dict[str, JsonValue]:
    return {"signal_id": f"s{number}", "start_ms": 1000, "noticed_ms": 3000, "end_ms": end_ms}


async def test_what_a_killed_server_left_open_is_closed_once(timeline: SqlTimelineStore) -> None:
    at = media_time_from_ms(9000)
    await timeline.append(SITTING, EntryKind.SIGNAL_OPENED, signal(1, None), media_time_from_ms(3000))
    incident: dict[str, JsonValue] = {"incident_id": "i1", "start_ms": 1000, "end_ms": None, "severity": "high"}
    signals: list[JsonValue] = [signal(0, 2000), signal(1, None)]
    await timeline.append(SITTING, EntryKind.INCIDENT_OPENED, incident | {"signals": signals}, at)
    picture: dict[str, JsonValue] = {"incident_id": "i1", "picture_sha256": "ab"}
    await timeline.append(SITTING, EntryKind.INCIDENT_UPDATED, picture, at)

    for _ in range(2):
        await close_leftovers(timeline, SITTING, at)

    (closed,) = await timeline.read(SITTING, kinds=[EntryKind.SIGNAL_CLOSED])
    assert (closed.payload["end_ms"], closed.payload["cut_short"]) == (9000, "server")
    (ended,) = await timeline.read(SITTING, kinds=[EntryKind.INCIDENT_CLOSED])
    parts = ended.payload["signals"]
    assert isinstance(parts, list)
    assert [part["end_ms"] for part in parts if isinstance(part, dict)] == [2000, 9000]
    assert await count_entries(timeline, SITTING, EntryKind.INCIDENT_CLOSED) == 1


async def test_the_latest_media_time_is_that_of_the_latest_sealed_segment(timeline: SqlTimelineStore) -> None:
    assert await last_media_time(timeline, SITTING) == 0
    await timeline.append(SITTING, EntryKind.CLIENT_EVENT, {"event_id": "e"}, media_time_from_ms(4000))
    await timeline.append(SITTING, EntryKind.SEGMENT_SEALED, {"end_ms": 6500}, None)

    assert await last_media_time(timeline, SITTING) == media_time_from_ms(6500)
