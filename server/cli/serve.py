"""`proctor serve` and `proctor demo`: the server in this process until it is told to stop."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import sys
import webbrowser
from collections.abc import Coroutine, Mapping
from contextlib import closing
from pathlib import Path
from typing import Annotated, Any, Final

import typer

Port = Annotated[int | None, typer.Option(help="Port that HTTP listens on.", min=0, max=65535)]
Data = Annotated[Path | None, typer.Option(help="Directory of database, recordings and pictures.", file_okay=False)]
Workers = Annotated[int | None, typer.Option(help="Perception processes; one a core by default.", min=1)]


def serve(  # noqa: PLR0913, PLR0917 - a command line
    host: Annotated[str | None, typer.Option(help="Address that HTTP listens on; 127.0.0.1 by default.")] = None,
    port: Port = None,
    data: Data = None,
    tls_cert: Annotated[Path | None, typer.Option(help="Certificate chain in PEM.", dir_okay=False)] = None,
    tls_key: Annotated[Path | None, typer.Option(help="Private key in PEM.", dir_okay=False)] = None,
    workers: Workers = None,
    config: Annotated[
        Path | None, typer.Option(help="TOML file with the same settings, and those of the network.", dir_okay=False)
    ] = None,
) -> None:
    """Run the server; addresses are printed, logs are JSON lines on stderr. Stops on SIGTERM and SIGINT."""
    options = {
        "host": host,
        "port": port,
        "data": data,
        "tls_cert": tls_cert,
        "tls_key": tls_key,
        "workers": workers,
    }
    _run(_load(config, options), announce=_announce_server)


def demo(
    port: Port = None,
    data: Data = None,
    workers: Workers = None,
    *,
    browser: Annotated[bool, typer.Option("--browser/--no-browser", help="Open the browser.")] = True,
) -> None:
    """Run the server with a demonstration exam and an account for each role; links are printed."""
    from server.config import default_data_dir  # noqa: PLC0415 - keeps `proctor --help` fast
    from server.demo import seed_into  # noqa: PLC0415 - same

    directory = data or default_data_dir("proctor-demo")
    options = {"port": port, "data": directory, "workers": workers}

    def announce(address: str) -> None:
        _announce_demo(address, directory)
        if browser:
            webbrowser.open(address)

    _run(_load(None, options), seed=seed_into(directory), announce=announce, other_port=port is None)


def _load(file: Path | None, options: Mapping[str, object]) -> Any:  # noqa: ANN401 - imported when it is needed
    from server.config import ConfigError, load_config  # noqa: PLC0415 - keeps `proctor --help` fast

    try:
        return load_config(file, options)
    except ConfigError as error:
        _refuse(str(error))


def _run(config: Any, *, announce: Any, seed: Any = None, other_port: bool = False) -> None:  # noqa: ANN401 - see _load
    import uvicorn  # noqa: PLC0415 - keeps `proctor --help` fast

    from proctor.domain.errors import ProctorError  # noqa: PLC0415 - same
    from server.logs import configure_logs  # noqa: PLC0415 - same
    from server.wiring import build  # noqa: PLC0415 - same

    configure_logs()
    os.umask(0o077)  # faces, voices and screens are for the server's own user alone
    listening = _listen(config.host, config.port, other_port=other_port)
    port = listening.getsockname()[1]
    scheme = "https" if config.tls_cert else "http"
    host = "localhost" if config.host in {"127.0.0.1", "::1", "0.0.0.0", "::"} else config.host  # noqa: S104 - compared
    address = f"{scheme}://{host}:{port}/"

    class Server(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            if self.started:
                announce(address)

    settings: dict[str, Any] = {"ssl_certfile": config.tls_cert, "ssl_keyfile": config.tls_key}

    async def run() -> None:
        app = build(config, seed=seed)
        async with app.router.lifespan_context(app):
            stop.is_serving = True
            await Server(uvicorn.Config(app, lifespan="off", **_UVICORN, **settings)).serve(sockets=[listening])

    stop = _Stop()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    try:
        with closing(listening):
            _in_loop(run())
    except (ProctorError, OSError) as error:
        _refuse(str(error))


_UVICORN: Final[Mapping[str, Any]] = {
    "log_config": None,
    "access_log": False,
    "ws": "websockets-sansio",
    "ws_max_size": 256 * 1024,
    "ws_ping_interval": 20.0,
    "ws_ping_timeout": 20.0,
    "timeout_graceful_shutdown": 5,
    "timeout_keep_alive": 30,
    "server_header": False,
}


class _Stop:
    """Ends the program at once while it starts; later uvicorn takes the signals and raises them again at the end."""

    def __init__(self) -> None:
        self.is_serving = False

    def __call__(self, number: int, _: object) -> None:
        """Take a signal.

        Raises:
            SystemExit: nothing is being served yet.
        """
        if not self.is_serving:
            raise SystemExit(128 + number)


def _in_loop(work: Coroutine[Any, Any, None]) -> None:
    try:
        import uvloop  # noqa: PLC0415 - does not exist on every system
    except ImportError:
        asyncio.run(work)
    else:
        uvloop.run(work)


def _listen(host: str, port: int, *, other_port: bool) -> socket.socket:
    """A listening socket; with `other_port` any free port when the wanted one is taken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    for wanted in (port, 0) if other_port else (port,):
        listening = socket.socket(family, socket.SOCK_STREAM)
        if os.name != "nt":
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind((host, wanted))
        except OSError as error:
            listening.close()
            reason = error
            continue
        return listening
    _refuse(f"cannot listen on {host} port {port}: {reason.strerror or reason}")
    raise AssertionError


def _announce_server(address: str) -> None:
    typer.echo(json.dumps({"address": address}) if not sys.stdout.isatty() else f"Listening on {address}")


def _announce_demo(address: str, directory: Path) -> None:
    from rich.console import Console  # noqa: PLC0415 - keeps `proctor --help` fast
    from rich.table import Table  # noqa: PLC0415 - same

    from server.demo import read_accounts  # noqa: PLC0415 - same

    table = Table("role", "e-mail", "password", box=None, pad_edge=False)
    for account in read_accounts(directory):
        table.add_row(account.role.value, account.email, account.password)
    console = Console(highlight=False)
    console.print(f"Open {address} and choose an account on the first page, or log in:")
    console.print(f"  candidate    {address}sit\n  invigilator  {address}invigilate")
    console.print(f"  committee    {address}review\n  admin        {address}admin\n")
    console.print(table)
    console.print(f"\nData: {directory}\nStop: Ctrl+C")


def _refuse(message: str) -> None:
    typer.echo(f"proctor: {message}", err=True)
    raise typer.Exit(2)
