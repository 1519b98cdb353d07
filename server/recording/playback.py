"""Finds what is recorded of a sitting and opens it for players. Blocking: call it in a thread."""

from __future__ import annotations

import os
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Final

import structlog

from proctor.domain.errors import MediaError
from proctor.domain.media import TrackKind
from proctor.recording.segments import SegmentName
from proctor.recording.virtual import SegmentFile, VirtualWebm
from proctor.recording.webm import FileIndex, scan
from server.recording.layout import segments_in, sitting_folder, track_folder

_MAX_INDEXES: Final = 4_096

_log = structlog.get_logger(__name__)


class NothingRecordedError(MediaError):
    """There is no recording of that track, or not yet."""


@dataclass(frozen=True, slots=True)
class StoredBytes:
    """A file that is opened for each read, so that long recordings do not hold hundreds of descriptors."""

    path: Path
    size: int
    """Bytes when it was found; it may have grown since."""

    def read_at(self, offset: int, length: int) -> bytes:
        """At most `length` bytes from `offset` on.

        Raises:
            OSError: the file cannot be read.
        """
        descriptor = os.open(self.path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            return os.pread(descriptor, length, offset)
        finally:
            os.close(descriptor)


class _OpenBytes:
    """A file that stays open while it is scanned."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self.size = os.fstat(descriptor).st_size

    def read_at(self, offset: int, length: int) -> bytes:
        return os.pread(self._descriptor, length, offset)


def index_file(path: Path) -> FileIndex:
    """Scan a segment's file.

    Raises:
        OSError: it cannot be read.
        MediaError: its head is torn or is not WebM.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        return scan(_OpenBytes(descriptor))
    finally:
        os.close(descriptor)


@dataclass(frozen=True, slots=True)
class Before:
    """What earlier runs of the server have recorded of a track."""

    next_index: int
    end_ms: int
    recorded_ms: int


def recorded_before(folder: Path) -> Before:
    """Look at the segments that a track already has.

    Raises:
        OSError: the folder or a file cannot be read.
    """
    paths = segments_in(folder)
    files = _segment_files(paths, index_file)
    next_index = 1 + max((name.index for name, _ in paths), default=0)
    if not any(file.index.clusters for file in files):
        return Before(next_index, 0, 0)
    whole = VirtualWebm(files)
    return Before(next_index, whole.end_ms, whole.recorded_ms)


class RecordingArchive:
    """Recordings under a data folder, running ones included; remembers the indexes of files that did not change."""

    def __init__(self, data_dir: Path) -> None:
        self._data_dir = data_dir
        self._indexes: OrderedDict[tuple[Path, int, int], FileIndex] = OrderedDict()
        self._lock = Lock()

    def tracks(self, sitting_id: str) -> list[TrackKind]:
        """Tracks of which something is recorded.

        Raises:
            ValueError: not a sitting's identifier.
        """
        folder = sitting_folder(self._data_dir, sitting_id)
        return [track for track in TrackKind if segments_in(folder / track.value)]

    def open(self, sitting_id: str, track: TrackKind, until_ms: int | None = None) -> VirtualWebm:
        """The track as one playable file; `until_ms` fixes what a player of a running sitting sees.

        Raises:
            NothingRecordedError: there is nothing to play.
            OSError: a segment cannot be read.
            ValueError: not a sitting's identifier.
        """
        files = _segment_files(segments_in(track_folder(self._data_dir, sitting_id, track)), self._index)
        try:
            return VirtualWebm(files, until_ms)
        except ValueError as error:
            raise NothingRecordedError(f"nothing of the {track.value} is recorded") from error

    def _index(self, path: Path) -> FileIndex:
        stat = path.stat()
        key = (path, stat.st_size, stat.st_mtime_ns)
        with self._lock:
            known = self._indexes.get(key)
            if known is not None:
                self._indexes.move_to_end(key)
                return known
        index = index_file(path)
        with self._lock:
            self._indexes[key] = index
            while len(self._indexes) > _MAX_INDEXES:
                self._indexes.popitem(last=False)
        return index


def _segment_files(paths: Sequence[tuple[SegmentName, Path]], index: Callable[[Path], FileIndex]) -> list[SegmentFile]:
    files = []
    for _, path in paths:
        try:
            found = index(path)
        except MediaError as error:
            _log.warning("segment_unreadable", segment=path.name, reason=str(error))
            continue
        files.append(SegmentFile(StoredBytes(path, found.whole_size), found))
    return files
