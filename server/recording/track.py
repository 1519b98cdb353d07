"""One track on its way to disk: clusters wait in memory while the medium refuses them, within a bound."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from proctor.domain.media import EncodedFrame, TrackKind
from proctor.domain.time import NS_PER_S, SITTING_START, MediaTime
from proctor.domain.timeline import EntryKind
from proctor.recording.segments import ClusterReady, SegmentEnd, SegmentName, SegmentStart, Step, TrackWriter
from server.recording.reports import Note, failed_note, gap_note, resumed_note, sealed_payload
from server.recording.segment_file import SegmentFile

SYNC_EVERY_NS: Final = NS_PER_S * 3 // 4
IDLE_NS: Final = NS_PER_S * 3 // 2
RETRY_NS: Final = NS_PER_S
SEAL_ATTEMPTS: Final = 5
_JOINED_MS: Final = 2_000
"""Clusters that are no further apart count as recorded without a break."""

SegmentOpener = Callable[[Path, SegmentName, bytes], SegmentFile]


@dataclass(slots=True)
class Backlog:
    """Clusters that wait in memory, over all tracks of the process."""

    limit_bytes: int
    bytes: int = 0
    tracks: int = 0

    @property
    def share_bytes(self) -> int:
        """What each track may keep when the limit is reached."""
        return self.limit_bytes // max(1, self.tracks)


@dataclass(frozen=True, slots=True)
class TrackStatus:
    """How the recording of one track goes."""

    track: TrackKind
    recorded_ms: int
    """Media written so far, in this run of the server and before."""
    durable_until: MediaTime | None
    """Everything kept up to here survives a power cut; None before the first sync."""
    failed: str | None
    """`disk_full`, `read_only` or `io_error` while the medium refuses."""
    refused_frames: int
    """Frames that cannot be recorded: before the first key frame, of an old leg, empty."""


@dataclass(slots=True)
class _Failure:
    from_ms: int
    reason: str
    retry_at_ns: int


@dataclass(slots=True)
class _Lost:
    start_ms: int
    end_ms: int
    frames: int


@dataclass(slots=True)
class TrackRecording:
    """Takes frames of one track and gets them to disk. Blocking; used by one thread.

    Args:
        folder: of the track's segments.
        writer: cuts frames into clusters and segments.
        backlog: shared by all tracks.
        recorded_ms: media that earlier segments hold.
        open_segment: makes the file of a segment.
    """

    folder: Path
    writer: TrackWriter
    backlog: Backlog
    recorded_ms: int = 0
    open_segment: SegmentOpener = SegmentFile
    notes: list[Note] = field(default_factory=list)
    """To be taken by the caller."""
    durable_until: MediaTime | None = None
    all_sealed: bool = True
    """False once a segment had to be left for the next start's repair."""
    _steps: deque[Step] = field(default_factory=deque)
    _segment: SegmentFile | None = None
    _waiting_bytes: int = 0
    _written_until: MediaTime = SITTING_START
    _last_end_ms: int | None = None
    _last_frame_ns: int = 0
    _synced_ns: int = 0
    _failure: _Failure | None = None
    _lost: _Lost | None = None
    _seal_attempts: int = 0

    @property
    def track(self) -> TrackKind:
        """Which one."""
        return self.writer.track

    @property
    def is_settled(self) -> bool:
        """Nothing waits to be written, synced or sealed."""
        return not self._steps and self._segment is None

    @property
    def is_failing(self) -> bool:
        """Whether the medium refuses."""
        return self._failure is not None

    def status(self) -> TrackStatus:
        """For people."""
        reason = None if self._failure is None else self._failure.reason
        return TrackStatus(self.track, self.recorded_ms, self.durable_until, reason, self.writer.refused.total)

    def take(self, frame: EncodedFrame, now_ns: int) -> None:
        """The next frame; nothing is written yet."""
        self._last_frame_ns = now_ns
        self._wait(self.writer.accept(frame))

    def work(self, now_ns: int) -> None:
        """Write what waits and sync what has been written for long enough."""
        if now_ns - self._last_frame_ns >= IDLE_NS:
            self._wait(self.writer.flush())
        if self._failure is not None and now_ns < self._failure.retry_at_ns:
            self._shed()
            return
        try:
            if self._failure is not None and self._segment is not None:
                self._segment.reopen()
            while self._steps:
                self._do(self._steps[0])
                self._steps.popleft()
            if self._segment is not None and now_ns - self._synced_ns >= SYNC_EVERY_NS:
                self._sync(self._segment)
                self._synced_ns = now_ns
        except OSError as error:
            self._failed(error, now_ns)
            self._shed()
        else:
            self._resumed()

    def finish(self, now_ns: int) -> None:
        """No more frames: end the segment. `work` goes on to be called until `is_settled`."""
        self._wait(self.writer.close())
        if self._failure is not None:
            self._failure.retry_at_ns = now_ns
        self.work(now_ns)

    def abandon(self) -> None:
        """The process ends: what could not be written is lost, what could is left for the next start's repair."""
        for step in self._steps:
            if isinstance(step, ClusterReady):
                self._lose(step)
        self._steps.clear()
        self._tell_lost()
        if self._segment is not None:
            self.all_sealed = False
            self._segment.close()
            self._segment = None

    def _wait(self, steps: list[Step]) -> None:
        for step in steps:
            if isinstance(step, ClusterReady):
                self._count(len(step.data))
        self._steps += steps

    def _count(self, size: int) -> None:
        self._waiting_bytes += size
        self.backlog.bytes += size

    def _do(self, step: Step) -> None:
        match step:
            case SegmentStart():
                self._segment = self.open_segment(self.folder, step.name, step.head)
            case ClusterReady():
                if self._segment is None:
                    raise RuntimeError("a cluster outside of a segment")
                self._segment.write(step)
                self._count(-len(step.data))
                self._written(step)
            case SegmentEnd():
                self._seal()

    def _written(self, step: ClusterReady) -> None:
        before = self._last_end_ms
        joined = before is not None and step.start_ms - before < _JOINED_MS
        start_ms = before if joined and before is not None else step.start_ms
        self.recorded_ms += max(0, step.end_ms - start_ms)
        self._last_end_ms = step.end_ms
        self._written_until = step.until

    def _sync(self, segment: SegmentFile) -> None:
        if segment.is_dirty:
            segment.sync()
            self.durable_until = self._written_until

    def _seal(self) -> None:
        segment = self._segment
        if segment is None or not segment.size:
            self._segment = None
            if segment is not None:
                segment.discard()
            return
        self._seal_attempts += 1
        try:
            digest = segment.seal()
        except OSError:
            if self._seal_attempts < SEAL_ATTEMPTS:
                raise
            segment.close()
            self.all_sealed = False
        else:
            self.durable_until = self._written_until
            payload = sealed_payload(
                self.track,
                segment.name,
                segment.totals,
                size=segment.size,
                sha256=digest,
                sync_failed=segment.sync_failed,
            )
            self.notes.append(Note(EntryKind.SEGMENT_SEALED, payload, self._written_until))
        self._segment = None
        self._seal_attempts = 0

    def _failed(self, error: OSError, now_ns: int) -> None:
        if self._failure is None:
            note = failed_note(self.track, error, self._last_end_ms or 0)
            self.notes.append(note)
            self._failure = _Failure(self._last_end_ms or 0, str(note.payload["reason"]), 0)
        self._failure.retry_at_ns = now_ns + RETRY_NS

    def _resumed(self) -> None:
        if self._failure is None:
            return
        self.notes.append(resumed_note(self.track, self._failure.from_ms, self._last_end_ms or 0))
        self._failure = None
        self._tell_lost()

    def _shed(self) -> None:
        """Keep within the bound by losing the oldest clusters; what comes later is worth as much and fits."""
        while self.backlog.bytes > self.backlog.limit_bytes and self._waiting_bytes > self.backlog.share_bytes:
            number = next((n for n, step in enumerate(self._steps) if isinstance(step, ClusterReady)), None)
            if number is None:
                return
            step = self._steps[number]
            del self._steps[number]
            if isinstance(step, ClusterReady):
                self._lose(step)

    def _lose(self, step: ClusterReady) -> None:
        self._count(-len(step.data))
        if self._lost is None:
            self._lost = _Lost(step.start_ms, step.end_ms, 0)
        self._lost.end_ms = step.end_ms
        self._lost.frames += step.frames

    def _tell_lost(self) -> None:
        if self._lost is not None:
            self.notes.append(
                gap_note(self.track, self._lost.start_ms, self._lost.end_ms, "storage", self._lost.frames)
            )
            self._lost = None
