"""The real server as a process of its own, with a fresh data directory."""

from __future__ import annotations

import json
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

ROOT = Path(__file__).resolve().parents[2]
START_LIMIT_S = 60.0
TITLE = {"kk": "Сынақ емтиханы", "ru": "Пробный экзамен", "en": "Trial exam"}
QUESTIONS = (
    {"question_id": "one", "text": {"kk": "Бірінші сұрақ", "ru": "Первый вопрос", "en": "The first question"}},
    {"question_id": "two", "text": {"kk": "Екінші сұрақ", "ru": "Второй вопрос", "en": "The second question"}},
)


@dataclass(frozen=True, slots=True)
class Account:
    email: str
    password: str


class DemoServer:
    """A running demonstration server, spoken to as its administrator."""

    def __init__(self, base_url: str, data: Path, process: subprocess.Popen[bytes]) -> None:
        self.base_url = base_url
        self.data = data
        self._process = process
        self._accounts = {
            entry["role"]: Account(entry["email"], entry["password"])
            for entry in json.loads((data / "demo-accounts.json").read_text(encoding="utf-8"))
        }
        self._admin = self._client("admin")

    def account(self, role: str) -> Account:
        """The demonstration's own account of a role."""
        return self._accounts[role]

    def new_candidate(self, policy_toml: str = "", **exam: object) -> Account:
        """A fresh candidate with one sitting of a fresh exam."""
        account = Account(f"{uuid.uuid4().hex[:12]}@e2e.local", uuid.uuid4().hex)
        created = self._post(
            "accounts", {"email": account.email, "name": "Әлия Тест", "role": "candidate", "password": account.password}
        )
        body = {"title": TITLE, "kind": "embedded", "duration_minutes": 30, "questions": list(QUESTIONS)}
        told = self._post("exams", body | {"policy_toml": policy_toml} | exam)
        self._post("sittings", {"exam_id": told["exam_id"], "candidate_account_id": created["account_id"]})
        return account

    def get(self, path: str) -> dict[str, Any]:
        """What the administrator gets from an address under /api."""
        answer = self._admin.get(f"/api/{path}")
        assert answer.is_success, answer.text
        told: dict[str, Any] = answer.json()
        return told

    def timeline(self, sitting_id: str) -> list[dict[str, Any]]:
        """Every entry of a sitting's timeline."""
        entries: list[dict[str, Any]] = []
        after: int | None = 0
        while after is not None:
            page = self.get(f"sittings/{sitting_id}/timeline?after_seq={after}&limit=500")
            entries += page["entries"]
            after = page["next_after_seq"]
        return entries

    def signals(self, sitting_id: str) -> list[str]:
        """Kinds of the signals on a sitting's timeline, in order of their opening."""
        opened = (entry for entry in self.timeline(sitting_id) if entry["kind"] == "signal_opened")
        return [entry["payload"]["kind"] for entry in opened]

    def client_events(self, sitting_id: str) -> list[str]:
        """Kinds of what the browser reported, in order."""
        events = (entry for entry in self.timeline(sitting_id) if entry["kind"] == "client_event")
        return [entry["payload"]["kind"] for entry in events]

    def send_message(self, sitting_id: str, text: str) -> None:
        """Write to the candidate."""
        self._post(f"sittings/{sitting_id}/messages", {"text": text})

    @property
    def port(self) -> int | None:
        """The TCP port of its pages."""
        return httpx.URL(self.base_url).port

    def kill(self) -> None:
        """End the server as a power cut would."""
        self._process.kill()
        self._process.wait()

    def close(self) -> None:
        """End the administrator's connection."""
        self._admin.close()

    def _client(self, role: str) -> httpx.Client:
        account = self.account(role)
        client = httpx.Client(base_url=self.base_url, headers={"X-Proctor": "1"}, timeout=30)
        answer = client.post("/api/login", json={"email": account.email, "password": account.password})
        assert answer.is_success, answer.text
        return client

    def _post(self, path: str, body: Mapping[str, object]) -> dict[str, Any]:
        answer = self._admin.post(f"/api/{path}", json=body)
        assert answer.is_success, answer.text
        told: dict[str, Any] = answer.json()
        return told


@contextmanager
def running_demo(data: Path, port: int = 0) -> Iterator[DemoServer]:
    """Start `proctor demo`, on a free port unless one is given, and stop it in the end."""
    if not (ROOT / "web_client" / "dist" / "index.html").is_file():
        pytest.fail("The web client has not been built. Run: python3 run.py", pytrace=False)
    log = data.with_suffix(".log")
    command = [sys.executable, "-m", "server.cli.main", "demo", "--port", str(port), "--no-browser"]
    with log.open("ab") as output:
        process = subprocess.Popen([*command, "--data", str(data)], cwd=ROOT, stdout=subprocess.PIPE, stderr=output)
    try:
        address = _announced(process, log)
        server = DemoServer(address, data, process)
        yield server
        server.close()
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdout is not None:
            process.stdout.close()


def _announced(process: subprocess.Popen[bytes], log: Path) -> str:
    """The address that the server prints once it answers."""
    assert process.stdout is not None
    until = time.monotonic() + START_LIMIT_S
    while time.monotonic() < until:
        line = process.stdout.readline().decode()
        if line == "":
            break
        if line.startswith("Open http"):
            address = line.split()[1].rstrip("/")
            return address.replace("localhost", "127.0.0.1")
    pytest.fail(f"The server did not start:\n{log.read_text(encoding='utf-8')[-2000:]}", pytrace=False)
