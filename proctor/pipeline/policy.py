"""A whole exam policy: read from TOML with exact complaints, written with every field explained, known by its hash."""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Final, TypeVar

import rfc8785
from pydantic import BaseModel, Field, SerializeAsAny, ValidationError

from proctor.detectors.registry import DetectorRegistry
from proctor.detectors.rule import SampledConfig
from proctor.domain.errors import PolicyError
from proctor.domain.observations import IdentityObserved, PeopleObserved, PictureObserved, SoundObserved
from proctor.domain.policy import (
    AnalysisPolicy,
    CorrelationPolicy,
    DetectorConfig,
    MediaPolicy,
    PolicyModel,
    RetentionPolicy,
    StepsPolicy,
)
from proctor.domain.signals import Severity, SignalKind
from proctor.pipeline.policy_problems import (
    InvalidPolicyError,
    LineIndex,
    PolicyProblem,
    field_problems,
    hint,
    syntax_problem,
)
from proctor.pipeline.policy_toml import write_toml

__all__ = [
    "DEFAULT_POLICY_FILE",
    "ExamPolicy",
    "InvalidPolicyError",
    "PolicyProblem",
    "default_policy",
    "dump_policy",
    "load_policy",
    "load_policy_file",
]

DEFAULT_POLICY_FILE: Final = Path(__file__).with_name("default_policy.toml")
"""The default policy as shipped; always what `dump_policy(default_policy(…))` gives."""

ModelT = TypeVar("ModelT", bound=BaseModel)


class ExamPolicy(PolicyModel):
    """Everything that an exam demands of a sitting and of the rules that watch it."""

    name: Annotated[str, Field(min_length=1, max_length=200, description="Name by which people know this policy.")] = (
        "Default"
    )
    steps: StepsPolicy = StepsPolicy()
    media: MediaPolicy = MediaPolicy()
    analysis: AnalysisPolicy = AnalysisPolicy()
    correlation: CorrelationPolicy = Field(default_factory=CorrelationPolicy)
    retention: RetentionPolicy = RetentionPolicy()
    detectors: Annotated[
        dict[SignalKind, SerializeAsAny[DetectorConfig]],
        Field(description="The rules, each under the name of the kind of signal that it gives."),
    ]

    @property
    def severities(self) -> Mapping[SignalKind, Severity]:
        """Severity of each kind that has a rule."""
        return {kind: config.severity for kind, config in self.detectors.items()}

    def canonical(self) -> bytes:
        """The policy as canonical JSON (RFC 8785), every default written out."""
        return rfc8785.dumps(self.model_dump(mode="json"))

    @property
    def sha256(self) -> str:
        """Hash of the canonical form, hexadecimal; equal for policies that demand the same."""
        return hashlib.sha256(self.canonical()).hexdigest()


def default_policy(registry: DetectorRegistry) -> ExamPolicy:
    """The policy with every default."""
    return ExamPolicy(detectors=registry.default_configs())


def dump_policy(policy: ExamPolicy) -> str:
    """The policy as TOML, every field under its description; `load_policy` gives an equal one back."""
    return write_toml(policy)


def load_policy_file(path: Path, registry: DetectorRegistry) -> ExamPolicy:
    """Read a policy from a file; see `load_policy`.

    Raises:
        InvalidPolicyError: the file is not a valid policy.
        PolicyError: the file cannot be read.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise PolicyError(f"{path}: the policy cannot be read: {error}") from error
    return load_policy(text, registry)


def load_policy(text: str, registry: DetectorRegistry) -> ExamPolicy:
    """Read a policy from TOML. Tables and keys that are left out take their defaults.

    Raises:
        InvalidPolicyError: with every fault found.
    """
    try:
        data = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise InvalidPolicyError([syntax_problem(error)]) from error
    lines = LineIndex(text)
    problems: list[PolicyProblem] = []
    configs = _read_detectors(data.pop("detectors", {}), registry, lines, problems)
    try:
        policy = _validate(ExamPolicy, {**data, "detectors": {}})
    except ValidationError as error:
        problems += field_problems(error, ExamPolicy, (), lines)
        raise InvalidPolicyError(problems) from error
    policy = policy.model_copy(update={"detectors": configs})
    problems = problems or list(_pace_problems(policy, registry, lines))
    if problems:
        raise InvalidPolicyError(problems)
    return policy


def _read_detectors(
    tables: object, registry: DetectorRegistry, lines: LineIndex, problems: list[PolicyProblem]
) -> dict[SignalKind, DetectorConfig]:
    configs = registry.default_configs()
    if not isinstance(tables, dict):
        problems.append(lines.problem(("detectors",), "must be a table with one table for each rule"))
        return configs
    installed = {str(kind): kind for kind in registry}
    for name, table in tables.items():
        path = ("detectors", name)
        if name not in installed:
            problems.append(lines.problem(path, f"there is no such rule{hint(name, installed)}"))
        elif not isinstance(table, dict):
            problems.append(lines.problem(path, "must be a table of the rule's fields"))
        else:
            config_type = registry[installed[name]].config_type
            try:
                configs[installed[name]] = _validate(config_type, table)
            except ValidationError as error:
                problems += field_problems(error, config_type, path, lines)
    return configs


def _pace_problems(policy: ExamPolicy, registry: DetectorRegistry, lines: LineIndex) -> Iterator[PolicyProblem]:
    """Rules that could never notice anything, as their measurements are further apart than `unknown_after_s`."""
    analysis = policy.analysis
    paces = {
        PeopleObserved: (2 / analysis.pictures_per_s, "analysis.pictures_per_s"),
        PictureObserved: (2 / analysis.pictures_per_s, "analysis.pictures_per_s"),
        IdentityObserved: (analysis.identity_interval_s, "analysis.identity_interval_s"),
        SoundObserved: (2 * analysis.sound_window_ms / 1000, "analysis.sound_window_ms"),
    }
    for kind, config in policy.detectors.items():
        if not isinstance(config, SampledConfig) or not config.enabled:
            continue
        for consumed in registry[kind].consumes:
            pace_s, cause = paces.get(consumed, (0.0, ""))
            if config.unknown_after_s < pace_s:
                message = f"must be at least {pace_s:g}, the pace that {cause} sets; it is {config.unknown_after_s:g}"
                yield lines.problem(("detectors", kind.value, "unknown_after_s"), message)


def _validate(model: type[ModelT], data: Mapping[str, Any]) -> ModelT:
    """Validate as JSON: strict about types, and enumerations go by their names."""
    return model.model_validate_json(json.dumps(data, default=str), strict=True)
