from __future__ import annotations

import cv2
import numpy as np
import pytest

from proctor.domain.media import Frame, TrackKind
from proctor.domain.time import media_time_from_s
from proctor.pipeline.onset import OnsetPictures


def grey(at_s: float, luma: int, size: tuple[int, int] = (640, 480)) -> Frame:
    rgb = np.full((size[1], size[0], 3), luma, np.uint8)
    return Frame(TrackKind.CAMERA, media_time_from_s(at_s), rgb)


def luma_of(jpeg: bytes) -> float:
    return float(cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_GRAYSCALE).mean())


def test_the_picture_nearest_to_the_onset_is_found() -> None:
    kept = OnsetPictures()
    for step in range(12):
        kept.keep(grey(step / 2, step * 20))
    found = kept.nearest(media_time_from_s(3.1))
    assert found is not None
    assert found[0] == media_time_from_s(3.0)
    assert luma_of(found[1]) == pytest.approx(120, abs=4)


def test_nothing_kept_is_nothing_found() -> None:
    assert OnsetPictures().nearest(media_time_from_s(1)) is None


def test_memory_stays_bounded_and_old_pictures_are_thinned_out() -> None:
    kept = OnsetPictures()
    for step in range(600):
        kept.keep(grey(step / 2, 100))
        assert len(kept) <= 24
    found = kept.nearest(media_time_from_s(280))
    assert found is not None
    assert found[0] == pytest.approx(media_time_from_s(280), abs=media_time_from_s(2))


@pytest.mark.parametrize("size", [(1280, 720), (361, 287), (288, 512)])
def test_any_size_fits(size: tuple[int, int]) -> None:
    kept = OnsetPictures()
    kept.keep(grey(0, 100, size))
    found = kept.nearest(media_time_from_s(0))
    assert found is not None
    height, width = cv2.imdecode(np.frombuffer(found[1], np.uint8), cv2.IMREAD_COLOR).shape[:2]
    assert max(height, width) <= 640
    assert width / height == pytest.approx(size[0] / size[1], rel=0.02)
