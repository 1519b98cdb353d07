"""At start-up: cuts torn tails and seals what a crash left open, before anything is recorded."""

from __future__ import annotations

import asyncio
import hashlib
import os
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import structlog

from proctor.domain.errors import MediaError
from proctor.domain.media import TrackKind
from proctor.domain.time import media_time_from_ms
from proctor.domain.timeline import EntryKind, JsonValue
from proctor.ports.timeline_store import TimelineStore
from proctor.recording.segments import SegmentName
from proctor.recording.webm import FileIndex, read_blocks
from server.recording.layout import SEALED_MARK, recordings_folder, segments_in, sync_folder
from server.recording.playback import StoredBytes, index_file
from server.recording.reports import Note, sealed_payload
from server.recording.segment_file import SegmentTotals
from server.recording.writing import mark_sealed

UNREADABLE_SUFFIX: Final = ".unreadable"
_PAGE: Final = 1_000

_log = structlog.get_logger(__name__)


@dataclass(slots=True)
class RepairSummary:
    """What a repair did, over all sittings."""

    sittings: int = 0
    sealed: int = 0
    """Segments that had no `segment_sealed` entry and have one now."""
    cut_bytes: int = 0
    """Of torn tails."""
    unreadable: int = 0
    """Files that are set aside under another name because their head cannot be read."""


async def repair(data_dir: Path, timeline: TimelineStore) -> RepairSummary:
    """Seal every segment that the timeline does not know yet; to be awaited before the recorder starts.

    Sittings that were sealed to the end carry a mark and are not looked at again. A segment that the timeline knows is
    never touched. Problems with one sitting are logged and leave it for the next start.

    Returns:
        What was done.
    """
    summary = RepairSummary()
    for folder in await asyncio.to_thread(_unsealed_sittings, data_dir):
        try:
            await _repair_sitting(folder, timeline, summary)
        except Exception:  # noqa: BLE001 - one sitting's trouble must not keep the server from starting
            _log.exception("recording_not_repaired", sitting=folder.name)
    if summary.sealed or summary.unreadable:
        _log.warning(
            "recordings_repaired", sittings=summary.sittings, sealed=summary.sealed, cut_bytes=summary.cut_bytes
        )
    return summary


async def _repair_sitting(folder: Path, timeline: TimelineStore, summary: RepairSummary) -> None:
    summary.sittings += 1
    known = {file async for file in _sealed_files(timeline, folder.name)}
    notes = await asyncio.to_thread(lambda: list(_repaired(folder, known, summary)))
    await asyncio.gather(*(timeline.append(folder.name, note.kind, note.payload, note.at) for note in notes))
    summary.sealed += len(notes)
    await asyncio.to_thread(mark_sealed, folder)


async def _sealed_files(timeline: TimelineStore, sitting_id: str) -> AsyncIterator[JsonValue]:
    after_seq = 0
    while True:
        entries = await timeline.read(sitting_id, after_seq, _PAGE, {EntryKind.SEGMENT_SEALED})
        for entry in entries:
            yield entry.payload.get("file")
        if len(entries) < _PAGE:
            return
        after_seq = entries[-1].seq


def _unsealed_sittings(data_dir: Path) -> list[Path]:
    root = recordings_folder(data_dir)
    if not root.is_dir():
        return []
    return [folder for folder in sorted(root.iterdir()) if folder.is_dir() and not (folder / SEALED_MARK).exists()]


def _repaired(folder: Path, known: set[JsonValue], summary: RepairSummary) -> Iterator[Note]:
    for track in TrackKind:
        for name, path in segments_in(folder / track.value):
            if f"{track.value}/{name.file_name}" not in known:
                note = _repair_file(track, name, path, summary)
                if note is not None:
                    yield note


def _repair_file(track: TrackKind, name: SegmentName, path: Path, summary: RepairSummary) -> Note | None:
    try:
        index = index_file(path)
    except MediaError as error:
        _set_aside(path, error, summary)
        return None
    if not index.clusters:
        path.unlink()
        sync_folder(path.parent)
        return None
    torn = path.stat().st_size - index.whole_size
    if torn:
        os.truncate(path, index.whole_size)
        summary.cut_bytes += torn
    _sync_file(path)
    totals = _totals(path, index)
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    payload = sealed_payload(track, name, totals, size=index.whole_size, sha256=digest, repaired=True)
    return Note(EntryKind.SEGMENT_SEALED, payload, media_time_from_ms(totals.end_ms))


def _set_aside(path: Path, error: MediaError, summary: RepairSummary) -> None:
    """A crash may leave a file without a whole head; one with content is kept for a person to look at."""
    if path.stat().st_size == 0:
        path.unlink()
    else:
        summary.unreadable += 1
        path.rename(path.with_name(path.name + UNREADABLE_SUFFIX))
        _log.error("segment_unreadable", sitting=path.parent.parent.name, segment=path.name, reason=str(error))
    sync_folder(path.parent)


def _totals(path: Path, index: FileIndex) -> SegmentTotals:
    source = StoredBytes(path, index.whole_size)
    frames = sum(sum(1 for _ in read_blocks(source.read_at(place.offset, place.size))) for place in index.clusters)
    return SegmentTotals(index.clusters[0].at_ms, index.clusters[-1].end_ms, len(index.clusters), frames)


def _sync_file(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
