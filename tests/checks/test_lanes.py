"""The two lanes of the test command run every test once and hide no failure; each case here runs the real command."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.lanes import NICENESS_BEHIND

ROOT = Path(__file__).resolve().parents[2]
CASES = """\
import os, pathlib, time, pytest

def note(name):
    with open({notes!r}, "a") as file:
        file.write(f"{{name}} {{os.getpriority(os.PRIO_PROCESS, 0)}}\\n")

@pytest.mark.live
def test_live():
    note("live")
    {live}

@pytest.mark.browser
def test_browser():
    note("browser")
    {browser}

def test_unmarked():
    note("unmarked")
    {unmarked}
"""
MARKS = "[pytest]\nmarkers =\n  live\n  browser\n"
ENVIRONMENT = os.environ | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
"""The cases need no plugin, and loading all of them takes longer than the cases."""


def command(folder: Path, **bodies: str) -> list[str]:
    """The command over a folder with three tests that do as the bodies say."""
    (folder / "pytest.ini").write_text(MARKS)
    told = {"live": "pass", "browser": "pass", "unmarked": "pass"} | bodies
    (folder / "test_cases.py").write_text(CASES.format(notes=str(folder / "notes"), **told))
    return [sys.executable, "-m", "tests.lanes", str(folder)]


def outcome(folder: Path, **bodies: str) -> tuple[int, str]:
    done = subprocess.run(
        command(folder, **bodies),
        cwd=ROOT,
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert done.stderr == ""
    return done.returncode, done.stdout


def noted(folder: Path) -> dict[str, int]:
    """Niceness of each test that ran; none ran twice."""
    lines = [line.split() for line in (folder / "notes").read_text().splitlines()]
    assert len({name for name, _ in lines}) == len(lines)
    return {name: int(niceness) for name, niceness in lines}


def test_every_test_runs_once_and_those_without_a_clock_step_back(tmp_path: Path) -> None:
    code, said = outcome(tmp_path)
    assert code == 0, said
    here = os.getpriority(os.PRIO_PROCESS, 0)
    behind = max(here, NICENESS_BEHIND)
    assert noted(tmp_path) == {"live": here, "browser": here, "unmarked": behind}
    *_, first, second = said.splitlines()
    assert first.startswith("live   | 2 passed, 1 deselected in ")
    assert second.startswith("beside | 1 passed, 2 deselected in ")


@pytest.mark.parametrize(("test", "lane"), [("live", "live  "), ("browser", "live  "), ("unmarked", "beside")])
def test_a_failure_in_either_lane_fails_the_command_and_is_told_at_the_end(
    tmp_path: Path, test: str, lane: str
) -> None:
    code, said = outcome(tmp_path, **{test: "assert 'ғ' == 'г'"})
    assert code == 1, said
    assert set(noted(tmp_path)) == {"live", "browser", "unmarked"}, "the other lane goes on"
    assert [line for line in said.splitlines()[-3:] if line.startswith(f"{lane} | FAILED ")] != []
    assert [line.rsplit(", ", 1)[1] for line in said.splitlines()[-3:] if " in " in line].count("exit 1") == 1


@pytest.mark.parametrize("test", ["live", "unmarked"])
def test_a_process_that_dies_fails_the_command(tmp_path: Path, test: str) -> None:
    code, said = outcome(tmp_path, **{test: "os.kill(os.getpid(), 9)"})
    assert (code, "exit -9" in said) == (1, True)


def test_a_lane_without_tests_fails_the_command(tmp_path: Path) -> None:
    (tmp_path / "test_one.py").write_text("def test_one(): pass\n")
    done = subprocess.run(
        [sys.executable, "-m", "tests.lanes", str(tmp_path)],
        cwd=ROOT,
        env=ENVIRONMENT,
        capture_output=True,
        check=False,
    )
    assert (done.returncode, b"exit 5" in done.stdout) == (1, True)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_who_ends_the_command_ends_both_lanes_as_ctrl_c_would(tmp_path: Path, number: signal.Signals) -> None:
    lasting = "try: time.sleep(60)\n    finally: note('cleared')"
    words = command(tmp_path, live=f"{lasting.replace('cleared', 'live-cleared')}", unmarked=lasting)
    with subprocess.Popen(
        words, cwd=ROOT, env=ENVIRONMENT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as process:
        notes = tmp_path / "notes"
        while not notes.exists() or len(notes.read_text().splitlines()) < 2:
            assert process.poll() is None
            time.sleep(0.02)
        process.send_signal(number)
        said, _ = process.communicate()
    assert process.returncode != 0
    assert set(noted(tmp_path)) == {"live", "live-cleared", "unmarked", "cleared"}
    assert said.count(b"KeyboardInterrupt") >= 2
