"""`proctor challenge`: what is drawn, and a real face that turns under a screen's colours."""

from __future__ import annotations

import json
from pathlib import Path

import av
import numpy as np
import pytest
from typer.testing import CliRunner

from proctor.challenge.tasks import FLASH_KINDS, Challenge, Task, TaskKind, draw
from proctor.domain.time import NS_PER_S
from server.cli.main import app

RUNNER = CliRunner()
RATE = 10
REST_S, LEFT_S, RIGHT_S = 1.6, (1.6, 0.8), (0.7, 0.0)
"""Where the clip shows the head at rest, turning to its own left when played backwards, and to its own right."""


def run(*arguments: object) -> tuple[int, list[dict[str, object]], str]:
    result = RUNNER.invoke(app, ["challenge", *map(str, arguments)])
    return result.exit_code, [json.loads(line) for line in result.stdout.splitlines()], result.stderr


def saved(path: Path, seed: bytes) -> Path:
    path.write_text(json.dumps({"seed": seed.hex()}), encoding="utf-8")
    return path


def test_two_challenges_differ_and_say_what_to_do_and_when() -> None:
    (code, (first,), _), (_, (second,), _) = run("draw"), run("draw")
    assert code == 0
    assert first["seed"] != second["seed"]
    tasks = first["tasks"]
    assert isinstance(tasks, list)
    assert {task["kind"] for task in tasks} <= {kind.value for kind in TaskKind}
    assert all(task["start_s"] < task["end_s"] for task in tasks)


def test_what_is_no_challenge_or_no_clip_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "empty.json").write_text("{}")
    for challenge, clip in (
        (tmp_path / "absent.json", tmp_path / "a.webm"),
        (tmp_path / "empty.json", tmp_path / "a.webm"),
        (saved(tmp_path / "good.json", bytes(16)), tmp_path / "a.webm"),
    ):
        code, lines, err = run("judge", challenge, clip)
        assert (code, lines, len(err.splitlines())) == (2, [], 1)


@pytest.mark.shared_data
def test_a_real_face_that_turns_as_asked_passes_and_as_asked_of_another_fails(
    shared_data: Path, tmp_path: Path
) -> None:
    seed = next(seed for number in range(50) if _has_both_sides(draw(seed := number.to_bytes(16, "big"))))
    other = bytes(range(16))
    clip = acted(draw(seed), shared_data / "video" / "clips" / "head_turning_woman.mp4", tmp_path / "acted.webm")
    code, (line,), _ = run("judge", saved(tmp_path / "asked.json", seed), clip)
    assert (code, line["outcome"]) == (0, "passed"), line
    code, (line,), _ = run("judge", saved(tmp_path / "other.json", other), clip)
    assert code == 1
    assert line["outcome"] != "passed"


def _has_both_sides(challenge: Challenge) -> bool:
    return {TaskKind.TURN_LEFT, TaskKind.TURN_RIGHT} <= {task.kind for task in challenge.tasks}


def acted(challenge: Challenge, source: Path, path: Path) -> Path:
    """A clip in which a real head turns when it is asked to, and is lit by the colours."""
    with av.open(str(source)) as container:
        rate = float(container.streams.video[0].average_rate or RATE)
        frames = [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libvpx", rate=RATE)
        stream.height, stream.width = frames[0].shape[:2]
        stream.pix_fmt = "yuv420p"
        stream.bit_rate = 1_000_000
        stream.options = {"deadline": "realtime", "cpu-used": "8"}
        for index in range(round(RATE * challenge.end / NS_PER_S)):
            at_s = index / RATE
            task = next((each for each in challenge.tasks if each.start <= at_s * NS_PER_S < each.end), None)
            picture = frames[round(_place_s(task, at_s) * rate)].astype(np.float64)
            if task is not None and task.kind in FLASH_KINDS:
                picture[..., FLASH_KINDS.index(task.kind)] *= 1.1
            rgb = np.clip(picture, 0, 255).astype(np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(np.ascontiguousarray(rgb), format="rgb24")))
        container.mux(stream.encode())
    return path


def _place_s(task: Task | None, at_s: float) -> float:
    if task is None or task.kind in FLASH_KINDS:
        return REST_S
    part = (at_s - task.start / NS_PER_S) / ((task.end - task.start) / NS_PER_S)
    there = float(np.clip(1.4 * np.sin(np.pi * part), 0, 1))
    begin, end = LEFT_S if task.kind is TaskKind.TURN_LEFT else RIGHT_S
    return begin + there * (end - begin)
