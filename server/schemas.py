"""Shapes that several features of the HTTP API share."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import Path
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from proctor.domain.policy import MediaPolicy
from proctor.domain.text import Text

Identifier = Annotated[str, Path(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9_-]+$")]
"""An opaque identifier in a path."""

IncidentIdentifier = Annotated[str, Path(min_length=1, max_length=200, pattern=r"^[A-Za-z0-9_.:~#@-]+$")]
"""Identifier of an incident in a path; made of the identifier of its first signal."""

ClientId = Annotated[
    str,
    Field(min_length=8, max_length=64, pattern=r"^[A-Za-z0-9_-]+$", description="Random name of one browser tab."),
]

UtcTime = AwareDatetime
"""ISO 8601 with a zone; the server always answers in UTC."""


class Shape(BaseModel):
    """Base of what the server answers."""

    model_config = ConfigDict(
        frozen=True,
        from_attributes=True,
        json_schema_serialization_defaults_required=True,
        hide_input_in_errors=True,  # what is wrong may be logged; what was written may not
    )


class Request(BaseModel):
    """Base of what a client sends: unknown fields are refused, so that a typo is noticed."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


PhoneState = Literal["none", "invited", "joined"]
"""Whether a telephone takes part in a sitting as a second camera, or is waited for."""


class IceServer(Shape):
    """A STUN or TURN server, as RTCPeerConnection takes it."""

    urls: list[str]
    username: str | None
    credential: str | None


class MediaView(MediaPolicy):
    """What the browser is asked to send, every field stated."""

    model_config = ConfigDict(json_schema_serialization_defaults_required=True)


class LocalizedText(BaseModel):
    """One sentence in Kazakh, Russian and English."""

    model_config = ConfigDict(frozen=True, extra="forbid", from_attributes=True)

    kk: Annotated[str, Field(max_length=8000)]
    ru: Annotated[str, Field(max_length=8000)]
    en: Annotated[str, Field(max_length=8000)]

    @classmethod
    def of(cls, text: Text) -> LocalizedText:
        """The API's form of the domain's text."""
        return cls(kk=text.kk, ru=text.ru, en=text.en)
