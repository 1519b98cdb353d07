from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from models import install as installer
from models.install import ModelDerivationError, derive, install
from models.manifest import Derivation, load_manifest
from models.registry import InstalledModels, package_file
from proctor.domain.errors import ModelMissingError


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models") / "deep" / "er"
    install(folder)
    return folder


def test_a_fresh_directory_gets_every_model_and_a_second_run_changes_nothing(directory: Path) -> None:
    before = {path.name: path.stat().st_mtime_ns for path in directory.iterdir()}
    steps = install(directory)
    assert [step.name for step in steps] == list(load_manifest())
    assert not any(step.changed for step in steps)
    assert {path.name: path.stat().st_mtime_ns for path in directory.iterdir()} == before


def test_only_whole_files_with_their_final_names_are_left(directory: Path) -> None:
    named = {entry.file for entry in load_manifest().values() if entry.derivation is not Derivation.IN_PLACE}
    assert {path.name for path in directory.iterdir()} == named


def test_a_damaged_file_is_refused_and_then_repaired(directory: Path) -> None:
    path = InstalledModels(directory).path("yunet")
    path.write_bytes(path.read_bytes()[:-1] + b"?")
    with pytest.raises(ModelMissingError, match="proctor models install"):
        InstalledModels(directory).path("yunet")
    repaired = [step.name for step in install(directory) if step.changed]
    assert repaired == ["yunet"]
    assert InstalledModels(directory).path("yunet") == path


def test_an_absent_file_names_the_command_that_installs_it(tmp_path: Path) -> None:
    with pytest.raises(ModelMissingError, match="run `proctor models install`"):
        InstalledModels(tmp_path).path("sface")


def test_an_unknown_name_is_answered_with_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(ModelMissingError, match="yunet, sface"):
        InstalledModels(tmp_path).version("resnet")


def test_derivation_gives_the_same_bytes_every_time() -> None:
    entry = load_manifest()["yunet"]
    source = package_file(entry.package, entry.source).read_bytes()
    first, second = derive(entry.derivation, source), derive(entry.derivation, source)
    assert first == second
    assert hashlib.sha256(first).hexdigest() == entry.sha256


def test_a_derivation_that_comes_out_otherwise_is_not_accepted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(installer, "derive", lambda _derivation, source, _parts: source + b"!")
    with pytest.raises(ModelDerivationError, match="yunet"):
        install(tmp_path)


def test_main_says_one_line_and_returns_2_when_a_package_is_absent(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setattr("models.registry.default_directory", lambda: tmp_path)
    monkeypatch.setattr("models.registry.metadata.distribution", _absent)
    assert installer.main() == 2
    assert capsys.readouterr().err.count("\n") == 1


def _absent(name: str) -> None:
    from importlib.metadata import PackageNotFoundError  # noqa: PLC0415 - only this test needs it

    raise PackageNotFoundError(name)
