"""Health, public configuration and load figures."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request

from server.diagnostics.schemas import Config, Diagnostics, Health
from server.diagnostics.service import DiagnosticsService

router = APIRouter(tags=["diagnostics"])


async def _service(request: Request) -> DiagnosticsService:
    service: DiagnosticsService = request.app.state.diagnostics
    return service


Service = Annotated[DiagnosticsService, Depends(_service)]


@router.get("/health")
async def get_health(diagnostics: Service) -> Health:
    """The server takes requests."""
    return Health(status="ok", version=diagnostics.version)


@router.get("/config")
async def get_config(request: Request, diagnostics: Service) -> Config:
    """What a page must know before anyone is logged in."""
    return diagnostics.config(request.client.host if request.client else None, request.url.hostname)


@router.get("/diagnostics")
async def get_diagnostics(diagnostics: Service) -> Diagnostics:
    """Load of the server's processes and of analysis."""
    return await diagnostics.measure()
