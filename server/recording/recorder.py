"""The recorder: takes encoded frames on the event loop in microseconds, writes them in one thread of its own."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final, Self

import structlog

from proctor.domain.errors import ProctorError
from proctor.domain.media import EncodedFrame, TrackKind
from proctor.domain.time import MediaTime, to_ms
from proctor.ports.clock import Clock
from server.recording.layout import sitting_folder
from server.recording.reports import Note, Report, gap_note
from server.recording.segment_file import SegmentFile
from server.recording.track import Backlog, SegmentOpener, TrackStatus
from server.recording.writing import SittingWriter, Told, WriterLimits, WriterThread, mark_sealed

MAX_QUEUED_BYTES: Final = 8 << 20
"""Of one sitting, between the event loop and the writing thread: over a minute of all its tracks."""
MAX_BACKLOG_BYTES: Final = 256 << 20
FINISH_PATIENCE_S: Final = 3.0

DurableListener = Callable[[str, TrackKind, MediaTime], None]
KeyFrameListener = Callable[[str, TrackKind], None]

_log = structlog.get_logger(__name__)


@dataclass(slots=True)
class _Refused:
    """Frames that the queue had no room for."""

    start_ms: int
    end_ms: int
    frames: int = 1


@dataclass(slots=True)
class _Intake:
    """The event loop's end of one sitting."""

    writer: SittingWriter
    queue: deque[EncodedFrame]
    accepted_bytes: int = 0
    refused: dict[TrackKind, _Refused] = field(default_factory=dict)
    status: tuple[TrackStatus, ...] = ()
    deliveries: list[asyncio.Future[object]] = field(default_factory=list)
    """Entries on their way to the timeline."""
    has_lost_entries: bool = False
    ended: asyncio.Future[bool] | None = None
    """Set when finishing; whether all is sealed and on the timeline."""


