"""Recordings and timelines, read-only; every view of either stands in the timeline."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import datetime

from sqlalchemy import select
from starlette.responses import Response, StreamingResponse

from proctor.domain.media import TrackKind
from proctor.domain.time import MediaTime, to_ms
from proctor.ports.timeline_store import TimelineStore
from proctor.recording.virtual import CHUNK_BYTES, VirtualWebm
from server.accounts.access import Caller
from server.db.engine import Database
from server.db.records import SittingRecord
from server.problems import ProblemError
from server.recording.playback import NothingRecordedError, RecordingArchive
from server.review.ranges import UnsatisfiableRangeError, parse_range
from server.review.schemas import (
    RecordedTrack,
    RecordingGap,
    RecordingManifest,
    TimelineEntryView,
    TimelinePage,
    TimelineVerification,
)
from server.viewings import Viewings


class ReviewService:
    """What the review endpoints call."""

    def __init__(
        self,
        *,
        archive: RecordingArchive,
        database: Database,
        timeline: TimelineStore,
        media_now: Callable[[str], MediaTime],
        viewings: Viewings,
    ) -> None:
        self._archive = archive
        self._database = database
        self._timeline = timeline
        self._media_now = media_now
        self._viewings = viewings

    async def timeline(self, sitting_id: str, caller: Caller, after_seq: int, limit: int) -> TimelinePage:
        """A page of entries."""
        entries = await self._timeline.read(sitting_id, after_seq, limit)
        if entries:
            await self._viewings.note(sitting_id, "timeline", caller)
        views = [
            TimelineEntryView(
                seq=entry.seq,
                media_time_ms=None if entry.media_time_ns is None else to_ms(entry.media_time_ns),
                utc=datetime.fromisoformat(entry.utc),
                kind=entry.kind,
                payload=dict(entry.payload),
                hash=entry.hash,
                previous_hash=entry.previous_hash,
            )
            for entry in entries
        ]
        return TimelinePage(entries=views, next_after_seq=entries[-1].seq if len(entries) == limit else None)

    async def verify(self, sitting_id: str) -> TimelineVerification:
        """Check the stored chain."""
        verdict = await self._timeline.verify(sitting_id)
        return TimelineVerification(ok=verdict.ok, entries=verdict.entries, first_bad_seq=verdict.first_bad_seq)

    async def manifest(self, sitting_id: str) -> RecordingManifest:
        """What is recorded; of a running sitting, up to now."""
        duration_ms, running = await self._duration_ms(sitting_id)
        tracks = []
        for track in TrackKind:
            recording = await self._open(sitting_id, track, duration_ms if running else None)
            if recording is not None:
                tracks.append(_recorded(sitting_id, track, recording, duration_ms, running=running))
        return RecordingManifest(sitting_id=sitting_id, duration_ms=duration_ms, running=running, tracks=tracks)

    async def play(
        self, sitting_id: str, track: TrackKind, caller: Caller, until_ms: int | None, range_header: str | None
    ) -> Response:
        """Bytes of one track.

        Raises:
            ProblemError: 404 nothing of the track is recorded, 416 the range lies outside.
        """
        recording = await self._open(sitting_id, track, until_ms)
        if recording is None:
            raise ProblemError(404, "not_recorded", "Nothing of this track is recorded.")
        try:
            wanted = parse_range(range_header, recording.size)
        except UnsatisfiableRangeError:
            raise ProblemError(
                416,
                "range_outside",
                "The range lies outside the recording.",
                headers={"Content-Range": f"bytes */{recording.size}"},
            ) from None
        await self._viewings.note(sitting_id, "recording", caller, track)
        start, end = wanted or (0, recording.size)
        headers = {"Accept-Ranges": "bytes", "Content-Length": str(end - start), "Cache-Control": "private, no-store"}
        if wanted is not None:
            headers["Content-Range"] = f"bytes {start}-{end - 1}/{recording.size}"
        return StreamingResponse(
            _stream(recording, start, end),
            status_code=200 if wanted is None else 206,
            media_type="audio/webm" if track is TrackKind.MICROPHONE else "video/webm",
            headers=headers,
        )

    async def _open(self, sitting_id: str, track: TrackKind, until_ms: int | None) -> VirtualWebm | None:
        try:
            return await asyncio.to_thread(self._archive.open, sitting_id, track, until_ms)
        except NothingRecordedError:
            return None

    async def _duration_ms(self, sitting_id: str) -> tuple[int, bool]:
        query = select(SittingRecord.state, SittingRecord.duration_ms).where(SittingRecord.sitting_id == sitting_id)
        async with self._database.read() as connection:
            row = (await connection.execute(query)).one_or_none()
        if row is None:
            raise ProblemError(404, "sitting_not_found", "There is no such sitting.")
        running = row.state == "running"
        return (to_ms(self._media_now(sitting_id)) if running else row.duration_ms or 0), running


def _recorded(
    sitting_id: str, track: TrackKind, recording: VirtualWebm, duration_ms: int, *, running: bool
) -> RecordedTrack:
    until = f"?until_ms={duration_ms}" if running else ""
    return RecordedTrack(
        track=track,
        url=f"/api/sittings/{sitting_id}/recording/{track.value}.webm{until}",
        start_ms=recording.start_ms,
        end_ms=recording.end_ms,
        recorded_ms=recording.recorded_ms,
        width=recording.track.width,
        height=recording.track.height,
        gaps=[RecordingGap(start_ms=gap.start_ms, end_ms=gap.end_ms) for gap in recording.gaps(duration_ms)],
    )


async def _stream(recording: VirtualWebm, start: int, end: int) -> AsyncIterator[bytes]:
    at = start
    while at < end:
        data = await asyncio.to_thread(recording.read, at, min(CHUNK_BYTES, end - at))
        if not data:
            return
        at += len(data)
        yield data
