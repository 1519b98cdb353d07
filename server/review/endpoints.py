"""Recordings by HTTP Range, and timelines."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Header, Query, Request, Response

from proctor.domain.media import TrackKind
from server.accounts.access import CurrentCaller
from server.review.schemas import RecordingManifest, TimelinePage, TimelineVerification
from server.review.service import ReviewService
from server.schemas import Identifier

router = APIRouter(tags=["review"])


async def _service(request: Request) -> ReviewService:
    service: ReviewService = request.app.state.review
    return service


Reviews = Annotated[ReviewService, Depends(_service)]


@router.get("/sittings/{sitting_id}/timeline")
async def get_timeline(
    sitting_id: Identifier,
    reviews: Reviews,
    caller: CurrentCaller,
    after_seq: Annotated[int, Query(ge=0, le=2**53)] = 0,
    limit: Annotated[int, Query(ge=1, le=1000)] = 500,
) -> TimelinePage:
    """Entries of the sitting's timeline after `after_seq`. Logged as viewed."""
    return await reviews.timeline(sitting_id, caller, after_seq, limit)


@router.get("/sittings/{sitting_id}/timeline/verify")
async def verify_timeline(sitting_id: Identifier, reviews: Reviews) -> TimelineVerification:
    """Check the chain of hashes as it is stored."""
    return await reviews.verify(sitting_id)


@router.get("/sittings/{sitting_id}/recording")
async def get_recording(sitting_id: Identifier, reviews: Reviews) -> RecordingManifest:
    """What is recorded of the sitting, with the gaps."""
    return await reviews.manifest(sitting_id)


@router.get(
    "/sittings/{sitting_id}/recording/{track}.webm",
    response_class=Response,
    responses={
        200: {"content": {"video/webm": {"schema": {"type": "string", "format": "binary"}}}},
        206: {"content": {"video/webm": {"schema": {"type": "string", "format": "binary"}}}},
    },
)
async def get_recording_track(  # noqa: PLR0913 - the parts of the request
    *,
    sitting_id: Identifier,
    track: TrackKind,
    reviews: Reviews,
    caller: CurrentCaller,
    until_ms: Annotated[int | None, Query(ge=0, le=2**53)] = None,
    range_header: Annotated[str | None, Header(alias="Range", max_length=200)] = None,
) -> Response:
    """One track as one WebM file by HTTP Range; `until_ms` fixes what a running sitting shows. Logged as viewed."""
    return await reviews.play(sitting_id, track, caller, until_ms, range_header)
