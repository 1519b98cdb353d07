"""Installed model files: handed out only when their bytes are those that the manifest pins."""

from __future__ import annotations

import hashlib
import sys
from importlib import metadata
from pathlib import Path
from typing import Final

from models.manifest import (
    Derivation,
    ModelEntry,
    OptionalModel,
    PackageFile,
    load_calibration,
    load_manifest,
    load_optional,
)
from proctor.domain.calibration import Calibration
from proctor.domain.errors import ModelMissingError

REMEDY: Final = "run `proctor models install`"
REMEDY_OPTIONAL: Final = "run `proctor models fetch`"


def default_directory() -> Path:
    """Where model files are installed unless told otherwise: beside the interpreter's own shared files."""
    return Path(sys.prefix) / "share" / "proctor" / "models"


class InstalledModels:
    """Implements `proctor.ports.model_files.ModelFiles` over a directory; each file is hashed once."""

    def __init__(self, directory: Path | None = None) -> None:
        self.directory = directory or default_directory()
        self.manifest = load_manifest()
        self.optional = load_optional()
        self._verified: dict[str, Path] = {}

    def path(self, name: str) -> Path:
        """Path of the verified file of that model.

        Raises:
            ModelMissingError: no such model, not installed, or not the bytes of the manifest.
        """
        if name not in self._verified:
            self._verified[name] = self._verify(self._entry(name))
        return self._verified[name]

    def version(self, name: str) -> str:
        """Version as the manifest states it.

        Raises:
            ModelMissingError: no such model.
        """
        return self._entry(name).version

    def calibration(self, name: str) -> Calibration:
        """What a similarity of these models is worth.

        Raises:
            ModelMissingError: there is none of that name, or it was made with other versions of the models.
        """
        try:
            calibration = load_calibration(name)
        except (KeyError, ValueError) as error:
            raise ModelMissingError(f"no calibration is called {name!r} ({error})") from error
        for model, version in calibration.versions.items():
            if self.version(model) != version:
                raise ModelMissingError(
                    f"the calibration {name} was made with {model} {version}, installed is {self.version(model)}; "
                    "make it anew with `python3 run.py bench calibration`"
                )
        return calibration

    def has(self, name: str) -> bool:
        """Whether a file of that name is there, right or wrong; for optional models, which may be left out.

        Raises:
            ModelMissingError: no such model.
        """
        return (self.directory / self._entry(name).file).exists()

    def _entry(self, name: str) -> ModelEntry | OptionalModel:
        entry = self.manifest.get(name) or self.optional.get(name)
        if entry is None:
            raise ModelMissingError(
                f"no model is called {name!r}; there are {', '.join([*self.manifest, *self.optional])}"
            )
        return entry

    def _verify(self, entry: ModelEntry | OptionalModel) -> Path:
        if isinstance(entry, OptionalModel):
            require(self.directory / entry.file, entry.sha256, REMEDY_OPTIONAL)
            return self.directory / entry.file
        for companion in entry.companions:
            require(package_file(entry.package, companion), companion.sha256)
        if entry.derivation is Derivation.IN_PLACE:
            path = package_file(entry.package, entry.source)
        else:
            path = self.directory / entry.file
        require(path, entry.sha256)
        return path


def package_file(package: str, file: PackageFile) -> Path:
    """Where a file of an installed package lies; it may be absent.

    Raises:
        ModelMissingError: the package is not installed.
    """
    try:
        distribution = metadata.distribution(package)
    except metadata.PackageNotFoundError:
        raise ModelMissingError(
            f"the package {package} is not installed; install requirements.lock, then {REMEDY}"
        ) from None
    return Path(str(distribution.locate_file(file.path)))


def require(path: Path, sha256: str, remedy: str = REMEDY) -> None:
    """Check a file against its pinned hash; `remedy` says what to do where it fails.

    Raises:
        ModelMissingError: absent, unreadable, or other bytes.
    """
    try:
        found = file_sha256(path)
    except OSError as error:
        raise ModelMissingError(f"model file {path} cannot be read ({error.strerror}); {remedy}") from error
    if found != sha256:
        raise ModelMissingError(f"model file {path} has SHA-256 {found}, the manifest says {sha256}; {remedy}")


def file_sha256(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal.

    Raises:
        OSError: it cannot be read.
    """
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
