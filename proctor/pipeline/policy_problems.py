"""What is wrong with a policy, in words that name the field, its line and what is expected."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from types import MappingProxyType
from typing import Any, Final

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from proctor.domain.errors import PolicyError

Path = tuple[str | int, ...]

_HEADER: Final = re.compile(r"^\s*\[\s*([^\[\]]+?)\s*\]")
_ASSIGNMENT: Final = re.compile(r"^\s*([A-Za-z0-9_.\"'\-]+)\s*=")
_SYNTAX_PLACE: Final = re.compile(r"\(at line (\d+), column \d+\)")

_MANY_OPTIONS: Final = 8
_EXPECTED: Final = MappingProxyType(
    {
        "bool_type": "must be true or false",
        "float_type": "must be a number",
        "int_type": "must be a whole number",
        "int_from_float": "must be a whole number",
        "string_type": "must be a text in quotes",
        "tuple_type": "must be a list",
        "dict_type": "must be a table",
        "model_type": "must be a table",
        "model_attributes_type": "must be a table",
        "finite_number": "must be a finite number",
        "greater_than_equal": "must be at least {ge}",
        "greater_than": "must be above {gt}",
        "less_than_equal": "must be at most {le}",
        "less_than": "must be below {lt}",
        "string_too_short": "must have at least {min_length} characters",
        "string_too_long": "must have at most {max_length} characters",
        "enum": "must be one of {expected}",
    }
)
"""Wording by pydantic's type of error; its own words stand for any other."""


@dataclass(frozen=True)
class PolicyProblem:
    """One thing that is wrong with a policy."""

    field: str
    """Path of the field, e.g. `detectors.face_absent.dwell_s`; empty where the text is not TOML at all."""
    message: str
    """What is expected and what was found."""
    line: int | None = None
    """Line of the text, from 1; None where it cannot be told."""

    def __str__(self) -> str:
        """One line for a person."""
        place = f"line {self.line}: " if self.line is not None else ""
        return f"{place}{self.field}: {self.message}" if self.field else f"{place}{self.message}"


class InvalidPolicyError(PolicyError):
    """A policy is not valid; `problems` names every fault, in the order of the text."""

    def __init__(self, problems: Iterable[PolicyProblem]) -> None:
        self.problems = tuple(sorted(problems, key=lambda problem: (problem.line is None, problem.line or 0)))
        super().__init__("\n".join(str(problem) for problem in self.problems))


class LineIndex:
    """Where the keys of a TOML text stand."""

    def __init__(self, text: str) -> None:
        self._lines: dict[tuple[str, ...], int] = {}
        table: tuple[str, ...] = ()
        for number, line in enumerate(text.splitlines(), start=1):
            if header := _HEADER.match(line):
                table = _keys(header[1])
                self._lines.setdefault(table, number)
            elif assignment := _ASSIGNMENT.match(line):
                self._lines.setdefault((*table, *_keys(assignment[1])), number)

    def problem(self, path: Path, message: str) -> PolicyProblem:
        """A problem of the field at `path`, with the line of the field or of the nearest table around it."""
        keys = tuple(str(key) for key in path)
        found = (self._lines[keys[:length]] for length in range(len(keys), 0, -1) if keys[:length] in self._lines)
        return PolicyProblem(_dotted(path), message, next(found, None))


def syntax_problem(error: ValueError | RecursionError) -> PolicyProblem:
    """The problem of a text that is not TOML, or that is nested beyond reading."""
    if isinstance(error, RecursionError):
        return PolicyProblem("", "tables or lists are nested too deeply")
    place = _SYNTAX_PLACE.search(str(error))
    return PolicyProblem("", f"this is not TOML: {error}", int(place[1]) if place else None)


def field_problems(
    error: ValidationError, model: type[BaseModel], path: Path, lines: LineIndex
) -> Iterator[PolicyProblem]:
    """The problems that pydantic found in the table of `model` at `path`."""
    for details in error.errors(include_url=False):
        location = tuple(key for key in details["loc"] if key != "[key]")
        yield lines.problem((*path, *location), _message(details, model, location))


def hint(name: str, known: Iterable[str]) -> str:
    """What a mistyped name may have meant, or what the names are."""
    names = sorted(known)
    close = get_close_matches(name, names, n=1)
    return f"; did you mean {close[0]}?" if close else f"; known are {', '.join(names)}"


def _message(details: ErrorDetails, model: type[BaseModel], location: Path) -> str:
    kind, found = details["type"], details["input"]
    if kind == "extra_forbidden":
        return f"there is no such field{hint(str(location[-1]), _fields_around(model, location))}"
    if kind == "value_error":
        return str(details["ctx"]["error"])
    expected = _EXPECTED.get(kind, details["msg"]).format(**details.get("ctx", {}))
    options = re.findall(r"'(\w+)'", expected)
    guess = get_close_matches(found, options, n=1) if isinstance(found, str) else []
    if guess and len(options) > _MANY_OPTIONS:
        expected = "must be one of the known names"
    return f"{expected}; it is {_shown(found)}{f'; did you mean {guess[0]}?' if guess else ''}"


def _fields_around(model: type[BaseModel], location: Path) -> list[str]:
    """Names of the fields beside the last key of `location`."""
    for key in location[:-1]:
        field = model.model_fields.get(str(key))
        inner = field.annotation if field is not None else None
        if not (isinstance(inner, type) and issubclass(inner, BaseModel)):
            return []
        model = inner
    return list(model.model_fields)


def _shown(found: Any) -> str:  # noqa: ANN401 - anything may stand in a file
    if isinstance(found, bool):
        return "true" if found else "false"
    if isinstance(found, dict):
        return "a table"
    return "a list" if isinstance(found, list) else repr(found)


def _dotted(path: Path) -> str:
    dotted = ""
    for key in path:
        dotted += f"[{key}]" if isinstance(key, int) else f".{key}" if dotted else key
    return dotted


def _keys(dotted: str) -> tuple[str, ...]:
    return tuple(key.strip().strip("\"'") for key in dotted.split("."))
