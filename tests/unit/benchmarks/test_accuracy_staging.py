from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np

from benchmarks.accuracy.cast import FilmedActor, PhotographedActor, at_camera, backdrop, others
from benchmarks.accuracy.honest import Watched
from benchmarks.accuracy.onsets import FoundSignal, Stage, StageFound, false_signals
from benchmarks.accuracy.sittings import Ran
from benchmarks.accuracy.staged import Played, telephone_halves, telephones_told
from benchmarks.accuracy.staging import (
    EXPECTED,
    SCRIPT,
    Sitting,
    Sounds,
    beside,
    held_up,
    made_sounds,
    soundtrack,
)
from benchmarks.accuracy.telephones import FACE_MM, Outline, Telephone, cut_out
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


def telephone() -> Telephone:
    """A dark rectangle, cut out of a light table."""
    photograph = np.full((200, 300, 3), 200, np.uint8)
    photograph[60:140, 120:164] = 20
    corners = np.array([(120.0, 60.0), (164.0, 60.0), (164.0, 140.0), (120.0, 140.0)])
    return cut_out("dark", photograph, Outline(corners, np.array([142.0, 140.0]), np.array([142.0, 60.0]), 147.0))


def test_every_expected_event_is_in_the_script_once_and_calm_comes_between() -> None:
    names = [name for name, _ in SCRIPT]
    assert all(names.count(name) == 1 for name in EXPECTED)
    assert all(
        "present" in pair for pair in pairwise(names) if set(pair) & set(EXPECTED) and set(pair) <= set(EXPECTED)
    )


def test_a_sitting_is_written_with_picture_and_sound_of_the_scripts_length(tmp_path: Path) -> None:
    script = (("present", 1.0), ("empty_chair", 0.5), ("two_people", 0.5), ("photograph", 0.5), ("phone", 0.5))
    path = tmp_path / "sitting.mkv"
    stages = Sitting("one", actor(), actor("two"), HUSH, telephone=telephone()).write(path, script)
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
    paper, screen = (held_up(room, shown, 1.0, on_screen=on_screen) for on_screen in (False, True))
    assert paper.mean() > screen.mean()
    assert (actor().shown(0.0) != actor().shown(1.5)).any()


def test_a_telephone_is_cut_along_its_edge_and_held_beside_the_face_in_its_true_size() -> None:
    cut = telephone()
    height, width = np.ptp(np.argwhere(cut.alpha > 0.5), axis=0) + 1
    assert abs(height - cut.length_px) <= 4
    assert abs(width / height - 44 / 80) < 0.03
    shown = actor().shown(0.0)
    held = cut.held(shown, 2.0, FACE_MM)
    changed = np.argwhere((held != shown).any(axis=2))
    assert abs(np.ptp(changed[:, 0]) - 147) < 15
    assert changed[:, 1].min() > 400


def test_a_telephone_that_lies_is_stood_up() -> None:
    photograph = np.full((200, 300, 3), 200, np.uint8)
    photograph[80:124, 100:180] = 20
    corners = np.array([(100.0, 80.0), (180.0, 80.0), (180.0, 124.0), (100.0, 124.0)])
    cut = cut_out("lying", photograph, Outline(corners, np.array([100.0, 102.0]), np.array([180.0, 102.0]), 147.0))
    height, width = np.ptp(np.argwhere(cut.alpha > 0.5), axis=0) + 1
    assert abs(width / height - 44 / 80) < 0.03


def test_without_a_telephone_the_script_does_without_it(tmp_path: Path) -> None:
    stages = Sitting("one", actor(), actor("two"), HUSH).write(tmp_path / "s.mkv", (("present", 1.0), ("phone", 1.0)))
    assert [stage.name for stage in stages] == ["present"]


def test_labelled_looks_aside_are_true_while_the_clips_person_sits_there_alone(tmp_path: Path) -> None:
    picture = np.zeros((480, 640, 3), np.uint8)
    filmed = FilmedActor("clip", "clip", picture, (picture,) * 20, (False,) * 10 + (True,) * 10, 2.0)
    assert not filmed.looks_aside(0.5)
    assert filmed.looks_aside(1.5)
    script = (("present", 4.0), ("empty_chair", 2.0), ("replaced", 1.0))
    stages = Sitting("one", filmed, actor("two"), HUSH).write(tmp_path / "s.mkv", script)
    aside = [stage for stage in stages if stage.name == "looks_aside"]
    assert [(stage.start_s, stage.end_s) for stage in aside] == [(1.0, 3.0)]
    assert not aside[0].expected
    told = FoundSignal(SignalKind.GAZE_AWAY, 1.2, 2.2, 2.9, 1.0)
    assert false_signals(stages, [told]) == []
    assert false_signals(stages, [replace(told, kind=SignalKind.HEAD_TURNED)]) != []


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


def test_telephones_are_told_apart_by_whom_the_schedule_was_developed_with() -> None:
    ran = Ran((), (), (), 60.0)
    phone, chair = Stage("phone", 1, 2, EXPECTED["phone"]), Stage("empty_chair", 3, 4, EXPECTED["empty_chair"])
    cases = [
        (Played("astronaut", "package", (), ran), StageFound(phone, SignalKind.PHONE, 0.1, 3.0)),
        (Played("astronaut", "package", (), ran), StageFound(chair, SignalKind.FACE_ABSENT, 0.1, 3.0)),
        (Played("unseen", "clip", (), ran), StageFound(phone, None, None, None)),
    ]
    assert telephone_halves(cases) == {
        "with the people of that development": {"held": 1, "found": 1},
        "with the others": {"held": 1, "found": 0},
    }


def test_further_telephones_are_told_beside_the_scripts_own() -> None:
    held = {"one": {"held": 2, "found": 1, "late": 1}}
    alone = {"telephones": held, "telephone_halves": {}}
    assert "Not looked at" not in telephones_told(alone)
    further = {"held": {"two": {"held": 3, "found": 3, "late": 0}}, "false_incidents": ["noise (a)"]}
    told = telephones_told({**alone, "further_telephones": further})
    assert "one (found 1 of 2, 1 more noticed later)" in told
    assert "sittings of 58 s: two (found 3 of 3, 0 more noticed later); false incidents in these: noise (a)." in told
    assert "No telephone" in telephones_told({"telephones": {}})
