from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path

import pytest

from proctor.detectors.registry import DetectorRegistryError, discover
from proctor.domain.policy import DetectorConfig
from proctor.domain.signals import SignalKind

RULE = """
from typing import Annotated, ClassVar
from pydantic import Field
from proctor.domain.observations import Tick
from proctor.domain.policy import DetectorConfig
from proctor.domain.signals import Severity, SignalKind

class Config(DetectorConfig):
    severity: Annotated[Severity, Field(description="How soon.")] = Severity.LOW
    limit: Annotated[int, Field(description="How many.")] = 3

class Rule:
    id: ClassVar = SignalKind.PHONE
    version: ClassVar = "1"
    consumes: ClassVar = (Tick,)
    config_type: ClassVar = Config

    def __init__(self, config):
        self.config = config

    def update(self, observation):
        return ()

    def finish(self, at):
        return ()
"""

_numbers = itertools.count()
MakePackage = Callable[..., str]


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> MakePackage:
    def make(**modules: str) -> str:
        name = f"rules_of_a_test_{next(_numbers)}"
        folder = tmp_path / name
        folder.mkdir()
        (folder / "__init__.py").write_text("")
        for module, source in modules.items():
            (folder / f"{module}.py").write_text(source)
        monkeypatch.syspath_prepend(tmp_path)
        return name

    return make


def test_finds_the_rules_in_the_order_of_the_kinds(package: MakePackage) -> None:
    name = package(a=RULE, b=RULE.replace("PHONE", "NOISE"))
    assert list(discover(name)) == [SignalKind.NOISE, SignalKind.PHONE]


@pytest.mark.parametrize(
    ("modules", "message"),
    [
        ({"broken": "import no_such_module"}, r"\.broken cannot be imported: ModuleNotFoundError: .*no_such_module"),
        ({"broken": "def"}, r"\.broken cannot be imported: SyntaxError"),
        ({"a": RULE, "b": RULE}, r"\.b and .*\.a both have the id phone"),
        ({"empty": "x = 1"}, r"\.empty must hold exactly one class with an `id`; it holds none"),
        ({"a": RULE + "class Other:\n    id = SignalKind.BOOK\n"}, "it holds Other, Rule"),
        ({"a": RULE.replace("SignalKind.PHONE", "'phone'")}, "`id` must be a SignalKind, not 'phone'"),
        ({"a": RULE.replace('"1"', '""')}, "`version` must be a text"),
        ({"a": RULE.replace("(Tick,)", "()")}, "`consumes` must name"),
        ({"a": RULE.replace("def finish", "def end")}, "it lacks `finish`"),
        ({"a": RULE.replace("Config\n\n    def", "int\n\n    def")}, "`config_type` must extend DetectorConfig"),
        ({"a": RULE.replace('Field(description="How many.")', "Field()")}, "Config.limit has no description"),
        ({"a": RULE.replace('many.")] = 3', 'many.")]')}, "Config.limit has no default"),
    ],
)
def test_a_faulty_rule_stops_the_start_and_is_named(
    package: MakePackage, modules: dict[str, str], message: str
) -> None:
    with pytest.raises(DetectorRegistryError, match=message):
        discover(package(**modules))


def test_a_package_that_does_not_exist_is_named() -> None:
    with pytest.raises(DetectorRegistryError, match="no_such_package_of_rules cannot be imported"):
        discover("no_such_package_of_rules")


def test_builds_fresh_instances_of_the_enabled_rules() -> None:
    registry = discover()
    configs = registry.default_configs()
    configs[SignalKind.NOISE] = configs[SignalKind.NOISE].model_copy(update={"enabled": False})
    first, second = registry.build(configs), registry.build(configs)
    assert [rule.id for rule in first] == [kind for kind in registry if kind is not SignalKind.NOISE]
    assert not set(map(id, first)) & set(map(id, second))


def test_refuses_a_configuration_of_the_wrong_type_or_kind() -> None:
    registry = discover()
    configs: dict[SignalKind, DetectorConfig] = registry.default_configs()
    with pytest.raises(DetectorRegistryError, match="noise takes a NoiseConfig, not a SpeechConfig"):
        registry.build({SignalKind.NOISE: configs[SignalKind.SPEECH]})
    with pytest.raises(DetectorRegistryError, match="no rule is installed for detector_failed"):
        registry.build({SignalKind.DETECTOR_FAILED: configs[SignalKind.SPEECH]})
