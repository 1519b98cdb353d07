"""Who looked at what of a sitting, written into its timeline before the first byte goes out."""

from __future__ import annotations

from typing import Final

from proctor.domain.media import TrackKind
from proctor.domain.time import NS_PER_S
from proctor.domain.timeline import EntryKind, JsonValue
from proctor.ports.clock import Clock
from proctor.ports.timeline_store import TimelineStore
from server.accounts.access import Caller

_EVERY_NS: Final = 600 * NS_PER_S
_REMEMBERED: Final = 10_000


class Viewings:
    """Notes each person's view of each thing once in ten minutes."""

    def __init__(self, timeline: TimelineStore, clock: Clock) -> None:
        self._timeline = timeline
        self._clock = clock
        self._noted: dict[tuple[str, str, str, TrackKind | None], int] = {}

    async def note(self, sitting_id: str, what: str, caller: Caller, track: TrackKind | None = None) -> None:
        """Note that `caller` looks at `what`, of one track where there is one."""
        key, now_ns = (caller.account_id, sitting_id, what, track), self._clock.monotonic_ns()
        last_ns = self._noted.get(key)
        if last_ns is not None and now_ns - last_ns < _EVERY_NS:
            return
        if len(self._noted) >= _REMEMBERED:
            self._noted.clear()
        self._noted[key] = now_ns
        tracks: list[JsonValue] = [] if track is None else [track.value]
        payload: dict[str, JsonValue] = {
            "account_id": caller.account_id,
            "role": caller.role.value,
            "what": what,
            "tracks": tracks,
        }
        try:
            await self._timeline.append(sitting_id, EntryKind.VIEWED, payload, None)
        except BaseException:
            self._noted.pop(key, None)
            raise
