"""Runs all tests in two processes at once: those that live by the clock, and beside them, behind, all others.

`python -m tests.lanes [ARGS]`: ARGS go to both. Each line is told with the name of its lane, and what failed is told
again at the end. The exit code is 0 only if both lanes have run tests and all have passed.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock, Thread
from types import FrameType
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
POSIX = os.name != "nt"
BY_THE_CLOCK = "live or browser"
NICENESS_BEHIND = 15
"""Well behind the 5 of browsers' pages and perception workers, which must keep up."""
STOP_LIMIT_S = 30.0
LAST_LINES_S = 5.0
"""How long to wait for what a process has printed; a program that it left behind may hold its output open for ever."""


@dataclass(frozen=True, slots=True)
class Lane:
    """One pytest process: what it selects by markers, and how far it steps back from the processor."""

    name: str
    selects: str
    niceness: int = 0


LANES = (Lane("live", BY_THE_CLOCK), Lane("beside", f"not ({BY_THE_CLOCK})", NICENESS_BEHIND))
WIDTH = max(len(lane.name) for lane in LANES)


@dataclass
class Run:
    """A lane under way: prints what its process prints, line by line, and keeps what the end repeats."""

    lane: Lane
    process: subprocess.Popen[bytes]
    printing: Lock
    failed: list[bytes] = field(default_factory=list)
    last: bytes = b""
    begun_s: float = field(default_factory=time.monotonic)

    def __post_init__(self) -> None:
        self._follower = Thread(target=self._follow, daemon=True)
        self._follower.start()

    def wait(self) -> None:
        """Wait for the end of the process and its last lines, and tell how long it took."""
        self.process.wait()
        self._follower.join(LAST_LINES_S)
        self.tell(f"ended after {time.monotonic() - self.begun_s:.0f} s".encode())

    def sum_up(self) -> None:
        """Tell again what failed, and how it all ended."""
        for line in self.failed:
            self.tell(line)
        self.tell((self.last.strip(b"= \n") or b"nothing was printed") + b", exit %d" % self.process.wait())

    def interrupt(self) -> None:
        """Ask the process to end as Ctrl-C does, so that what its tests have started ends as well."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT if POSIX else signal.SIGTERM)

    def end(self) -> None:
        """Wait for what was asked, and do not wait for ever."""
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(STOP_LIMIT_S)
        self.process.kill()
        self._follower.join(LAST_LINES_S)

    def tell(self, line: bytes) -> None:
        """Print one line with the lane's name before it; lines of two lanes do not mix."""
        with self.printing:
            sys.stdout.buffer.write(self.lane.name.ljust(WIDTH).encode() + b" | " + line.rstrip(b"\n") + b"\n")
            sys.stdout.buffer.flush()

    def _follow(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.tell(line)
            self.last = line
            if line.startswith((b"FAILED ", b"ERROR ")):
                self.failed.append(line)


def started(lane: Lane, arguments: Sequence[str], printing: Lock) -> Run:
    """Start a lane in a process group of its own, so that Ctrl-C reaches it once, by `Run.interrupt`.

    The cache of the last failures is left alone: each of two processes would overwrite what the other wrote.
    """
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-m", lane.selects, *arguments]
    group: dict[str, Any] = {"process_group": 0} if POSIX else {}
    process = subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **group
    )
    if POSIX and lane.niceness:
        niceness = max(lane.niceness, os.getpriority(os.PRIO_PROCESS, process.pid))
        os.setpriority(os.PRIO_PROCESS, process.pid, niceness)
    return Run(lane, process, printing)


@contextmanager
def ending_on_signals() -> Iterator[None]:
    """SIGTERM and a closed terminal unwind this program, as Ctrl-C does.

    A shell starts what runs in the background with SIGINT ignored; what inherits that cannot be stopped by it.
    """

    def end(number: int, _frame: FrameType | None) -> None:
        raise SystemExit(128 + number)

    handlers = {signal.SIGINT: signal.default_int_handler, signal.SIGTERM: end}
    if POSIX and signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        handlers[signal.SIGHUP] = end
    before = {number: signal.signal(number, handler) for number, handler in handlers.items()}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def run(lanes: Sequence[Lane], arguments: Sequence[str]) -> int:
    """Run the lanes at once and tell how each ended.

    Returns:
        0 if every lane's process ended with 0, else 1.
    """
    printing = Lock()
    runs: list[Run] = []
    with ending_on_signals():
        try:
            for lane in lanes:
                runs.append(started(lane, arguments, printing))  # noqa: PERF401 - those that run are to be stopped
            for each in runs:
                each.wait()
        finally:
            for each in runs:
                each.interrupt()
            for each in runs:
                each.end()
            for each in runs:
                each.sum_up()
    return int(any(each.process.returncode for each in runs))


if __name__ == "__main__":
    raise SystemExit(run(LANES, sys.argv[1:]))
