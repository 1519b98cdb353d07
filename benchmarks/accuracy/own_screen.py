"""The candidate's own screen: whether looks past it are told better where the gaze was calibrated.

People are portraits with their irises moved (`tests.media.moved_eyes`), calibrated and judged as in a sitting
(`proctor.challenge.calibration`, `proctor.analyzers.own_zero`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from benchmarks.accuracy.dots import EYES_PX, SPEAKERS, portrait_of
from benchmarks.accuracy.estimate import share_of
from benchmarks.accuracy.labelled import LabelledData, video_pictures
from benchmarks.accuracy.tables import Json, headline, paragraph, share_text, table
from benchmarks.accuracy.yaw_template import frontal_portraits, held_out_half
from proctor.analyzers.geometry import Picture
from proctor.analyzers.own_zero import (
    DOWN_DEG,
    SIDE_DEG,
    STRAIGHT_AHEAD,
    UP_DEG,
    CandidateZero,
    gaze_angles,
    with_gaze,
    zone_of,
)
from proctor.analyzers.suite import AnalyzerSuite
from proctor.challenge.calibration import DOTS, NARROWEST_DEG, DotPlace, calibrate
from proctor.challenge.judgement import FaceSample
from proctor.domain.media import Frame, TrackKind
from proctor.domain.observations import EyeDirection, Face, GazeAngles, GazeZone, HeadPose, OwnZero, ScreenZone
from proctor.domain.time import SITTING_START, MediaTime
from server.perception.recorded import read_picture
from tests.media.moved_eyes import Portrait, as_webcam

LABELS = "face_pairs/images.csv"
EDGES_DEG: Final = (8.0, 16.0)
"""Turn of the eyes from the middle of the screen to its edge: a laptop's that stands far away, and a wide one."""
WITHIN: Final = 0.9
"""Part of the way to the edge at which a look is on the screen."""
BEYOND_DEG: Final = 8.0
"""How far beyond the edge a look is past the screen."""
UP_DOWN_DEG: Final = (-12.0, -8.0, 8.0, 12.0)
"""The edge of a screen above or below its middle, and a little more."""
COPIES: Final = 4
"""Pictures of each look, each with a place and noise of its own: as many as come of one dot once the eyes arrived."""
PICTURES_PER_S: Final = 10.0
"""Of the clips, which are short: the own zero takes seven of them."""
SEED: Final = 31
CONFINED: Final = ScreenZone(NARROWEST_DEG, NARROWEST_DEG)
SIDES: Final = (GazeZone.LEFT, GazeZone.RIGHT)

Looks = Sequence[Face | None]
Key = tuple[float, float]
"""Width of the eyes in pixels, edge of the screen in degrees."""


def measure_own_screen(data: LabelledData, suite: AnalyzerSuite) -> Json:
    """Zones of looks within and past screens of two sizes, with and without a calibration; looks up and down."""
    people = held_out_half(frontal_portraits(data))[:: data.every]
    rows: dict[Key, list[Json]] = {(eye_px, edge): [] for eye_px in EYES_PX for edge in EDGES_DEG}
    raised: dict[Key, list[float]] = {}
    for number, (who, path) in enumerate(people):
        portrait = portrait_of(read_picture(path), suite)
        if portrait is not None:
            rng = np.random.default_rng([SEED, number])
            for key, case in person_cases(who, portrait, suite, rng).items():
                rows[key].append(case)
            _up_and_down(portrait, suite, rng, raised)
    every = [case for cases in rows.values() for case in cases]
    fitted = share_of([(case["who"], case["is_fitted"]) for case in every]).as_json()
    return {
        "headline": [
            headline("zone right, own screen measured", _right(every, "own")),
            headline("zone right, usual limits", _right(every, "usual")),
            headline("calibrations that fit a screen", fitted),
        ],
        "people": len(people),
        "rows": [{"eye_px": eye_px, "edge_deg": edge} | _counted(cases) for (eye_px, edge), cases in rows.items()],
        "up_down": [
            {"eye_px": eye_px, "up_deg": up_deg, "measured": [round(float(each), 1) for each in percentiles]}
            for (eye_px, up_deg), values in sorted(raised.items())
            for percentiles in [np.percentile(values, (10, 50, 90))]
        ],
        "speaking": _speaking(data, suite),
    }


