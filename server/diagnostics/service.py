"""Load of the server's processes, of analysis and of the event loop."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Sequence
from typing import Final

import psutil

from proctor.domain.text import Language
from proctor.domain.time import NS_PER_S
from proctor.ports.clock import Clock
from server.diagnostics.schemas import Config, DemoInfo, Diagnostics, ProcessUse
from server.perception.supervisor import WorkerLoad

_LOOPBACK: Final = frozenset({"127.0.0.1", "::1"})
_OWN_NAMES: Final = _LOOPBACK | {"localhost"}
"""A foreign site can point its own name at 127.0.0.1; its pages then ask under that name."""
_PROBE_S: Final = 0.25
_FORGET: Final = 0.98
"""Share of the loop's highest lag that is left after each probe, so that a peak shows for about a minute."""


class DiagnosticsService:
    """Figures for benchmarks and for whoever runs the server. `probe` measures the loop until it is cancelled."""

    def __init__(  # noqa: PLR0913 - where the figures come from
        self,
        *,
        version: str,
        clock: Clock,
        loads: Callable[[], Sequence[WorkerLoad]],
        running: Callable[[], Sequence[str]],
        dropped: Callable[[], tuple[int, int]],
        demo: DemoInfo | None,
    ) -> None:
        self.version = version
        self._clock = clock
        self._loads = loads
        self._running = running
        self._dropped = dropped
        self._demo = demo
        self._began_ns = clock.monotonic_ns()
        self._loop_lag_ms = 0.0

    def config(self, address: str | None, asked_as: str | None) -> Config:
        """What a page must know; the demonstration's accounts only for whoever sits at this machine."""
        here = address in _LOOPBACK and asked_as in _OWN_NAMES
        return Config(version=self.version, languages=list(Language), demo=self._demo if here else None)

    async def probe(self) -> None:
        """Keep measuring how late the event loop is."""
        loop = asyncio.get_running_loop()
        while True:
            began = loop.time()
            await asyncio.sleep(_PROBE_S)
            late_ms = (loop.time() - began - _PROBE_S) * 1000
            self._loop_lag_ms = max(late_ms, self._loop_lag_ms * _FORGET)

    async def measure(self) -> Diagnostics:
        """Figures of now."""
        loads = self._loads()
        pictures_dropped, sounds_dropped = self._dropped()
        lags_p50 = [load.lag_ms_p50 for load in loads if load.lag_ms_p50 is not None]
        lags_p95 = [load.lag_ms_p95 for load in loads if load.lag_ms_p95 is not None]
        pids = {"server": os.getpid()} | {f"worker-{load.index}": load.pid for load in loads if load.pid is not None}
        return Diagnostics(
            uptime_s=(self._clock.monotonic_ns() - self._began_ns) / NS_PER_S,
            running_sittings=len(self._running()),
            analysis_lag_p50_ms=max(lags_p50, default=None),
            analysis_lag_p95_ms=max(lags_p95, default=None),
            analysis_results=sum(load.pictures for load in loads),
            pictures_dropped=pictures_dropped,
            sound_dropped=sounds_dropped,
            loop_lag_ms=round(self._loop_lag_ms, 2),
            absent_senses=sorted({sense for load in loads for sense in load.absent}),
            processes=await asyncio.to_thread(_uses, pids),
        )


def _uses(pids: dict[str, int]) -> list[ProcessUse]:
    uses = []
    for name, pid in pids.items():
        try:
            process = psutil.Process(pid)
            with process.oneshot():
                times, memory = process.cpu_times(), process.memory_info()
        except psutil.Error:
            continue  # it has just ended
        uses.append(ProcessUse(name=name, pid=pid, cpu_s=times.user + times.system, rss_bytes=memory.rss))
    return uses
