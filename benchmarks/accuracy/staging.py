"""Composes staged sittings: a script with known boundaries, played by the cast, as a file with picture and sound."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from operator import itemgetter
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.accuracy.cast import FACE_PX, Actor, Picture, backdrop, swayed
from benchmarks.accuracy.labelled import LabelledData, sound_chunks
from benchmarks.accuracy.onsets import Stage
from benchmarks.accuracy.telephones import Telephone
from proctor.domain.media import AUDIO_RATE_HZ
from proctor.domain.signals import SignalKind as Kind
from tests.media.files import write_clip
from tests.media.scenes import SIZE
from tests.media.sounds import RATE_HZ, Sound, spoken

PICTURES_PER_S = 4
NOISE = 2.5
"""Standard deviation of the camera's noise, of 255."""
GRAINS = 12
ROOM_DBFS, QUIET_DBFS = -62.0, -72.0
SPEECH_DBFS, KEYBOARD_DBFS = -26.0, -46.0
PRINT_PX = 300
PHONE = "phone"
SCRIPT: tuple[tuple[str, float], ...] = (
    ("present", 12),
    ("empty_chair", 12),
    ("present", 10),
    ("two_people", 10),
    ("present", 14),
    ("replaced", 20),
    ("present", 12),
    ("photograph", 15),
    ("present", 10),
    (PHONE, 20),
    ("present", 10),
    ("talking", 14),
    ("present", 10),
    ("keyboard", 12),
    ("silence", 8),
)
"""What happens, for how many seconds."""
SHORT_SCRIPT: tuple[tuple[str, float], ...] = (
    ("present", 12),
    ("empty_chair", 8),
    ("present", 12),
    (PHONE, 20),
    ("present", 6),
)
"""For further telephones."""
NOBODY_ALONE = frozenset({"empty_chair", "two_people", "photograph"})
ABSENCE = frozenset({Kind.FACE_ABSENT, Kind.BODY_ABSENT, Kind.LEFT_SEAT})
ALWAYS = frozenset({Kind.VIRTUAL_CAMERA})
"""Clips of a few seconds and photographs are played over and over: pictures do return, and being told so is true."""
EXPECTED: Mapping[str, frozenset[Kind]] = {
    "empty_chair": ABSENCE,
    "two_people": frozenset({Kind.MULTIPLE_FACES, Kind.SECOND_PERSON}),
    "replaced": frozenset({Kind.IDENTITY_MISMATCH}),
    "photograph": frozenset({Kind.PRESENTATION_ATTACK}),
    PHONE: frozenset({Kind.PHONE}),
    "talking": frozenset({Kind.SPEECH}),
}
"""Any of these finds the event; a script's other stages hold nothing to find."""
ALLOWED: Mapping[str, frozenset[Kind]] = {
    "two_people": frozenset({Kind.IDENTITY_MISMATCH}),
    "photograph": ABSENCE | {Kind.IDENTITY_MISMATCH, Kind.PHONE, Kind.SECOND_SCREEN},
    "talking": frozenset({Kind.SECOND_VOICE, Kind.NOISE}),
    "keyboard": frozenset({Kind.NOISE}),
}
"""True as well, but not demanded: nobody sits behind a photograph, which may be shown on a tablet."""


@dataclass(frozen=True, slots=True, eq=False)
class Sounds:
    """What is heard in a sitting, at 48 kHz; each is repeated as long as needed."""

    speech: Sound
    keyboard: Sound


