"""Guided checks: asked for and taken back by invigilators, done or declined by candidates."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, status
from starlette.requests import HTTPConnection

from server.accounts.access import CurrentCaller
from server.checks.schemas import BeginCheckRequest, CheckRequest, CheckStepRequest, CheckView
from server.checks.service import CheckService
from server.schemas import Identifier

router = APIRouter(tags=["checks"])


async def _service(connection: HTTPConnection) -> CheckService:
    service: CheckService = connection.app.state.checks
    return service


Checks = Annotated[CheckService, Depends(_service)]


@router.get("/sittings/{sitting_id}/checks")
async def list_checks(sitting_id: Identifier, checks: Checks, caller: CurrentCaller) -> list[CheckView]:
    """All checks of a sitting in the order in which they were asked for; logged as viewed where one has a result."""
    return await checks.all_of(sitting_id, caller)


@router.post("/sittings/{sitting_id}/checks", status_code=status.HTTP_201_CREATED)
async def ask_check(sitting_id: Identifier, body: CheckRequest, checks: Checks, caller: CurrentCaller) -> CheckView:
    """Ask the candidate for a check; 409 `not_running`, or `check_open` while another one is open."""
    return await checks.ask(sitting_id, body.check, caller)


@router.post("/sittings/{sitting_id}/checks/{check_id}/withdraw")
async def withdraw_check(
    sitting_id: Identifier, check_id: Identifier, checks: Checks, caller: CurrentCaller
) -> CheckView:
    """Take a check back; 409 `check_ended` when it is over."""
    return await checks.withdraw(sitting_id, check_id, caller)


@router.post("/sittings/{sitting_id}/checks/{check_id}/begin")
async def begin_check(
    sitting_id: Identifier, check_id: Identifier, body: BeginCheckRequest, checks: Checks
) -> CheckView:
    """Begin: from now on the pictures of the track are the check's; 409 `track_not_arriving` when none come."""
    return await checks.begin(sitting_id, check_id, body)


@router.post("/sittings/{sitting_id}/checks/{check_id}/stop")
async def stop_check(sitting_id: Identifier, check_id: Identifier, body: CheckStepRequest, checks: Checks) -> CheckView:
    """End a check that runs; it is judged as far as it came, and the control socket tells the result."""
    return await checks.stop(sitting_id, check_id, body.client_id)


@router.post("/sittings/{sitting_id}/checks/{check_id}/decline")
async def decline_check(
    sitting_id: Identifier, check_id: Identifier, body: CheckStepRequest, checks: Checks
) -> CheckView:
    """Say that it cannot be done; a person sees that, and nothing follows by itself."""
    return await checks.decline(sitting_id, check_id, body.client_id)
