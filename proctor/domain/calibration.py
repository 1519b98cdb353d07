"""What a similarity of faces is worth: measured once on labelled pictures, kept in a small file, read at run time."""

from __future__ import annotations

import bisect
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

VERSION: Final = 1
"""Of the file's layout."""
LEAST_RATE: Final = 1e-12


class Scale(StrEnum):
    """How two vectors of an encoder are compared; larger is more alike."""

    COSINE = "cosine"
    """Cosine of the angle between them."""
    ONE_MINUS_DISTANCE = "one_minus_distance"
    """1 minus their Euclidean distance."""


class Alignment(StrEnum):
    """How a face lies in the chip that an encoder was trained on."""

    ARCFACE_112 = "arcface_112"
    """112 x 112 pixels, the usual five points."""
    DLIB_150 = "dlib_150"
    """150 x 150 pixels, padding 0.25."""


@dataclass(frozen=True, slots=True)
class FaceEncoder:
    """A model of the manifest that turns an aligned face into a vector."""

    model: str
    """Name in the manifest."""
    alignment: Alignment
    planar: bool
    """Whether the input is (1, 3, height, width) or (1, height, width, 3); RGB either way."""
    offset: float
    """Subtracted from pixel values of 0 to 255, before `factor` multiplies them."""
    factor: float
    scale: Scale


@dataclass(frozen=True, slots=True)
class Calibration:
    """The measure of similarity, its decision threshold and how often different people reach it."""

    encoders: tuple[FaceEncoder, ...]
    """The similarity is the mean of the first one's and of the mean of the others'."""
    versions: Mapping[str, str]
    """Of the encoders' models when they were measured."""
    threshold: float
    """Same person at or above it."""
    false_match_rate: float
    """Share of pairs of different people at or above the threshold, as fitted."""
    false_match_rate_upper: float
    """Upper end of its 95 % interval over the people of the data."""
    curve: tuple[tuple[float, float], ...]
    """Similarity and false match rate, similarities rising."""
    evidence: str
    """What the figures rest on, for a person."""

    @classmethod
    def from_json(cls, text: str) -> Calibration:
        """Read the file that `bench calibration` writes.

        Raises:
            ValueError: another layout, or a value is missing or of the wrong kind.
        """
        try:
            document: dict[str, Any] = json.loads(text)
            if document["version"] != VERSION:
                raise ValueError(f"layout {document['version']} of a calibration, where {VERSION} is read")
            curve = tuple((float(similarity), float(rate)) for similarity, rate in document["curve"])
            encoders = tuple(_encoder(table) for table in document["encoders"])
            if not encoders or len(curve) < 2 or sorted(curve) != list(curve):  # noqa: PLR2004 - a curve has two ends
                raise ValueError("a calibration names encoders and a rising curve")
            return cls(
                encoders=encoders,
                versions=dict(document["versions"]),
                threshold=float(document["threshold"]),
                false_match_rate=float(document["false_match_rate"]),
                false_match_rate_upper=float(document["false_match_rate_upper"]),
                curve=curve,
                evidence=str(document["evidence"]),
            )
        except (KeyError, TypeError) as error:
            raise ValueError(f"not a calibration: {error!r}") from error

    def same(self, similarity: float) -> bool:
        """The decision at the default threshold."""
        return similarity >= self.threshold

    def rate_at(self, similarity: float) -> float:
        """Share of pairs of different people that reach this similarity; the curve's ends hold beyond them."""
        similarities = [point[0] for point in self.curve]
        place = bisect.bisect_right(similarities, similarity)
        if place in (0, len(self.curve)):
            return self.curve[-1 if place else 0][1]
        (left, high), (right, low) = self.curve[place - 1], self.curve[place]
        part = (similarity - left) / (right - left)
        logs = math.log(max(high, LEAST_RATE)), math.log(max(low, LEAST_RATE))
        return math.exp(logs[0] + part * (logs[1] - logs[0]))


def _encoder(table: Mapping[str, Any]) -> FaceEncoder:
    return FaceEncoder(
        model=str(table["model"]),
        alignment=Alignment(table["alignment"]),
        planar=bool(table["planar"]),
        offset=float(table["offset"]),
        factor=float(table["factor"]),
        scale=Scale(table["scale"]),
    )
