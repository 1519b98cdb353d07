from __future__ import annotations

import pytest

from proctor.domain.media import TrackKind
from proctor.domain.observations import (
    Face,
    GazeZone,
    HeadPose,
    IdentityObserved,
    ObjectSeen,
    ObjectsObserved,
    PaceObserved,
    PeopleObserved,
    ResamplingObserved,
    ScreenObserved,
    SoundObserved,
    StreamObserved,
    VoiceObserved,
)
from proctor.domain.time import MediaTime, media_time_from_s
from proctor.pipeline.figures import percentile
from proctor.pipeline.summary import SummaryWindow


def test_a_summary_closes_every_ten_seconds_with_what_was_measured() -> None:
    window = SummaryWindow(MediaTime(0))
    for step in range(20):
        at = media_time_from_s(step / 2)
        pose = HeadPose(float(step - 10), 0.0, 0.0)
        faces = tuple(Face((0, 0, 10, 10), 0.9, pose) for _ in range(step % 5))
        window.add(PeopleObserved(TrackKind.CAMERA, at, len(faces), faces, "m"))
        window.add(SoundObserved(at, 512, -60.0 + step, 0.9 if step < 5 else 0.0, "m"))
    window.add(IdentityObserved(MediaTime(0), 0.7, None, "m"))
    window.add(IdentityObserved(MediaTime(1), None, None, "m"))
    assert window.close_until(media_time_from_s(9.9)) is None
    summary = window.close_until(media_time_from_s(10))
    assert summary is not None
    counts = summary.people
    assert (counts.none, counts.one, counts.two, counts.more) == (4, 4, 4, 8)
    assert summary.pictures == 20
    assert summary.yaw_deg_p95_abs == 9.0
    assert summary.similarity_min == 0.7
    assert summary.level_dbfs_p50 == -51.0
    assert summary.level_dbfs_p95 == -42.0
    assert summary.speech_ratio == 0.25


def test_every_sense_has_its_figure_and_what_is_absent_is_named() -> None:
    window = SummaryWindow(MediaTime(0), ("liveness",))
    at = media_time_from_s(1)
    box = (0.0, 0.0, 10.0, 10.0)
    for zone in (GazeZone.SCREEN, GazeZone.LEFT, GazeZone.UNKNOWN):
        window.add(PeopleObserved(TrackKind.CAMERA, at, 1, (Face(box, 0.9, gaze=zone),), "m"))
    seen = (ObjectSeen("person", 0.9, box), ObjectSeen("cell phone", 0.8, box), ObjectSeen("book", 0.7, box))
    window.add(ObjectsObserved(TrackKind.CAMERA, at, seen, 640, 480, 0, "m"))
    window.add(SoundObserved(at, 512, -40.0, 0.0, "m", lufs=-38.456))
    window.add(VoiceObserved(at, 2000, 0.8, 2, "m"))
    window.add(VoiceObserved(at, 2000, None, None, "m"))
    window.add(ScreenObserved(at, 1280, 720, 200.0, 30.0, 0.5, 1.0, 0.02))
    window.add(ScreenObserved(at, 1280, 720, 200.0, 30.0, 0.7, 1.0, 0.04))
    summary = window.close(media_time_from_s(2))
    assert summary is not None
    assert (summary.gaze_off_ratio, summary.objects, summary.voices) == (0.5, ("cell phone", "book"), 2)
    assert (summary.screen_changed_share, summary.screen_blank_share) == (0.03, 0.7)
    assert (summary.lufs_p50, summary.bodies_max, summary.bona_fide_min) == (-38.46, None, None)
    assert summary.absent == ("liveness",)


def test_of_what_speaks_for_a_program_in_the_cameras_place_the_most_is_kept() -> None:
    window = SummaryWindow(MediaTime(0))
    for second, (share, peak, even) in enumerate([(0.2, 3.456, 0.5), (None, None, None), (0.1, 2.0, 0.613)]):
        at = media_time_from_s(second)
        window.add(StreamObserved(at, share, 4.0))
        window.add(ResamplingObserved(at, peak, 1.5))
        window.add(PaceObserved(at, even, 267.0))
    summary = window.close(media_time_from_s(3))
    assert summary is not None
    assert (summary.repeating_max, summary.enlarged_peak_max, summary.even_pace_max) == (0.2, 3.46, 0.61)


def test_nothing_measured_is_no_summary_and_the_next_begins_there() -> None:
    window = SummaryWindow(MediaTime(0))
    assert window.close_until(media_time_from_s(10)) is None
    window.add(SoundObserved(media_time_from_s(11), 512, -60.0, 0.0, "m"))
    summary = window.close(media_time_from_s(12))
    assert summary is not None
    assert summary.start == media_time_from_s(10)
    assert summary.yaw_deg_p50 is None
    assert summary.similarity_min is None


def test_percentile_is_the_nearest_rank() -> None:
    assert percentile([5.0, 1.0, 3.0], 50) == 3.0
    assert percentile([1.0], 95) == 1.0
    assert percentile(list(range(1, 101)), 95) == 95
    with pytest.raises(ValueError, match="no values"):
        percentile([], 50)
