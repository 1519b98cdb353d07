"""Shapes of what people see of a candidate's identity."""

from __future__ import annotations

from proctor.domain.documents import PortraitReading, ZoneReading
from server.identity.documents import DocumentState
from server.schemas import Shape, UtcTime


class PhotographView(Shape):
    """An identity photograph that was accepted."""

    picture_url: str
    taken_at: UtcTime
    compared: bool
    """The candidate is compared with it; false once another one took its place."""


class DocumentPictureView(Shape):
    """A picture of the identity document, or of one side of it."""

    picture_url: str
    taken_at: UtcTime
    counts: bool
    """What is told of zone or portrait is told of this picture."""


class DocumentZoneView(Shape):
    """The machine-readable zone of the identity document."""

    zone: ZoneReading
    checks: dict[str, bool]
    """Whether each check digit agrees, by the name of what it covers."""
    lines: list[str]
    """As read."""
    fields: dict[str, str]
    """By name; dates as year, month and day of two digits each."""
    expired: bool | None
    """The date of validity had passed when it was read."""
    model: str


class DocumentPortraitView(Shape):
    """How the portrait of the identity document compares."""

    portrait: PortraitReading
    similarity: float | None
    """Of portrait and identity photographs."""
    threshold: float
    """Similarity from which they count as the same person."""
    same: bool | None


class DocumentView(Shape):
    """The identity document of a sitting."""

    state: DocumentState
    left: bool
    """The candidate left it to a person."""
    pictures: list[DocumentPictureView]
    """In the order in which they were handed in."""
    zone: DocumentZoneView | None
    portrait: DocumentPortraitView | None
