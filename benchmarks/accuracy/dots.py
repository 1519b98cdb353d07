"""The dot of the challenge: whether eyes that follow it are told from eyes that do not, at the rate of a sitting.

Each case is one task of 2.5 s with the rests around it, judged as in a running challenge (`proctor.challenge`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from itertools import cycle, islice
from pathlib import Path
from typing import Final

import cv2
import numpy as np

from benchmarks.accuracy.estimate import share_of
from benchmarks.accuracy.labelled import LabelledData, video_pictures
from benchmarks.accuracy.tables import Json, Target, headline, paragraph, table
from benchmarks.accuracy.yaw_template import frontal_portraits, held_out_half
from proctor.analyzers.geometry import Picture
from proctor.analyzers.suite import AnalyzerSuite
from proctor.challenge.judgement import LOOK_DEG, FaceSample, Outcome, judge
from proctor.challenge.tasks import DOT_MS, REST_MS, Challenge, Task, TaskKind
from proctor.domain.media import Frame, TrackKind
from proctor.domain.time import NS_PER_MS, SITTING_START, MediaTime, media_time_from_s, to_s
from proctor.pipeline.challenge import face_sample
from server.perception.recorded import read_picture
from tests.media.moved_eyes import Portrait, as_webcam

LABELS = "face_pairs/images.csv"
PICTURES_PER_S: Final = 3.75
"""Layer 0 of a camera that gives 15 pictures a second."""
REACTIONS_S: Final = (0.25, 0.6)
EYES_PX: Final = (25.0, 18.0)
"""Width of an eye in 640x480, of a face about 60 and 85 cm from a webcam."""
TURNS_DEG: Final = (6.0, 12.0)
"""Where the dot is: at the edge of a narrow window, and of a laptop's screen."""
COPIES: Final = 4
"""Pictures of each look of each portrait, each with a place and noise of its own."""
GAZE_CLIP: Final = "clips/gaze_center_left_center.mp4"
CENTRE_S: Final = ((0.2, 5.4), (11.0, 15.0))
ASIDE_S: Final = (6.0, 10.2)
"""As labelled, with a little room at the edges; toward the man's own right."""
SPEAKERS: Final = tuple(f"clips/talk_{name}.mp4" for name in ("bbaf2n", "brbk7n", "lbax4n", "lrwp9a", "swiz3n"))
SEED: Final = 20
STARTS: Final = 5
"""Cases cut out of each clip, each from another place on."""
OTHER: Final = {TaskKind.DOT_LEFT: TaskKind.DOT_RIGHT, TaskKind.DOT_RIGHT: TaskKind.DOT_LEFT}

Looks = Sequence[FaceSample]


def measure_dots(data: LabelledData, suite: AnalyzerSuite) -> Json:
    """Outcomes of tasks that were followed, that were not, and that were looked away from, by what they are made of."""
    portraits = _portrait_rows(data, suite)
    rows = [*_clip_rows(data, suite), *portraits]
    followed = [(case["who"], case["outcome"] == Outcome.PASSED) for row in portraits for case in row["followed"]]
    held = [
        (case["who"], case["outcome"] == Outcome.FAILED)
        for row in portraits
        for part in ("followed", "still")
        for case in row[part]
    ]
    invented = [(case["who"], case["outcome"] == Outcome.PASSED) for row in portraits for case in row["still"]]
    return {
        "headline": [
            headline("moved irises that follow the dot pass", share_of(followed).as_json()),
            headline(
                "held against moved irises that follow, or stay", share_of(held).as_json(), Target(0.01, at_most=True)
            ),
            headline("irises that stay pass", share_of(invented).as_json(), Target(0.05, at_most=True)),
        ],
        "rows": [
            {key: value if isinstance(value, str) else _counted(value) for key, value in row.items()} for row in rows
        ],
    }


