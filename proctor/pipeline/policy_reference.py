"""Writes the default policy and its reference page from the descriptions of the fields.

`python -m proctor.pipeline.policy_reference docs/policy.md` brings both files up to date.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from proctor.detectors.registry import DetectorRegistry, discover
from proctor.domain.policy import PolicyModel
from proctor.pipeline.policy import DEFAULT_POLICY_FILE, ExamPolicy, default_policy, dump_policy
from proctor.pipeline.policy_toml import notes, summary, toml_value

_PREFACE = """\
# Policy reference

What an exam demands, and what each rule measures, stands in its policy: a TOML file. Tables and keys that are left out
take the defaults below; a key that does not exist is refused, with its line and the name that may have been meant.
`proctor/pipeline/default_policy.toml` is the whole default policy. A sitting's evidence names the policy by the SHA-256
of its canonical form (RFC 8785, every default written out), so that two files that demand the same have the same hash.

This page is made from the fields' own descriptions by `python -m proctor.pipeline.policy_reference docs/policy.md`; a
test holds it to them.
"""


def reference(registry: DetectorRegistry) -> str:
    """The reference page in Markdown: a section a table, a row a field."""
    policy = default_policy(registry)
    lines = [_PREFACE, *_section("Top level", ExamPolicy)]
    for name, field in ExamPolicy.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, PolicyModel):
            lines += _section(f"`[{name}]`", field.annotation)
    lines += _groups(policy)
    for kind in registry:
        lines += _section(f"`[detectors.{kind}]`", registry[kind].config_type)
    return "\n".join(lines).rstrip() + "\n"


def main(arguments: list[str]) -> None:
    """Write both files; the one argument is where the reference page goes."""
    registry = discover()
    DEFAULT_POLICY_FILE.write_text(dump_policy(default_policy(registry)), encoding="utf-8")
    Path(arguments[0]).write_text(reference(registry), encoding="utf-8")


def _section(title: str, table: type[PolicyModel]) -> Iterator[str]:
    yield f"## {title}\n"
    yield f"{summary(table)}\n"
    yield "| field | meaning | values | default |"
    yield "|---|---|---|---|"
    for note in notes(table):
        yield f"| `{note.name}` | {note.description} | {note.limits} | `{note.default}` |"
    yield ""


def _groups(policy: ExamPolicy) -> Iterator[str]:
    yield "## `[correlation.groups]`\n"
    description = type(policy.correlation).model_fields["groups"].description
    yield f"{description}\n"
    yield "| group | kinds |"
    yield "|---|---|"
    for group, kinds in policy.correlation.groups.items():
        yield f"| `{group}` | {', '.join(toml_value(kind) for kind in kinds)} |"
    yield ""


if __name__ == "__main__":
    main(sys.argv[1:])
