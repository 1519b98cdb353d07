"""`proctor policy`: exam policies on the command line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from proctor.detectors.registry import discover
from proctor.domain.errors import PolicyError
from proctor.pipeline.policy import InvalidPolicyError, default_policy, dump_policy, load_policy_file

app = typer.Typer(no_args_is_help=True, help="Exam policies.")

INVALID = 1
BAD_INPUT = 2


@app.command()
def default() -> None:
    """Print the default policy in TOML, every field described."""
    typer.echo(dump_policy(default_policy(discover())), nl=False)


@app.command()
def validate(
    file: Annotated[Path, typer.Argument(help="Policy in TOML.")],
    *,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object instead of lines.")] = False,
) -> None:
    """Check a policy; exit code 1 when it is not valid."""
    try:
        policy = load_policy_file(file, discover())
    except InvalidPolicyError as error:
        problems = [
            {"field": problem.field, "message": problem.message, "line": problem.line} for problem in error.problems
        ]
        if as_json:
            typer.echo(json.dumps({"ok": False, "errors": problems}, ensure_ascii=False))
        else:
            for problem in error.problems:
                typer.echo(f"{file}: {problem}", err=True)
        raise typer.Exit(INVALID) from error
    except PolicyError as error:
        typer.echo(f"proctor: {error}", err=True)
        raise typer.Exit(BAD_INPUT) from error
    if as_json:
        typer.echo(json.dumps({"ok": True, "name": policy.name, "sha256": policy.sha256}, ensure_ascii=False))
    else:
        typer.echo(f"{file}: valid, {policy.name}, sha256 {policy.sha256}")