def report_dots(result: Json) -> list[str]:
    """Table of outcomes by what the pictures are and how far away the dot is."""
    names = (Outcome.PASSED, Outcome.CANNOT_TELL, Outcome.FAILED)
    parts = {"followed": "the eyes follow", "opposite": "the eyes go to the other side", "still": "the eyes stay"}
    lines = [
        [row["pictures"], label, *(row[part].get(name.value, 0) for name in names)]
        for row in result["rows"]
        for part, label in parts.items()
        if row[part]
    ]
    return [
        *table(["pictures", "what is done", "agrees", "cannot be told", "differs"], lines),
        *paragraph(
            "Each case is one dot with its rests, at 3.75 pictures a second. One man on one clip really looks aside, "
            "as far as he does, and the clip is mirrored for the other side: his row shows that it can work, not how "
            "often. The portraits are of people whom nothing here was chosen on, with their irises moved inside "
            "the opening of the lids, noise of a webcam and JPEG in the place of an encoder: they show what the "
            "measurement makes of irises that are elsewhere, by anatomy's 0.4 eye widths per sine of the turn, and "
            "flatter it, as nothing else in the face moves. Glasses, dim light and turned heads are not among them."
        ),
        *paragraph(
            f"A look counts from {LOOK_DEG:g}° on, and from twice the wandering of the eyes in the rests. That was "
            "chosen on ten portraits of the other half, the clips (those after VP8 at 400 kbit/s): "
            "the figures of the summary are those of the portraits alone. A dot that the eyes "
            "do not seem to follow says nothing, so a challenge is neither passed nor failed by it. Up and down are "
            "not asked for: no picture with a known look up or down was at hand, a screen reaches half as far that "
            "way, lids cover the irises there, and what is measured of speakers wanders up and down by 8° within 3 s."
        ),
    ]


def _counted(cases: Sequence[Json]) -> dict[str, int]:
    return dict(Counter(case["outcome"] for case in cases))


def _clip_rows(data: LabelledData, suite: AnalyzerSuite) -> list[Json]:
    man, speakers = _row("a man who looks aside (1 person)"), _row(f"people who speak to the camera ({len(SPEAKERS)})")
    for mirrored in (False, True):
        kind = TaskKind.DOT_LEFT if mirrored else TaskKind.DOT_RIGHT
        seen = _watched(data.folder / "video" / GAZE_CLIP, suite, mirrored=mirrored)
        centre = [each for each in seen if any(start <= to_s(each.at) < end for start, end in CENTRE_S)]
        aside = [each for each in seen if ASIDE_S[0] <= to_s(each.at) < ASIDE_S[1]]
        _add_cases(man, GAZE_CLIP, centre, {kind: aside})
        for clip in SPEAKERS[:: data.every]:
            _add_cases(speakers, clip, _watched(data.folder / "video" / clip, suite, mirrored=mirrored), {})
    return [man, speakers]


def _row(pictures: str) -> Json:
    return {"pictures": pictures, "followed": [], "opposite": [], "still": []}


def _portrait_rows(data: LabelledData, suite: AnalyzerSuite) -> list[Json]:
    people = held_out_half(frontal_portraits(data))[:: data.every]
    rows = {
        (eye_px, deg): _row(f"{len(people)} portraits, eyes {eye_px:g} px wide, dot {deg:g}° away")
        for eye_px in EYES_PX
        for deg in TURNS_DEG
    }
    for number, (who, path) in enumerate(people):
        for place, cases in person_cases(number, who, path, suite).items():
            for part, found in cases.items():
                rows[place][part] += found
    return list(rows.values())


