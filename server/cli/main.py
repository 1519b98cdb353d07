"""The `proctor` command. Each command's module is loaded only when it is called, so that help comes at once."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Mapping
from typing import Any, Final, NoReturn

import typer
from typer.core import TyperCommand, TyperGroup
from typer.exceptions import TyperException

_COMMANDS: Final[Mapping[str, tuple[str, str]]] = {
    "serve": ("server.cli.serve:serve", "Run the server."),
    "demo": ("server.cli.serve:demo", "Run the server with a demonstration exam and accounts."),
    "analyze": ("server.cli.analyze:analyze", "Run the whole line over recorded files."),
    "compare": ("server.cli.compare:compare", "Compare the faces of two pictures, or of many pairs."),
    "document": ("server.cli.document:document", "Read identity documents: machine-readable zone and portrait."),
    "liveness": ("server.cli.liveness:liveness", "Is a face in pictures or clips a person's, or a picture of one?"),
    "challenge": ("server.cli.challenge:app", "An active challenge: draw tasks at random, judge a clip of them."),
    "listen": ("server.cli.listen:listen", "Level curve and speech of sound files."),
    "room-scan": ("server.cli.room_scan:room_scan", "How much of a room does a recording show?"),
    "simulate": ("server.cli.simulate:simulate", "Drive real WebRTC candidates against a server."),
    "models": ("server.cli.models:app", "Installed models: list, verify, install, fetch optional ones."),
    "users": ("server.cli.office:users", "Accounts: list, create, set a password."),
    "exams": ("server.cli.office:exams", "Exams: list, create, schedule a candidate."),
    "policy": ("server.cli.policy:app", "Exam policies: the default one, check a file."),
    "openapi": ("server.cli.openapi:openapi", "Print the HTTP API's OpenAPI document."),
}


class _LazyGroup(TyperGroup):
    """Knows its commands by name and one line of help; loads one when it is called."""

    _listing = False

    def main(self, *args: Any, **options: Any) -> NoReturn:  # noqa: ANN401 - typer's signature
        """Run a command and exit with its code; bad usage is one line on stderr."""
        try:
            code = super().main(*args, **options | {"standalone_mode": False})
        except TyperException as error:
            sys.stderr.write(_usage_problem(error))
            sys.exit(error.exit_code)
        except typer.Abort:
            sys.stderr.write("proctor: stopped\n")
            sys.exit(1)
        sys.exit(code if isinstance(code, int) else 0)

    def list_commands(self, ctx: typer.Context) -> list[str]:  # type: ignore[override]  # noqa: ARG002 - click's signature
        """Names in the order of the table."""
        return list(_COMMANDS)

    def get_command(self, ctx: typer.Context, cmd_name: str) -> Any:  # type: ignore[override]  # noqa: ANN401, ARG002 - same
        """The command, or for a listing only its line of help."""
        if cmd_name not in _COMMANDS:
            return None
        target, summary = _COMMANDS[cmd_name]
        if self._listing:
            return TyperCommand(cmd_name, help=summary)
        return _load(cmd_name, target)

    def format_help(self, ctx: typer.Context, formatter: Any) -> None:  # type: ignore[override]  # noqa: ANN401 - same
        """Help without loading any command."""
        self._listing = True
        try:
            super().format_help(ctx, formatter)
        finally:
            self._listing = False


def _usage_problem(error: TyperException) -> str:
    """One line that names what is wrong; nothing where the help has been printed instead."""
    message = " ".join(error.format_message().split()).rstrip(".")
    if not message:
        return ""
    context = getattr(error, "ctx", None)
    command = "proctor" if context is None else context.command_path
    return f"{command}: {message}. Try '{command} --help'.\n"


def _load(name: str, target: str) -> Any:  # noqa: ANN401 - typer's own class of commands
    module, _, attribute = target.partition(":")
    found: Any = getattr(importlib.import_module(module), attribute)
    if not isinstance(found, typer.Typer):
        single = typer.Typer(add_completion=False)
        single.command(name)(found)
        found = single
    return typer.main.get_command(found)


app = typer.Typer(cls=_LazyGroup, add_completion=False, no_args_is_help=True, pretty_exceptions_show_locals=False)


@app.callback()
def _proctor() -> None:
    """Self-hosted online proctoring: records, notices, explains; a person decides."""


def main() -> None:
    """Entry point of the `proctor` program."""
    app(prog_name="proctor")


if __name__ == "__main__":
    main()
