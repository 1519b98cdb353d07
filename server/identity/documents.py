"""The identity document of a sitting, as its entries tell; what is written on it stands in none of them."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Final

from proctor.domain.documents import DocumentObserved, PortraitReading, ZoneReading
from proctor.domain.time import SITTING_START
from proctor.domain.timeline import Entry, EntryKind, JsonValue
from proctor.ports.timeline_store import TimelineStore

KINDS: Final = (EntryKind.ENROLMENT_ACCEPTED, EntryKind.DOCUMENT_READ, EntryKind.DOCUMENT_LEFT)
_ZONES: Final = (ZoneReading.MISSING, ZoneReading.DOUBTFUL, ZoneReading.READ)
_PORTRAITS: Final = (
    PortraitReading.MISSING,
    PortraitReading.UNUSABLE,
    PortraitReading.NOT_ENROLLED,
    PortraitReading.COMPARED,
)
"""From what tells least to what tells most."""
_PAGE: Final = 500
_SALT_BYTES: Final = 32
_CENTURY: Final = 100
_YEARS_AHEAD: Final = 50


class DocumentState(StrEnum):
    """How far the step has come."""

    NONE = "none"
    """No picture, and not left to a person."""
    CLEAR = "clear"
    """Read, every check digit agrees, and the portrait resembles the photographs where there are some."""
    UNCLEAR = "unclear"
    LEFT = "left"
    """The candidate left it to a person, with or without a picture."""


@dataclass(frozen=True, slots=True)
class DocumentPicture:
    """A picture of the document, or of one side of it, and what it gave."""

    taken_at: datetime
    facts: Mapping[str, Any]
    """Payload of its entry."""

    @property
    def zone(self) -> ZoneReading:
        """What became of its machine-readable zone."""
        return ZoneReading(self.facts["zone"])

    @property
    def portrait(self) -> PortraitReading:
        """What became of its portrait."""
        return PortraitReading(self.facts["portrait"])


@dataclass(frozen=True, slots=True)
class DocumentStanding:
    """What became of the document so far.

    Cards have their zone and their portrait on different sides: a person puts these together, for without a zone
    nothing tells a portrait from the face of the person who holds the card.
    """

    pictures: tuple[DocumentPicture, ...]
    """Those that were handed in since the photographs were last taken anew, in that order."""
    is_left: bool

    @property
    def of_zone(self) -> DocumentPicture | None:
        """The picture whose zone counts: the latest of those that were read best."""
        return max(reversed(self.pictures), key=lambda picture: _ZONES.index(picture.zone), default=None)

    @property
    def of_portrait(self) -> DocumentPicture | None:
        """The picture whose portrait counts: the latest of those that could be compared best."""
        return max(reversed(self.pictures), key=lambda picture: _PORTRAITS.index(picture.portrait), default=None)

    @property
    def state(self) -> DocumentState:
        """How far the step has come."""
        zone = self.of_zone
        if zone is None:
            return DocumentState.LEFT if self.is_left else DocumentState.NONE
        fits = zone.portrait is PortraitReading.NOT_ENROLLED or zone.facts["same"] is True
        if zone.zone is ZoneReading.READ and fits:
            return DocumentState.CLEAR
        return DocumentState.LEFT if self.is_left else DocumentState.UNCLEAR

    def observed(self) -> DocumentObserved:
        """What the rules are told: of the picture with the zone, as a face in another may be that of who holds it."""
        zone = self.of_zone
        checks = {} if zone is None else zone.facts["checks"]
        return DocumentObserved(
            at=SITTING_START,
            shown=bool(self.pictures),
            zone=ZoneReading.MISSING if zone is None else zone.zone,
            checks_agreeing=sum(checks.values()),
            checks=len(checks),
            portrait=PortraitReading.MISSING if zone is None else zone.portrait,
            similarity=None if zone is None else zone.facts["similarity"],
            model=None if zone is None else zone.facts["model"],
        )


async def document_of(timeline: TimelineStore, sitting_id: str) -> DocumentStanding:
    """What became of the sitting's document."""
    entries: list[Entry] = []
    after_seq = 0
    while page := await timeline.read(sitting_id, after_seq, _PAGE, kinds=KINDS):
        entries += page
        after_seq = page[-1].seq
    return standing(entries)


def standing(entries: Sequence[Entry]) -> DocumentStanding:
    """Fold entries of `KINDS`: a photograph that takes the place of others makes what was compared with them void."""
    pictures: list[DocumentPicture] = []
    is_left = False
    for entry in entries:
        if entry.kind == EntryKind.DOCUMENT_READ:
            pictures.append(DocumentPicture(datetime.fromisoformat(entry.utc), entry.payload))
        elif entry.kind == EntryKind.DOCUMENT_LEFT:
            is_left = True
        elif not entry.payload.get("further", False):
            pictures, is_left = [], False
    return DocumentStanding(tuple(pictures), is_left)


def sealed_reading(lines: Sequence[str], fields: Mapping[str, str]) -> bytes:
    """What was read, as it is stored: JSON with a salt, so that its hash on the timeline does not give it away."""
    return json.dumps(
        {"salt": secrets.token_hex(_SALT_BYTES), "lines": list(lines), "fields": dict(fields)}, ensure_ascii=False
    ).encode()


def opened_reading(data: bytes) -> tuple[list[str], dict[str, str]]:
    """Undo `sealed_reading`: lines and fields."""
    read: dict[str, Any] = json.loads(data)
    return list(read["lines"]), dict(read["fields"])


def is_expired(expiry_date: str, today: date) -> bool | None:
    """Whether a date of validity (year, month, day of two digits each) has passed; None where it is no date.

    The century is the one that puts it at most fifty years ahead.
    """
    try:
        year, month, day = (int(expiry_date[place : place + 2]) for place in (0, 2, 4))
        century = today.year - today.year % _CENTURY
        until = date(century + year, month, day)
        if until.year > today.year + _YEARS_AHEAD:
            until = until.replace(year=until.year - _CENTURY)
    except ValueError:
        return None
    return until < today


def payload_of(  # noqa: PLR0913 - what is known of a document
    *,
    picture_sha256: str,
    reading_sha256: str | None,
    zone: ZoneReading,
    checks: Mapping[str, bool],
    portrait: PortraitReading,
    similarity: float | None,
    threshold: float,
    expired: bool | None,
    model: str,
) -> dict[str, JsonValue]:
    """Payload of a `document_read` entry: what matched, what could not be read, which threshold; no name, no number."""
    return {
        "picture_sha256": picture_sha256,
        "reading_sha256": reading_sha256,
        "zone": zone.value,
        "checks": dict(checks),
        "portrait": portrait.value,
        "similarity": None if similarity is None else round(similarity, 4),
        "threshold": threshold,
        "same": None if similarity is None else similarity >= threshold,
        "expired": expired,
        "model": model,
    }
