"""Installs the model files out of the packages of requirements.lock; `python -m models.install` is part of set-up."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from models.manifest import Derivation, ModelEntry, load_manifest
from models.registry import InstalledModels, package_file, require
from proctor.domain.errors import ModelMissingError, ProctorError


class ModelDerivationError(ProctorError):
    """A derived file is not the one that the manifest pins; the packages differ from requirements.lock."""


@dataclass(frozen=True, slots=True)
class InstallStep:
    """What was done for one model."""

    name: str
    version: str
    path: Path
    changed: bool
    """False when the file was there already with the right bytes."""


def install(
    directory: Path | None = None, report: Callable[[InstallStep], None] = lambda _step: None
) -> list[InstallStep]:
    """Bring every model of the manifest into `directory` (default: beside the interpreter); keep what is right already.

    Raises:
        ModelMissingError: a package, or a file of it, is absent or has other bytes than the manifest pins.
        ModelDerivationError: a derived file came out with another hash.
        OSError: the directory cannot be written.
    """
    installed = InstalledModels(directory)
    steps = []
    for entry in load_manifest().values():
        step = _install_one(entry, installed)
        report(step)
        steps.append(step)
    return steps


def _install_one(entry: ModelEntry, installed: InstalledModels) -> InstallStep:
    try:
        return InstallStep(entry.name, entry.version, installed.path(entry.name), changed=False)
    except ModelMissingError:
        if entry.derivation is Derivation.IN_PLACE:
            raise
    source = package_file(entry.package, entry.source)
    require(source, entry.source.sha256)
    _write_atomically(installed.directory / entry.file, derive(entry.derivation, source.read_bytes()))
    try:
        path = installed.path(entry.name)
    except ModelMissingError as error:
        raise ModelDerivationError(
            f"{entry.name} was derived but does not match the manifest; are onnx and numpy those of requirements.lock? "
            f"({error})"
        ) from error
    return InstallStep(entry.name, entry.version, path, changed=True)


def derive(derivation: Derivation, source: bytes) -> bytes:
    """Bytes of the installed file from those of the package's file; the same bytes on every machine.

    Raises:
        ValueError: the source is not of the kind that the derivation takes.
    """
    if derivation in (Derivation.COPY, Derivation.IN_PLACE):
        return source
    import onnx  # noqa: PLC0415 - takes most of a second, and a verified installation needs none of it

    if derivation is Derivation.DLIB_RESNET:
        from models.dlib_resnet import dlib_resnet_to_onnx  # noqa: PLC0415 - imports onnx

        return bytes(dlib_resnet_to_onnx(source).SerializeToString(deterministic=True))
    from models.onnx_folding import fold_constants, free_picture_size  # noqa: PLC0415 - imports onnx

    model = onnx.load_model_from_string(source)
    fold_constants(model)
    if derivation is Derivation.FOLD_ANY_SIZE:
        free_picture_size(model)
    return bytes(model.SerializeToString(deterministic=True))


def _write_atomically(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
        Path(temporary).chmod(0o644)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def main() -> int:
    """Install into the default directory, one line on stderr for each file that changed; 2 when it cannot be done."""

    def say(step: InstallStep) -> None:
        if step.changed:
            sys.stderr.write(f"installed model {step.name} {step.version}\n")

    try:
        install(report=say)
    except (ProctorError, OSError) as error:
        sys.stderr.write(f"models: {error}\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
