"""document as a shell sees it."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
import typer
from typer.testing import CliRunner, Result

from server.cli.document import document
from tests.media.documents import PASSPORT, page, turned
from tests.media.portraits import Picture, astronaut, portrait

RUNNER = CliRunner()


def run(*arguments: object) -> Result:
    program = typer.Typer()
    program.command()(document)
    return RUNNER.invoke(program, [str(argument) for argument in arguments])


def lines(result: Result) -> list[dict[str, object]]:
    return [json.loads(line) for line in result.stdout.splitlines()]


def save(path: Path, rgb: Picture) -> Path:
    cv2.imwrite(str(path), cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR))
    return path


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("documents")
    save(folder / "passport.png", page(PASSPORT))
    save(folder / "turned.jpg", turned(page(PASSPORT), 180))
    save(folder / "wall.png", np.full((300, 400, 3), 120, np.uint8))
    save(folder / "astronaut.png", astronaut())
    save(folder / "obama.jpg", portrait("obama"))
    (folder / "cut.jpg").write_bytes((folder / "turned.jpg").read_bytes()[:300])
    return folder


def test_a_passport_is_one_json_line(pictures: Path) -> None:
    result = run(pictures / "passport.png")
    (line,) = lines(result)
    assert result.exit_code == 0
    assert set(line) == {"file", "mrz", "valid", "fields", "checks", "portrait"}
    assert line["mrz"] == list(PASSPORT)
    assert line["valid"] is True
    assert line["fields"]["surname"] == "ERIKSSON"
    assert len(line["portrait"]) == 4
    assert result.stderr == ""


def test_every_file_gets_its_line_and_the_worst_decides(pictures: Path) -> None:
    result = run(pictures / "turned.jpg", pictures / "wall.png")
    assert result.exit_code == 1
    assert [line["valid"] for line in lines(result)] == [True, False]
    assert lines(result)[1] == {
        "file": str(pictures / "wall.png"),
        "mrz": [],
        "valid": False,
        "fields": {},
        "checks": {},
        "portrait": None,
    }


@pytest.mark.parametrize("name", ["cut.jpg", "absent.jpg"])
def test_an_unreadable_picture_is_one_line_and_exits_2(pictures: Path, name: str) -> None:
    result = run(pictures / name)
    assert result.exit_code == 2
    assert lines(result)[0]["error"] == "unreadable"
    assert result.stderr.count("\n") == 1
    assert "ERIKSSON" not in result.stderr


@pytest.mark.parametrize(("face", "same"), [("astronaut.png", True), ("obama.jpg", False)])
def test_the_portrait_is_compared_with_a_face(pictures: Path, face: str, *, same: bool) -> None:
    result = run(pictures / "passport.png", "--face", pictures / face)
    comparison = lines(result)[0]["comparison"]
    assert comparison["same"] is same
    assert 0 < comparison["fmr_at_threshold"] < 0.01
    assert result.exit_code == (0 if same else 1)


def test_a_face_that_cannot_be_used_exits_2(pictures: Path) -> None:
    result = run(pictures / "passport.png", "--face", pictures / "wall.png")
    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr.count("\n") == 1


def test_a_document_without_a_portrait_says_so(pictures: Path) -> None:
    result = run(pictures / "wall.png", "--face", pictures / "astronaut.png")
    assert lines(result)[0]["comparison"]["error"] == "no_face"
    assert result.exit_code == 1
