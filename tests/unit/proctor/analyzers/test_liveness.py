"""What allows a judgement, what the networks are shown, and how a clip is decided."""

from __future__ import annotations

import csv
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from skimage import data as samples

from models.fetch import fetch, from_folder
from models.registry import InstalledModels
from proctor.analyzers.liveness import (
    CROP_PX,
    DECISION_THRESHOLD,
    Judgement,
    LivenessAnalyzer,
    LivenessDecision,
    LivenessProblem,
    clip_bona_fide,
    decide,
    problem_of,
    surroundings,
)
from proctor.analyzers.suite import AnalyzerSuite
from proctor.domain.errors import ModelMissingError
from proctor.domain.media import Frame, TrackKind
from proctor.domain.observations import Box, Face, PeopleObserved
from proctor.domain.time import MediaTime
from server.perception.recorded import read_picture

Picture = NDArray[np.uint8]


@pytest.fixture(scope="module")
def portrait(suite: AnalyzerSuite) -> tuple[Picture, Box]:
    rgb = np.ascontiguousarray(samples.astronaut())
    return rgb, suite.faces.detect(rgb)[0].box


@pytest.fixture(scope="module")
def analyzer(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> LivenessAnalyzer:
    directory = tmp_path_factory.mktemp("models")
    fetch(from_folder(shared_data.parent / "models"), directory)
    return LivenessAnalyzer.load(InstalledModels(directory))


def test_a_plain_portrait_can_be_judged(portrait: tuple[Picture, Box]) -> None:
    rgb, box = portrait
    assert problem_of(rgb, [box]) is None


def test_nobody_and_several_alike_cannot(portrait: tuple[Picture, Box]) -> None:
    rgb, box = portrait
    small: Box = (10.0, 10.0, 0.3 * box[2], 0.3 * box[3])
    assert problem_of(rgb, []) is LivenessProblem.NO_FACE
    assert problem_of(rgb, [box, (10.0, 10.0, box[2], 0.8 * box[3])]) is LivenessProblem.SEVERAL_FACES
    assert problem_of(rgb, [box, small]) is None


def test_what_hides_texture_or_colour_gets_no_judgement(portrait: tuple[Picture, Box]) -> None:
    rgb, box = portrait
    grey = np.repeat(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY)[..., None], 3, axis=2).astype(np.uint8)
    dark = (rgb * 0.1).astype(np.uint8)
    blurred = cv2.GaussianBlur(rgb, (0, 0), 5).astype(np.uint8)
    flat = np.full_like(rgb, 128)
    assert problem_of(grey, [box]) is LivenessProblem.NO_COLOUR
    assert problem_of(dark, [box]) is LivenessProblem.TOO_DARK
    assert problem_of(blurred, [box]) is LivenessProblem.TOO_BLURRED
    assert problem_of(flat, [box]) is LivenessProblem.TOO_BLURRED


def test_faces_that_are_small_cut_or_fill_the_picture_get_no_judgement(portrait: tuple[Picture, Box]) -> None:
    rgb, (x, y, width, height) = portrait
    half = cv2.resize(rgb, None, fx=0.3, fy=0.3, interpolation=cv2.INTER_AREA).astype(np.uint8)
    assert problem_of(half, [(0.3 * x, 0.3 * y, 0.3 * width, 0.3 * height)]) is LivenessProblem.TOO_SMALL
    left, top = round(x), round(y)
    cut = np.ascontiguousarray(rgb[:, left + 20 :])
    assert problem_of(cut, [(x - left - 20, y, width, height)]) is LivenessProblem.NOT_WHOLE
    filled = np.ascontiguousarray(rgb[top : top + round(height) + 4, left : left + round(width) + 4])
    assert problem_of(filled, [(x - left, y - top, width, height)]) is LivenessProblem.NO_SURROUNDINGS


