"""What an identity document gave, without anything that is written on it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from proctor.domain.time import MediaTime


class ZoneReading(StrEnum):
    """What became of a document's machine-readable zone."""

    READ = "read"
    """Every check digit agrees."""
    DOUBTFUL = "doubtful"
    """It was found, and some check digit does not agree."""
    MISSING = "missing"


class PortraitReading(StrEnum):
    """What became of a document's portrait."""

    COMPARED = "compared"
    MISSING = "missing"
    UNUSABLE = "unusable"
    """Too small, too dark or too blurred to be compared."""
    NOT_ENROLLED = "not_enrolled"
    """There is no identity photograph to compare it with."""


@dataclass(frozen=True, slots=True)
class DocumentObserved:
    """What a picture of the candidate's identity document gave; nothing that is written on it."""

    at: MediaTime
    """When it was told to the rules; the picture was taken before the start."""
    shown: bool
    """False where the candidate left the document to a person and no picture was taken."""
    zone: ZoneReading
    checks_agreeing: int
    checks: int
    """Check digits of the zone, 0 where it is missing."""
    portrait: PortraitReading
    similarity: float | None
    """Of portrait and identity photographs, by all face models; None where they were not compared."""
    model: str | None
