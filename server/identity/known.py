"""What is known of a candidate, as the analysis of a sitting is told."""

from __future__ import annotations

from dataclasses import dataclass

from proctor.challenge.calibration import screen_in
from proctor.domain.documents import DocumentObserved
from proctor.domain.observations import ScreenZone
from proctor.domain.timeline import EntryKind
from proctor.ports.blob_store import BlobStore
from proctor.ports.timeline_store import TimelineStore
from server.identity.documents import document_of
from server.identity.photographs import accepted_photographs


@dataclass(frozen=True, slots=True)
class KnownIdentity:
    """What is known of the candidate when the analysis begins."""

    photographs: tuple[bytes, ...] = ()
    """As JPEG, the latest first."""
    document: DocumentObserved | None = None
    """None where the policy asks for no document."""
    screen: ScreenZone | None = None
    """The candidate's own screen as last measured, of a sitting that goes on."""


async def known_identity(
    timeline: TimelineStore, blobs: BlobStore, sitting_id: str, *, with_document: bool
) -> KnownIdentity:
    """What the sitting's entries tell."""
    return KnownIdentity(
        photographs=await accepted_photographs(timeline, blobs, sitting_id),
        document=(await document_of(timeline, sitting_id)).observed() if with_document else None,
        screen=await _own_screen(timeline, sitting_id),
    )


async def _own_screen(timeline: TimelineStore, sitting_id: str) -> ScreenZone | None:
    ended = await timeline.read(sitting_id, kinds=(EntryKind.CHECK_ENDED,))
    measured = (screen_in(entry.payload) for entry in reversed(ended))
    return next((screen for screen in measured if screen is not None), None)
