"""Where the fields and check digits of a machine-readable zone stand, by format (ICAO Doc 9303, parts 4 to 7)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

FILLER: Final = "<"
DIGITS: Final = frozenset("0123456789")
LETTERS: Final = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
ALPHABET: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ<"


class MrzFormat(StrEnum):
    """Size of document and kind of zone."""

    TD1 = "TD1"
    TD2 = "TD2"
    TD3 = "TD3"
    MRVA = "MRVA"
    MRVB = "MRVB"


class Kind(StrEnum):
    """What may stand in a field."""

    CODE = "code"
    """A state's code: letters and fillers; rare specimens print digits, so it is taken as a whole or left."""
    NAMES = "names"
    DATE = "date"
    CHECK = "check"
    SEX = "sex"
    ANY = "any"


ALLOWED: Final[Mapping[Kind, frozenset[str]]] = {
    Kind.CODE: LETTERS | {FILLER},
    Kind.NAMES: LETTERS | {FILLER},
    Kind.DATE: DIGITS | {FILLER},
    Kind.CHECK: DIGITS | {FILLER},
    Kind.SEX: frozenset("MFX<"),
    Kind.ANY: frozenset(ALPHABET),
}


@dataclass(frozen=True, slots=True)
class Part:
    """A field: `line` from 0, characters from `start` up to `end`."""

    name: str
    line: int
    start: int
    end: int
    kind: Kind


@dataclass(frozen=True, slots=True)
class Check:
    """A check digit at (line, place) over the characters of `spans`, each (line, start, end)."""

    name: str
    spans: tuple[tuple[int, int, int], ...]
    digit: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Layout:
    """One format: lines of `length` characters."""

    format: MrzFormat
    lines: int
    length: int
    parts: tuple[Part, ...]
    checks: tuple[Check, ...]
    composite: Check | None


def _two_lines(mrz_format: MrzFormat, length: int) -> Layout:
    """TD2, TD3 and the visas agree in the first 28 characters of the second line."""
    visa = mrz_format in (MrzFormat.MRVA, MrzFormat.MRVB)
    optional_end = {MrzFormat.TD3: 42, MrzFormat.TD2: 35}.get(mrz_format, length)
    parts = [
        Part("document_code", 0, 0, 2, Kind.CODE),
        Part("issuer", 0, 2, 5, Kind.CODE),
        Part("names", 0, 5, length, Kind.NAMES),
        Part("document_number", 1, 0, 9, Kind.ANY),
        Part("document_number_check", 1, 9, 10, Kind.CHECK),
        Part("nationality", 1, 10, 13, Kind.CODE),
        Part("birth_date", 1, 13, 19, Kind.DATE),
        Part("birth_date_check", 1, 19, 20, Kind.CHECK),
        Part("sex", 1, 20, 21, Kind.SEX),
        Part("expiry_date", 1, 21, 27, Kind.DATE),
        Part("expiry_date_check", 1, 27, 28, Kind.CHECK),
        Part("optional", 1, 28, optional_end, Kind.ANY),
    ]
    checks = [
        Check("document_number", ((1, 0, 9),), (1, 9)),
        Check("birth_date", ((1, 13, 19),), (1, 19)),
        Check("expiry_date", ((1, 21, 27),), (1, 27)),
    ]
    if mrz_format is MrzFormat.TD3:
        parts.append(Part("optional_check", 1, 42, 43, Kind.CHECK))
        checks.append(Check("optional", ((1, 28, 42),), (1, 42)))
    composite = None
    if not visa:
        parts.append(Part("composite_check", 1, length - 1, length, Kind.CHECK))
        composite = Check("composite", ((1, 0, 10), (1, 13, 20), (1, 21, length - 1)), (1, length - 1))
    return Layout(mrz_format, 2, length, tuple(parts), tuple(checks), composite)


_TD1 = Layout(
    MrzFormat.TD1,
    3,
    30,
    parts=(
        Part("document_code", 0, 0, 2, Kind.CODE),
        Part("issuer", 0, 2, 5, Kind.CODE),
        Part("document_number", 0, 5, 14, Kind.ANY),
        Part("document_number_check", 0, 14, 15, Kind.CHECK),
        Part("optional", 0, 15, 30, Kind.ANY),
        Part("birth_date", 1, 0, 6, Kind.DATE),
        Part("birth_date_check", 1, 6, 7, Kind.CHECK),
        Part("sex", 1, 7, 8, Kind.SEX),
        Part("expiry_date", 1, 8, 14, Kind.DATE),
        Part("expiry_date_check", 1, 14, 15, Kind.CHECK),
        Part("nationality", 1, 15, 18, Kind.CODE),
        Part("optional_2", 1, 18, 29, Kind.ANY),
        Part("composite_check", 1, 29, 30, Kind.CHECK),
        Part("names", 2, 0, 30, Kind.NAMES),
    ),
    checks=(
        Check("document_number", ((0, 5, 14),), (0, 14)),
        Check("birth_date", ((1, 0, 6),), (1, 6)),
        Check("expiry_date", ((1, 8, 14),), (1, 14)),
    ),
    composite=Check("composite", ((0, 5, 30), (1, 0, 7), (1, 8, 15), (1, 18, 29)), (1, 29)),
)

LAYOUTS: Final[Mapping[MrzFormat, Layout]] = {
    MrzFormat.TD1: _TD1,
    MrzFormat.TD2: _two_lines(MrzFormat.TD2, 36),
    MrzFormat.TD3: _two_lines(MrzFormat.TD3, 44),
    MrzFormat.MRVA: _two_lines(MrzFormat.MRVA, 44),
    MrzFormat.MRVB: _two_lines(MrzFormat.MRVB, 36),
}
"""By format; part 5 (TD1), part 6 (TD2), part 4 (TD3) and part 7 (visas) of Doc 9303."""
_VISAS: Final = {MrzFormat.TD3: MrzFormat.MRVA, MrzFormat.TD2: MrzFormat.MRVB}
_LINES_OF_TD1: Final = 3


def layout_of(lines: int, length: int, first: str) -> Layout | None:
    """The format with that many lines of that length; `first`, the first character, tells visas from passports."""
    for layout in (LAYOUTS[MrzFormat.TD1], LAYOUTS[MrzFormat.TD2], LAYOUTS[MrzFormat.TD3]):
        if (layout.lines, layout.length) == (lines, length):
            return LAYOUTS[_VISAS.get(layout.format, layout.format)] if first == "V" else layout
    return None
