"""What a candidate's media costs one core of the media process, measured by that process's own CPU time."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

LIMIT_S: Final = 180


@dataclass(frozen=True, slots=True)
class Load:
    """How hard a way is driven: few enough candidates that one core carries them."""

    candidates: int
    before_s: float
    seconds: float


@dataclass(frozen=True, slots=True)
class Cost:
    """What one way took."""

    way: str
    candidates: int
    cpu_ms_per_candidate_s: float
    packets_per_candidate_s: float
    """As sent."""
    frames_per_candidate_s: float
    """As taken by the way."""
    kept_up: float
    """Part of the frames sent that the way has taken."""

    @property
    def candidates_per_core(self) -> float:
        """How many one core carries."""
        return 1000 / self.cpu_ms_per_candidate_s


def measure(way: str, load: Load, media: Path) -> Cost:
    """Run a way's server and its candidates, each in a process of its own.

    Raises:
        RuntimeError: one of them failed.
    """
    with tempfile.TemporaryDirectory() as folder:
        server = subprocess.Popen(  # noqa: S603 - our own program
            [sys.executable, "-m", "benchmarks.capacity.media_server", way, folder], stdout=subprocess.PIPE, text=True
        )
        try:
            port = server.stdout.readline().strip() if server.stdout is not None else ""
            if not port:
                raise RuntimeError(f"the server of {way} did not start")
            numbers = (load.candidates, load.before_s, load.seconds)
            driven = subprocess.run(  # noqa: S603 - our own program
                [sys.executable, "-m", "benchmarks.capacity.candidates", port, *map(str, numbers), str(media)],
                stdout=subprocess.PIPE,
                text=True,
                timeout=LIMIT_S,
                check=False,
            )
            if driven.returncode != 0:
                raise RuntimeError(f"the candidates of {way} failed")
            server.wait(30)
        finally:
            server.kill()
            server.wait()
    return _cost(way, json.loads(driven.stdout), load)


def _cost(way: str, told: dict[str, object], load: Load) -> Cost:
    begin, end = _figures(told["begin"]), _figures(told["end"])
    wall_s = end["wall_s"] - begin["wall_s"]
    candidate_seconds = wall_s * load.candidates
    frames_per_candidate_s = (end["frames"] - begin["frames"]) / candidate_seconds
    return Cost(
        way=way,
        candidates=load.candidates,
        cpu_ms_per_candidate_s=1000 * (end["cpu_s"] - begin["cpu_s"]) / candidate_seconds,
        packets_per_candidate_s=float(str(told["packets"])) / candidate_seconds,
        frames_per_candidate_s=frames_per_candidate_s,
        kept_up=frames_per_candidate_s / float(str(told["frames_per_s"])),
    )


def _figures(moment: object) -> dict[str, float]:
    if not isinstance(moment, dict):
        raise TypeError("not the server's figures")
    return {"cpu_s": moment["cpu_s"], "wall_s": moment["wall_s"], "frames": moment["counts"].get("frames", 0)}
