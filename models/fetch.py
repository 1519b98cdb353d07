"""Installs the optional models that no package carries, only when asked: from a folder or from their publisher.

Either way the published file must have the SHA-256 that the manifest pins before anything reads it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final

import httpx

from models.install import InstallStep, ModelDerivationError, derive, write_atomically
from models.manifest import OptionalModel
from models.registry import InstalledModels
from proctor.domain.errors import ModelMissingError, ProctorError

LARGEST_BYTES: Final = 64 << 20
TIMEOUT_S: Final = 30.0

Source = Callable[[OptionalModel], bytes]


class FetchError(ProctorError):
    """A published file cannot be had, or is not the one that the manifest pins."""


def fetch(
    source: Source, directory: Path | None = None, report: Callable[[InstallStep], None] = lambda _step: None
) -> list[InstallStep]:
    """Bring every optional model into `directory` (default: beside the interpreter); keep what is right already.

    Raises:
        FetchError: a file cannot be had, or is another than the pinned one.
        ModelDerivationError: a derived file came out with another hash.
        OSError: the directory cannot be written.
    """
    installed = InstalledModels(directory)
    steps = []
    for entry in installed.optional.values():
        step = _fetch_one(entry, installed, source)
        report(step)
        steps.append(step)
    return steps


def missing(directory: Path | None = None) -> list[OptionalModel]:
    """Optional models that are not installed, or not with the right bytes."""
    installed = InstalledModels(directory)
    return [entry for entry in installed.optional.values() if _verified(entry, installed) is None]


def from_folder(folder: Path) -> Source:
    """Take the published files out of a folder that somebody has put them in."""

    def read(entry: OptionalModel) -> bytes:
        path = folder / entry.source
        try:
            return path.read_bytes()
        except OSError as error:
            raise FetchError(f"{path} cannot be read ({error.strerror}); it is published at {entry.url}") from error

    return read


def from_publisher(client: httpx.Client) -> Source:
    """Download the published files from the addresses of the manifest."""

    def read(entry: OptionalModel) -> bytes:
        try:
            with client.stream("GET", entry.url) as response:
                response.raise_for_status()
                return _bounded(response.iter_bytes(), entry)
        except httpx.HTTPError as error:
            raise FetchError(f"{entry.url} cannot be had ({error}); with the files at hand use --from") from error

    return read


def _fetch_one(entry: OptionalModel, installed: InstalledModels, source: Source) -> InstallStep:
    path = _verified(entry, installed)
    if path is not None:
        return InstallStep(entry.name, entry.version, path, changed=False)
    published = source(entry)
    found = hashlib.sha256(published).hexdigest()
    if found != entry.source_sha256:
        raise FetchError(f"{entry.source} has SHA-256 {found}, the manifest says {entry.source_sha256}; not installed")
    derived = derive(entry.derivation, published)
    if hashlib.sha256(derived).hexdigest() != entry.sha256:
        raise ModelDerivationError(
            f"{entry.name} was derived but does not match the manifest; are onnx and numpy those of requirements.lock?"
        )
    path = installed.directory / entry.file
    write_atomically(path, derived)
    return InstallStep(entry.name, entry.version, path, changed=True)


def _verified(entry: OptionalModel, installed: InstalledModels) -> Path | None:
    try:
        return installed.path(entry.name)
    except ModelMissingError:
        return None


def _bounded(pieces: Iterable[bytes], entry: OptionalModel) -> bytes:
    data = bytearray()
    for piece in pieces:
        data += piece
        if len(data) > LARGEST_BYTES:
            raise FetchError(f"{entry.url} gives more than {LARGEST_BYTES >> 20} MB; not installed")
    return bytes(data)
