"""The candidate's side of a sitting, and its scheduling."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request, WebSocket, status
from pydantic import Field
from starlette.requests import HTTPConnection

from server.accounts.access import CurrentCaller
from server.schemas import ClientId, Identifier
from server.sittings.control import ControlSockets
from server.sittings.document import DocumentStep
from server.sittings.scheduling import Scheduling
from server.sittings.schemas import (
    AnswerRequest,
    AnswerSaved,
    ClaimRequest,
    ClaimView,
    ClientRequest,
    ConsentRequest,
    DocumentOutcome,
    EnrolmentView,
    EquipmentRequest,
    LegAnswer,
    LegRequest,
    LegView,
    ScheduledSitting,
    ScheduleRequest,
    SittingForCandidate,
)
from server.sittings.service import SittingService

router = APIRouter(tags=["sittings"])


async def _service(connection: HTTPConnection) -> SittingService:
    service: SittingService = connection.app.state.sittings
    return service


async def _documents(connection: HTTPConnection) -> DocumentStep:
    documents: DocumentStep = connection.app.state.documents
    return documents


async def _sockets(connection: HTTPConnection) -> ControlSockets:
    sockets: ControlSockets = connection.app.state.control_sockets
    return sockets


async def _scheduling(connection: HTTPConnection) -> Scheduling:
    scheduling: Scheduling = connection.app.state.scheduling
    return scheduling


Schedules = Annotated[Scheduling, Depends(_scheduling)]
Sittings = Annotated[SittingService, Depends(_service)]
Documents = Annotated[DocumentStep, Depends(_documents)]
Sockets = Annotated[ControlSockets, Depends(_sockets)]


@router.post("/sittings", status_code=status.HTTP_201_CREATED)
async def schedule_sitting(body: ScheduleRequest, scheduling: Schedules) -> ScheduledSitting:
    """Schedule a candidate for an exam; the exam's policy of this moment is kept with the sitting."""
    return await scheduling.schedule(body.exam_id, body.candidate_account_id)


@router.get("/sittings/mine")
async def list_my_sittings(sittings: Sittings, caller: CurrentCaller) -> list[SittingForCandidate]:
    """The caller's own sittings, open ones first."""
    return await sittings.mine(caller.account_id)


@router.get("/sittings/{sitting_id}/candidate")
async def get_my_sitting(sitting_id: Identifier, sittings: Sittings) -> SittingForCandidate:
    """One of the caller's own sittings."""
    return await sittings.view(sitting_id)


@router.post("/sittings/{sitting_id}/claim")
async def claim_sitting(
    sitting_id: Identifier, body: ClaimRequest, sittings: Sittings, caller: CurrentCaller
) -> ClaimView:
    """Make this tab the one that the sitting is taken in; 409 `sitting_open_elsewhere` unless `take_over`."""
    return await sittings.claim(sitting_id, body.client_id, caller, take_over=body.take_over)


@router.post("/sittings/{sitting_id}/consent")
async def answer_consent(sitting_id: Identifier, body: ConsentRequest, sittings: Sittings) -> SittingForCandidate:
    """Agree to the consent text or refuse; 409 `consent_outdated` when the version is not in force."""
    return await sittings.consent(sitting_id, body)


@router.post("/sittings/{sitting_id}/legs", status_code=status.HTTP_201_CREATED)
async def open_leg(sitting_id: Identifier, body: LegRequest, sittings: Sittings) -> LegAnswer:
    """Connect the tab's media; 422 `bad_sdp` when the offer cannot be read."""
    return await sittings.open_leg(sitting_id, body)


@router.get("/sittings/{sitting_id}/legs/{leg}")
async def get_leg(sitting_id: Identifier, leg: Annotated[int, Path(ge=1, le=1_000_000)], sittings: Sittings) -> LegView:
    """What the server has received on a leg."""
    return await sittings.leg(sitting_id, leg)


@router.post("/sittings/{sitting_id}/equipment")
async def report_equipment(sitting_id: Identifier, body: EquipmentRequest, sittings: Sittings) -> SittingForCandidate:
    """Report the equipment check; 409 `media_not_arriving` when the server does not receive what is required."""
    return await sittings.equipment(sitting_id, body)


@router.post(
    "/sittings/{sitting_id}/enrolment",
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {"image/jpeg": {"schema": {"type": "string", "format": "binary"}}},
        }
    },
)
async def enrol(
    sitting_id: Identifier,
    client_id: Annotated[ClientId, Query()],
    request: Request,
    sittings: Sittings,
    *,
    further: Annotated[bool, Query()] = False,
) -> EnrolmentView:
    """Hand in an identity photograph; 422 with the reason when no single usable face is in it.

    It takes the place of what was handed in before; with `further=true` it is added, must show the same person
    (`another_person` otherwise), and all together are what the candidate is compared with.
    """
    return await sittings.enrol(sitting_id, client_id, await request.body(), further=further)


@router.post(
    "/sittings/{sitting_id}/document",
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {"image/jpeg": {"schema": {"type": "string", "format": "binary"}}},
        }
    },
)
async def read_document(
    sitting_id: Identifier,
    client_id: Annotated[ClientId, Query()],
    request: Request,
    documents: Documents,
) -> DocumentOutcome:
    """Hand in a picture of the identity document, where the exam asks for one; another one may follow.

    It is kept with what could be read of it. What could not be read or does not match is put before a person.
    """
    return await documents.hand_in(sitting_id, client_id, await request.body())


@router.post("/sittings/{sitting_id}/document/left")
async def leave_document(
    sitting_id: Identifier, body: ClientRequest, documents: Documents, sittings: Sittings
) -> SittingForCandidate:
    """Leave the identity document to a person, with or without a picture; nothing else follows."""
    await documents.leave(sitting_id, body.client_id)
    return await sittings.view(sitting_id)


@router.post("/sittings/{sitting_id}/start")
async def start_sitting(sitting_id: Identifier, body: ClientRequest, sittings: Sittings) -> SittingForCandidate:
    """Start: media time 0, recording and analysis begin; 409 names the step that is missing."""
    return await sittings.start(sitting_id, body.client_id)


@router.put("/sittings/{sitting_id}/answers/{question_id}")
async def save_answer(
    sitting_id: Identifier,
    question_id: Annotated[str, Path(min_length=1, max_length=40, pattern=r"^[A-Za-z0-9_-]+$")],
    body: AnswerRequest,
    sittings: Sittings,
) -> AnswerSaved:
    """Keep an answer; the latest text is kept, and the timeline has the hash of every one."""
    return await sittings.save_answer(sitting_id, question_id, body)


@router.post("/sittings/{sitting_id}/finish")
async def finish_sitting(sitting_id: Identifier, body: ClientRequest, sittings: Sittings) -> SittingForCandidate:
    """Finish; the recording is sealed. Asking again changes nothing."""
    return await sittings.finish(sitting_id, body.client_id)


@router.websocket("/sittings/{sitting_id}/control")
async def control(
    socket: WebSocket,
    sitting_id: Identifier,
    client_id: Annotated[str, Query(min_length=8, max_length=64), Field(pattern=r"^[A-Za-z0-9_-]+$")],
    sockets: Sockets,
) -> None:
    """The tab's control socket: events in, acknowledgements, messages and states out."""
    await sockets.serve(socket, sitting_id, client_id)
