"""The consent text."""

from __future__ import annotations

from fastapi import APIRouter, Request

from server.consent.schemas import Consent

router = APIRouter(tags=["consent"])


@router.get("/consent")
async def get_consent(request: Request) -> Consent:
    """The consent text in force, in all languages."""
    consent: Consent = request.app.state.consent
    return consent
