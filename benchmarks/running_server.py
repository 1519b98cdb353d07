"""A real server in a process of its own, on loopback, with the demonstration's accounts."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

START_LIMIT_S = 60.0
STOP_LIMIT_S = 30.0


@dataclass(frozen=True, slots=True)
class Account:
    """One of the demonstration's accounts."""

    email: str
    password: str


@dataclass(frozen=True, slots=True)
class RunningServer:
    """Where the server listens and who may log in."""

    base_url: str
    process_id: int
    accounts: dict[str, Account]

    @contextmanager
    def client(self, role: str) -> Iterator[httpx.Client]:
        """An HTTP client that is logged in."""
        account = self.accounts[role]
        with httpx.Client(base_url=self.base_url, headers={"X-Proctor": "1"}, timeout=30) as client:
            client.post("/api/login", json={"email": account.email, "password": account.password}).raise_for_status()
            yield client


@contextmanager
def running_server(data: Path, *arguments: str) -> Iterator[RunningServer]:
    """Start `proctor demo` on a free port; stop it at the end as an operator would.

    Raises:
        RuntimeError: the server ended or did not answer in time; its log is in the message.
    """
    port = free_port()
    log = data / "server.log"
    command = [sys.executable, "-m", "server.cli.main", "demo", "--no-browser", "--port", str(port)]
    with log.open("wb") as output:
        process = subprocess.Popen(  # noqa: S603 - our own program
            [*command, "--data", str(data / "data"), *arguments], stdout=output, stderr=subprocess.STDOUT
        )
        try:
            base_url = f"http://127.0.0.1:{port}"
            told = _wait_for_config(process, base_url, log)
            accounts = {entry["role"]: Account(entry["email"], entry["password"]) for entry in told["demo"]["accounts"]}
            yield RunningServer(base_url, process.pid, accounts)
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(STOP_LIMIT_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def free_port() -> int:
    """A TCP port of loopback that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for_config(
    process: subprocess.Popen[bytes], base_url: str, log: Path
) -> dict[str, dict[str, list[dict[str, str]]]]:
    until = time.monotonic() + START_LIMIT_S
    while time.monotonic() < until and process.poll() is None:
        try:
            answer = httpx.get(f"{base_url}/api/config")
            if answer.is_success:
                config: dict[str, dict[str, list[dict[str, str]]]] = answer.json()
                return config
        except httpx.TransportError:
            pass
        time.sleep(0.1)
    raise RuntimeError(f"the server did not start:\n{log.read_text(errors='replace')[-2000:]}")
