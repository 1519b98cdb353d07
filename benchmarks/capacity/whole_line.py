"""What a candidate costs the whole server, perception and database included, under `proctor simulate`."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import httpx

from benchmarks.running_server import RunningServer, running_server

SETTLE_S: Final = 5.0
"""Models load and first pictures are looked at more often; not measured."""
MAX_LAG_MS: Final = 1000.0
JOIN_LIMIT_S: Final = 120.0
IDLE_CPU_MS: Final = 50.0
IDLE_LIMIT_S: Final = 30.0


@dataclass(frozen=True, slots=True)
class Line:
    """What the server took for some candidates at once."""

    candidates: int
    cpu_ms_per_candidate_s: float
    """Of all the server's processes, what it takes with nobody there included."""
    idle_cpu_ms_per_s: float
    lag_p95_ms: float | None
    """Worst of the figures over a minute that the server told."""
    sound_dropped: int
    pictures_dropped: int
    rss_mb: float

    @property
    def candidates_per_core(self) -> float:
        """How many one core carries, as far as CPU time tells."""
        return 1000 / self.cpu_ms_per_candidate_s

    @property
    def marginal_cpu_ms(self) -> float:
        """What one further candidate costs a second."""
        return self.cpu_ms_per_candidate_s - self.idle_cpu_ms_per_s / self.candidates

    @property
    def held(self) -> bool:
        """Whether analysis kept up: p95 lag below a second, no sound dropped."""
        return self.lag_p95_ms is not None and self.lag_p95_ms < MAX_LAG_MS and self.sound_dropped == 0


@dataclass(frozen=True, slots=True)
class _Sample:
    at_s: float
    cpu_s: float
    told: dict[str, Any]


def measure(candidates: int, seconds: float, media: Path) -> Line:
    """Start a server, let the candidates sit, and take the server's own figures meanwhile.

    Raises:
        RuntimeError: not all of them could join, or the server failed.
    """
    with (
        tempfile.TemporaryDirectory() as folder,
        running_server(Path(folder)) as server,
        server.client("admin") as admin,
    ):
        idle_cpu_ms = _idle_cpu_ms(admin)
        samples = _under_load(server, admin, candidates, seconds, media)
    first, last = samples[0], samples[-1]
    wall_s = last.at_s - first.at_s
    lags = [sample.told["analysis_lag_p95_ms"] for sample in samples if sample.told["analysis_lag_p95_ms"] is not None]
    return Line(
        candidates=candidates,
        cpu_ms_per_candidate_s=1000 * (last.cpu_s - first.cpu_s) / wall_s / candidates,
        idle_cpu_ms_per_s=idle_cpu_ms,
        lag_p95_ms=max(lags, default=None),
        sound_dropped=last.told["sound_dropped"],
        pictures_dropped=last.told["pictures_dropped"],
        rss_mb=sum(process["rss_bytes"] for process in last.told["processes"]) / 1e6,
    )


def _idle_cpu_ms(admin: httpx.Client) -> float:
    """What the server takes a second with nobody there, once its models are loaded."""
    limit = time.monotonic() + IDLE_LIMIT_S
    while True:
        begin = _sample(admin)
        time.sleep(SETTLE_S / 2)
        end = _sample(admin)
        cpu_ms = 1000 * (end.cpu_s - begin.cpu_s) / (end.at_s - begin.at_s)
        if cpu_ms < IDLE_CPU_MS or end.at_s > limit:
            return cpu_ms


def _under_load(
    server: RunningServer, admin: httpx.Client, candidates: int, seconds: float, media: Path
) -> list[_Sample]:
    command = [sys.executable, "-m", "server.cli.main", "simulate", server.base_url]
    options = ["--candidates", str(candidates), "--for", str(seconds + SETTLE_S), "--media", str(media)]
    samples: list[_Sample] = []
    joined_at: float | None = None
    with subprocess.Popen([*command, *options], stdout=subprocess.PIPE, text=True) as crowd:  # noqa: S603 - our own
        limit = time.monotonic() + JOIN_LIMIT_S + seconds
        while crowd.poll() is None and time.monotonic() < limit:
            sample = _sample(admin)
            if sample.told["running_sittings"] == candidates:
                joined_at = joined_at or sample.at_s
                if sample.at_s >= joined_at + SETTLE_S:
                    samples.append(sample)
            elif samples:
                break
            time.sleep(0.5)
        output, _ = crowd.communicate(timeout=JOIN_LIMIT_S)
    told = json.loads(output) if output.strip() else {}
    if len(samples) < 2:  # noqa: PLR2004 - a begin and an end
        raise RuntimeError(f"the candidates did not all sit at once: {told}")
    return samples


def _sample(admin: httpx.Client) -> _Sample:
    told: dict[str, Any] = admin.get("/api/diagnostics").raise_for_status().json()
    return _Sample(time.monotonic(), sum(process["cpu_s"] for process in told["processes"]), told)