@dataclass(frozen=True, slots=True, eq=False)
class Sitting:
    """One staged sitting: who sits the exam, who else comes, and what is heard."""

    name: str
    candidate: Actor
    other: Actor
    sounds: Sounds
    photograph_on_screen: bool = False
    """Whether the photograph is held up on a tablet's screen instead of on paper."""
    telephone: Telephone | None = None
    """Held up beside the face; without one the script does without that stage."""
    face_px: float = FACE_PX
    """Height of the candidate's face."""

    def write(self, path: Path, script: Sequence[tuple[str, float]] = SCRIPT) -> list[Stage]:
        """Write the sitting as a Matroska file (H.264 and Opus); its stages, and where the person shown looks aside."""
        stages = list(_stages([each for each in script if each[0] != PHONE or self.telephone is not None]))
        write_clip(path, self._pictures(stages), PICTURES_PER_S, soundtrack(stages, self.sounds), codec="libx264")
        return [*stages, *self._looks_aside(stages)]

    def _looks_aside(self, stages: Sequence[Stage]) -> Iterator[Stage]:
        """Stretches in which the clip of who sits alone before the camera is labelled as a look aside."""
        for stage in stages:
            if stage.name in NOBODY_ALONE:
                continue
            actor = self.other if stage.name == "replaced" else self.candidate
            times = np.arange(stage.start_s, stage.end_s, 1 / PICTURES_PER_S).tolist()
            for aside, run in groupby(((actor.looks_aside(at_s), at_s) for at_s in times), itemgetter(0)):
                if aside:
                    shown = [at_s for _, at_s in run]
                    end_s = shown[-1] + 1 / PICTURES_PER_S
                    yield Stage("looks_aside", shown[0], end_s, allowed=frozenset({Kind.GAZE_AWAY}))

    def _pictures(self, stages: Sequence[Stage]) -> Iterator[tuple[float, Picture]]:
        room = backdrop(self.candidate)
        grains = _grains()
        number = 0
        for stage in stages:
            while number / PICTURES_PER_S < stage.end_s - 1e-9:
                at_s = number / PICTURES_PER_S
                shown = self._shown(stage, room, at_s)
                yield at_s, np.asarray(cv2.add(shown, grains[number * 5 % GRAINS], dtype=cv2.CV_8U), np.uint8)
                number += 1

    def _shown(self, stage: Stage, room: Picture, at_s: float) -> Picture:
        if stage.name == "empty_chair":
            return room
        if stage.name == "two_people":
            return beside(self.candidate.shown(at_s), self.other.shown(at_s))
        if stage.name == "replaced":
            return self.other.shown(at_s)
        if stage.name == "photograph":
            return held_up(room, self.candidate.shown(0.0), at_s, on_screen=self.photograph_on_screen)
        shown = self.candidate.shown(at_s)
        if stage.name == PHONE and self.telephone is not None:
            return self.telephone.held(shown, at_s - stage.start_s, self.face_px)
        return shown


def beside(first: Picture, second: Picture) -> Picture:
    """Two people in one picture: the middle half of each."""
    quarter = SIZE[0] // 4
    return np.concatenate([first[:, quarter : 3 * quarter], second[:, quarter : 3 * quarter]], axis=1)


def held_up(room: Picture, photograph: Picture, at_s: float, *, on_screen: bool) -> Picture:
    """A photograph held into the camera and shaking a little: printed with a white edge, or on a tablet's screen."""
    middle = photograph[:440, 100:540]
    sheet = cv2.resize(middle, (PRINT_PX, PRINT_PX), interpolation=cv2.INTER_AREA)
    if on_screen:
        lines = 1.0 + 0.06 * np.sin(np.arange(PRINT_PX) * 2.1)[:, None, None]
        lit = np.clip(sheet * np.array([0.95, 1.0, 1.12]) * lines + 12, 0, 255).astype(np.uint8)
        sheet = cv2.copyMakeBorder(lit, 40, 40, 12, 12, cv2.BORDER_CONSTANT, value=(14, 14, 16))
    else:
        dull = (cv2.GaussianBlur(sheet, (3, 3), 0) * 0.82 + 28).astype(np.uint8)
        sheet = cv2.copyMakeBorder(dull, 14, 14, 14, 14, cv2.BORDER_CONSTANT, value=(244, 244, 240))
    tilt = math.radians(4 + 2 * math.sin(at_s))
    cos, sin = math.cos(tilt), math.sin(tilt)
    left, top = 165 + 6 * math.sin(at_s * 1.7), 60 + 4 * math.cos(at_s * 1.3)
    place = np.array([[cos, -sin, left], [sin, cos, top]])
    scene = swayed(room, at_s)
    cv2.warpAffine(sheet, place, SIZE, dst=scene, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_TRANSPARENT)
    return scene


