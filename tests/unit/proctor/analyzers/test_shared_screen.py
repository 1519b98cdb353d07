from __future__ import annotations

import cv2
import numpy as np
import pytest

from proctor.analyzers.planar import PlanarFrame
from proctor.analyzers.screen import ScreenStream
from proctor.domain.media import Frame, TrackKind
from proctor.domain.observations import ScreenObserved
from proctor.domain.time import media_time_from_s


def page(lines: int) -> np.ndarray:
    picture = np.full((720, 1280, 3), 250, np.uint8)
    for line in range(lines):
        text = "The quick brown fox jumps over the lazy dog"
        cv2.putText(picture, text, (80, 60 + 40 * line), cv2.FONT_HERSHEY_SIMPLEX, 0.8, (20, 20, 20), 2)
    return picture


def observed(*pictures: np.ndarray) -> ScreenObserved:
    stream = ScreenStream()
    results = [
        stream.observe(Frame(TrackKind.SCREEN, media_time_from_s(2 * number), rgb))
        for number, rgb in enumerate(pictures)
    ]
    return results[-1]


@pytest.mark.parametrize("luma", [0, 3, 128, 255])
def test_a_screen_of_one_colour_is_blank(luma: int) -> None:
    seen = observed(np.full((720, 1280, 3), luma, np.uint8))
    assert seen.blank_share == 1.0
    assert seen.luma_deviation < 1
    assert (seen.width_px, seen.height_px) == (1280, 720)


def test_a_page_with_one_line_of_text_is_not_blank() -> None:
    assert observed(page(1)).blank_share < 0.995


def test_what_changed_is_told_as_a_share_of_the_picture() -> None:
    assert observed(page(5)).changed_share == 0.0
    assert observed(page(5), page(5)).changed_share == 0.0
    assert 0.005 < observed(page(5), page(6)).changed_share < 0.1
    assert observed(page(5), 255 - page(5)).changed_share > 0.9


def test_the_decoders_own_luma_gives_the_same() -> None:
    i420 = cv2.cvtColor(page(4), cv2.COLOR_RGB2YUV_I420)
    planar = ScreenStream().observe(PlanarFrame(TrackKind.SCREEN, media_time_from_s(0), i420.astype(np.uint8)))
    plain = observed(page(4))
    assert planar.mean_luma == pytest.approx(plain.mean_luma, abs=2)
    assert planar.blank_share == pytest.approx(plain.blank_share, abs=0.02)
