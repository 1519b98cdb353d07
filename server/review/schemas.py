"""Shapes of recordings and timelines."""

from __future__ import annotations

from typing import Any

from proctor.domain.media import TrackKind
from server.schemas import Shape, UtcTime


class RecordingGap(Shape):
    """A stretch of the sitting for which nothing of a track was recorded."""

    start_ms: int
    end_ms: int


class RecordedTrack(Shape):
    """One recorded track; its player's time is the sitting's time."""

    track: TrackKind
    url: str
    start_ms: int
    end_ms: int
    recorded_ms: int
    width: int | None
    height: int | None
    gaps: list[RecordingGap]


class RecordingManifest(Shape):
    """What is recorded of a sitting."""

    sitting_id: str
    duration_ms: int
    running: bool
    tracks: list[RecordedTrack]


class TimelineEntryView(Shape):
    """One entry of the sitting's append-only, hash-chained log."""

    seq: int
    media_time_ms: int | None
    utc: UtcTime
    kind: str
    payload: dict[str, Any]
    hash: str
    previous_hash: str


class TimelinePage(Shape):
    """A page of the timeline; `next_after_seq` is None on the last one."""

    entries: list[TimelineEntryView]
    next_after_seq: int | None


class TimelineVerification(Shape):
    """Whether the chain of hashes holds."""

    ok: bool
    entries: int
    first_bad_seq: int | None
