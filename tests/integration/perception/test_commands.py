"""compare, listen and models as a shell sees them."""

from __future__ import annotations

import json
import wave
from pathlib import Path

import cv2
import numpy as np
import pytest
import typer
from typer.testing import CliRunner, Result

from models.manifest import load_manifest
from server.cli.compare import compare
from server.cli.listen import listen
from server.cli.models import app
from tests.media.portraits import astronaut, portrait
from tests.media.sounds import RATE_HZ, soundtrack

RUNNER = CliRunner()


def run(command: str, *arguments: object) -> Result:
    program = typer.Typer()
    program.command()(compare)
    program.command()(listen)
    program.add_typer(app, name="models")
    return RUNNER.invoke(program, [*command.split(), *map(str, arguments)])


def lines(result: Result) -> list[dict[str, object]]:
    return [json.loads(line) for line in result.stdout.splitlines()]


def save(path: Path, rgb: np.ndarray) -> Path:
    cv2.imwrite(str(path), cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR))
    return path


def save_sound(path: Path, sound: np.ndarray, rate_hz: int = RATE_HZ) -> Path:
    with wave.open(str(path), "wb") as stream:
        stream.setnchannels(1 if sound.ndim == 1 else sound.shape[1])
        stream.setsampwidth(2)
        stream.setframerate(rate_hz)
        stream.writeframes((sound * 32767).astype("<i2").tobytes())
    return path


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pictures")
    save(folder / "astronaut.png", astronaut())
    save(folder / "mirrored.jpg", np.ascontiguousarray(astronaut()[:, ::-1]))
    save(folder / "wall.png", np.full((300, 400, 3), 120, np.uint8))
    (folder / "broken.jpg").write_bytes(b"\xff\xd8\xff\xe0 this is no picture")
    for name in ("obama", "obama2", "biden"):
        save(folder / f"{name}.jpg", portrait(name))
    return folder


@pytest.mark.parametrize(
    ("a", "b", "same"),
    [
        ("astronaut.png", "mirrored.jpg", True),
        ("obama.jpg", "obama2.jpg", True),
        ("obama.jpg", "biden.jpg", False),
        ("astronaut.png", "obama2.jpg", False),
    ],
)
def test_a_pair_is_judged_with_threshold_and_false_match_rate(pictures: Path, a: str, b: str, *, same: bool) -> None:
    result = run("compare", pictures / a, pictures / b)
    (line,) = lines(result)
    assert result.exit_code == (0 if same else 1)
    stated = {"file_a", "file_b", "same", "similarity", "threshold", "fmr_at_threshold", "faces"}
    assert set(line) == stated | {"fmr_at_similarity", "fmr_at_threshold_upper_95"}
    assert line["same"] is same
    assert (line["similarity"] >= line["threshold"]) is same
    assert 0 < line["fmr_at_threshold"] <= line["fmr_at_threshold_upper_95"] < 0.01
    assert (line["fmr_at_similarity"] <= line["fmr_at_threshold"]) is same
    assert line["faces"] == [1, 1]


def test_a_single_pair_without_a_face_says_why_and_exits_2(pictures: Path) -> None:
    result = run("compare", pictures / "astronaut.png", pictures / "wall.png")
    (line,) = lines(result)
    assert result.exit_code == 2
    assert line["error"] == "no_face"
    assert "wall.png" in line["why"]
    assert line["faces"] == [1, 0]
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize("name", ["broken.jpg", "absent.jpg"])
def test_an_unreadable_picture_is_one_line_and_exits_2(pictures: Path, name: str) -> None:
    result = run("compare", pictures / "astronaut.png", pictures / name)
    assert result.exit_code == 2
    assert lines(result)[0]["error"] == "unreadable"
    assert result.stderr.count("\n") == 1
    assert name in result.stderr


def test_pairs_of_a_csv_are_relative_to_it_and_all_are_processed(pictures: Path) -> None:
    table = pictures / "pairs.csv"
    table.write_text(
        "pair,file_a,file_b\n1,astronaut.png,mirrored.jpg\n2,wall.png,obama.jpg\n3,obama.jpg,biden.jpg\n", "utf-8"
    )
    result = run("compare --pairs", table)
    assert result.exit_code == 0
    assert [line.get("same", line.get("error")) for line in lines(result)] == [True, "no_face", False]
    assert lines(result)[0]["file_a"] == "astronaut.png"
    table.write_text("file_a,file_b\nbroken.jpg,obama.jpg\nobama.jpg,obama2.jpg\n", "utf-8")
    result = run("compare --pairs", table)
    assert result.exit_code == 2
    assert [line.get("same", line.get("error")) for line in lines(result)] == ["unreadable", True]


@pytest.mark.parametrize(
    "content",
    [b"a,b\n1,2\n", b"", b"\xff\xfe\x00", b"file_a,file_b\nonly_one\n"],
    ids=["columns", "empty", "bytes", "short"],
)
def test_a_csv_that_is_none_exits_2_with_one_line(tmp_path: Path, content: bytes) -> None:
    table = tmp_path / "pairs.csv"
    table.write_bytes(content)
    result = run("compare --pairs", table)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize("arguments", [[], ["one.jpg"], ["a.jpg", "b.jpg", "c.jpg"]])
