"""Lists, incidents, live view and messages."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Depends, Path, Query, Response, WebSocket, status
from starlette.requests import HTTPConnection

from server.accounts.access import CurrentCaller
from server.invigilation.live import LiveSockets
from server.invigilation.schemas import (
    IncidentView,
    MessageRequest,
    MessageSent,
    ReviewRequest,
    SittingDetail,
    SittingSummary,
    ViewerAnswer,
    ViewerRequest,
)
from server.invigilation.service import InvigilationService
from server.schemas import Identifier, IncidentIdentifier

router = APIRouter(tags=["invigilation"])


async def _service(connection: HTTPConnection) -> InvigilationService:
    service: InvigilationService = connection.app.state.invigilation
    return service


async def _sockets(connection: HTTPConnection) -> LiveSockets:
    sockets: LiveSockets = connection.app.state.live_sockets
    return sockets


Invigilation = Annotated[InvigilationService, Depends(_service)]
Sockets = Annotated[LiveSockets, Depends(_sockets)]
_JPEG: Final[dict[int | str, dict[str, Any]]] = {
    200: {"content": {"image/jpeg": {"schema": {"type": "string", "format": "binary"}}}}
}


@router.get("/sittings")
async def list_sittings(
    invigilation: Invigilation,
    caller: CurrentCaller,
    state: Annotated[Literal["running", "finished", "all"], Query()] = "all",
) -> list[SittingSummary]:
    """Sittings by the attention they need; the committee gets finished ones only."""
    return await invigilation.in_order(caller, state)


@router.get("/sittings/{sitting_id}")
async def get_sitting(sitting_id: Identifier, invigilation: Invigilation) -> SittingDetail:
    """One sitting."""
    return await invigilation.detail(sitting_id)


@router.get("/sittings/{sitting_id}/incidents")
async def list_incidents(sitting_id: Identifier, invigilation: Invigilation) -> list[IncidentView]:
    """The sitting's incidents in order of onset."""
    return await invigilation.incidents(sitting_id)


@router.post("/sittings/{sitting_id}/incidents/{incident_id}/reviews")
async def review_incident(
    sitting_id: Identifier,
    incident_id: IncidentIdentifier,
    body: ReviewRequest,
    invigilation: Invigilation,
    caller: CurrentCaller,
) -> IncidentView:
    """Note or dismiss an incident, or within a minute withdraw the own decision (409 `undo_expired` later)."""
    return await invigilation.review(sitting_id, incident_id, body, caller)


@router.get("/sittings/{sitting_id}/pictures/{sha256}.jpg", response_class=Response, responses=_JPEG)
async def get_picture(
    sitting_id: Identifier,
    sha256: Annotated[str, Path(pattern=r"^[0-9a-f]{64}$")],
    invigilation: Invigilation,
) -> Response:
    """A picture that the sitting's timeline names."""
    jpeg = await invigilation.picture(sitting_id, sha256)
    return Response(jpeg, media_type="image/jpeg", headers={"Cache-Control": "private, no-store"})


@router.get("/sittings/{sitting_id}/thumbnail.jpg", response_class=Response, responses=_JPEG)
async def get_thumbnail(sitting_id: Identifier, invigilation: Invigilation) -> Response:
    """The camera as it was a moment ago, 160 pixels wide; 404 `no_thumbnail` when there is none."""
    jpeg = invigilation.thumbnail(sitting_id)
    return Response(jpeg, media_type="image/jpeg", headers={"Cache-Control": "private, no-store"})


@router.post("/sittings/{sitting_id}/viewers", status_code=status.HTTP_201_CREATED)
async def open_viewer(
    sitting_id: Identifier, body: ViewerRequest, invigilation: Invigilation, caller: CurrentCaller
) -> ViewerAnswer:
    """Watch a running sitting live; logged as viewed."""
    return await invigilation.watch(sitting_id, body, caller)


@router.delete("/viewers/{viewer_id}", status_code=status.HTTP_204_NO_CONTENT)
async def close_viewer(viewer_id: Identifier, invigilation: Invigilation, caller: CurrentCaller) -> None:
    """Stop watching."""
    await invigilation.stop_watching(viewer_id, caller)


@router.post("/sittings/{sitting_id}/messages", status_code=status.HTTP_201_CREATED)
async def send_message(
    sitting_id: Identifier, body: MessageRequest, invigilation: Invigilation, caller: CurrentCaller
) -> MessageSent:
    """Write to the candidate; 409 `not_running` unless the sitting runs."""
    return await invigilation.send_message(sitting_id, body.text, caller)


@router.websocket("/live")
async def live(socket: WebSocket, sockets: Sockets) -> None:
    """Push changes of sittings and incidents as they become durable."""
    await sockets.serve(socket)
