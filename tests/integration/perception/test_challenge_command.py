"""`proctor challenge`: what is drawn, and a real face that turns under a screen's colours."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray
from typer.testing import CliRunner

from proctor.analyzers.suite import AnalyzerSuite
from proctor.challenge.judgement import Outcome, judge
from proctor.challenge.tasks import DOT_KINDS, DOT_MS, FLASH_KINDS, Challenge, Task, TaskKind, draw
from proctor.domain.time import NS_PER_MS, NS_PER_S, MediaTime
from server.cli.challenge import samples
from server.cli.main import app

RUNNER = CliRunner()
RATE = 10
LATE_S = 0.4
"""How long eyes take to follow."""
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


@pytest.mark.shared_data
@pytest.mark.parametrize("mirrored", [False, True])
def test_real_eyes_that_go_to_the_dot_pass_and_those_that_go_to_the_other_side_do_not(
    shared_data: Path, tmp_path: Path, suite: AnalyzerSuite, *, mirrored: bool
) -> None:
    side, other = (TaskKind.DOT_LEFT, TaskKind.DOT_RIGHT) if mirrored else (TaskKind.DOT_RIGHT, TaskKind.DOT_LEFT)
    source = shared_data / "video" / "clips" / "gaze_center_left_center.mp4"
    seen = samples(suite.faces, looked(dots(side), source, tmp_path / "looked.webm", mirrored=mirrored))
    for kind, outcome in ((side, Outcome.PASSED), (other, Outcome.FAILED)):
        result = judge(dots(kind), seen)
        assert [task.outcome for task in result.tasks] == [outcome] * 2, result


def dots(kind: TaskKind) -> Challenge:
    """Twice the dot at one side, with nothing else."""
    tasks = tuple(Task(kind, MediaTime(at * NS_PER_MS), MediaTime((at + DOT_MS) * NS_PER_MS)) for at in (2_500, 7_500))
    return Challenge(tasks, MediaTime(tasks[-1].end + 2_500 * NS_PER_MS))


def looked(challenge: Challenge, source: Path, path: Path, *, mirrored: bool) -> Path:
    """A clip of a real man whose eyes go to his right, or mirrored to his left, while there is a dot."""
    with av.open(str(source)) as container:
        rate = float(container.streams.video[0].average_rate or RATE)
        frames = [frame.to_ndarray(format="rgb24")[70:550] for frame in container.decode(video=0)]
    centre = frames[: round(5.5 * rate)]
    aside = frames[round(6.2 * rate) : round(10.2 * rate)]
    shown = []
    for index in range(round(RATE * challenge.end / NS_PER_S)):
        at = (index / RATE - LATE_S) * NS_PER_S
        looks = any(each.kind in DOT_KINDS and each.start <= at < each.end for each in challenge.tasks)
        part = aside if looks else centre
        picture = part[round(index * rate / RATE) % len(part)]
        shown.append(np.asarray(picture[:, ::-1] if mirrored else picture, np.uint8))
    return written(shown, path)


def _has_both_sides(challenge: Challenge) -> bool:
    return {TaskKind.TURN_LEFT, TaskKind.TURN_RIGHT} <= {task.kind for task in challenge.tasks}


def acted(challenge: Challenge, source: Path, path: Path) -> Path:
    """A clip in which a real head turns when it is asked to, and is lit by the colours."""
    with av.open(str(source)) as container:
        rate = float(container.streams.video[0].average_rate or RATE)
        frames = [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]
    shown = []
    for index in range(round(RATE * challenge.end / NS_PER_S)):
        at_s = index / RATE
        task = next((each for each in challenge.tasks if each.start <= at_s * NS_PER_S < each.end), None)
        picture = frames[round(_place_s(task, at_s) * rate)].astype(np.float64)
        if task is not None and task.kind in FLASH_KINDS:
            picture[..., FLASH_KINDS.index(task.kind)] *= 1.1
        shown.append(np.clip(picture, 0, 255).astype(np.uint8))
    return written(shown, path)


def written(pictures: Sequence[NDArray[np.uint8]], path: Path) -> Path:
    """The pictures as a clip, `RATE` a second."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libvpx", rate=RATE)
        stream.height, stream.width = pictures[0].shape[:2]
        stream.pix_fmt = "yuv420p"
        stream.bit_rate = 1_000_000
        stream.options = {"deadline": "realtime", "cpu-used": "-8"}
        for rgb in pictures:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(np.ascontiguousarray(rgb), format="rgb24")))
        container.mux(stream.encode())
    return path


def _place_s(task: Task | None, at_s: float) -> float:
    if task is None or task.kind in (*FLASH_KINDS, *DOT_KINDS):
        return REST_S
    part = (at_s - task.start / NS_PER_S) / ((task.end - task.start) / NS_PER_S)
    there = float(np.clip(1.4 * np.sin(np.pi * part), 0, 1))
    begin, end = LEFT_S if task.kind is TaskKind.TURN_LEFT else RIGHT_S
    return begin + there * (end - begin)
