"""The identity document, for those who decide on it."""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Path, Response
from starlette.requests import HTTPConnection

from server.accounts.access import CurrentCaller
from server.identity.schemas import DocumentView
from server.identity.service import IdentityService
from server.schemas import Identifier

router = APIRouter(tags=["identity"])


async def _service(connection: HTTPConnection) -> IdentityService:
    service: IdentityService = connection.app.state.identity
    return service


Identities = Annotated[IdentityService, Depends(_service)]
_JPEG: Final[dict[int | str, dict[str, Any]]] = {
    200: {"content": {"image/jpeg": {"schema": {"type": "string", "format": "binary"}}}}
}


@router.get("/sittings/{sitting_id}/document")
async def get_document(sitting_id: Identifier, identities: Identities, caller: CurrentCaller) -> DocumentView:
    """What the candidate's identity document gave: picture, reading, comparison; every view is logged."""
    return await identities.document(sitting_id, caller)


@router.get("/sittings/{sitting_id}/document/{sha256}.jpg", response_class=Response, responses=_JPEG)
async def get_document_picture(
    sitting_id: Identifier,
    sha256: Annotated[str, Path(pattern=r"^[0-9a-f]{64}$")],
    identities: Identities,
    caller: CurrentCaller,
) -> Response:
    """The picture of the identity document; every view is logged."""
    jpeg = await identities.picture(sitting_id, sha256, caller)
    return Response(jpeg, media_type="image/jpeg", headers={"Cache-Control": "private, no-store"})
