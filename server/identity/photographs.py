"""The identity photographs of a sitting: one, or several that make one reference together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import structlog

from proctor.domain.errors import BlobMissingError
from proctor.domain.timeline import Entry, EntryKind
from proctor.ports.blob_store import BlobStore
from proctor.ports.timeline_store import TimelineStore
from server.storage.blobs import picture_key

log = structlog.get_logger(__name__)

MOST: Final = 3
"""Photographs that make a reference."""
_PAGE: Final = 500


@dataclass(frozen=True, slots=True)
class Photograph:
    """A photograph that was accepted."""

    sha256: str
    taken_at: datetime
    compared: bool
    """The candidate is compared with it; False once another one took its place."""


async def photographs_of(timeline: TimelineStore, sitting_id: str) -> tuple[Photograph, ...]:
    """Every accepted photograph, the latest first, those that were replaced included."""
    entries: list[Entry] = []
    after_seq = 0
    while page := await timeline.read(sitting_id, after_seq, _PAGE, kinds=[EntryKind.ENROLMENT_ACCEPTED]):
        entries += page
        after_seq = page[-1].seq
    return _told(entries)


async def accepted_photographs(timeline: TimelineStore, blobs: BlobStore, sitting_id: str) -> tuple[bytes, ...]:
    """The photographs that the candidate is compared with, as JPEG, the latest first."""
    pictures = []
    for photograph in await photographs_of(timeline, sitting_id):
        if not photograph.compared:
            break
        try:
            pictures.append(await blobs.get(picture_key(photograph.sha256)))
        except BlobMissingError:
            log.warning("enrolment_picture_missing", sitting=sitting_id)
    return tuple(pictures)


def _told(entries: Sequence[Entry]) -> tuple[Photograph, ...]:
    """What stands for itself takes the place of all before it; what is added joins them."""
    first = max((place for place, entry in enumerate(entries) if not entry.payload.get("further", False)), default=0)
    found = [
        Photograph(
            sha256=str(entry.payload["picture_sha256"]),
            taken_at=datetime.fromisoformat(entry.utc),
            compared=place >= first,
        )
        for place, entry in enumerate(entries)
    ]
    return tuple(reversed(found))
