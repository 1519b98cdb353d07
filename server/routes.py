"""All routers of the HTTP API in one place, without the application around them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from fastapi import APIRouter, Depends
from fastapi.routing import APIRoute, APIWebSocketRoute

from server.accounts.access import check_rules, close_with_log_in, enforce_access
from server.accounts.endpoints import router as accounts_router
from server.checks.endpoints import router as checks_router
from server.consent.endpoints import router as consent_router
from server.diagnostics.endpoints import router as diagnostics_router
from server.exams.endpoints import router as exams_router
from server.identity.endpoints import router as identity_router
from server.invigilation.endpoints import router as invigilation_router
from server.phones.endpoints import router as phones_router
from server.problems import PROBLEM_JSON
from server.review.endpoints import router as review_router
from server.sittings.endpoints import router as sittings_router

FEATURES: Final = (
    accounts_router,
    consent_router,
    diagnostics_router,
    exams_router,
    sittings_router,
    phones_router,
    invigilation_router,
    identity_router,
    checks_router,
    review_router,
)


def _endpoints() -> Iterator[str]:
    for router in FEATURES:
        for route in router.routes:
            if isinstance(route, APIRoute | APIWebSocketRoute):
                yield route.endpoint.__name__


def api_router() -> APIRouter:
    """Every endpoint and socket under /api, each behind its access rule.

    Raises:
        RuntimeError: an endpoint has no access rule.
    """
    check_rules(_endpoints())
    router = APIRouter(
        prefix="/api",
        dependencies=[Depends(enforce_access), Depends(close_with_log_in)],
        generate_unique_id_function=lambda route: route.name,
        responses={
            "default": {
                "description": "Problem (RFC 9457)",
                "content": {PROBLEM_JSON: {"schema": {"$ref": "#/components/schemas/Problem"}}},
            }
        },
    )
    for feature in FEATURES:
        router.include_router(feature)
    return router
