"""What the recorder tells the rest of the server, and how."""

from __future__ import annotations

import errno
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from proctor.domain.media import TrackKind
from proctor.domain.time import MediaTime, media_time_from_ms
from proctor.domain.timeline import EntryKind, JsonValue
from proctor.recording.segments import SegmentName
from server.recording.segment_file import SegmentTotals

Report = Callable[[str, EntryKind, dict[str, JsonValue], MediaTime | None], Awaitable[object] | None]
"""Puts an entry on a sitting's timeline: sitting, kind, payload, media time.

What it returns resolves when the entry is durable; None says that it could not be written.
"""

_REASONS: Final = {
    errno.ENOSPC: "disk_full",
    errno.EDQUOT: "disk_full",
    errno.EFBIG: "disk_full",
    errno.EROFS: "read_only",
    errno.EACCES: "read_only",
    errno.EPERM: "read_only",
}


@dataclass(frozen=True, slots=True)
class Note:
    """One entry for the timeline."""

    kind: EntryKind
    payload: dict[str, JsonValue]
    at: MediaTime


def reason_of(error: OSError) -> str:
    """`disk_full`, `read_only` or `io_error`."""
    return _REASONS.get(error.errno or 0, "io_error")


def sealed_payload(  # noqa: PLR0913 - the fields of the entry
    track: TrackKind,
    name: SegmentName,
    totals: SegmentTotals,
    *,
    size: int,
    sha256: str,
    repaired: bool = False,
    sync_failed: bool = False,
) -> dict[str, JsonValue]:
    """Payload of `segment_sealed`."""
    payload: dict[str, JsonValue] = {
        "track": track.value,
        "file": f"{track.value}/{name.file_name}",
        "leg": name.leg,
        "index": name.index,
        "sha256": sha256,
        "bytes": size,
        "start_ms": totals.start_ms,
        "end_ms": totals.end_ms,
        "clusters": totals.clusters,
        "frames": totals.frames,
        "repaired": repaired,
    }
    if sync_failed:
        payload["sync_failed"] = True
    return payload


def failed_note(track: TrackKind, error: OSError, at_ms: int) -> Note:
    """The medium refuses a track from here on."""
    payload: dict[str, JsonValue] = {
        "track": track.value,
        "reason": reason_of(error),
        "detail": error.strerror or str(error),
        "from_ms": at_ms,
    }
    return Note(EntryKind.RECORDING_FAILED, payload, media_time_from_ms(at_ms))


def resumed_note(track: TrackKind, from_ms: int, at_ms: int) -> Note:
    """The medium takes the track again; what memory could hold meanwhile has been written."""
    payload: dict[str, JsonValue] = {"track": track.value, "from_ms": from_ms, "to_ms": at_ms}
    return Note(EntryKind.RECORDING_RESUMED, payload, media_time_from_ms(at_ms))


def gap_note(track: TrackKind, start_ms: int, end_ms: int, cause: str, frames: int) -> Note:
    """Frames arrived but are not in the recording."""
    payload: dict[str, JsonValue] = {
        "track": track.value,
        "start_ms": start_ms,
        "end_ms": end_ms,
        "cause": cause,
        "frames": frames,
    }
    return Note(EntryKind.RECORDING_GAP, payload, media_time_from_ms(end_ms))