@pytest.mark.parametrize("box", [(300.0, 200.0, 80.0, 100.0), (0.0, 0.0, 80.0, 100.0), (560.0, 380.0, 80.0, 100.0)])
@pytest.mark.parametrize("scale", [2.7, 4.0])
def test_the_crop_lies_inside_the_picture_and_holds_the_face(box: Box, scale: float) -> None:
    rgb = np.zeros((480, 640, 3), np.uint8)
    x, y, width, height = (round(value) for value in box)
    rgb[y : y + height, x : x + width] = 255
    crop = surroundings(rgb, box, scale)
    assert crop.shape == (CROP_PX, CROP_PX, 3)
    assert crop.mean() / 255 == pytest.approx(1 / scale**2, rel=0.1)


def test_a_crop_wider_than_the_picture_is_the_most_that_the_picture_has() -> None:
    rgb = np.zeros((200, 200, 3), np.uint8)
    rgb[50:150, 50:150] = 255
    assert surroundings(rgb, (50.0, 50.0, 100.0, 100.0), 4.0).mean() / 255 == pytest.approx(1 / 4, rel=0.1)


def test_a_clip_is_decided_by_its_middle_and_not_by_a_few_judged_pictures() -> None:
    unknown = Judgement(None, LivenessProblem.TOO_BLURRED)
    assert clip_bona_fide([Judgement(value, None) for value in (0.1, 0.9, 0.95, 0.92, 0.2)]) == 0.9
    assert clip_bona_fide([unknown] * 3 + [Judgement(0.2, None)]) == 0.2
    assert clip_bona_fide([unknown] * 4 + [Judgement(0.2, None)]) is None
    assert clip_bona_fide([]) is None


def test_a_figure_is_decided_at_the_threshold_and_none_cannot_be() -> None:
    assert decide(DECISION_THRESHOLD) is LivenessDecision.BONA_FIDE
    assert decide(DECISION_THRESHOLD - 0.01) is LivenessDecision.ATTACK
    assert decide(None) is LivenessDecision.CANNOT_TELL


def test_without_the_optional_model_nothing_is_loaded(tmp_path: Path) -> None:
    with pytest.raises(ModelMissingError, match="proctor models fetch"):
        LivenessAnalyzer.load(InstalledModels(tmp_path))


@pytest.mark.shared_data
def test_an_observation_carries_the_judgement_and_the_model(
    analyzer: LivenessAnalyzer, portrait: tuple[Picture, Box]
) -> None:
    rgb, box = portrait
    frame = Frame(TrackKind.CAMERA, MediaTime(7), rgb)
    seen = PeopleObserved(TrackKind.CAMERA, MediaTime(7), 1, (Face(box, 0.9),), "faces@1")
    observed = analyzer.observe(frame, seen)
    assert observed is not None
    assert observed.at == MediaTime(7)
    assert observed.model == analyzer.model
    assert observed.bona_fide is not None
    assert 0 <= observed.bona_fide <= 1
    empty = PeopleObserved(TrackKind.CAMERA, MediaTime(7), 0, (), "faces@1")
    assert analyzer.observe(frame, empty) is None
    assert analyzer.observe(frame, None) is None


@pytest.mark.shared_data
def test_no_labelled_attack_passes_and_the_honest_ones_do(
    analyzer: LivenessAnalyzer, suite: AnalyzerSuite, shared_data: Path
) -> None:
    folder = shared_data / "presentation_attack"
    with (folder / "labels.csv").open(encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    decisions: dict[str, list[LivenessDecision]] = {"real": [], "attack": []}
    for row in rows:
        rgb = read_picture(folder / row["file"])
        judged = analyzer.judge(rgb, [face.box for face in suite.faces.detect(rgb)])
        decisions[row["label"]].append(decide(judged.bona_fide))
    assert LivenessDecision.BONA_FIDE not in decisions["attack"]
    refused = sum(decision is not LivenessDecision.BONA_FIDE for decision in decisions["real"])
    assert refused <= 0.15 * len(decisions["real"])
