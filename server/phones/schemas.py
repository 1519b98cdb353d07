"""Shapes of the telephone's API."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from server.checks.schemas import CheckProgressMessage, CheckView
from server.schemas import ClientId, IceServer, LocalizedText, MediaView, Request, Shape, UtcTime

Secret = Annotated[str, Field(min_length=43, max_length=43, pattern=r"^[A-Za-z0-9_-]+$")]
"""32 random bytes in base64url."""

Obstacle = Literal["loopback", "not_https"]


class PhoneInvitation(Shape):
    """What the candidate's page shows; the secret in `url` opens the sitting to one telephone."""

    url: Annotated[str, Field(description="Address of the telephone's page; the secret is its fragment.")]
    svg: Annotated[str, Field(description="`url` as a QR code, dark on white, with its quiet zone.")]
    expires_at: UtcTime
    obstacle: Annotated[
        Obstacle | None,
        Field(
            description="Why a telephone cannot use this address: it leads to the telephone itself (`loopback`), or"
            " browsers give no camera to pages without a certificate (`not_https`)."
        ),
    ]


class InvitationRequest(Request):
    """A step that needs nothing but the tab's name."""

    client_id: ClientId


class PhonePass(Request):
    """What a telephone shows in place of a log-in: the invitation's secret, or later the key that it got for it."""

    secret: Secret | None = None
    phone_key: Secret | None = None

    @model_validator(mode="after")
    def _is_one(self) -> Self:
        if (self.secret is None) == (self.phone_key is None):
            raise ValueError("either secret or phone_key is needed")
        return self


class PhoneLegRequest(PhonePass):
    """A WebRTC offer that sends one picture track and nothing else."""

    offer_sdp: Annotated[str, Field(min_length=1, max_length=100_000)]
    mid: Annotated[str, Field(min_length=1, max_length=32, description="The media section that carries the picture.")]


class PhoneDoor(Shape):
    """What the telephone's page says before it sends anything."""

    exam_title: LocalizedText
    media: Annotated[MediaView, Field(description="The camera's part is what the telephone is asked to send.")]
    ice_servers: list[IceServer]


class PhoneLegAnswer(Shape):
    """The server's answer; complete, as candidates are not trickled."""

    leg: int
    answer_sdp: str
    phone_key: Annotated[
        str, Field(description="Takes the secret's place from now on, for as long as the sitting runs.")
    ]


class PhoneKeyRequest(Request):
    """A step that needs nothing but the telephone's key."""

    phone_key: Secret


class PhoneStatus(Shape):
    """What the telephone's page asks for again and again."""

    receiving: Annotated[bool, Field(description="Whether the server gets this telephone's picture.")]
    check: Annotated[CheckView | None, Field(description="The sitting's latest guided check.")]
    progress: Annotated[
        CheckProgressMessage | None, Field(description="How a check goes that has begun in front of this telephone.")
    ]
