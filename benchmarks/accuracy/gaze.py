"""Where candidates look: labelled intervals of eyes that move, and people who look into the camera, by origin."""

from __future__ import annotations

from collections import Counter

from benchmarks.accuracy.estimate import share_of
from benchmarks.accuracy.labelled import LabelledData, Row, video_pictures
from benchmarks.accuracy.tables import Json, Target, headline, paragraph, table
from proctor.analyzers.own_zero import CandidateZero, with_gaze
from proctor.analyzers.suite import AnalyzerSuite
from proctor.domain.media import Frame, TrackKind
from proctor.domain.observations import Face, GazeZone, OwnZero
from proctor.domain.time import MediaTime, to_s
from server.perception.recorded import read_picture

LABELS = "video/events.csv"
PICTURES_PER_S = 5.0
ZONES = {
    "eyes_centre": GazeZone.SCREEN,
    "eyes_toward_image_left": GazeZone.RIGHT,
    "eyes_toward_image_right": GazeZone.LEFT,
}
"""Labels are sides of the picture; zones are the candidate's own."""
ONE_FACE = "one_face"
KNOWN_ORIGINS = ("black", "east_asian", "west_asian", "white")
NOT_AWAY = (GazeZone.SCREEN, GazeZone.UNKNOWN)


def measure_gaze(data: LabelledData, suite: AnalyzerSuite) -> Json:
    """Zones on labelled intervals, looks aside seen in people who speak to the camera, and portraits by origin.

    "Cannot tell" is counted apart: it is neither right nor a look aside.
    """
    by_file: dict[str, list[Row]] = {}
    alone = {row["file"] for row in data.rows("video/labels.csv", thin=False) if row["people"] == "1"}
    for row in data.rows(LABELS, thin=False):
        if row["file"] in alone and (row["event"] in ZONES or row["event"] == ONE_FACE):
            by_file.setdefault(row["file"], []).append(row)
    counts: dict[str, Counter[str]] = {}
    told: list[tuple[str, bool]] = []
    away: list[tuple[str, bool]] = []
    for file, rows in list(by_file.items())[:: data.every]:
        for at_s, zone in _watch(data, file, suite):
            for row in rows:
                if not float(row["start_s"]) <= at_s <= float(row["end_s"]):
                    continue
                counts.setdefault(row["event"], Counter())[zone] += 1
                if row["event"] == ONE_FACE:
                    away.append((file, zone not in NOT_AWAY))
                elif zone is not GazeZone.UNKNOWN:
                    told.append((file, zone is ZONES[row["event"]]))
    groups = _portraits(data, suite)
    right = share_of(told).as_json()
    looks = share_of(away).as_json()
    honest = share_of([(f"{group}{number}", zone not in NOT_AWAY) for group, zones in groups.items()
                       for number, zone in enumerate(zones)]).as_json()  # fmt: skip
    return {
        "headline": [
            headline("zone right where it is told", right if told else None),
            headline("looks aside in people who speak to the camera", looks, Target(0, at_most=True)),
            headline("looks aside in second portraits", honest, Target(0, at_most=True)),
        ],
        "zones": {event: dict(counter) for event, counter in sorted(counts.items())},
        "told": right,
        "speaking": looks,
        "portraits": {group: dict(Counter(zones)) for group, zones in groups.items()},
    }


def report_gaze(result: Json) -> list[str]:
    """Table of zones by label and of portraits by origin."""
    names = [zone.value for zone in GazeZone]
    zones = [[event, *(counts.get(name, 0) for name in names)] for event, counts in result["zones"].items()]
    portraits = [[group, *(counts.get(name, 0) for name in names)] for group, counts in result["portraits"].items()]
    return [
        *table(["pictures labelled", *names], zones),
        *paragraph(
            "One man on one clip moves only his eyes, to one side and back: that a zone is right is shown, how often "
            "is not. `unknown` holds the pictures before the own zero was found, blinks, and eyes that cannot be "
            "measured."
        ),
        *table(["second portraits, by self-reported origin", *names], portraits),
        *paragraph(
            "Two portraits of a person who looks into the camera; the first is taken for the zero, the second should "
            "be `screen`. Up and down were not labelled anywhere and are not measured, nor are glasses with glare, "
            "headscarves and webcams in the evening beyond the single pictures that the tests name."
        ),
    ]


def _watch(data: LabelledData, file: str, suite: AnalyzerSuite) -> list[tuple[float, GazeZone]]:
    """Time and zone of each picture of a clip."""
    zero = CandidateZero()
    seen = []
    for at, rgb in video_pictures(data.folder / "video" / file, PICTURES_PER_S):
        observed = zero.observe(suite.faces.observe(Frame(TrackKind.CAMERA, at, rgb)))
        if observed.faces:
            seen.append((to_s(at), observed.faces[0].gaze))
    return seen


def _portraits(data: LabelledData, suite: AnalyzerSuite) -> dict[str, list[GazeZone]]:
    """Zones of every person's further portraits against the first, by origin."""
    people: dict[tuple[str, str], list[str]] = {}
    for row in data.rows("face_pairs/images.csv", thin=False):
        if row["ethnicity"] in KNOWN_ORIGINS:
            people.setdefault((row["ethnicity"], row["person_id"]), []).append(row["file"])
    groups: dict[str, list[GazeZone]] = {}
    for (group, _), files in sorted(people.items())[:: data.every]:
        first, *others = [_face(data, suite, file) for file in files]
        zero = None if first is None or first.pose is None else OwnZero(first.pose, first.eyes, 1)
        for face in others:
            zone = GazeZone.UNKNOWN if face is None else with_gaze(face, zero).gaze
            groups.setdefault(group, []).append(zone)
    return groups


def _face(data: LabelledData, suite: AnalyzerSuite, file: str) -> Face | None:
    frame = Frame(TrackKind.CAMERA, MediaTime(0), read_picture(data.folder / "face_pairs" / file))
    faces = suite.faces.observe(frame, thorough=True).faces
    return faces[0] if faces else None
