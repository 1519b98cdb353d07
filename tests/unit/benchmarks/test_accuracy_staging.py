from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np

from benchmarks.accuracy.cast import PhotographedActor, at_camera, backdrop, others
from benchmarks.accuracy.honest import Watched
from benchmarks.accuracy.sittings import Ran
from benchmarks.accuracy.staging import (
    EXPECTED,
    SCRIPT,
    Sitting,
    Sounds,
    beside,
    held_up,
    made_sounds,
    soundtrack,
    with_phone,
)
from proctor.analyzers.vad import level_dbfs
from proctor.domain.incidents import Incident
from proctor.domain.signals import Crossing, Severity, Signal, SignalKind, Why
from proctor.domain.text import Text
from proctor.domain.time import media_time_from_s
from server.perception.recorded import RecordedFile, RecordedPicture
from tests.media.portraits import astronaut
from tests.media.scenes import FACES
from tests.media.sounds import RATE_HZ

HUSH = Sounds(np.full(RATE_HZ, 0.1, np.float32), np.full(RATE_HZ, 0.1, np.float32))


def actor(name: str = "astronaut") -> PhotographedActor:
    return PhotographedActor(name, "package", astronaut(), at_camera(astronaut(), FACES["astronaut"]))


def test_every_expected_event_is_in_the_script_once_and_calm_comes_between() -> None:
    names = [name for name, _ in SCRIPT]
    assert all(names.count(name) == 1 for name in EXPECTED)
    assert all(
        "present" in pair for pair in pairwise(names) if set(pair) & set(EXPECTED) and set(pair) <= set(EXPECTED)
    )


def test_a_sitting_is_written_with_picture_and_sound_of_the_scripts_length(tmp_path: Path) -> None:
    script = (("present", 1.0), ("empty_chair", 0.5), ("two_people", 0.5), ("photograph", 0.5), ("phone", 0.5))
    path = tmp_path / "sitting.mkv"
    stages = Sitting("one", actor(), actor("two"), HUSH).write(path, script)
    assert [(stage.name, stage.start_s, stage.end_s) for stage in stages][-1] == ("phone", 2.5, 3.0)
    assert stages[0].expected == frozenset()
    assert SignalKind.FACE_ABSENT in stages[1].expected
    recorded = RecordedFile(path)
    try:
        items = list(recorded.items())
        assert sum(isinstance(item, RecordedPicture) for item in items) == 12
        assert abs(recorded.end / 1e9 - 3.0) < 0.3
    finally:
        recorded.close()


def test_the_pictures_hold_what_they_are_said_to() -> None:
    shown = actor().shown(0.0)
    room = backdrop(actor())
    assert shown.shape == room.shape == (480, 640, 3)
    assert (beside(shown, room)[:, :320] == shown[:, 160:480]).all()
    assert (with_phone(shown, 2.0) != shown).any(axis=2).mean() > 0.03
    assert (with_phone(shown, 2.0)[:, :300] == shown[:, :300]).all()
    paper, screen = (held_up(room, shown, 1.0, on_screen=on_screen) for on_screen in (False, True))
    assert paper.mean() > screen.mean()
    assert (actor().shown(0.0) != actor().shown(1.5)).any()


def test_levels_of_the_soundtrack_are_those_of_the_stages(tmp_path: Path) -> None:
    script = (("present", 1.0), ("talking", 1.0), ("keyboard", 1.0), ("silence", 1.0))
    stages = Sitting("one", actor(), actor(), HUSH).write(tmp_path / "sitting.mkv", script)
    seconds = soundtrack(stages, made_sounds()).reshape(4, RATE_HZ)
    levels = [level_dbfs(second) for second in seconds]
    assert [round(level) for level in levels] == [-62, -26, -46, -72]


def test_somebody_else_is_never_the_candidate_where_there_are_two() -> None:
    cast = [actor("a"), actor("b"), actor("c")]
    assert [others(cast, number).name for number in range(3)] == ["b", "c", "a"]


def incident(*kinds: SignalKind) -> Incident:
    why = Why(Text(kk="x", ru="x", en="x"), Crossing("x", 1, 1, "", 0), None)
    at = media_time_from_s(1)
    signals = tuple(Signal(kind.value, kind, f"{kind}@1", at, at, at, 1.0, why) for kind in kinds)
    return Incident("i", at, at, Severity.LOW, signals)


def test_the_same_false_incident_in_the_repetitions_of_a_clip_counts_once() -> None:
    twice = (incident(SignalKind.HEAD_TURNED), incident(SignalKind.HEAD_TURNED), incident(SignalKind.NOISE))
    watched = Watched("clip", "film", 3.0, Ran((), twice, (), 60.0), frozenset({SignalKind.NOISE}))
    assert watched.false_kinds() == ["head_turned"]
