"""What a killed server left open in a timeline, and its closing at the next start."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Final

from proctor.domain.time import NS_PER_MS, MediaTime, to_ms
from proctor.domain.timeline import Entry, EntryKind, JsonValue
from proctor.ports.timeline_store import TimelineStore

_PAGE: Final = 1000
_OPENING: Final = (
    EntryKind.SIGNAL_OPENED,
    EntryKind.SIGNAL_CLOSED,
    EntryKind.INCIDENT_OPENED,
    EntryKind.INCIDENT_UPDATED,
    EntryKind.INCIDENT_CLOSED,
)
_TIMED: Final = (
    EntryKind.SITTING_STARTED,
    EntryKind.OBSERVATION_SUMMARY,
    EntryKind.SEGMENT_SEALED,
    EntryKind.CLIENT_EVENT,
    EntryKind.LINK_EVENT,
    *_OPENING,
)


async def last_media_time(timeline: TimelineStore, sitting_id: str) -> MediaTime:
    """The latest media time that anything was written for."""
    latest = MediaTime(0)
    async for entry in _all(timeline, sitting_id, _TIMED):
        end_ms = entry.payload.get("end_ms")
        reached = MediaTime(end_ms * NS_PER_MS) if isinstance(end_ms, int) else MediaTime(0)
        latest = max(latest, entry.media_time_ns or MediaTime(0), reached)
    return latest


async def count_entries(timeline: TimelineStore, sitting_id: str, kind: EntryKind) -> int:
    """How many entries of the kind the timeline has."""
    return len([entry async for entry in _all(timeline, sitting_id, (kind,))])


async def close_leftovers(timeline: TimelineStore, sitting_id: str, at: MediaTime) -> None:
    """Close signals and incidents that were open when the server was killed: nothing is known of them after `at`."""
    signals: dict[str, dict[str, JsonValue]] = {}
    incidents: dict[str, dict[str, JsonValue]] = {}
    async for entry in _all(timeline, sitting_id, _OPENING):
        payload = dict(entry.payload)
        if entry.kind == EntryKind.SIGNAL_OPENED:
            signals[str(payload["signal_id"])] = payload
        elif entry.kind == EntryKind.SIGNAL_CLOSED:
            signals.pop(str(payload["signal_id"]), None)
        elif entry.kind == EntryKind.INCIDENT_CLOSED:
            incidents.pop(str(payload["incident_id"]), None)
        elif "signals" in payload:
            incidents[str(payload["incident_id"])] = payload
    for signal in signals.values():
        await timeline.append(sitting_id, EntryKind.SIGNAL_CLOSED, _ended(signal, at), at)
    for incident in incidents.values():
        parts = incident["signals"]
        ended: list[JsonValue] = [
            _ended(part, at) if isinstance(part, dict) and part.get("end_ms") is None else part
            for part in (parts if isinstance(parts, list) else [])
        ]
        payload = (incident if incident.get("end_ms") is not None else _ended(incident, at)) | {"signals": ended}
        await timeline.append(sitting_id, EntryKind.INCIDENT_CLOSED, payload, at)


def _ended(payload: dict[str, JsonValue], at: MediaTime) -> dict[str, JsonValue]:
    start_ms = payload.get("noticed_ms", payload.get("start_ms"))
    end_ms = max(to_ms(at), start_ms if isinstance(start_ms, int) else 0)
    return payload | {"end_ms": end_ms, "cut_short": "server"}


async def _all(timeline: TimelineStore, sitting_id: str, kinds: tuple[EntryKind, ...]) -> AsyncIterator[Entry]:
    after = 0
    while page := await timeline.read(sitting_id, after, _PAGE, kinds):
        for entry in page:
            yield entry
        after = page[-1].seq
