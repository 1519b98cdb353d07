"""What people wrote or are called must not get into the log, not even through a traceback."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from server.logs import configure_logs


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    yield
    root.handlers = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def test_a_traceback_holds_no_local_variables(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs()

    def save_answer(answer: str) -> None:
        raise ValueError(f"{len(answer)} characters are too many")

    try:
        save_answer("my very personal answer")
    except ValueError:
        structlog.get_logger("test").exception("answer_not_saved", email="somebody@example.org")

    line = capsys.readouterr().err
    told = json.loads(line)
    assert told["event"] == "answer_not_saved"
    assert told["exception"][0]["exc_type"] == "ValueError"
    assert "my very personal answer" not in line
    assert "somebody@example.org" not in line
