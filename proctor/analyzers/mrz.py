"""The machine-readable zone of travel documents: formats, check digits, fields (ICAO Doc 9303, parts 3 to 7).

Pure text: a reading is a list of lines, each a list of cells, each telling which characters the cell may hold and at
what cost. What the document's grammar and its check digits say settles what the eye could not; nothing else does.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from proctor.analyzers.mrz_layouts import (
    ALLOWED,
    ALPHABET,
    DIGITS,
    FILLER,
    Check,
    Kind,
    Layout,
    MrzFormat,
    layout_of,
)

LOOK_ALIKES: Final = (("0", "O"), ("1", "I"), ("2", "Z"), ("5", "S"), ("6", "G"), ("8", "B"))
"""A digit and a letter that differ little in OCR-B. Where the grammar wants the one, the other was meant; check digits
do not exchange them, or many a wrong digit could be explained away."""
LOOK_ALIKE_COST: Final = 7.0

Cell = Mapping[str, float]
"""Characters that a cell may hold and what each costs: 0 for the likeliest, the loss of log likelihood for others."""
Reading = Sequence[Sequence[Cell]]

MOST_REPAIRS: Final = 2
"""Characters of one checked field that may be exchanged to satisfy its check digit: with more, chance alone would."""
LARGEST_REPAIR_COST: Final = 4.0
"""Only what the reader itself was in doubt about is exchanged: a document whose digits disagree is to be told so."""
ALTERNATIVES: Final = 4
"""Readings of a checked field that are tried against the composite check digit."""


@dataclass(frozen=True, slots=True)
class Zone:
    """A zone as settled: its lines, and which check digits agree."""

    format: MrzFormat
    lines: tuple[str, ...]
    checks: Mapping[str, bool]
    fields: Mapping[str, str]

    @property
    def valid(self) -> bool:
        """Whether every check digit agrees."""
        return all(self.checks.values())


def check_digit(text: str) -> int:
    """Weights 7, 3, 1 over digits, letters (A is 10) and fillers (0), modulo 10.

    Raises:
        ValueError: a character that no zone may hold.
    """
    return sum(_value(character) * (7, 3, 1)[place % 3] for place, character in enumerate(text)) % 10


def _value(character: str) -> int:
    if character == FILLER:
        return 0
    place = ALPHABET.find(character)
    if len(character) != 1 or place < 0:
        raise ValueError(f"{character!r} does not occur in a machine-readable zone")
    return place


def parse(lines: Sequence[str]) -> Zone:
    """Check and take apart a zone that is known to the letter.

    Raises:
        ValueError: no format has lines of these lengths, or a character does not occur in a zone.
    """
    lengths = {len(line) for line in lines}
    layout = layout_of(len(lines), lengths.pop(), lines[0][:1]) if len(lengths) == 1 else None
    if layout is None:
        raise ValueError(
            f"no machine-readable zone has lines of {', '.join(str(len(line)) for line in lines)} characters"
        )
    return _zone(layout, tuple(lines))


def settle(reading: Reading) -> Zone:
    """Decide on a character for each cell, by likelihood, the grammar of the format and its check digits.

    Raises:
        ValueError: no format has so many lines of that length.
    """
    length = len(reading[0]) if reading else 0
    layout = layout_of(len(reading), length, _likeliest(reading[0][0])) if length else None
    if layout is None or any(len(line) != length for line in reading):
        raise ValueError(f"no machine-readable zone has {len(reading)} lines of {length} characters")
    lines = [[_likeliest(cell) for cell in line] for line in reading]
    for part in layout.parts:
        cells = [_with_look_alikes(cell) for cell in reading[part.line][part.start : part.end]]
        lines[part.line][part.start : part.end] = _by_grammar(cells, part.kind)
    _by_check_digits(layout, reading, lines)
    return _zone(layout, tuple("".join(line) for line in lines))


def _likeliest(cell: Cell, allowed: frozenset[str] | None = None) -> str:
    """The cheapest character that is allowed; of all, where none is."""
    among = [character for character in cell if allowed is None or character in allowed] or list(cell)
    return min(among, key=lambda character: cell[character])


def _with_look_alikes(cell: Cell) -> Cell:
    """The cell, and beside its likeliest character those that look like it."""
    first = _likeliest(cell)
    alike = {other for pair in LOOK_ALIKES for other in pair if first in pair} - cell.keys()
    return {**cell, **dict.fromkeys(sorted(alike), cell[first] + LOOK_ALIKE_COST)}


def _by_grammar(cells: Sequence[Cell], kind: Kind) -> list[str]:
    allowed = ALLOWED[kind]
    chosen = [_likeliest(cell, allowed) for cell in cells]
    if kind is Kind.CODE and not all(character in allowed for character in chosen):
        return [_likeliest(cell) for cell in cells]
    return chosen


def _by_check_digits(layout: Layout, reading: Reading, lines: list[list[str]]) -> None:
    """Exchange doubtful characters of checked fields, as few and as cheaply as possible, until the digits agree."""
    kinds = {(part.line, place): part.kind for part in layout.parts for place in range(part.start, part.end)}
    repairs = [list(itertools.islice(_repairs(check, reading, lines, kinds), ALTERNATIVES)) for check in layout.checks]
    choices = [found or [_NOTHING] for found in repairs]
    if layout.composite is not None:
        covered = {place for check in layout.checks for place in (*_places(check), check.digit)}
        loose = replace(layout.composite, spans=tuple(_uncovered(layout.composite, covered)))
        choices.append([_NOTHING, *itertools.islice(_exchanges(loose, reading, lines, kinds), ALTERNATIVES)])
    combined = sorted(itertools.product(*choices), key=lambda several: sum(one.cost for one in several))
    for several in combined:
        trial = [list(line) for line in lines]
        for one in several:
            one.apply(trial)
        if layout.composite is None or _agrees(layout.composite, trial):
            lines[:] = trial
            return
    for one in (found[0] for found in repairs if found):
        one.apply(lines)


@dataclass(frozen=True, slots=True)
class _Repair:
    """Characters to exchange and what that costs."""

    cost: float
    characters: tuple[tuple[int, int, str], ...]

    def apply(self, lines: list[list[str]]) -> None:
        for line, place, character in self.characters:
            lines[line][place] = character


_NOTHING: Final = _Repair(0.0, ())


def _repairs(
    check: Check, reading: Reading, lines: list[list[str]], kinds: Mapping[tuple[int, int], Kind]
) -> Iterator[_Repair]:
    """Ways to make this check digit agree, cheapest first; the first is to leave what agrees already."""
    for repair in itertools.chain([_NOTHING], _exchanges(check, reading, lines, kinds)):
        trial = [list(line) for line in lines]
        repair.apply(trial)
        if _agrees(check, trial):
            yield repair


def _exchanges(
    check: Check, reading: Reading, lines: list[list[str]], kinds: Mapping[tuple[int, int], Kind]
) -> Iterator[_Repair]:
    """Every exchange of one or two doubtful characters of a checked field or of its digit, cheapest first."""
    singles = [
        (cost - reading[line][place].get(lines[line][place], 0.0), (line, place, character))
        for line, place in (*_places(check), check.digit)
        for character, cost in reading[line][place].items()
        if character != lines[line][place] and character in ALLOWED[kinds[line, place]]
    ]
    found = [_Repair(cost, (change,)) for cost, change in singles]
    found += [
        _Repair(cost + other_cost, (change, other))
        for (cost, change), (other_cost, other) in itertools.combinations(singles, MOST_REPAIRS)
        if change[:2] != other[:2]
    ]
    cheap = [repair for repair in found if repair.cost <= LARGEST_REPAIR_COST]
    return iter(sorted(cheap, key=lambda repair: repair.cost))


def _places(check: Check) -> list[tuple[int, int]]:
    return [(line, place) for line, start, end in check.spans for place in range(start, end)]


def _uncovered(check: Check, covered: set[tuple[int, int]]) -> Iterator[tuple[int, int, int]]:
    for line, place in _places(check):
        if (line, place) not in covered:
            yield line, place, place + 1


def _agrees(check: Check, lines: Sequence[Sequence[str]]) -> bool:
    text = "".join("".join(lines[line][start:end]) for line, start, end in check.spans)
    line, place = check.digit
    digit = lines[line][place]
    if digit == FILLER:  # allowed where there is nothing to check
        return set(text) <= {FILLER} and check.name == "optional"
    return digit in DIGITS and int(digit) == check_digit(text)


def _zone(layout: Layout, lines: tuple[str, ...]) -> Zone:
    checks = [_long_number(layout, lines, check) for check in layout.checks]
    if layout.composite is not None:
        checks.append(layout.composite)
    values = {part.name: lines[part.line][part.start : part.end] for part in layout.parts}
    return Zone(
        format=layout.format,
        lines=lines,
        checks={check.name: _agrees(check, lines) for check in checks},
        fields=_fields(layout, values),
    )


def _long_number(layout: Layout, lines: Sequence[str], check: Check) -> Check:
    """On cards a number of more than nine characters runs on in the optional field, its check digit behind it."""
    place = {MrzFormat.TD1: (0, 15, 30), MrzFormat.TD2: (1, 28, 35)}.get(layout.format)
    line, digit = check.digit
    if place is None or check.name != "document_number" or lines[line][digit] != FILLER:
        return check
    rest = lines[place[0]][place[1] : place[2]].split(FILLER, 1)[0]
    if len(rest) < 2:  # noqa: PLR2004 - one character of the number and the digit
        return check
    last = place[1] + len(rest) - 1
    return Check(check.name, (*check.spans, (place[0], place[1], last)), (place[0], last))


def _fields(layout: Layout, values: Mapping[str, str]) -> dict[str, str]:
    """Fields without fillers; dates stay year, month and day of two digits each, as printed."""
    surname, _, given = values["names"].partition(FILLER * 2)
    number, optional = values["document_number"], values["optional"]
    if values["document_number_check"] == FILLER and layout.format in (MrzFormat.TD1, MrzFormat.TD2):
        rest, _, remaining = optional.partition(FILLER)
        if len(rest) > 1:
            number, optional = number + rest[:-1], remaining
    fields = {
        "format": layout.format.value,
        "document_code": values["document_code"],
        "issuer": values["issuer"],
        "document_number": number,
        "surname": surname,
        "given_names": given,
        "nationality": values["nationality"],
        "birth_date": values["birth_date"],
        "sex": values["sex"],
        "expiry_date": values["expiry_date"],
        "optional": optional,
    }
    if "optional_2" in values:
        fields["optional_2"] = values["optional_2"]
    return {name: " ".join(value.replace(FILLER, " ").split()) for name, value in fields.items()}
