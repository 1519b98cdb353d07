"""Memory of each of the server's processes with nobody there, and over a long run with candidates.

A sitting's share is what the processes of one kind hold more at the end than with nobody there, divided by the
candidates. Growth is the slope of a straight line through the second half of the run; the baseline of that ratio is
the slope of the same processes with nobody there, which ought to be zero too. Growing on at that pace, a sitting of
three hours must still be within its limit.

Limits: resident memory as the system counts it, shared pages included; one clip, played over and over.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import httpx
import numpy as np

from benchmarks.capacity.clip import write_candidate
from benchmarks.running_server import RunningServer, running_server

MB: Final = 1e6
IDLE_S: Final = 20.0
SAMPLE_EVERY_S: Final = 5.0
JOIN_LIMIT_S: Final = 120.0
TARGETS_MB: Final = {"perception": 25.0, "media": 2.0}
"""Per sitting."""
LONG_EXAM_MIN: Final = 180.0
"""A sitting must keep within its limit for so long."""


@dataclass(frozen=True, slots=True)
class Sample:
    """Resident memory in MB by kind of process."""

    at_s: float
    rss_mb: dict[str, float]


def main(arguments: list[str]) -> int:
    """Measure and print; 1 when a sitting takes more than it may, or memory grows."""
    parser = argparse.ArgumentParser(
        prog="memory", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--candidates", type=int, default=10)
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--quick", action="store_true", help="three minutes with four candidates")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    options = parser.parse_args(arguments)
    candidates, minutes = (4, 3.0) if options.quick else (options.candidates, options.minutes)
    with (
        tempfile.TemporaryDirectory() as folder,
        running_server(Path(folder)) as server,
        server.client("admin") as admin,
    ):
        media = Path(folder) / "candidate.webm"
        write_candidate(media)
        _wait_until_loaded(admin)
        idle = _watch(admin, IDLE_S)
        busy = _under_load(server, admin, candidates, minutes * 60, media)
    result = _result(idle, busy, candidates)
    print(json.dumps(result) if options.json else _table(result))
    return 0 if result["ok"] else 1


def _wait_until_loaded(admin: httpx.Client) -> None:
    """Wait until memory stands still: the models have been loaded."""
    last = _sample(admin)
    for _ in range(30):
        time.sleep(2)
        now = _sample(admin)
        if all(abs(now.rss_mb[kind] - last.rss_mb[kind]) < 1 for kind in now.rss_mb):
            return
        last = now


def _watch(admin: httpx.Client, seconds: float) -> list[Sample]:
    until = time.monotonic() + seconds
    samples = []
    while time.monotonic() < until:
        samples.append(_sample(admin))
        time.sleep(SAMPLE_EVERY_S)
    return samples


def _under_load(
    server: RunningServer, admin: httpx.Client, candidates: int, seconds: float, media: Path
) -> list[Sample]:
    command = [sys.executable, "-m", "server.cli.main", "simulate", server.base_url]
    options = ["--candidates", str(candidates), "--for", str(seconds + 10), "--media", str(media)]
    with subprocess.Popen([*command, *options], stdout=subprocess.PIPE, text=True) as crowd:  # noqa: S603 - our own
        limit = time.monotonic() + JOIN_LIMIT_S
        while _told(admin)["running_sittings"] < candidates:
            if crowd.poll() is not None or time.monotonic() > limit:
                raise RuntimeError(f"the candidates did not all sit: {crowd.communicate()[0]}")
            time.sleep(0.5)
        samples = _watch(admin, seconds)
        crowd.communicate(timeout=JOIN_LIMIT_S)
    return samples


def _told(admin: httpx.Client) -> dict[str, Any]:
    told: dict[str, Any] = admin.get("/api/diagnostics").raise_for_status().json()
    return told


def _sample(admin: httpx.Client) -> Sample:
    rss_mb = dict.fromkeys(TARGETS_MB, 0.0)
    for process in _told(admin)["processes"]:
        rss_mb["media" if process["name"] == "server" else "perception"] += process["rss_bytes"] / MB
    return Sample(time.monotonic(), rss_mb)


def _result(idle: list[Sample], busy: list[Sample], candidates: int) -> dict[str, Any]:
    settled = busy[len(busy) // 2 :]
    minutes = (busy[-1].at_s - busy[0].at_s) / 60
    kinds = {}
    for kind, most_mb in TARGETS_MB.items():
        before = float(np.median([sample.rss_mb[kind] for sample in idle]))
        after = float(np.median([sample.rss_mb[kind] for sample in busy[-max(1, len(busy) // 10) :]]))
        per_sitting = (after - before) / candidates
        growth = _mb_per_min(settled, kind) / candidates
        after_long = per_sitting + max(0.0, growth) * max(0.0, LONG_EXAM_MIN - minutes)
        kinds[kind] = {
            "idle_mb": round(before, 1),
            "busy_mb": round(after, 1),
            "mb_per_sitting": round(per_sitting, 2),
            "most_mb_per_sitting": most_mb,
            "growth_mb_per_min_per_sitting": round(growth, 4),
            "idle_growth_mb_per_min": round(_mb_per_min(idle, kind), 4),
            "mb_per_sitting_after_3_h": round(after_long, 2),
            "ok": after_long <= most_mb,
        }
    ok = all(kind["ok"] for kind in kinds.values())
    return {"candidates": candidates, "minutes": round(minutes, 1), "processes": kinds, "ok": ok}


def _mb_per_min(samples: list[Sample], kind: str) -> float:
    if len(samples) < 2:  # noqa: PLR2004 - a line needs two points
        return 0.0
    minutes = [sample.at_s / 60 for sample in samples]
    return float(np.polyfit(minutes, [sample.rss_mb[kind] for sample in samples], 1)[0])


def _table(result: dict[str, Any]) -> str:
    rows = [f"{result['candidates']} candidates over {result['minutes']} minutes"]
    for kind, told in result["processes"].items():
        rows.append(
            f"  {kind:<11} {told['idle_mb']:>8} MB with nobody, {told['busy_mb']:>8} MB at the end: "
            f"{told['mb_per_sitting']} MB a sitting (at most {told['most_mb_per_sitting']}), "
            f"grows {told['growth_mb_per_min_per_sitting']} MB a minute and sitting, "
            f"{told['mb_per_sitting_after_3_h']} MB after three hours of that"
        )
    return "\n".join(rows)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
