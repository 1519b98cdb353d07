"""`proctor liveness` over real files, with and without the optional model."""

from __future__ import annotations

import json
from pathlib import Path

import av
import numpy as np
import pytest
from skimage import data as samples
from typer.testing import CliRunner

from models import registry
from models.fetch import fetch, from_folder
from models.registry import InstalledModels, default_directory
from server.cli.main import app

RUNNER = CliRunner()


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of models in which the optional one is not."""
    directory = tmp_path / "models"
    directory.mkdir()
    installed = InstalledModels()
    for entry in installed.manifest.values():
        source = default_directory() / entry.file
        if source.exists():
            (directory / entry.file).symlink_to(source)
    monkeypatch.setattr(registry, "default_directory", lambda: directory)
    return directory


@pytest.fixture
def complete(bare: Path, shared_data: Path) -> Path:
    fetch(from_folder(shared_data.parent / "models"), bare)
    return bare


@pytest.fixture
def portrait(tmp_path: Path) -> Path:
    path = tmp_path / "portrait.png"
    av_save(path, [np.ascontiguousarray(samples.astronaut())])
    return path


def av_save(path: Path, pictures: list[np.ndarray], rate: int = 10) -> Path:
    """A PNG of one picture, or a clip."""
    if path.suffix == ".png":
        import cv2  # noqa: PLC0415 - only here

        cv2.imwrite(str(path), pictures[0][..., ::-1])
        return path
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libvpx", rate=rate)
        stream.height, stream.width = pictures[0].shape[:2]
        stream.pix_fmt = "yuv420p"
        stream.bit_rate = 600_000
        stream.options = {"deadline": "realtime", "cpu-used": "-8"}
        for picture in pictures:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode())
    return path


def run(*arguments: object) -> tuple[int, list[dict[str, object]], str]:
    result = RUNNER.invoke(app, ["liveness", *map(str, arguments)])
    return result.exit_code, [json.loads(line) for line in result.stdout.splitlines()], result.stderr


@pytest.mark.usefixtures("bare")
def test_without_the_model_a_picture_gets_cannot_tell_and_a_word_where_to_get_it(portrait: Path) -> None:
    code, (line,), err = run(portrait)
    assert code == 0
    assert (line["bona_fide"], line["decision"], line["cue"]) == (None, "cannot_tell", "no_model")
    assert "proctor models fetch" in err


@pytest.mark.usefixtures("bare")
def test_what_is_no_picture_is_one_line_and_does_not_stop_the_others(tmp_path: Path, portrait: Path) -> None:
    text = tmp_path / "notes.png"
    text.write_text("not a picture")
    code, read, err = run(text, tmp_path / "absent.jpg", portrait)
    assert code == 2
    assert [line["file"] for line in read] == [str(portrait)]
    assert len(err.splitlines()) == 3


@pytest.mark.usefixtures("bare")
def test_a_clip_that_is_played_over_is_noticed_without_any_model(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    ground = rng.integers(60, 160, (15, 20, 3), dtype=np.uint8).repeat(8, axis=0).repeat(8, axis=1)
    x = np.cumsum(rng.normal(0, 4, 60)).astype(int)
    once = []
    for shift in x:
        picture = ground.copy()
        left = int(np.clip(60 + shift, 0, 110))
        picture[30:100, left : left + 50] = 200
        once.append(picture)
    code, (line,), _ = run(av_save(tmp_path / "loop.webm", once * 15))
    assert code == 0
    assert (line["decision"], line["cue"]) == ("attack", "pictures_repeat")


@pytest.mark.shared_data
@pytest.mark.usefixtures("complete")
def test_pictures_and_clips_are_judged_with_the_model(shared_data: Path) -> None:
    attacks = [shared_data / "presentation_attack" / "images" / f"silent_{kind}_1.jpg" for kind in ("print", "screen")]
    people = [
        shared_data / "presentation_attack" / "images" / "silent_real_1.jpg",
        shared_data / "video" / "clips" / "talk_bbaf2n.mp4",
        shared_data / "video" / "clips" / "gaze_center_left_center.mp4",
    ]
    code, read, err = run(*attacks, *people)
    assert (code, err) == (0, "")
    assert [line["decision"] for line in read] == ["attack", "attack", "bona_fide", "bona_fide", "bona_fide"]
    assert all(isinstance(line["bona_fide"], float) for line in read)


@pytest.mark.shared_data
def test_a_damaged_optional_model_is_an_error_and_not_left_out(complete: Path, portrait: Path) -> None:
    path = complete / InstalledModels(complete).optional["minifasnet_v2"].file
    path.write_bytes(path.read_bytes()[:-1] + b"?")
    code, read, err = run(portrait)
    assert (code, read) == (2, [])
    assert "SHA-256" in err
