"""Who a sitting's pictures are compared with, as its analysis is told."""

from __future__ import annotations

from dataclasses import dataclass

from proctor.domain.documents import DocumentObserved
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


async def known_identity(
    timeline: TimelineStore, blobs: BlobStore, sitting_id: str, *, with_document: bool
) -> KnownIdentity:
    """What the sitting's entries tell."""
    return KnownIdentity(
        photographs=await accepted_photographs(timeline, blobs, sitting_id),
        document=(await document_of(timeline, sitting_id)).observed() if with_document else None,
    )
