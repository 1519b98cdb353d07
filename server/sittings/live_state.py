"""What is kept in memory of one sitting that has a connection or runs."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, Protocol

from proctor.domain.media import EncodedFrame, LinkEvent
from proctor.domain.time import NS_PER_MS, SITTING_START, MediaTime
from server.rtc.leg import Leg

RECEIVING_WITHIN_MS: Final = 3_000


class LegMaker(Protocol):
    """Makes the server's end of a peer connection."""

    def __call__(
        self,
        *,
        number: int,
        key_frame_interval_s: float,
        on_link: Callable[[LinkEvent], None],
        on_connected: Callable[[Leg], None],
        on_closed: Callable[[Leg], None],
    ) -> Leg:
        """A new, unconnected leg."""
        ...


@dataclass(slots=True)
class PhoneSide:
    """The telephone of a sitting."""

    legs: dict[int, Leg] = field(default_factory=dict)
    current: Leg | None = None
    is_joined: bool = False
    """Connected, and not silent."""


@dataclass(slots=True)
class Live:
    """What is kept in memory of a sitting that has a leg or runs."""

    sitting_id: str
    legs: dict[int, Leg] = field(default_factory=dict)
    current: Leg | None = None
    phone: PhoneSide = field(default_factory=PhoneSide)
    started_ns: int | None = None
    """Reading of the monotonic clock at media time 0."""
    ended_at: MediaTime | None = None
    """Set when the sitting is being finished; media time stands still from then on."""
    sinks: tuple[Callable[[EncodedFrame], None], ...] = ()
    silent_since: MediaTime | None = None
    """When the last frame came before the link was lost; None while it holds."""
    server_gap_from: MediaTime | None = None
    """Set after a restart of the server until media comes again."""
    perception: asyncio.Task[None] | None = None
    last_event: MediaTime = SITTING_START

    @property
    def runs(self) -> bool:
        """Whether media is recorded."""
        return self.started_ns is not None and self.ended_at is None

    def all_legs(self) -> tuple[Leg, ...]:
        """Its own legs and its telephone's."""
        return (*self.legs.values(), *self.phone.legs.values())


def silence_ns(leg: Leg | None) -> int:
    """How long ago the last frame of any track came; 0 when that cannot be told any more."""
    tracks = leg.snapshot().tracks if leg is not None else ()
    ages_ms = [track.last_frame_age_ms for track in tracks if track.last_frame_age_ms is not None]
    return min(ages_ms, default=0) * NS_PER_MS