def report_own_screen(result: Json) -> list[str]:
    """Tables of zones by screen, and of looks up and down."""
    names = {"within": f"looks at {WITHIN:.0%} of the way to the edge", "past": f"looks {BEYOND_DEG:g}° past the edge"}
    lines = [
        [f"{row['eye_px']:g} px", f"{row['edge_deg']:g}°", label, share_text(row["own"][part]),
         share_text(row["usual"][part]), f"{row['fitted']} of {row['people']}",
         "-" if row["limit_deg"] is None else " to ".join(f"{each:g}" for each in row["limit_deg"])]
        for row in result["rows"]
        for part, label in names.items()
    ]  # fmt: skip
    raised = [
        [f"{row['eye_px']:g} px", f"{row['up_deg']:+g}°", f"{row['measured'][1]:g}",
         f"{row['measured'][0]:g} to {row['measured'][2]:g}"]
        for row in result["up_down"]
    ]  # fmt: skip
    speaking = result["speaking"]
    return [
        *table(
            ["eyes", "edge of the screen", "pictures", "zone right, own screen", "zone right, usual limits",
             "calibrations that fit", "limits fitted, 10 to 90 %"],
            lines,
        ),
        *paragraph(
            f"{result['people']} portraits of people whom nothing here was chosen on, with their irises moved by "
            "anatomy's 0.4 eye widths per sine of the turn, noise of a webcam and JPEG in the place of an encoder. "
            "Each looks at the dots of a calibration, both edges equally far, and then elsewhere; where a calibration "
            f"does not fit, the usual limits judge ({SIDE_DEG:g}° as measured), and what cannot be told is not "
            "right. The margin beyond the edges was chosen "
            "on 14 portraits of the other half, of whom the same turn of 16° was measured as anything from 9° to "
            "20°: that is what a calibration takes away. It flatters both, as nothing else in the face moves and "
            "the eyes go where the dots are."
        ),
        *paragraph(
            "A narrower limit could take eyes that wander for looks aside: of "
            f"{speaking['pictures']} pictures of {speaking['people']} people who speak to the camera "
            f"{speaking['usual']} are past the usual limits to either side, and {speaking['confined']} past the "
            f"narrowest own screen that there is ({NARROWEST_DEG:g}°). They were not calibrated, look into the camera "
            "and were filmed for seconds; nobody who reads or thinks for an hour, and nobody who looked at the dots "
            "in earnest, was among the data."
        ),
        *table(["eyes", "irises and lids turned up", "measured, median", "10 to 90 %"], raised),
        *paragraph(
            "Up and down are not calibrated, and their limits stay the usual ones "
            f"({UP_DEG:g}° and {DOWN_DEG:g}° as measured). Irises that are painted higher or lower, the lids with "
            "them, are measured to move, but by less than half: the edge of a screen, 8 or 9° up or down, shows as "
            "3 or 4°, where what is measured of people who speak wanders by 8° within 3 s."
        ),
    ]  # fmt: skip


def person_cases(who: str, portrait: Portrait, suite: AnalyzerSuite, rng: np.random.Generator) -> dict[Key, Json]:
    """One person calibrated and judged, by the width of the eyes and the edge of the screen."""
    seen: dict[Key, Looks] = {}
    for deg in sorted({0.0, *(sign * turn for edge in EDGES_DEG for turn in _turns(edge) for sign in (1, -1))}):
        moved = portrait.looking(deg)
        for eye_px in EYES_PX:
            seen[eye_px, deg] = [_face(as_webcam(moved, eye_px / portrait.eye_px, rng), suite) for _ in range(COPIES)]
    return {
        (eye_px, edge): _case(who, edge, {deg: looks for (px, deg), looks in seen.items() if px == eye_px})
        for eye_px in EYES_PX
        for edge in EDGES_DEG
    }


def _turns(edge: float) -> tuple[float, float, float]:
    """Turns at the edge, within it and past it."""
    return edge, WITHIN * edge, edge + BEYOND_DEG


