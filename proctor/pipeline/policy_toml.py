"""Tables of a policy as commented TOML and as a reference page: every field with its meaning, range and default."""

from __future__ import annotations

import inspect
import json
import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from proctor.domain.policy import PolicyModel

_COMMENT_WIDTH: Final = 100


@dataclass(frozen=True, slots=True)
class FieldNote:
    """What a reader needs to know of one field."""

    name: str
    description: str
    limits: str
    """Admissible values, e.g. `0 to 600`; empty where the type says it all."""
    default: str
    """As TOML; empty where the field is required or a table of its own."""


def notes(model: type[BaseModel]) -> list[FieldNote]:
    """Notes on the plain fields of a table, in order; tables inside it are left out."""
    return [
        FieldNote(name, field.description or "", _limits(field), _default(field))
        for name, field in model.model_fields.items()
        if not _is_table(field)
    ]


def write_toml(policy: PolicyModel) -> str:
    """A policy as TOML, each table and field under its description."""
    return "\n".join(_table(policy, ())).strip() + "\n"


def toml_value(value: object) -> str:
    """A plain value, or a list of them, as TOML.

    Raises:
        TypeError: the value has no form in TOML.
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Enum):
        return toml_value(value.value)
    if isinstance(value, str):
        # JSON's escapes are a subset of those of TOML's basic strings, but for the control character DEL.
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, list | tuple):
        return f"[{', '.join(toml_value(each) for each in value)}]"
    raise TypeError(f"{value!r} has no form in TOML")


def summary(model: type[BaseModel]) -> str:
    """First sentence of a table's docstring."""
    return inspect.cleandoc(model.__doc__ or "").split("\n\n")[0].replace("\n", " ")


def _table(table: PolicyModel, path: tuple[str, ...]) -> Iterator[str]:
    if path:
        yield from _comment(summary(type(table)))
        yield f"[{'.'.join(path)}]"
    for note in notes(type(table)):
        yield from _comment(_sentence(note))
        yield f"{note.name} = {toml_value(getattr(table, note.name))}"
    for name, field in type(table).model_fields.items():
        value = getattr(table, name)
        if isinstance(value, PolicyModel):
            yield ""
            yield from _table(value, (*path, name))
        elif isinstance(value, Mapping):
            yield ""
            yield from _comment(field.description or "")
            yield from _mapping(value, (*path, name))


def _mapping(entries: Mapping[Any, Any], path: tuple[str, ...]) -> Iterator[str]:
    if all(isinstance(entry, PolicyModel) for entry in entries.values()):
        for key, entry in entries.items():
            yield ""
            yield from _table(entry, (*path, str(key)))
        return
    yield f"[{'.'.join(path)}]"
    for key, entry in entries.items():
        yield f"{_key(str(key))} = {toml_value(entry)}"


def _key(key: str) -> str:
    return key if key.isascii() and key.replace("_", "").replace("-", "").isalnum() else toml_value(key)


def _sentence(note: FieldNote) -> str:
    facts = ", ".join(fact for fact in (note.limits, f"default {note.default}" if note.default else "") if fact)
    return f"{note.description} ({facts})" if facts else note.description


def _comment(text: str) -> Iterator[str]:
    for line in textwrap.wrap(text, _COMMENT_WIDTH - 2, break_long_words=False, break_on_hyphens=False):
        yield f"# {line}"


def _is_table(field: FieldInfo) -> bool:
    annotation = field.annotation
    origin = getattr(annotation, "__origin__", annotation)
    return isinstance(origin, type) and issubclass(origin, PolicyModel | Mapping)


def _default(field: FieldInfo) -> str:
    return "" if field.is_required() else toml_value(field.get_default(call_default_factory=True))


def _limits(field: FieldInfo) -> str:
    bounds = {
        name: getattr(each, name)
        for each in field.metadata
        for name in ("ge", "gt", "le", "lt", "min_length", "max_length")
        if getattr(each, name, None) is not None
    }
    low = f"from {bounds['ge']}" if "ge" in bounds else f"above {bounds['gt']}" if "gt" in bounds else ""
    high = f"to {bounds['le']}" if "le" in bounds else f"below {bounds['lt']}" if "lt" in bounds else ""
    length = f"{bounds['min_length']} to {bounds['max_length']} characters" if "max_length" in bounds else ""
    return " ".join(part for part in (low, high, length) if part)