def soundtrack(stages: Sequence[Stage], sounds: Sounds) -> Sound:
    """A quiet room in which somebody talks, types, and is still."""
    length = round(stages[-1].end_s * RATE_HZ)
    track = np.random.default_rng(11).normal(0, 10 ** (ROOM_DBFS / 20), length).astype(np.float32)
    for stage in stages:
        begin, end = round(stage.start_s * RATE_HZ), round(stage.end_s * RATE_HZ)
        if stage.name == "talking":
            track[begin:end] += _at_level(np.resize(sounds.speech, end - begin), SPEECH_DBFS)
        elif stage.name == "keyboard":
            track[begin:end] += _at_level(np.resize(sounds.keyboard, end - begin), KEYBOARD_DBFS)
        elif stage.name == "silence":
            track[begin:end] *= 10 ** ((QUIET_DBFS - ROOM_DBFS) / 20)
    return track


def recorded_sounds(data: LabelledData) -> list[Sounds]:
    """Recordings of one speaker each, with a recorded keyboard; several, to take turns."""
    rows = data.rows("audio/labels.csv", thin=False)
    voices = [row["file"] for row in rows if row["label"] == "speech" and float(row["duration_s"]) > 10]  # noqa: PLR2004
    keyboards = [row["file"] for row in rows if row["label"] == "keyboard"]
    folder = data.folder / "audio"
    return [
        Sounds(_recorded(folder / voice), _recorded(folder / keyboards[number % len(keyboards)]))
        for number, voice in enumerate(voices)
        if keyboards
    ]


def made_sounds() -> Sounds:
    """Speech of a synthesiser and clicks of noise: always at hand."""
    random = np.random.default_rng(4)
    clicks = np.zeros(6 * RATE_HZ, np.float32)
    for at in np.cumsum(random.uniform(0.09, 0.32, 28)):
        begin = round(float(at) * RATE_HZ)
        click = random.normal(0, 0.2, RATE_HZ // 50) * np.exp(-np.arange(RATE_HZ // 50) / 180)
        room = clicks[begin : begin + len(click)]
        room += click[: len(room)].astype(np.float32)
    return Sounds(spoken(), clicks)


def _stages(script: Sequence[tuple[str, float]]) -> Iterator[Stage]:
    begin_s = 0.0
    for name, seconds in script:
        end_s = begin_s + seconds
        yield Stage(name, begin_s, end_s, EXPECTED.get(name, frozenset()), ALLOWED.get(name, frozenset()) | ALWAYS)
        begin_s = end_s


def _recorded(path: Path) -> Sound:
    sound = np.concatenate([chunk.pcm for chunk in sound_chunks(path)])
    length = len(sound) * RATE_HZ // AUDIO_RATE_HZ
    return np.interp(np.arange(length) * AUDIO_RATE_HZ / RATE_HZ, np.arange(len(sound)), sound).astype(np.float32)


def _at_level(sound: Sound, dbfs: float) -> Sound:
    """At that RMS level, peaks cut at full scale."""
    rms = float(np.sqrt(np.mean(np.square(sound)))) or 1.0
    return np.clip(sound * (10 ** (dbfs / 20) / rms), -1, 1).astype(np.float32)


@cache
def _grains() -> list[NDArray[np.int16]]:
    random = np.random.default_rng(7)
    shape = (SIZE[1], SIZE[0], 1)
    return [np.repeat(np.rint(random.normal(0, NOISE, shape)).astype(np.int16), 3, axis=2) for _ in range(GRAINS)]
