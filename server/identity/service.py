"""The identity document as those who decide see it; every view of it stands in the timeline."""

from __future__ import annotations

from proctor.domain.errors import BlobMissingError
from proctor.ports.blob_store import BlobStore
from proctor.ports.timeline_store import TimelineStore
from server.accounts.access import Caller
from server.identity.documents import DocumentPicture, DocumentStanding, document_of, opened_reading
from server.identity.schemas import DocumentPictureView, DocumentPortraitView, DocumentView, DocumentZoneView
from server.problems import ProblemError
from server.storage.blobs import picture_key, reading_key
from server.viewings import Viewings

_WHAT = "document"


class IdentityService:
    """What the identity endpoints call."""

    def __init__(self, *, timeline: TimelineStore, blobs: BlobStore, viewings: Viewings) -> None:
        self._timeline = timeline
        self._blobs = blobs
        self._viewings = viewings

    async def document(self, sitting_id: str, caller: Caller) -> DocumentView:
        """Picture, reading and comparison."""
        document = await document_of(self._timeline, sitting_id)
        zone, portrait = document.of_zone, document.of_portrait
        if zone is None or portrait is None:
            return DocumentView(state=document.state, left=document.is_left, pictures=[], zone=None, portrait=None)
        await self._viewings.note(sitting_id, _WHAT, caller)
        return DocumentView(
            state=document.state,
            left=document.is_left,
            pictures=[_picture(sitting_id, picture, document) for picture in document.pictures],
            zone=await self._zone(zone),
            portrait=_portrait(portrait),
        )

    async def picture(self, sitting_id: str, sha256: str, caller: Caller) -> bytes:
        """A picture of the document.

        Raises:
            ProblemError: 404 the sitting has no such picture.
        """
        pictures = (await document_of(self._timeline, sitting_id)).pictures
        if not any(picture.facts["picture_sha256"] == sha256 for picture in pictures):
            raise ProblemError(404, "picture_not_found", "This sitting has no such picture.")
        await self._viewings.note(sitting_id, _WHAT, caller)
        return await self._blobs.get(picture_key(sha256))

    async def _zone(self, picture: DocumentPicture) -> DocumentZoneView:
        facts = picture.facts
        lines, fields = await self._opened(facts["reading_sha256"])
        return DocumentZoneView(
            zone=picture.zone,
            checks=facts["checks"],
            lines=lines,
            fields=fields,
            expired=facts["expired"],
            model=facts["model"],
        )

    async def _opened(self, sha256: str | None) -> tuple[list[str], dict[str, str]]:
        """Lines and fields; nothing where there was no zone, or where what was read is not kept any more."""
        if sha256 is None:
            return [], {}
        try:
            return opened_reading(await self._blobs.get(reading_key(sha256)))
        except BlobMissingError:
            return [], {}


def _picture(sitting_id: str, picture: DocumentPicture, document: DocumentStanding) -> DocumentPictureView:
    return DocumentPictureView(
        picture_url=f"/api/sittings/{sitting_id}/document/{picture.facts['picture_sha256']}.jpg",
        taken_at=picture.taken_at,
        counts=picture is document.of_zone or picture is document.of_portrait,
    )


def _portrait(picture: DocumentPicture) -> DocumentPortraitView:
    facts = picture.facts
    return DocumentPortraitView(
        portrait=picture.portrait, similarity=facts["similarity"], threshold=facts["threshold"], same=facts["same"]
    )
