"""Keeps one worker running: starts it, watches that its loop answers, starts it again when it dies or hangs."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import structlog

from proctor.domain.time import NS_PER_MS
from proctor.pipeline.figures import percentile
from server.perception.attendance import Cause
from server.perception.process import WorkerProcess, start_worker
from server.perception.protocol import PROTOCOL_VERSION, AnyFromWorker, Failed, Ping, Pong, Ready, ToWorker

PING_EVERY_S: Final = 1.0
HUNG_AFTER_PINGS: Final = 8
"""A loop that answered none of so many pings is taken for hung; its longest single step takes well under a second.
Pings are counted, not seconds: a server that was itself held up must not take its workers for hung."""
LOAD_PINGS: Final = 120
"""Loading models takes one to a few seconds; a loaded machine may need many more."""
STOP_TIMEOUT_S: Final = 5.0
FIRST_PAUSE_S: Final = 0.1
LONGEST_PAUSE_S: Final = 30.0
STEADY_AFTER_S: Final = 60.0
"""A worker that lived so long is restarted without a longer pause than the first."""
LAGS_KEPT: Final = 4_096

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class WorkerLoad:
    """How one worker fares; counters run since its present process started."""

    index: int
    pid: int | None
    """None while it restarts."""
    ready: bool
    sittings: int
    restarts: int
    lag_ms_p50: float | None
    lag_ms_p95: float | None
    """Arrival of a picture at the server to the end of its analysis, over the last few thousand pictures."""
    cpu_ms_per_s: float | None
    """CPU time over the last seconds."""
    pictures: int
    sounds: int
    pictures_dropped: int
    sounds_dropped: int
    absent: tuple[str, ...] = ()
    """Senses that do not run, as their optional models are not installed."""


class WorkerSupervisor:
    """One worker slot of the pool.

    Args:
        index: number of the slot.
        models_dir: where the models are; None means the default place.
        ready: called with the index when a process has loaded its models.
        received: called with each message that is not the supervisor's own.
        died: called with the index and the cause when a process that was ready is gone.
    """

    def __init__(
        self,
        index: int,
        models_dir: Path | None,
        *,
        ready: Callable[[int], None],
        received: Callable[[AnyFromWorker], None],
        died: Callable[[int, Cause], None],
    ) -> None:
        self.index = index
        self._models_dir = models_dir
        self._on_ready = ready
        self._on_message = received
        self._on_death = died
        self._task: asyncio.Task[None] | None = None
        self._worker: WorkerProcess | None = None
        self._settled = asyncio.Event()
        self._is_ready = False
        self._problem: str | None = None
        self._ended = asyncio.Event()
        self._answered_s = 0.0
        self._unanswered = 0
        self._restarts = 0
        self._pong: Pong | None = None
        self._absent: tuple[str, ...] = ()
        self._cpu_ms_per_s: float | None = None
        self._lags_ms: deque[float] = deque(maxlen=LAGS_KEPT)

    @property
    def is_ready(self) -> bool:
        """Whether its models are loaded."""
        return self._is_ready

    @property
    def waiting_bytes(self) -> int:
        """Bytes that it has not taken yet."""
        return 0 if self._worker is None else self._worker.link.waiting_bytes

    def start(self) -> None:
        """Start in the background."""
        self._task = asyncio.create_task(self._keep_running())

    async def stop(self) -> None:
        """End the process: politely, then at once."""
        worker = self._worker
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
        if worker is None:
            return
        worker.link.close()
        try:
            await asyncio.wait_for(worker.wait(), STOP_TIMEOUT_S)
        except TimeoutError:
            worker.kill()
            await worker.wait()

    async def wait_ready(self, timeout_s: float) -> str | None:
        """Wait until the models are loaded; return why they cannot be, None when they are."""
        try:
            async with asyncio.timeout(timeout_s):
                while not self._is_ready:
                    await self._settled.wait()
                    if not self._is_ready and self._problem is not None:
                        return self._problem
        except TimeoutError:
            return "the perception worker did not start in time; see the server's log"
        return None

    def send(self, message: ToWorker) -> None:
        """Send without waiting; nothing happens while it restarts."""
        if self._worker is not None:
            self._worker.link.send(message)

    def load(self, sittings: int) -> WorkerLoad:
        """How it fares, with the given number of sittings."""
        pong, lags = self._pong, list(self._lags_ms)
        return WorkerLoad(
            index=self.index,
            pid=None if self._worker is None else self._worker.pid,
            ready=self._is_ready,
            sittings=sittings,
            restarts=self._restarts,
            lag_ms_p50=percentile(lags, 50) if lags else None,
            lag_ms_p95=percentile(lags, 95) if lags else None,
            cpu_ms_per_s=self._cpu_ms_per_s,
            pictures=0 if pong is None else pong.pictures,
            sounds=0 if pong is None else pong.sounds,
            pictures_dropped=0 if pong is None else pong.pictures_dropped,
            sounds_dropped=0 if pong is None else pong.sounds_dropped,
            absent=self._absent,
        )

    async def _keep_running(self) -> None:
        pause_s = FIRST_PAUSE_S
        while True:
            started_s = time.monotonic()
            try:
                cause = await self._run_once()
            except OSError as error:
                cause = "crashed"
                self._fail(f"the perception worker cannot be started: {error}")
            except Exception as error:  # noqa: BLE001 - a slot that is given up would never analyse again
                cause = "crashed"
                if self._worker is not None:
                    self._worker.kill()
                _log.exception("perception worker not supervised", worker=self.index)
                self._fail(f"the perception worker cannot be kept running: {type(error).__name__}")
            if time.monotonic() - started_s >= STEADY_AFTER_S:
                pause_s = FIRST_PAUSE_S
            _log.error("perception worker ended", worker=self.index, cause=cause, restart_in_s=pause_s)
            await asyncio.sleep(pause_s)
            pause_s = min(pause_s * 2, LONGEST_PAUSE_S)
            self._restarts += 1

    async def _run_once(self) -> Cause:
        """Start a process and return when it is gone."""
        self._ended = asyncio.Event()
        self._pong = None
        self._worker = worker = await start_worker(self._models_dir, self._received, self._ended.set)
        self._unanswered = 0
        cause = await self._watch()
        was_ready, self._is_ready = self._is_ready, False
        self._worker = None
        worker.kill()
        worker.link.close()
        code = await worker.wait()
        if not was_ready and self._problem is None:
            self._fail(f"the perception worker ended with code {code} before its models were loaded")
        if was_ready:
            self._settled.clear()
            self._on_death(self.index, cause)
        return cause

    async def _watch(self) -> Cause:
        """Ping until the process ends or its loop stops answering."""
        number = 0
        while True:
            try:
                await asyncio.wait_for(self._ended.wait(), PING_EVERY_S)
            except TimeoutError:
                if self._unanswered >= (HUNG_AFTER_PINGS if self._is_ready else LOAD_PINGS):
                    return "hung"
                number += 1
                self._unanswered += 1
                if self._is_ready:
                    self.send(Ping(number))
            else:
                return "crashed"

    def _received(self, message: AnyFromWorker) -> None:
        if isinstance(message, Ready):
            if message.version != PROTOCOL_VERSION:
                self._fail(f"the perception worker speaks version {message.version}, not {PROTOCOL_VERSION}: reinstall")
                return
            self._unanswered = 0
            self._is_ready = True
            self._problem = None
            self._absent = message.absent
            self._settled.set()
            self._on_ready(self.index)
        elif isinstance(message, Failed):
            self._fail(message.reason)
        elif isinstance(message, Pong):
            self._take_pong(message)
        else:
            self._on_message(message)

    def _take_pong(self, pong: Pong) -> None:
        now_s = time.monotonic()
        self._unanswered = 0
        if self._pong is not None and now_s > self._answered_s:
            used_ms = (pong.cpu_ns - self._pong.cpu_ns) / NS_PER_MS
            self._cpu_ms_per_s = used_ms / (now_s - self._answered_s)
        self._answered_s = now_s
        self._pong = pong
        self._lags_ms.extend(pong.lags_ms)

    def _fail(self, problem: str) -> None:
        _log.error("perception worker failed", worker=self.index, problem=problem)
        self._problem = problem
        self._settled.set()