def _case(who: str, edge: float, seen: dict[float, Looks]) -> Json:
    """One person at one screen: calibrated, then judged picture by picture."""
    at = {DotPlace.MIDDLE: 0.0, DotPlace.LEFT: edge, DotPlace.RIGHT: -edge}
    samples = [
        FaceSample(MediaTime(dot.end - (number + 1) * 10**8), None, None, _look(face))
        for dot in DOTS
        for number, face in enumerate(seen[at[dot.place]])
    ]
    screen = calibrate(sorted(samples, key=lambda sample: sample.at)).screen
    zero = _zero(seen[0.0])
    _, within, past = _turns(edge)
    case: Json = {"who": who, "is_fitted": screen is not None, "limits": screen and [screen.left_deg, screen.right_deg]}
    for name, used in (("own", screen), ("usual", None)):
        case[name] = {
            "within": [_zone(face, zero, used) == GazeZone.SCREEN for deg in (within, -within) for face in seen[deg]],
            "past": [
                _zone(face, zero, used) == zone
                for deg, zone in ((past, GazeZone.LEFT), (-past, GazeZone.RIGHT))
                for face in seen[deg]
            ],
        }
    return case


def _counted(cases: Sequence[Json]) -> Json:
    limits = [limit for case in cases if case["limits"] for limit in case["limits"]]
    return {
        "people": len(cases),
        "fitted": sum(case["is_fitted"] for case in cases),
        "limit_deg": [round(float(each), 1) for each in np.percentile(limits, (10, 90))] if limits else None,
    } | {name: {part: _right(cases, name, (part,)) for part in ("within", "past")} for name in ("own", "usual")}


def _right(cases: Sequence[Json], name: str, parts: Sequence[str] = ("within", "past")) -> Json:
    return share_of([(case["who"], right) for case in cases for part in parts for right in case[name][part]]).as_json()


def _zero(looks: Looks) -> OwnZero | None:
    """The own zero that a sitting would find: medians over looks at the middle; None where there are none."""
    known = [(face.pose, face.eyes) for face in looks if face is not None and face.pose and face.eyes]
    if not known:
        return None
    poses = np.median([(pose.yaw_deg, pose.pitch_deg, pose.roll_deg) for pose, _ in known], axis=0)
    eyes = np.median([(each.left, each.up, each.openness) for _, each in known], axis=0)
    return OwnZero(HeadPose(*map(float, poses)), EyeDirection(*map(float, eyes)), len(known))


def _zone(face: Face | None, zero: OwnZero | None, screen: ScreenZone | None) -> GazeZone:
    """Unknown where it cannot be told, which is neither the screen nor past it."""
    if zero is None or face is None:
        return GazeZone.UNKNOWN
    return with_gaze(face, replace(zero, screen=screen)).gaze


def _look(face: Face | None) -> GazeAngles | None:
    return None if face is None or face.eyes is None else gaze_angles(face, STRAIGHT_AHEAD)


def _face(rgb: Picture, suite: AnalyzerSuite, at: MediaTime = SITTING_START) -> Face | None:
    return next(iter(suite.faces.observe(Frame(TrackKind.CAMERA, at, rgb)).faces), None)


def _up_and_down(
    portrait: Portrait, suite: AnalyzerSuite, rng: np.random.Generator, raised: dict[Key, list[float]]
) -> None:
    """Median look at each height against that straight ahead, by width of the eyes."""
    seen: dict[Key, list[float]] = {}
    for up_deg in (0.0, *UP_DOWN_DEG):
        rgb = portrait.looking_up(up_deg)
        for eye_px in EYES_PX:
            looks = [_look(_face(as_webcam(rgb, eye_px / portrait.eye_px, rng), suite)) for _ in range(COPIES)]
            seen[eye_px, up_deg] = [look.up_deg for look in looks if look is not None]
    for (eye_px, up_deg), measured in seen.items():
        if up_deg and measured and seen[eye_px, 0.0]:
            away = float(np.median(measured) - np.median(seen[eye_px, 0.0]))
            raised.setdefault((eye_px, up_deg), []).append(away)


def _speaking(data: LabelledData, suite: AnalyzerSuite) -> Json:
    """Pictures of people who speak to the camera that are past the usual limits, and past the narrowest own screen."""
    counts: Counter[str] = Counter()
    clips = SPEAKERS[:: data.every]
    for clip in clips:
        zero = CandidateZero()
        for at, rgb in video_pictures(data.folder / "video" / clip, PICTURES_PER_S):
            faces = zero.observe(suite.faces.observe(Frame(TrackKind.CAMERA, at, rgb))).faces
            angles = faces[0].gaze_angles if faces else None
            if angles is None:
                continue
            counts["pictures"] += 1
            counts["usual"] += zone_of(angles) in SIDES
            counts["confined"] += zone_of(angles, CONFINED) in SIDES
    return {"people": len(clips), **{name: counts[name] for name in ("pictures", "usual", "confined")}}
