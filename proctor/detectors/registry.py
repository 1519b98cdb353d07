"""Finds the rules: one module of a package, one rule, named after its signal kind."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Iterator, Mapping
from types import MappingProxyType, ModuleType
from typing import cast

from proctor.detectors.base import Detector
from proctor.domain.errors import ProctorError
from proctor.domain.policy import DetectorConfig
from proctor.domain.signals import SignalKind


class DetectorRegistryError(ProctorError):
    """A rule cannot be imported, is malformed, or shares its id with another; start-up must stop."""


class DetectorRegistry(Mapping[SignalKind, type[Detector]]):
    """Installed rules by signal kind, in the order of `SignalKind`."""

    def __init__(self, detectors: Mapping[SignalKind, type[Detector]]) -> None:
        self._detectors = MappingProxyType({kind: detectors[kind] for kind in SignalKind if kind in detectors})

    def __getitem__(self, kind: SignalKind) -> type[Detector]:
        """The rule for a kind."""
        return self._detectors[kind]

    def __iter__(self) -> Iterator[SignalKind]:
        """Kinds that have a rule."""
        return iter(self._detectors)

    def __len__(self) -> int:
        """Number of rules."""
        return len(self._detectors)

    def default_configs(self) -> dict[SignalKind, DetectorConfig]:
        """Each rule's configuration with its default values."""
        return {kind: detector.config_type.model_validate({}) for kind, detector in self.items()}

    def build(self, configs: Mapping[SignalKind, DetectorConfig]) -> tuple[Detector, ...]:
        """Fresh instances of the enabled rules, for one sitting.

        Raises:
            DetectorRegistryError: a configuration is for a kind without a rule, or of another rule's type.
        """
        for kind, config in configs.items():
            if kind not in self:
                raise DetectorRegistryError(f"no rule is installed for {kind}; installed: {', '.join(self)}")
            expected = self[kind].config_type
            if type(config) is not expected:
                raise DetectorRegistryError(f"{kind} takes a {expected.__name__}, not a {type(config).__name__}")
        return tuple(self[kind](configs[kind]) for kind in self if kind in configs and configs[kind].enabled)


def discover(package: str = "proctor.detectors.rules") -> DetectorRegistry:
    """Import every module of a package and collect its rules.

    Raises:
        DetectorRegistryError: an import failed, a module does not hold exactly one well-formed rule, or two rules have
            the same id.
    """
    detectors: dict[SignalKind, type[Detector]] = {}
    for found in pkgutil.iter_modules(_import(package).__path__):
        detector = _rule_of(_import(f"{package}.{found.name}"))
        other = detectors.get(detector.id)
        if other is not None:
            raise DetectorRegistryError(f"{detector.__module__} and {other.__module__} both have the id {detector.id}")
        detectors[detector.id] = detector
    return DetectorRegistry(detectors)


def _import(name: str) -> ModuleType:
    try:
        return importlib.import_module(name)
    except Exception as error:
        raise DetectorRegistryError(f"{name} cannot be imported: {type(error).__name__}: {error}") from error


def _rule_of(module: ModuleType) -> type[Detector]:
    rules = [
        member
        for _, member in inspect.getmembers(module, inspect.isclass)
        if member.__module__ == module.__name__ and "id" in vars(member)
    ]
    if len(rules) != 1:
        names = ", ".join(rule.__name__ for rule in rules) or "none"
        raise DetectorRegistryError(f"{module.__name__} must hold exactly one class with an `id`; it holds {names}")
    faults = list(_faults(rules[0]))
    if faults:
        raise DetectorRegistryError(f"{module.__name__}.{rules[0].__name__}: {'; '.join(faults)}")
    return cast("type[Detector]", rules[0])


def _faults(rule: type) -> Iterator[str]:
    identity = getattr(rule, "id", None)
    if not isinstance(identity, SignalKind):
        yield f"`id` must be a SignalKind, not {identity!r}"
    if not isinstance(version := getattr(rule, "version", None), str) or not version:
        yield "`version` must be a text that is not empty"
    if not isinstance(consumes := getattr(rule, "consumes", None), tuple) or not consumes:
        yield "`consumes` must name at least one observation type"
    if inspect.isabstract(rule):
        yield f"it lacks {', '.join(sorted(getattr(rule, '__abstractmethods__', ())))}"
    for method in ("update", "finish"):
        if not callable(getattr(rule, method, None)):
            yield f"it lacks `{method}`"
    yield from _config_faults(getattr(rule, "config_type", None))


def _config_faults(config: object) -> Iterator[str]:
    if not (isinstance(config, type) and issubclass(config, DetectorConfig)):
        yield "`config_type` must extend DetectorConfig"
        return
    for name, field in config.model_fields.items():
        if not field.description:
            yield f"{config.__name__}.{name} has no description"
        if field.is_required():
            yield f"{config.__name__}.{name} has no default"
