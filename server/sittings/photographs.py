"""The identity photographs of a sitting: one, or several that make one reference together."""

from __future__ import annotations

from typing import Final

import structlog

from proctor.domain.errors import BlobMissingError
from proctor.domain.timeline import EntryKind
from proctor.ports.blob_store import BlobStore
from proctor.ports.timeline_store import TimelineStore
from server.storage.blobs import picture_key

log = structlog.get_logger(__name__)

MOST: Final = 5
"""Photographs that make a reference; of more the latest count."""
_PAGE: Final = 500


async def accepted_photographs(timeline: TimelineStore, blobs: BlobStore, sitting_id: str) -> tuple[bytes, ...]:
    """Accepted photographs as JPEG, the latest first: the last one that stands for itself, and those added since."""
    hashes: list[str] = []
    after_seq = 0
    while entries := await timeline.read(sitting_id, after_seq, _PAGE, kinds=[EntryKind.ENROLMENT_ACCEPTED]):
        for entry in entries:
            if not entry.payload.get("further", False):
                hashes.clear()
            hashes.append(str(entry.payload["picture_sha256"]))
        after_seq = entries[-1].seq
    photographs = []
    for sha256 in reversed(hashes[-MOST:]):
        try:
            photographs.append(await blobs.get(picture_key(sha256)))
        except BlobMissingError:
            log.warning("enrolment_picture_missing", sitting=sitting_id)
    return tuple(photographs)
