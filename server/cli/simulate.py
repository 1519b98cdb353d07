"""`proctor simulate`: real WebRTC candidates against a server, for load tests and for training invigilators."""

from __future__ import annotations

import asyncio
import json
from contextlib import nullcontext
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from proctor.domain.errors import MediaError
from server.cli.remote import RefusedError, UnreachableError
from server.cli.simulation import Crowd, Plan
from server.rtc.pump_source import PumpSource, encode_media, load_trace

TRACE_SUFFIX = ".bin"
NOBODY_JOINED = 1
BAD_INPUT = 2


def simulate(  # noqa: PLR0913 - a command line
    url: Annotated[str, typer.Argument(help="Address of the server.")],
    candidates: Annotated[int, typer.Option(min=1, max=2000, help="How many candidates.")],
    seconds: Annotated[float, typer.Option("--for", min=1, help="How long each of them sits, in seconds.")],
    media: Annotated[
        Path, typer.Option(exists=True, dir_okay=False, help="Video with a face, or a recorded RTP trace (.bin).")
    ],
    *,
    screen: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="Video for the screen's track.")
    ] = None,
    admin: Annotated[
        str | None, typer.Option(envvar="PROCTOR_EMAIL", help="Administrator's e-mail; a demonstration tells its own.")
    ] = None,
    admin_password: Annotated[
        str | None, typer.Option(envvar="PROCTOR_PASSWORD", help="Administrator's password.")
    ] = None,
    ramp: Annotated[float, typer.Option(min=0, help="Seconds between the joining of two candidates.")] = 0.2,
    identity: Annotated[
        bool, typer.Option("--identity/--no-identity", help="Take the identity photograph out of the media.")
    ] = True,
) -> None:
    """Let candidates sit a whole exam through the public HTTP API; prints one JSON object."""
    console = Console(stderr=True)
    try:
        with console.status("preparing the media") if console.is_terminal else nullcontext():
            source = _source(media, screen)
    except MediaError as error:
        _refuse(str(error))
    plan = Plan(
        url=url,
        candidates=candidates,
        seconds=seconds,
        source=source,
        media=media if identity and media.suffix != TRACE_SUFFIX else None,
        ramp_s=ramp,
        admin=(admin, admin_password) if admin and admin_password else None,
        tell=console.print if console.is_terminal else None,
    )
    try:
        report = _run(plan)
    except (RefusedError, UnreachableError) as error:
        _refuse(str(error))
    typer.echo(json.dumps(report))
    if not report["joined"]:
        raise typer.Exit(NOBODY_JOINED)


def _run(plan: Plan) -> dict[str, object]:
    try:
        import uvloop  # noqa: PLC0415 - does not exist on every system
    except ImportError:
        return asyncio.run(Crowd(plan).run())
    return uvloop.run(Crowd(plan).run())


def _source(media: Path, screen: Path | None) -> PumpSource:
    return load_trace(media) if media.suffix == TRACE_SUFFIX else encode_media(media, screen=screen)


def _refuse(message: str) -> None:
    typer.echo(f"proctor: {message}", err=True)
    raise typer.Exit(BAD_INPUT)
