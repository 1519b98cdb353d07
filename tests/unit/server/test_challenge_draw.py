from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from proctor.challenge.tasks import draw
from proctor.domain.time import to_s
from server.cli.challenge import app

SEED = bytes(range(16)).hex()


def test_the_tasks_of_a_seed_are_drawn_again() -> None:
    told = json.loads(CliRunner().invoke(app, ["draw", "--seed", SEED]).stdout)
    tasks = draw(bytes.fromhex(SEED)).tasks
    assert told["seed"] == SEED
    assert [task["kind"] for task in told["tasks"]] == [task.kind for task in tasks]
    assert told["tasks"][0]["start_s"] == pytest.approx(to_s(tasks[0].start), abs=1e-3)
    another = json.loads(CliRunner().invoke(app, ["draw"]).stdout)
    assert another["seed"] != SEED


@pytest.mark.parametrize("seed", ["", "ab", SEED.upper(), SEED + "0", "x" * 32])
def test_what_is_no_seed_is_refused(seed: str) -> None:
    done = CliRunner().invoke(app, ["draw", "--seed", seed])
    assert done.exit_code == 2
    assert "hexadecimal" in done.stderr
