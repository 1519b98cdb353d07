"""One segment on disk: whole clusters or nothing."""

from __future__ import annotations

import errno
import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

from proctor.recording.segments import ClusterReady, SegmentName
from server.recording.layout import sync_folder


@dataclass(slots=True)
class SegmentTotals:
    """What a segment holds."""

    start_ms: int = 0
    end_ms: int = 0
    clusters: int = 0
    frames: int = 0


class SegmentFile:
    """A segment that is being written; the file appears with its first cluster. Blocking; used by one thread.

    Args:
        folder: the track's folder; made when it is missing.
        name: of the segment.
        head: bytes that go before the first cluster.
    """

    def __init__(self, folder: Path, name: SegmentName, head: bytes) -> None:
        self.name = name
        self.path = folder / name.file_name
        self.totals = SegmentTotals()
        self.size = 0
        """Bytes of head and whole clusters written so far."""
        self.sync_failed = False
        """A sync has failed once, so that what was written before it may not be on the medium."""
        self._head = head
        self._descriptor: int | None = None
        self._digest = hashlib.sha256()
        self._unsynced = 0
        self._named = False

    @property
    def is_dirty(self) -> bool:
        """Whether there is something that a power cut would take."""
        return self._unsynced > 0

    def write(self, cluster: ClusterReady) -> None:
        """Append a cluster by one write; after an error the file ends where it ended before.

        Raises:
            OSError: the medium did not take all of it.
        """
        data = cluster.data if self.size else self._head + cluster.data
        descriptor = self._opened()
        try:
            _write_all(descriptor, data, self.size)
        except OSError:
            os.ftruncate(descriptor, self.size)
            raise
        self._digest.update(data)
        self.size += len(data)
        self._unsynced += len(data)
        totals = self.totals
        totals.start_ms = totals.start_ms if totals.clusters else cluster.start_ms
        totals.end_ms = cluster.end_ms
        totals.clusters += 1
        totals.frames += cluster.frames

    def sync(self) -> None:
        """Make what was written durable, the file's name included.

        Raises:
            OSError: the medium refused; `sync_failed` stays set.
        """
        if self._descriptor is None or not self._unsynced:
            return
        try:
            os.fdatasync(self._descriptor)
            if not self._named:
                sync_folder(self.path.parent)
                self._named = True
        except OSError:
            self.sync_failed = True
            raise
        self._unsynced = 0

    def seal(self) -> str:
        """Make durable, close, and give the SHA-256 of the content.

        Raises:
            OSError: the medium refused; may be tried again.
        """
        self.sync()
        self.close()
        return self._digest.hexdigest()

    def reopen(self) -> None:
        """Take a new descriptor, for when the medium went away and came back.

        Raises:
            OSError: it is not back, or holds less of the file than was written.
        """
        if self._descriptor is None or not self.size:
            return
        descriptor = os.open(self.path, os.O_WRONLY | os.O_CLOEXEC)
        if os.fstat(descriptor).st_size < self.size:
            os.close(descriptor)
            raise OSError(errno.EIO, "the medium has lost a part of the segment", str(self.path))
        self.close()
        self._descriptor = descriptor

    def discard(self) -> None:
        """Close, and remove the file if nothing has been written to it."""
        self.close()
        if not self.size:
            self.path.unlink(missing_ok=True)

    def close(self) -> None:
        """Give up the descriptor; nothing else changes."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def _opened(self) -> int:
        if self._descriptor is None:
            self._make_folders()
            self._descriptor = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o640)
        return self._descriptor

    def _make_folders(self) -> None:
        missing = [folder for folder in (self.path.parent, *self.path.parent.parents) if not folder.exists()]
        for folder in reversed(missing):
            folder.mkdir(exist_ok=True)
            sync_folder(folder.parent)


def _write_all(descriptor: int, data: bytes, offset: int) -> None:
    written = os.pwrite(descriptor, data, offset)
    if written < len(data):  # the medium is full, or a limit on the file's size was met
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
