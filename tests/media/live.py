"""Plays encoded media into a perception pool as ingest would, at a multiple of real time."""

from __future__ import annotations

import asyncio
import heapq
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from proctor.domain.media import EncodedFrame, TrackKind
from proctor.domain.signals import Signal
from proctor.domain.time import NS_PER_S, MediaTime
from server.perception.pool import PerceptionPool
from server.perception.protocol import PerceptionResult, SignalChanged


@dataclass
class MediaClock:
    """Media time that stands at 0 until it is begun and then runs `speed` times as fast as the machine's clock."""

    speed: float = 1.0
    begun_s: float | None = None

    def begin(self) -> None:
        self.begun_s = time.monotonic()

    def now(self) -> MediaTime:
        if self.begun_s is None:
            return MediaTime(0)
        return MediaTime(round((time.monotonic() - self.begun_s) * self.speed * NS_PER_S))


@dataclass
class Listened:
    """Results of a pool by sitting, and the key frames it asked for."""

    results: dict[str, list[PerceptionResult]] = field(default_factory=dict)
    key_frames: list[tuple[str, TrackKind]] = field(default_factory=list)

    def result(self, sitting_id: str, result: PerceptionResult) -> None:
        self.results.setdefault(sitting_id, []).append(result)

    def key_frame(self, sitting_id: str, track: TrackKind) -> None:
        self.key_frames.append((sitting_id, track))

    def of(self, sitting_id: str, kind: type[PerceptionResult]) -> list[PerceptionResult]:
        return [result for result in self.results.get(sitting_id, []) if isinstance(result, kind)]

    def closed_signals(self, sitting_id: str) -> list[Signal]:
        changes = (result for result in self.results.get(sitting_id, []) if isinstance(result, SignalChanged))
        return [change.signal for change in changes if change.signal.end is not None]


def in_order(*tracks: Iterable[EncodedFrame]) -> list[EncodedFrame]:
    """The frames of several tracks in the order of their times."""
    return list(heapq.merge(*tracks, key=lambda frame: frame.at))


async def play(pool: PerceptionPool, sitting_id: str, frames: Sequence[EncodedFrame], clock: MediaClock) -> None:
    """Hand each frame over when its time has come; begins the clock if nobody has."""
    if clock.begun_s is None:
        clock.begin()
    for frame in frames:
        ahead_s = (frame.at - clock.now()) / NS_PER_S / clock.speed
        if ahead_s > 0:
            await asyncio.sleep(ahead_s)
        pool.accept(sitting_id, frame)
