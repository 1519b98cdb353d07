"""How even the captures of a camera's pictures are, by their time stamps."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pytest

from proctor.analyzers.pace import EVERY, LEAST_COMPARED, VIDEO_UNITS_PER_MS, PaceStream
from proctor.domain.media import Codec, EncodedFrame, TrackKind
from proctor.domain.observations import PaceObserved
from proctor.domain.time import MediaTime

LAYER_0_MS = 4000 / 15


def frames(times_ms: Iterable[float], leg: int = 1) -> list[EncodedFrame]:
    return [
        EncodedFrame(
            track=TrackKind.CAMERA,
            leg=leg,
            at=MediaTime(0),
            rtp_time=round(at_ms) * VIDEO_UNITS_PER_MS,
            codec=Codec.VP8,
            data=b"",
            is_key=False,
            temporal_id=0,
            after_gap=False,
        )
        for at_ms in times_ms
    ]


def seen(stream: PaceStream, arriving: Iterable[EncodedFrame], at_s: int = 0) -> PaceObserved | None:
    for frame in arriving:
        stream.arrived(frame)
    return stream.observe(MediaTime(at_s * 1_000_000_000))


def test_an_exact_pace_is_even_however_its_stamps_are_rounded() -> None:
    observed = seen(PaceStream(), frames(LAYER_0_MS * np.arange(200)))
    assert observed is not None
    assert observed.even == 1.0
    assert observed.interval_ms == pytest.approx(LAYER_0_MS, abs=0.5)


def test_a_pace_that_follows_the_light_is_not() -> None:
    rng = np.random.default_rng(1)
    observed = seen(PaceStream(), frames(np.cumsum(LAYER_0_MS + rng.normal(0, 4, 200))))
    assert observed is not None
    assert observed.even is not None
    assert observed.even < 0.4


def test_pictures_that_were_left_out_are_not_compared() -> None:
    times_ms = LAYER_0_MS * np.delete(np.arange(300), np.arange(10, 290, 10))
    observed = seen(PaceStream(), frames(times_ms))
    assert observed is not None
    assert observed.even == 1.0


@pytest.mark.parametrize("count", [2, LEAST_COMPARED])
def test_too_few_pictures_cannot_tell(count: int) -> None:
    assert seen(PaceStream(), frames(LAYER_0_MS * np.arange(count))) == PaceObserved(MediaTime(0), None, 0.0)


def test_a_pace_without_a_usual_interval_cannot_tell() -> None:
    rng = np.random.default_rng(2)
    observed = seen(PaceStream(), frames(np.cumsum(rng.uniform(100, 900, 240))))
    assert observed is not None
    assert observed.even is None


def test_without_stamps_nothing_is_said_and_otherwise_every_five_seconds() -> None:
    stream = PaceStream()
    assert stream.observe(MediaTime(0)) is None
    assert seen(stream, frames([0.0, 267.0])) is not None
    assert stream.observe(MediaTime(EVERY - 1)) is None
    assert stream.observe(MediaTime(EVERY)) is not None


def test_a_new_leg_stamps_its_times_anew() -> None:
    stream = PaceStream()
    seen(stream, frames(LAYER_0_MS * np.arange(120)))
    observed = seen(stream, frames(5_000_000 + LAYER_0_MS * np.arange(120), leg=2), at_s=60)
    assert observed is not None
    assert observed.even == 1.0
