"""A telephone is invited by the candidate, joins by the invitation's secret, and comes back by its key."""

from __future__ import annotations

from typing import Annotated, Final
from urllib.parse import urlsplit

from fastapi import APIRouter, Depends, Header, Query, Request, status
from pydantic import Field

from server.phones.schemas import (
    InvitationRequest,
    PhoneDoor,
    PhoneInvitation,
    PhoneKeyRequest,
    PhoneLegAnswer,
    PhoneLegRequest,
    PhonePass,
    PhoneStatus,
    Secret,
)
from server.phones.service import PhoneService
from server.schemas import ClientId, Identifier

router = APIRouter(tags=["phones"])
_DEFAULT_PORTS: Final = {"http": ":80", "https": ":443"}


async def _service(request: Request) -> PhoneService:
    service: PhoneService = request.app.state.phones
    return service


Phones = Annotated[PhoneService, Depends(_service)]


@router.post("/sittings/{sitting_id}/phone", status_code=status.HTTP_201_CREATED)
async def invite_phone(
    sitting_id: Identifier, body: InvitationRequest, request: Request, phones: Phones
) -> PhoneInvitation:
    """Invite one telephone; an invitation that was not used is worth nothing any more. 409 `not_running`."""
    return await phones.invite(sitting_id, body.client_id, _origin(request))


@router.delete("/sittings/{sitting_id}/phone", status_code=status.HTTP_204_NO_CONTENT)
async def dismiss_phone(sitting_id: Identifier, client_id: Annotated[ClientId, Query()], phones: Phones) -> None:
    """Send the telephone away and withdraw the invitation; nothing happens where there is neither."""
    await phones.dismiss(sitting_id, client_id)


@router.post("/phone/invitation")
async def read_phone_invitation(body: PhonePass, request: Request, phones: Phones) -> PhoneDoor:
    """What the telephone is invited to; 404 `phone_not_invited` when the secret or key is not, or no longer, known."""
    return await phones.look(body, _address(request))


@router.post("/phone/legs", status_code=status.HTTP_201_CREATED)
async def open_phone_leg(body: PhoneLegRequest, request: Request, phones: Phones) -> PhoneLegAnswer:
    """Connect the telephone's picture: the first to show the secret gets a key for it, and nobody after it."""
    return await phones.open_leg(body, _address(request))


@router.post("/phone/leave", status_code=status.HTTP_204_NO_CONTENT)
async def leave_as_phone(body: PhoneKeyRequest, request: Request, phones: Phones) -> None:
    """Stop sending; the telephone may come back by its key."""
    await phones.leave(body.phone_key, _address(request))


@router.get("/phone/check")
async def get_phone_check(
    x_phone_key: Annotated[Secret, Header(), Field(description="In a header, for addresses are logged.")],
    request: Request,
    phones: Phones,
) -> PhoneStatus:
    """Whether the picture arrives, and how the check stands that the candidate is asked for; asked again and again."""
    return await phones.status(x_phone_key, _address(request))


def _address(request: Request) -> str:
    return request.client.host if request.client else "unknown"


def _origin(request: Request) -> str:
    """Origin of the page that asks; the rule of access holds that it is this server's."""
    stated = request.headers.get("origin")
    if stated is not None:
        scheme, netloc = urlsplit(stated).scheme, urlsplit(stated).netloc
    else:
        scheme, netloc = request.url.scheme, request.headers.get("host", "")
    return f"{scheme}://{netloc.removesuffix(_DEFAULT_PORTS.get(scheme, ' '))}"
