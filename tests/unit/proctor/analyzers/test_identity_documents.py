from __future__ import annotations

import cv2
import numpy as np
import pytest

from models.registry import InstalledModels
from proctor.analyzers.documents import DocumentAnalyzer, stacks
from proctor.analyzers.geometry import overlap
from proctor.analyzers.suite import AnalyzerSuite
from proctor.analyzers.text_lines import TextLine
from tests.media.documents import CARD, PASSPORT, page, turned
from tests.media.portraits import Picture, astronaut

PORTRAIT_ON_PAGE = (150.0, 100.0, 120.0, 150.0)


@pytest.fixture(scope="module")
def reader(suite: AnalyzerSuite) -> DocumentAnalyzer:
    return DocumentAnalyzer(InstalledModels(), suite.faces)


@pytest.mark.parametrize("lines", [PASSPORT, CARD], ids=["passport", "card"])
def test_a_page_is_read_and_its_portrait_found(reader: DocumentAnalyzer, lines: tuple[str, ...]) -> None:
    read = reader.read(page(lines))
    assert read.zone is not None
    assert read.zone.lines == lines
    assert read.zone.valid
    assert read.portrait is not None
    assert 60 <= read.portrait[0] <= 300
    assert 60 <= read.portrait[1] <= 300


@pytest.mark.parametrize("angle_deg", [90, 180, -35], ids=str)
def test_a_page_that_lies_askew_is_read(reader: DocumentAnalyzer, angle_deg: int) -> None:
    picture = turned(page(PASSPORT), angle_deg)
    read = reader.read(picture)
    assert read.zone is not None
    assert read.zone.lines == PASSPORT
    assert read.portrait is not None
    assert read.portrait_picture is not None


def test_the_portrait_of_a_turned_page_is_given_in_the_pictures_own_pixels(reader: DocumentAnalyzer) -> None:
    straight = reader.read(page(PASSPORT)).portrait
    upside_down = reader.read(np.ascontiguousarray(page(PASSPORT)[::-1, ::-1])).portrait
    assert straight is not None
    assert upside_down is not None
    height, width = page(PASSPORT).shape[:2]
    x, y, w, h = straight
    assert overlap(upside_down, (width - x - w, height - y - h, w, h)) > 0.7


def test_the_portrait_can_be_compared_with_the_person(reader: DocumentAnalyzer, suite: AnalyzerSuite) -> None:
    picture = reader.read(turned(page(PASSPORT), 90)).portrait_picture
    assert picture is not None
    assert suite.identity.compare(picture, astronaut()).same


@pytest.mark.parametrize(
    "picture",
    [
        np.zeros((480, 640, 3), np.uint8),
        np.full((40, 60, 3), 200, np.uint8),
        np.random.default_rng(1).integers(0, 255, (480, 640, 3)).astype(np.uint8),
        page(()),
    ],
    ids=["black", "tiny", "noise", "no zone"],
)
def test_a_picture_without_a_zone_gives_none(reader: DocumentAnalyzer, picture: Picture) -> None:
    assert reader.read(picture).zone is None


def test_a_portrait_without_a_zone_is_found_whichever_way_it_lies(reader: DocumentAnalyzer) -> None:
    read = reader.read(np.ascontiguousarray(np.rot90(astronaut())))
    assert read.zone is None
    assert read.portrait is not None


def test_a_wrong_check_digit_is_read_and_called_invalid(reader: DocumentAnalyzer) -> None:
    wrong = (PASSPORT[0], PASSPORT[1][:9] + "1" + PASSPORT[1][10:])
    read = reader.read(page(wrong))
    assert read.zone is not None
    assert not read.zone.valid


def test_a_large_photograph_is_read(reader: DocumentAnalyzer) -> None:
    small = page(PASSPORT)
    photograph = np.full((2160, 3840, 3), 90, np.uint8)
    scaled = cv2.resize(small, None, fx=1.6, fy=1.6)
    photograph[600 : 600 + scaled.shape[0], 900 : 900 + scaled.shape[1]] = scaled
    read = reader.read(photograph)
    assert read.zone is not None
    assert read.zone.lines == PASSPORT


def test_lines_of_unlike_length_or_direction_are_no_zone() -> None:
    upper = TextLine(300.0, 100.0, 400.0, 12.0, 0.0)
    assert list(stacks([upper, TextLine(300.0, 130.0, 400.0, 12.0, 1.0)]))
    assert not list(stacks([upper, TextLine(300.0, 130.0, 250.0, 12.0, 0.0)]))
    assert not list(stacks([upper, TextLine(300.0, 130.0, 400.0, 12.0, 9.0)]))
    assert not list(stacks([upper, TextLine(420.0, 130.0, 400.0, 12.0, 0.0)]))
    assert not list(stacks([upper, TextLine(300.0, 300.0, 400.0, 12.0, 0.0)]))