def test_compare_wants_two_pictures_or_a_table(arguments: list[str]) -> None:
    assert run("compare", *arguments).exit_code == 2


def test_a_recording_is_measured(tmp_path: Path) -> None:
    path = save_sound(tmp_path / "talk.wav", soundtrack(9, {3.0: 4.0}))
    result = run("listen", path)
    (line,) = lines(result)
    assert result.exit_code == 0
    assert set(line) == {"file", "lufs", "dbfs_p50", "dbfs_p95", "speech", "speech_ratio", "voices"}
    assert line["speech"][0][0] == pytest.approx(3.0, abs=0.3)
    assert line["speech"][-1][1] == pytest.approx(7.0, abs=0.4)
    assert line["speech_ratio"] == pytest.approx(4 / 9, abs=0.1)
    assert line["dbfs_p50"] == pytest.approx(-62, abs=2)
    assert line["dbfs_p95"] > -25
    assert -30 < line["lufs"] < -10
    assert line["voices"] == 1


def test_a_single_word_does_not_tell_how_many_voices_there_are(tmp_path: Path) -> None:
    (line,) = lines(run("listen", save_sound(tmp_path / "word.wav", soundtrack(4, {1.5: 1.2}))))
    assert line["speech"]
    assert line["voices"] is None


def test_clipped_narrow_and_stereo_speech_is_still_one_voice(tmp_path: Path) -> None:
    talk = soundtrack(12, {2.0: 7.0})
    clipped = np.clip(20 * talk, -1, 1)
    narrow = talk[: len(talk) // 6 * 6].reshape(-1, 6).mean(axis=1)
    stereo = np.stack([talk, np.zeros_like(talk)], axis=1)
    files = [
        save_sound(tmp_path / "clipped.wav", clipped),
        save_sound(tmp_path / "narrow.wav", narrow, 8_000),
        save_sound(tmp_path / "stereo.wav", stereo),
    ]
    result = run("listen", *files)
    assert result.exit_code == 0
    for line in lines(result):
        assert line["speech"][0][0] == pytest.approx(2.0, abs=0.4), line["file"]
        assert line["speech"][-1][1] == pytest.approx(9.0, abs=0.6), line["file"]
        assert line["voices"] == 1, line["file"]


def test_silence_has_no_loudness_and_no_voices(tmp_path: Path) -> None:
    path = save_sound(tmp_path / "silence.wav", np.zeros(RATE_HZ, np.float32))
    (line,) = lines(run("listen", path))
    assert (line["lufs"], line["voices"], line["speech"], line["speech_ratio"]) == (None, 0, [], 0.0)
    assert line["dbfs_p95"] == -100.0


def test_a_tone_has_its_level_at_any_rate(tmp_path: Path) -> None:
    for rate_hz in (8_000, 22_050, 44_100):
        tone = 0.5 * np.sin(2 * np.pi * 440 * np.arange(3 * rate_hz) / rate_hz)
        (line,) = lines(run("listen", save_sound(tmp_path / f"tone{rate_hz}.wav", tone, rate_hz)))
        assert line["dbfs_p50"] == pytest.approx(20 * np.log10(0.5 / np.sqrt(2)), abs=0.1)


def test_bad_files_are_named_and_the_others_still_measured(tmp_path: Path) -> None:
    good = save_sound(tmp_path / "good.wav", soundtrack(1))
    text, absent = tmp_path / "text.wav", tmp_path / "absent.wav"
    text.write_text("no sound at all")
    picture = save(tmp_path / "picture.png", np.zeros((8, 8, 3), np.uint8))
    result = run("listen", text, good, absent, picture)
    assert result.exit_code == 2
    assert [line["file"] for line in lines(result)] == [str(good)]
    assert all(path.name in result.stderr for path in (text, absent, picture))
    assert result.stderr.count("\n") == 3


def test_a_torn_recording_is_measured_as_far_as_it_goes(tmp_path: Path) -> None:
    path = save_sound(tmp_path / "torn.wav", soundtrack(4))
    path.write_bytes(path.read_bytes()[:200_001])
    assert run("listen", path).exit_code == 0


def test_models_are_listed_installed_and_verified(tmp_path: Path) -> None:
    names = list(load_manifest())
    assert run("models verify --dir", tmp_path).exit_code == 1
    installed = run("models install --json --dir", tmp_path)
    assert installed.exit_code == 0
    assert [line["name"] for line in lines(installed)] == names
    verified = run("models verify --json --dir", tmp_path)
    assert verified.exit_code == 0
    assert all(line["verified"] for line in lines(verified))
    assert all(name in run("models list --dir", tmp_path).stdout for name in names)
    (tmp_path / load_manifest()["sface"].file).write_bytes(b"other")
    broken = run("models verify --json --dir", tmp_path)
    assert broken.exit_code == 1
    assert [line["name"] for line in lines(broken) if not line["verified"]] == ["sface"]
    assert "proctor models install" in broken.stderr
