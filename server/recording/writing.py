"""The writing thread: drains the queues, lets each track write and sync, and tells the event loop about it."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import structlog

from proctor.domain.media import EncodedFrame, TrackKind
from proctor.domain.time import NS_PER_S, SITTING_START
from proctor.domain.timeline import EntryKind, JsonValue
from proctor.ports.clock import Clock
from proctor.recording.segments import TrackWriter
from server.recording.layout import SEALED_MARK, sync_folder
from server.recording.playback import recorded_before
from server.recording.reports import Note
from server.recording.track import Backlog, SegmentOpener, TrackRecording, TrackStatus

TICK_S: Final = 0.2
_ASK_AGAIN_NS: Final = NS_PER_S

_log = structlog.get_logger(__name__)


@dataclass(slots=True)
class WriterLimits:
    """What all sittings of a process share."""

    backlog: Backlog
    key_frame_interval_ms: int | None
    open_segment: SegmentOpener


@dataclass(frozen=True, slots=True)
class Told:
    """What the thread tells about one sitting."""

    sitting_id: str
    notes: Sequence[Note]
    status: tuple[TrackStatus, ...]
    keys_wanted: Sequence[TrackKind]
    has_ended: bool
    """Nothing more will come: everything is sealed, or had to be given up."""
    all_sealed: bool


@dataclass(slots=True)
class SittingWriter:
    """The thread's end of one sitting; only `queue` and `taken_bytes` are also used by the event loop.

    Args:
        sitting_id: which one.
        folder: of the sitting's recordings.
        queue: filled by the event loop.
        limits: shared.
    """

    sitting_id: str
    folder: Path
    queue: deque[EncodedFrame]
    limits: WriterLimits
    taken_bytes: int = 0
    """Of frames that have left the queue; only ever rises."""
    _tracks: dict[TrackKind, TrackRecording] = field(default_factory=dict)
    _is_finishing: bool = False
    _has_ended: bool = False
    _has_crashed: bool = False
    _asked_ns: dict[TrackKind, int] = field(default_factory=dict)
    _told_status: tuple[TrackStatus, ...] = ()
    _extra_notes: list[Note] = field(default_factory=list)

    @property
    def has_ended(self) -> bool:
        """Whether the thread can forget the sitting."""
        return self._has_ended

    def open(self) -> None:
        """The sitting is being recorded again: it is not sealed any more."""
        try:
            (self.folder / SEALED_MARK).unlink(missing_ok=True)
        except OSError as error:
            _log.error("recording_mark_not_removed", sitting=self.sitting_id, reason=str(error))

    def finish(self) -> None:
        """No frame will be queued any more."""
        self._is_finishing = True

    def work(self, now_ns: int) -> None:
        """One round; a fault of the program is told once and does not stop other sittings."""
        try:
            self._drain(now_ns)
            for track in self._tracks.values():
                track.work(now_ns)
            if self._is_finishing and not self._has_ended:
                self._end(now_ns)
        except Exception:  # noqa: BLE001 - whatever it was, others go on
            if not self._has_crashed:
                self._has_crashed = True
                _log.exception("recording_crashed", sitting=self.sitting_id)
                payload: dict[str, JsonValue] = {"track": None, "reason": "internal_error", "detail": "", "from_ms": 0}
                self._extra_notes.append(Note(EntryKind.RECORDING_FAILED, payload, SITTING_START))

    def abandon(self) -> None:
        """The process ends."""
        for track in self._tracks.values():
            track.abandon()
        self._has_ended = True

    def told(self, now_ns: int) -> Told | None:
        """What happened since the last call; None when nothing did."""
        status = tuple(track.status() for track in self._tracks.values())
        notes = self._extra_notes
        self._extra_notes = []
        for track in self._tracks.values():
            notes += track.notes
            track.notes = []
        keys_wanted = [track for track, recording in self._tracks.items() if self._asks_now(track, recording, now_ns)]
        if not (notes or keys_wanted or self._has_ended or status != self._told_status):
            return None
        self._told_status = status
        all_sealed = all(track.all_sealed for track in self._tracks.values()) and not self._has_crashed
        return Told(self.sitting_id, notes, status, keys_wanted, self._has_ended, all_sealed)

    def _drain(self, now_ns: int) -> None:
        for _ in range(len(self.queue)):
            frame = self.queue[0]
            self._track(frame.track).take(frame, now_ns)
            self.queue.popleft()
            self.taken_bytes += len(frame.data)

    def _track(self, track: TrackKind) -> TrackRecording:
        recording = self._tracks.get(track)
        if recording is None:
            folder = self.folder / track.value
            before = recorded_before(folder)
            writer = TrackWriter(
                track,
                next_index=before.next_index,
                not_before_ms=before.end_ms,
                key_frame_interval_ms=self.limits.key_frame_interval_ms,
            )
            recording = TrackRecording(
                folder, writer, self.limits.backlog, before.recorded_ms, self.limits.open_segment
            )
            self.limits.backlog.tracks += 1
            self._tracks[track] = recording
        return recording

    def _end(self, now_ns: int) -> None:
        for track in self._tracks.values():
            track.finish(now_ns)
        self._has_ended = all(track.is_settled for track in self._tracks.values())
        if self._has_ended:
            self.limits.backlog.tracks -= len(self._tracks)

    def _asks_now(self, track: TrackKind, recording: TrackRecording, now_ns: int) -> bool:
        if not recording.writer.wants_key_frame or now_ns - self._asked_ns.get(track, -_ASK_AGAIN_NS) < _ASK_AGAIN_NS:
            return False
        self._asked_ns[track] = now_ns
        return True


def mark_sealed(folder: Path) -> None:
    """Note that a sitting's recording is sealed and on the timeline; a later start need not look at it. Blocking."""
    if not folder.is_dir():  # nothing has been recorded
        return
    try:
        (folder / SEALED_MARK).touch()
        sync_folder(folder)
    except OSError as error:  # the next start looks again, and finds nothing to do
        _log.warning("recording_mark_not_made", folder=folder.name, reason=str(error))


class WriterThread:
    """Runs the sittings' writers in one thread.

    Args:
        clock: monotonic time.
        tell: called in the thread with what happened; must hand over and return.
    """

    def __init__(self, clock: Clock, tell: Callable[[list[Told]], object]) -> None:
        self._clock = clock
        self._tell = tell
        self._added: deque[SittingWriter] = deque()
        self._writers: list[SittingWriter] = []
        self._stop = threading.Event()
        self._wake = threading.Event()
        self._thread = threading.Thread(target=self._run, name="recorder", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End after one more round; blocks until then."""
        self._stop.set()
        self._wake.set()
        self._thread.join()

    def add(self, writer: SittingWriter) -> None:
        """Record one more sitting."""
        self._added.append(writer)

    def hurry(self) -> None:
        """Do the next round at once."""
        self._wake.set()

    def _run(self) -> None:
        while not self._stop.is_set():
            self._wake.wait(TICK_S)
            self._wake.clear()
            self._round()
        self._round()
        for writer in self._writers:
            writer.abandon()
        self._tell_all()

    def _round(self) -> None:
        while self._added:
            writer = self._added.popleft()
            writer.open()
            self._writers.append(writer)
        now_ns = self._clock.monotonic_ns()
        for writer in self._writers:
            writer.work(now_ns)
        self._tell_all()

    def _tell_all(self) -> None:
        now_ns = self._clock.monotonic_ns()
        told = [news for writer in self._writers if (news := writer.told(now_ns)) is not None]
        if told:
            self._tell(told)
        self._writers = [writer for writer in self._writers if not writer.has_ended]