def person_cases(
    number: int, who: str, path: Path, suite: AnalyzerSuite
) -> dict[tuple[float, float], dict[str, list[Json]]]:
    """Cases of one portrait, by width of the eyes and distance of the dot; nothing where no face is found."""
    portrait = portrait_of(read_picture(path), suite)
    found: dict[tuple[float, float], dict[str, list[Json]]] = {}
    if portrait is None:
        return found
    rng = np.random.default_rng([SEED, number])
    for eye_px in EYES_PX:
        centre = _looks_of(portrait, 0.0, eye_px, suite, rng)
        for deg in TURNS_DEG:
            aside = {
                kind: _looks_of(portrait, sign * deg, eye_px, suite, rng)
                for kind, sign in ((TaskKind.DOT_LEFT, 1), (TaskKind.DOT_RIGHT, -1))
            }
            row = found[eye_px, deg] = {"followed": [], "opposite": [], "still": []}
            _add_cases(row, who, centre, aside, starts=1, with_still=deg == TURNS_DEG[0])
    return found


def portrait_of(rgb: Picture, suite: AnalyzerSuite) -> Portrait | None:
    """The portrait with its mesh; None where there is none."""
    found = suite.faces.detect(rgb)
    mesh = suite.faces.mesh.points(rgb, found[0].box) if found else None
    return None if mesh is None else Portrait(rgb, mesh)


def _looks_of(
    portrait: Portrait, left_deg: float, eye_px: float, suite: AnalyzerSuite, rng: np.random.Generator
) -> Looks:
    moved = portrait.looking(left_deg)
    return [_sample(as_webcam(moved, eye_px / portrait.eye_px, rng), SITTING_START, suite) for _ in range(COPIES)]


def _watched(path: Path, suite: AnalyzerSuite, *, mirrored: bool) -> Looks:
    """Samples of a clip as tall pictures of 640x480 show it, upper middle of an upright one."""
    seen = []
    for at, rgb in video_pictures(path, PICTURES_PER_S):
        height, width = rgb.shape[:2]
        tall = min(height, width * 3 // 4)
        part = rgb[(height - tall) // 3 :][:tall]
        part = part[:, ::-1] if mirrored else part
        scale = 480 / tall
        seen.append(_sample(np.asarray(cv2.resize(part, None, fx=scale, fy=scale), np.uint8), at, suite))
    return seen


def _sample(rgb: Picture, at: MediaTime, suite: AnalyzerSuite) -> FaceSample:
    return face_sample(suite.faces, Frame(TrackKind.CAMERA, at, rgb), SITTING_START)[0]


def _add_cases(  # noqa: PLR0913 - what a case is made of
    row: dict[str, list[Json]],
    who: str,
    centre: Looks,
    aside: dict[TaskKind, Looks],
    *,
    starts: int = STARTS,
    with_still: bool = True,
) -> None:
    for start in range(starts):
        for reaction_s in REACTIONS_S:
            for kind, looks in aside.items():
                row["followed"].append(_case(who, kind, centre, looks, start, reaction_s))
                row["opposite"].append(_case(who, OTHER[kind], centre, looks, start, reaction_s))
            if with_still:
                row["still"] += [_case(who, kind, centre, centre, start, reaction_s) for kind in OTHER]


def _case(  # noqa: PLR0913, PLR0917 - what a case is made of
    who: str, kind: TaskKind, centre: Looks, aside: Looks, start: int, reaction_s: float
) -> Json:
    """Rest, dot and rest as pictures of a running sitting; the eyes are late, going and coming back."""
    begin = REST_MS[0] * NS_PER_MS
    task = Task(kind, MediaTime(begin), MediaTime(begin + DOT_MS * NS_PER_MS))
    challenge = Challenge((task,), MediaTime(task.end + REST_MS[0] * NS_PER_MS))
    late = round(reaction_s * 1e9)
    middle, away = islice(cycle(centre), start * 4, None), islice(cycle(aside), start * 4, None)
    samples = []
    for number in range(round(to_s(challenge.end) * PICTURES_PER_S)):
        at = media_time_from_s(number / PICTURES_PER_S)
        looks = away if task.start + late <= at < task.end + late else middle
        samples.append(replace(next(looks), at=at))
    return {"who": who, "outcome": judge(challenge, samples).tasks[0].outcome.value}
