"""The pattern that enlarging a picture leaves, and pictures that cannot tell."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from proctor.analyzers.resampling import EVERY, LEAST_PICTURES, ResamplingStream
from proctor.domain.media import Frame, TrackKind
from proctor.domain.observations import ResamplingObserved
from proctor.domain.time import MediaTime, media_time_from_s

Luma = NDArray[np.uint8]
SIZE = (640, 480)
STRONG = 20.0


def scene(width: int, height: int, seed: int = 1, noise: float = 3.0) -> Luma:
    """Soft shapes with the noise of a sensor."""
    rng = np.random.default_rng(seed)
    shapes = cv2.resize(
        rng.uniform(60, 190, (24, 32)).astype(np.float32), (width, height), interpolation=cv2.INTER_CUBIC
    )
    return np.clip(np.round(shapes + rng.normal(0, noise, (height, width))), 0, 255).astype(np.uint8)


def enlarged(factor: float, interpolation: int = cv2.INTER_LINEAR, seed: int = 1) -> Luma:
    small = scene(round(SIZE[0] / factor), round(SIZE[1] / factor), seed)
    return np.asarray(cv2.resize(small, SIZE, interpolation=interpolation), np.uint8)


def watched(pictures: list[Luma]) -> ResamplingObserved:
    stream = ResamplingStream()
    seen = [stream.observe_luma(media_time_from_s(5 * number), luma) for number, luma in enumerate(pictures)]
    return seen[-1]


@pytest.mark.parametrize("factor", [1.2, 1.5, 1.65, 1.82])
def test_an_enlarged_picture_tells_its_factor(factor: float) -> None:
    observed = watched([enlarged(factor, seed=seed) for seed in range(8)])
    assert observed.peak is not None
    assert observed.peak > STRONG
    assert observed.enlarged == pytest.approx(factor, abs=0.02)


def test_a_picture_as_it_was_taken_has_no_pattern() -> None:
    observed = watched([scene(*SIZE, seed=seed) for seed in range(12)])
    assert observed.peak is not None
    assert observed.peak < STRONG / 2


def test_a_picture_that_was_encoded_at_another_size_before_has_one() -> None:
    pictures = []
    for seed in range(8):
        _, jpeg = cv2.imencode(".jpg", scene(900, 675, seed=seed), [cv2.IMWRITE_JPEG_QUALITY, 75])
        larger = cv2.imdecode(jpeg, cv2.IMREAD_GRAYSCALE)
        pictures.append(np.asarray(cv2.resize(larger, SIZE, interpolation=cv2.INTER_AREA), np.uint8))
    assert (watched(pictures).peak or 0) > STRONG


def test_the_patterns_of_an_encoder_do_not_count() -> None:
    pictures = [scene(*SIZE, seed=seed) for seed in range(8)]
    for luma in pictures:
        luma[:, ::8] = np.clip(luma[:, ::8].astype(int) + 4, 0, 255)
    observed = watched(pictures)
    assert observed.peak is not None
    assert observed.peak < STRONG / 2


@pytest.mark.parametrize(
    "luma",
    [
        np.full((480, 640), 128, np.uint8),
        scene(*SIZE) // 12,
        np.asarray(cv2.GaussianBlur(scene(*SIZE, noise=0.0), (0, 0), 6), np.uint8),
        scene(120, 90),
    ],
    ids=["uniform", "dark", "blurred", "small"],
)
def test_what_shows_too_little_cannot_tell(luma: Luma) -> None:
    assert watched([luma] * 20) == ResamplingObserved(media_time_from_s(95), None, 0.0)


def test_few_pictures_cannot_tell_and_another_size_begins_anew() -> None:
    stream = ResamplingStream()
    pictures = [enlarged(1.5, seed=seed) for seed in range(LEAST_PICTURES)]
    seen = [stream.observe_luma(MediaTime(number), luma).peak for number, luma in enumerate(pictures)]
    assert [peak is None for peak in seen] == [True] * (LEAST_PICTURES - 1) + [False]
    assert stream.observe_luma(MediaTime(99), scene(320, 240)).peak is None


def test_a_pattern_fades_when_the_camera_comes_back() -> None:
    stream = ResamplingStream()
    for number in range(12):
        stream.observe_luma(MediaTime(number), enlarged(1.5, seed=number))
    peaks = [stream.observe_luma(MediaTime(20 + number), scene(*SIZE, seed=50 + number)).peak for number in range(60)]
    assert (peaks[0] or 0) > STRONG
    assert (peaks[-1] or 0) < STRONG / 2


def test_colour_pictures_are_taken_by_their_luma_every_half_a_minute_and_told_again_meanwhile() -> None:
    stream = ResamplingStream()
    peaks = []
    for number in range(12 * LEAST_PICTURES):
        rgb = cv2.cvtColor(enlarged(1.5, seed=number), cv2.COLOR_GRAY2RGB)
        peaks.append(stream.observe(Frame(TrackKind.CAMERA, MediaTime(number * EVERY // 6), rgb), None).peak)
    first = 6 * (LEAST_PICTURES - 1)
    assert [peak is None for peak in peaks[: first + 1]] == [True] * first + [False]
    assert (peaks[first] or 0) > STRONG
    assert len(set(peaks[first:])) == LEAST_PICTURES + 1
