"""The whole line over what is held before the camera, and over a camera that is a program."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from skimage import data as samples

from models.fetch import fetch, from_folder
from models.registry import InstalledModels, default_directory
from proctor.analyzers.suite import AnalyzerSuite
from proctor.detectors.registry import discover
from proctor.domain.media import ClientEvent, ClientEventKind, Frame, TrackKind
from proctor.domain.signals import Signal, SignalKind
from proctor.domain.time import media_time_from_s
from proctor.pipeline.line import SittingLine
from proctor.pipeline.outputs import LineOutput
from proctor.pipeline.policy import default_policy
from server.perception.recorded import read_picture

Picture = NDArray[np.uint8]


@pytest.fixture(scope="module")
def with_liveness(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> AnalyzerSuite:
    directory = tmp_path_factory.mktemp("models")
    for path in default_directory().iterdir():
        (directory / path.name).symlink_to(path)
    fetch(from_folder(shared_data.parent / "models"), directory)
    return AnalyzerSuite.load(InstalledModels(directory))


def line(suite: AnalyzerSuite) -> SittingLine:
    registry = discover()
    policy = default_policy(registry)
    return SittingLine(policy, suite, registry.build(policy.detectors))


def shown(sitting: SittingLine, picture: Picture, seconds: int) -> list[LineOutput]:
    """A picture that sways a little before the camera."""
    rng = np.random.default_rng(5)
    outputs: list[LineOutput] = []
    for step in range(2 * seconds):
        at = media_time_from_s(0.5 * step)
        swayed = np.roll(picture, tuple(rng.integers(-3, 4, 2)), axis=(0, 1))
        noisy = np.clip(swayed + rng.normal(0, 1, picture.shape), 0, 255).astype(np.uint8)
        outputs += sitting.picture(Frame(TrackKind.CAMERA, at, np.ascontiguousarray(noisy)))
        outputs += sitting.advance(at)
    return outputs + sitting.finish(media_time_from_s(seconds))


def kinds(outputs: list[LineOutput]) -> set[SignalKind]:
    return {output.kind for output in outputs if isinstance(output, Signal)}


@pytest.mark.shared_data
@pytest.mark.parametrize(
    ("name", "expected"), [("silent_print_1", True), ("silent_screen_1", True), ("silent_real_1", False)]
)
def test_a_picture_held_before_the_camera_is_noticed_and_a_person_is_not(
    with_liveness: AnalyzerSuite, shared_data: Path, name: str, *, expected: bool
) -> None:
    picture = read_picture(shared_data / "presentation_attack" / "images" / f"{name}.jpg")
    outputs = shown(line(with_liveness), picture, 30)
    assert (SignalKind.PRESENTATION_ATTACK in kinds(outputs)) is expected
    assert SignalKind.VIRTUAL_CAMERA not in kinds(outputs)


def test_a_camera_that_goes_by_the_name_of_a_program_is_noticed_by_the_line() -> None:
    sitting = line(AnalyzerSuite.load(InstalledModels()))
    detail = {"track": "camera", "label": "OBS Virtual Camera"}
    outputs = sitting.event(ClientEvent(ClientEventKind.DEVICES_CHANGED, media_time_from_s(1), detail))
    outputs += shown(sitting, np.ascontiguousarray(samples.astronaut()), 4)
    assert SignalKind.VIRTUAL_CAMERA in kinds(outputs)


def test_without_the_optional_model_the_suite_says_so_and_the_line_runs(tmp_path: Path) -> None:
    for path in default_directory().iterdir():
        if not path.name.startswith("minifasnet"):
            (tmp_path / path.name).symlink_to(path)
    suite = AnalyzerSuite.load(InstalledModels(tmp_path))
    assert "liveness" in suite.absent
    outputs = shown(line(suite), np.ascontiguousarray(samples.astronaut()), 3)
    assert SignalKind.PRESENTATION_ATTACK not in kinds(outputs)
