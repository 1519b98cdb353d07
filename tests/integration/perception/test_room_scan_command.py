"""`proctor room-scan` as a shell sees it."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
import typer
from typer.testing import CliRunner, Result

from benchmarks.accuracy.labelled import LabelledData
from server.cli.room_scan import room_scan
from tests.media.portraits import astronaut
from tests.media.rooms import FPS, Camera, Room, encoded, furnished, there, turn

KEYS = {"file", "coverage_deg", "least_deg", "most_deg", "complete", "people", "objects", "panorama"}


def run(*arguments: object) -> Result:
    program = typer.Typer()
    program.command()(room_scan)
    return CliRunner().invoke(program, [*map(str, arguments)])


def lines(result: Result) -> list[dict[str, object]]:
    return [json.loads(line) for line in result.stdout.splitlines()]


def inhabited() -> Room:
    """The room of the other tests, with one person's portrait in life size on the wall behind."""
    walls = [wall.copy() for wall in furnished()]
    walls[2][150:400, 380:630] = cv2.resize(astronaut(), (250, 250), interpolation=cv2.INTER_AREA)
    return Room(walls=walls)


@pytest.fixture(scope="module")
def circle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("rooms") / "circle.webm"
    camera = Camera(view_deg=66, size=(640, 480))
    path.write_bytes(encoded(list(turn(inhabited(), camera, there((360, 13), start_deg=45.0))), bit_rate=900_000))
    return path


def test_a_circle_is_complete_and_who_is_met_is_counted_once(circle: Path, tmp_path: Path) -> None:
    result = run(circle, "--panoramas", tmp_path / "new")
    assert result.exit_code == 0
    (line,) = lines(result)
    assert set(line) == KEYS
    assert line["file"] == str(circle)
    assert line["coverage_deg"] >= 345
    assert line["complete"] is True
    assert line["people"] == 1
    panorama = cv2.imread(str(line["panorama"]))
    assert panorama.shape[1] == 2160
    assert Path(str(line["panorama"])).parent == tmp_path / "new"


def test_a_phone_held_upright_with_rotation_metadata_is_measured_upright(tmp_path: Path) -> None:
    path = tmp_path / "upright.mp4"
    pictures = turn(Room(), Camera(view_deg=70, size=(360, 480)), there((100, 4), start_deg=45.0))
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg4", rate=round(FPS))
        stream.width, stream.height, stream.pix_fmt = 480, 360, "yuv420p"
        stream.bit_rate = 2_000_000
        stream.set_display_rotation(90)
        for number, picture in enumerate(pictures):
            lying = np.ascontiguousarray(np.rot90(picture, -1))
            frame = av.VideoFrame.from_ndarray(lying, format="rgb24")
            frame.pts, frame.time_base = number, Fraction(1, round(FPS))
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    (line,) = lines(run(path, "--panoramas", tmp_path))
    assert line["coverage_deg"] == pytest.approx(100, abs=20)
    panorama = cv2.imread(str(line["panorama"]))
    assert panorama.shape[1] > panorama.shape[0]
    assert line["complete"] is False


def test_black_single_and_huge_recordings_have_a_result(tmp_path: Path) -> None:
    black, single, huge = tmp_path / "black.webm", tmp_path / "single.webm", tmp_path / "huge.mp4"
    black.write_bytes(encoded([np.zeros((240, 320, 3), np.uint8)] * 12))
    single.write_bytes(encoded(list(turn(Room(), Camera(), [45.0]))))
    wide = turn(Room(), Camera(view_deg=75, size=(960, 540)), there((60, 1.5), start_deg=45.0))
    enlarged = [np.asarray(cv2.resize(picture, (3840, 2160)), np.uint8) for picture in wide]
    huge.write_bytes(encoded(enlarged, codec="mpeg4", bit_rate=30_000_000, form="mp4"))
    result = run(black, single, huge, "--panoramas", tmp_path)
    assert result.exit_code == 0
    dark, one, large = lines(result)
    assert (dark["coverage_deg"], dark["complete"], dark["cannot_tell"]) == (0.0, False, "too_dark")
    assert (one["coverage_deg"], one["complete"]) == (0.0, False)
    assert "cannot_tell" not in one
    assert large["coverage_deg"] == pytest.approx(60, abs=20)


def test_files_that_are_no_recordings_are_one_line_each_and_exit_2(tmp_path: Path, circle: Path) -> None:
    broken = tmp_path / "broken.webm"
    broken.write_bytes(b"\x1aE\xdf\xa3 this is no video")
    torn = tmp_path / "torn.webm"
    torn.write_bytes(circle.read_bytes()[:60_000])
    result = run(broken, tmp_path / "absent.webm", torn, "--panoramas", tmp_path)
    assert result.exit_code == 2
    complaints = result.stderr.splitlines()
    assert "broken.webm" in complaints[0]
    assert "absent.webm" in complaints[1]
    (line,) = lines(result)
    assert line["file"] == str(torn)
    assert line["complete"] is False


def test_recordings_of_one_name_keep_their_panoramas(tmp_path: Path) -> None:
    paths = [tmp_path / folder / "room.webm" for folder in ("a", "b")]
    for path in paths:
        path.parent.mkdir()
        path.write_bytes(encoded(list(turn(Room(), Camera(), [45.0]))))
    result = run(*paths, "--panoramas", tmp_path)
    assert [Path(str(line["panorama"])).name for line in lines(result)] == [
        "room.panorama.jpg",
        "room-2.panorama.jpg",
    ]


@pytest.mark.shared_data
@pytest.mark.slow
def test_the_labelled_recordings_reach_what_is_asked(shared_data: Path, tmp_path: Path) -> None:
    rows = LabelledData(shared_data).rows("room_scan/labels.csv")
    result = run(*(shared_data / "room_scan" / row["file"] for row in rows), "--panoramas", tmp_path)
    assert result.exit_code == 0
    for row, line in zip(rows, lines(result), strict=True):
        assert line["complete"] is (row["covers_full_circle"] == "yes"), line
        if line["complete"]:
            assert line["coverage_deg"] >= 345
        elif row["total_turn_deg"]:
            assert line["coverage_deg"] == pytest.approx(float(row["total_turn_deg"]), abs=20)
        assert line["people"] == 0