class Recorder:
    """Records sittings under a data folder. Use as an async context manager; leaving it seals what is open.

    Args:
        data_dir: recordings go to `recordings/` in it.
        report: puts entries on the timeline: `segment_sealed`, `recording_failed`, `recording_resumed`,
            `recording_gap`. Called on the event loop.
        clock: monotonic time for syncs and retries.
        on_durable: hears how far a track survives a power cut; called on the event loop, about once a second.
        on_key_frame_wanted: hears that a track waits for a key frame; at most once a second per track.
        key_frame_interval_s: ask for a key frame when the last one is older; None leaves that to others.
        max_queued_bytes: of one sitting, before frames are refused because the disk does not keep up.
        max_backlog_bytes: of all sittings, while the medium refuses to take more.
        open_segment: makes segments' files.
    """

    def __init__(  # noqa: PLR0913 - a service's parts and limits
        self,
        data_dir: Path,
        report: Report,
        clock: Clock,
        *,
        on_durable: DurableListener | None = None,
        on_key_frame_wanted: KeyFrameListener | None = None,
        key_frame_interval_s: float | None = None,
        max_queued_bytes: int = MAX_QUEUED_BYTES,
        max_backlog_bytes: int = MAX_BACKLOG_BYTES,
        open_segment: SegmentOpener = SegmentFile,
    ) -> None:
        self._data_dir = data_dir
        self._report = report
        self._on_durable = on_durable
        self._on_key_frame_wanted = on_key_frame_wanted
        self._max_queued_bytes = max_queued_bytes
        self._intakes: dict[str, _Intake] = {}
        interval_ms = None if key_frame_interval_s is None else round(key_frame_interval_s * 1000)
        self._limits = WriterLimits(Backlog(max_backlog_bytes), interval_ms, open_segment)
        self._clock = clock
        self._finishing: dict[str, _Intake] = {}
        self._completions: set[asyncio.Task[None]] = set()
        self._thread: WriterThread | None = None

    async def __aenter__(self) -> Self:
        """Start the writing thread."""
        loop = asyncio.get_running_loop()
        self._thread = WriterThread(self._clock, lambda told: loop.call_soon_threadsafe(self._hear, told))
        self._thread.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        """Seal every recording, then stop; what the medium refuses until then is lost and said to be."""
        await asyncio.gather(*(self.finish(sitting_id) for sitting_id in tuple(self._intakes)))
        if self._thread is not None:
            thread, self._thread = self._thread, None
            await asyncio.to_thread(thread.stop)
            await asyncio.sleep(0)  # hear what the thread told last
            await self._stop_waiting_for_entries()

    async def _stop_waiting_for_entries(self) -> None:
        """Entries that a full disk holds up are not waited for; the next start looks at those sittings again."""
        if not self._completions:
            return
        _, late = await asyncio.wait(self._completions, timeout=FINISH_PATIENCE_S)
        for completion in late:
            completion.cancel()
        await asyncio.gather(*late, return_exceptions=True)

    def begin(self, sitting_id: str) -> None:
        """Record the sitting from now on; segments of an earlier run are continued.

        Raises:
            ProctorError: the recorder is not running.
            ValueError: not a sitting's identifier.
        """
        if self._thread is None:
            raise ProctorError("the recorder is not running")
        if sitting_id in self._intakes:
            return
        queue: deque[EncodedFrame] = deque()
        writer = SittingWriter(sitting_id, sitting_folder(self._data_dir, sitting_id), queue, self._limits)
        self._intakes[sitting_id] = _Intake(writer, queue)
        self._thread.add(writer)

    def accept(self, sitting_id: str, frame: EncodedFrame) -> None:
        """Queue a frame; frames of sittings that are not being recorded are left out."""
        intake = self._intakes.get(sitting_id)
        if intake is None:
            return
        size = len(frame.data)
        if intake.accepted_bytes - intake.writer.taken_bytes + size > self._max_queued_bytes:
            _refuse(intake, frame)
            return
        intake.accepted_bytes += size
        intake.queue.append(frame)

    async def finish(self, sitting_id: str) -> bool:
        """End and seal the sitting's recording; its entries are on the timeline when this returns True.

        When the medium refuses it returns False after a few seconds; the thread goes on trying while the server runs.
        """
        intake = self._intakes.pop(sitting_id, None)
        if intake is None or self._thread is None:
            return True
        intake.ended = ended = asyncio.get_running_loop().create_future()
        self._finishing[sitting_id] = intake
        intake.writer.finish()
        self._thread.hurry()
        done, _ = await asyncio.wait({ended}, timeout=FINISH_PATIENCE_S)
        if not done:
            _log.error("recording_not_sealed_yet", sitting=sitting_id)
        return bool(done) and ended.result()

    def status(self, sitting_id: str) -> tuple[TrackStatus, ...]:
        """How each track's recording goes, as of about half a second ago; empty for others than running sittings."""
        intake = self._intakes.get(sitting_id)
        if intake is None:
            return ()
        return tuple(
            replace(status, failed=status.failed or "storage_slow") if status.track in intake.refused else status
            for status in intake.status
        )

    def durable_until(self, sitting_id: str) -> dict[TrackKind, MediaTime]:
        """How far each track survives a power cut."""
        return {status.track: status.durable_until for status in self.status(sitting_id) if status.durable_until}

    def _hear(self, news: Sequence[Told]) -> None:
        for told in news:
            intake = self._intakes.get(told.sitting_id) or self._finishing.get(told.sitting_id)
            if intake is None:
                continue
            self._hear_durable(told, intake)
            for note in told.notes:
                self._put(told.sitting_id, intake, note)
            if self._on_key_frame_wanted is not None:
                for track in told.keys_wanted:
                    self._on_key_frame_wanted(told.sitting_id, track)
            self._tell_refused(told.sitting_id, intake)
            if told.has_ended:
                self._complete(intake, all_sealed=told.all_sealed)

    def _hear_durable(self, told: Told, intake: _Intake) -> None:
        former = {status.track: status.durable_until for status in intake.status}
        intake.status = told.status
        if self._on_durable is None:
            return
        for status in told.status:
            if status.durable_until is not None and status.durable_until != former.get(status.track):
                self._on_durable(told.sitting_id, status.track, status.durable_until)

    def _put(self, sitting_id: str, intake: _Intake, note: Note) -> None:
        _log.info(note.kind.value, sitting=sitting_id, **note.payload)
        try:
            delivery = self._report(sitting_id, note.kind, note.payload, note.at)
        except ProctorError as error:
            _log.error("recording_entry_lost", sitting=sitting_id, kind=note.kind.value, reason=str(error))
            delivery = None
        if delivery is None:
            intake.has_lost_entries = True
            return
        intake.deliveries = [waiting for waiting in intake.deliveries if not _arrived(waiting)]
        intake.deliveries.append(asyncio.ensure_future(delivery))

    def _tell_refused(self, sitting_id: str, intake: _Intake) -> None:
        """Once the queue has room again, say what it had no room for."""
        if intake.refused and intake.accepted_bytes - intake.writer.taken_bytes < self._max_queued_bytes // 2:
            for track, refused in intake.refused.items():
                note = gap_note(track, refused.start_ms, refused.end_ms, "storage_slow", refused.frames)
                self._put(sitting_id, intake, note)
            intake.refused.clear()

    def _complete(self, intake: _Intake, *, all_sealed: bool) -> None:
        task = asyncio.create_task(self._mark(intake, all_sealed=all_sealed))
        self._completions.add(task)
        task.add_done_callback(self._completions.discard)

    async def _mark(self, intake: _Intake, *, all_sealed: bool) -> None:
        delivered = await asyncio.gather(*intake.deliveries, return_exceptions=True)
        is_written = not intake.has_lost_entries and not any(isinstance(told, BaseException) for told in delivered)
        is_done = all_sealed and is_written
        if is_done:
            await asyncio.to_thread(mark_sealed, intake.writer.folder)
        self._finishing.pop(intake.writer.sitting_id, None)
        if intake.ended is not None and not intake.ended.done():
            intake.ended.set_result(is_done)


def _refuse(intake: _Intake, frame: EncodedFrame) -> None:
    at_ms = to_ms(frame.at)
    refused = intake.refused.get(frame.track)
    if refused is None:
        intake.refused[frame.track] = _Refused(at_ms, at_ms)
        _log.error("recording_queue_full", sitting=intake.writer.sitting_id, track=frame.track.value)
    else:
        refused.end_ms = at_ms
        refused.frames += 1


def _arrived(delivery: asyncio.Future[object]) -> bool:
    return delivery.done() and not delivery.cancelled() and delivery.exception() is None
