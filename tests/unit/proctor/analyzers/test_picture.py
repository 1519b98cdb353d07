from __future__ import annotations

import cv2
import numpy as np
import pytest

from proctor.analyzers.luma_plane import median_of, small_plane
from proctor.analyzers.picture import PictureStream
from proctor.analyzers.planar import PlanarFrame
from proctor.domain.media import Frame, TrackKind
from proctor.domain.observations import PictureObserved
from proctor.domain.time import MediaTime
from tests.media.portraits import Picture, astronaut


def observed(*pictures: Picture) -> list[PictureObserved]:
    stream = PictureStream(TrackKind.CAMERA)
    return [stream.observe(Frame(TrackKind.CAMERA, MediaTime(n), rgb)) for n, rgb in enumerate(pictures)]


def grey(level: int, size: tuple[int, int] = (640, 480)) -> Picture:
    return np.full((size[1], size[0], 3), level, np.uint8)


def test_a_covered_lens_is_even_and_without_detail() -> None:
    (covered,) = observed(grey(9))
    assert covered.mean_luma == pytest.approx(9, abs=1)
    assert (covered.luma_deviation, covered.detail) == pytest.approx((0, 0), abs=0.01)


def test_a_real_picture_has_detail_and_contrast() -> None:
    (seen,) = observed(astronaut())
    assert seen.luma_deviation > 40
    assert seen.detail > 10
    assert 80 < seen.mean_luma < 150


def test_a_frozen_picture_does_not_change_at_all_and_the_first_is_never_frozen() -> None:
    first, second = observed(astronaut(), astronaut().copy())
    assert first.change > 0
    assert second.change == 0.0


def test_a_single_changed_pixel_is_a_change() -> None:
    touched = astronaut().copy()
    touched[200, 300] = 255 - touched[200, 300]
    assert observed(astronaut(), touched)[1].change > 0


def test_luma_of_a_decoder_is_stretched_from_video_range() -> None:
    stream = PictureStream(TrackKind.PHONE)
    black, white = (np.full((720, 640), luma, np.uint8) for luma in (16, 235))
    assert stream.observe(PlanarFrame(TrackKind.PHONE, MediaTime(0), black)).mean_luma == 0.0
    seen = stream.observe(PlanarFrame(TrackKind.PHONE, MediaTime(5), white))
    assert (seen.mean_luma, seen.change) == pytest.approx((255, 255), abs=0.01)
    assert (seen.track, seen.at) == (TrackKind.PHONE, MediaTime(5))


@pytest.mark.parametrize("size", [(640, 480), (641, 479), (1920, 1080), (80, 60), (64, 48), (1, 1)])
def test_every_size_gives_the_same_plane_of_an_even_picture(size: tuple[int, int]) -> None:
    plane = small_plane(np.full((size[1], size[0]), 77, np.uint8))
    assert plane.shape == (60, 80)
    np.testing.assert_allclose(plane, 77)


@pytest.mark.parametrize("size", [(640, 480), (640, 60), (1280, 480), (1280, 720), (80, 120)])
def test_the_plane_is_the_exact_mean_of_its_blocks(size: tuple[int, int]) -> None:
    across, down = size[0] // 80, size[1] // 60
    noise = np.random.default_rng(6).integers(0, 256, (size[1], size[0]), dtype=np.uint8)
    for luma in (noise, np.full_like(noise, 255)):
        blocks = luma.reshape(60, down, 80, across).mean(axis=(1, 3))
        np.testing.assert_allclose(small_plane(luma), blocks, rtol=1e-6)


@pytest.mark.parametrize("count", [1, 2, 4_800, 4_801])
def test_the_median_is_numpys(count: int) -> None:
    values = np.random.default_rng(7).normal(size=count).astype(np.float32)
    assert median_of(values) == float(np.median(values))


def test_a_planar_picture_is_scaled_as_its_rgb_is() -> None:
    i420 = cv2.cvtColor(cv2.resize(astronaut(), (640, 480)), cv2.COLOR_RGB2YUV_I420)
    frame = PlanarFrame(TrackKind.CAMERA, MediaTime(0), np.asarray(i420, np.uint8))
    small = cv2.cvtColor(frame.scaled(160, 120), cv2.COLOR_YUV2RGB_I420)
    expected = cv2.resize(frame.rgb, (160, 120), interpolation=cv2.INTER_AREA)
    assert np.abs(small.astype(int) - expected.astype(int)).mean() < 3
