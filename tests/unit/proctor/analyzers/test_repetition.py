"""Pictures that return in order, and people who do not."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import av
import numpy as np
import pytest

from proctor.analyzers.luma_plane import LumaPlane, small_plane
from proctor.analyzers.repetition import LONGEST_S, RepetitionStream
from proctor.domain.observations import StreamObserved
from proctor.domain.time import MediaTime, media_time_from_s

REPEATS = 0.85
NOISE = 0.5


def clip(seconds: float, seed: int, rate: float = 10.0) -> list[LumaPlane]:
    """A bright shape that wanders over a still background, one plane a tenth of a second."""
    rng = np.random.default_rng(seed)
    background = rng.uniform(60, 160, (60, 80)).astype(np.float32)
    rows, columns = np.mgrid[0:60, 0:80]
    x = y = speed_x = speed_y = 0.0
    planes = []
    for _ in range(round(seconds * rate)):
        speed_x, speed_y = 0.9 * speed_x + rng.normal(0, 0.6), 0.9 * speed_y + rng.normal(0, 0.3)
        x, y = 0.97 * (x + speed_x), 0.97 * (y + speed_y)
        shape = (((columns - 40 - x) / 16) ** 2 + ((rows - 32 - y) / 22) ** 2) < 1
        planes.append(np.where(shape, 190, background).astype(np.float32))
    return planes


def watch(pictures: Iterable[tuple[float, LumaPlane]], seed: int = 1) -> list[StreamObserved]:
    rng = np.random.default_rng(seed)
    stream = RepetitionStream()
    return [
        stream.observe_plane(media_time_from_s(at_s), (plane + rng.normal(0, NOISE, plane.shape)).astype(np.float32))
        for at_s, plane in pictures
    ]


def played(planes: list[LumaPlane], seconds: float, rate: float = 10.0) -> list[tuple[float, LumaPlane]]:
    """Two pictures a second, a little out of step, of a clip that begins again when it is over."""
    rng = np.random.default_rng(7)
    steps = np.arange(0, seconds, 0.5)
    times = steps + rng.uniform(0, 0.15, len(steps))
    return [(float(at_s), planes[int(at_s * rate) % len(planes)]) for at_s in times]


@pytest.mark.parametrize("length_s", [3.0, 7.3, 20.0, 61.7])
def test_a_clip_that_is_played_over_returns_at_its_own_length(length_s: float) -> None:
    observed = watch(played(clip(length_s, 3), 3 * length_s + 60))[-1]
    assert observed.repeating is not None
    assert observed.repeating > REPEATS
    passes = observed.period_s / length_s
    assert abs(passes - round(passes)) * length_s <= 1.0


def test_somebody_who_moves_without_end_does_not_repeat() -> None:
    shares = [observed.repeating for observed in watch(played(clip(400, 4), 400))]
    known = [share for share in shares if share is not None]
    assert len(known) > 400
    assert max(known) < 0.7


def test_who_sits_still_gives_no_answer() -> None:
    (plane,) = clip(0.1, 5)
    assert all(observed.repeating is None for observed in watch((0.5 * i, plane) for i in range(300)))


def test_coming_back_to_the_same_posture_now_and_again_is_not_repeating() -> None:
    here, there = clip(0.1, 5)[0], np.roll(clip(0.1, 5)[0], 6, axis=1)
    rng = np.random.default_rng(2)
    is_there = np.repeat(rng.integers(0, 2, 120), rng.integers(4, 30, 120))[:1200]
    observed = watch((0.5 * i, there if aside else here) for i, aside in enumerate(is_there))
    assert max(each.repeating or 0.0 for each in observed) < REPEATS


def test_what_repeated_and_goes_on_live_stops_repeating() -> None:
    pictures = played(clip(6, 6), 90)
    pictures += [(90 + at_s, plane) for at_s, plane in played(clip(120, 8), 120)]
    observed = watch(pictures)
    assert (observed[175].repeating or 0) > REPEATS
    assert all((each.repeating or 0) < REPEATS for each in observed[-120:])


def test_pictures_that_stay_away_for_long_are_forgotten_and_times_may_repeat() -> None:
    stream = RepetitionStream()
    planes = clip(10, 9)
    for index in range(200):
        stream.observe_plane(media_time_from_s(0.5 * index), planes[(5 * index) % len(planes)])
    assert (stream.observe_plane(media_time_from_s(100), planes[0]).repeating or 0) > REPEATS
    again = stream.observe_plane(media_time_from_s(100), planes[50])
    assert again.at == MediaTime(100_000_000_000)
    for index in range(30):
        at = media_time_from_s(200 + LONGEST_S + 0.5 * index)
        late = stream.observe_plane(at, planes[(7 * index + 3) % len(planes)])
    assert late.repeating is None or late.period_s <= 15


@pytest.mark.shared_data
@pytest.mark.parametrize("name", ["talk_lbax4n", "gaze_center_left_center", "foreman_leaves_view"])
def test_real_clips_repeat_when_they_are_played_over(shared_data: Path, name: str) -> None:
    with av.open(str(shared_data / "video" / "clips" / f"{name}.mp4")) as container:
        rate = float(container.streams.video[0].average_rate or 25)
        planes = [small_plane(frame.to_ndarray(format="gray").astype(np.uint8)) for frame in container.decode(video=0)]
    observed = watch(played(planes, 120, rate))
    assert all((each.repeating or 0.0) > REPEATS for each in observed[-60:])
    once = watch(played(planes, len(planes) / rate, rate))
    assert all((each.repeating or 0.0) < REPEATS for each in once)
