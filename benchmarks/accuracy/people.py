"""How many people are in a picture, beside plain YuNet as OpenCV runs it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.accuracy.estimate import share_of
from benchmarks.accuracy.labelled import LabelledData
from benchmarks.accuracy.plots import confusion
from benchmarks.accuracy.tables import Json, Target, headline, paragraph, table
from models.manifest import load_manifest
from models.registry import package_file
from proctor.analyzers.people import PeopleStream
from proctor.analyzers.suite import AnalyzerSuite
from proctor.domain.media import Frame, TrackKind
from proctor.domain.time import MediaTime
from server.perception.recorded import read_picture

Picture = NDArray[np.uint8]
Counts = tuple[int, int]
"""People, and faces."""
LABELS = "multi_face/labels.csv"
BUCKETS = ("0", "1", "2", "3+")
MANY = 3
PLAIN_SCORE = 0.6
PLAIN_OVERLAP = 0.3
PLAIN_TOP = 500
PLAIN_SIDE_PX = 640
WAYS = {"ours": "thorough look, with bodies and screens", "ours_quick": "quick look", "plain_yunet": "plain YuNet"}
BUCKET_TARGET, CLEAR_TARGET = Target(0.94), Target(0.90)


def measure_people(data: LabelledData, suite: AnalyzerSuite) -> Json:
    """Pictures whose bucket (0, 1, 2, 3+) of people is right, and of clear faces; pictures count as independent."""
    plain = PlainYunet()
    ways: dict[str, Callable[[Picture], Counts]] = {
        "ours": lambda rgb: _ours(suite, rgb, thorough=True),
        "ours_quick": lambda rgb: _ours(suite, rgb, thorough=False),
        "plain_yunet": lambda rgb: (plain.count(rgb), plain.count(rgb)),
    }
    people: dict[str, list[tuple[str, bool]]] = {way: [] for way in ways}
    clear: dict[str, list[tuple[str, bool]]] = {way: [] for way in ways}
    matrix = {way: [[0] * len(BUCKETS) for _ in BUCKETS] for way in ways}
    wrong: list[Json] = []
    for row in data.rows(LABELS):
        rgb = read_picture(data.folder / "multi_face" / row["file"])
        for way, count in ways.items():
            counted, faces = count(rgb)
            hit = bucket(counted) == row["people_bucket"]
            people[way].append((row["file"], hit))
            clear[way].append((row["file"], bucket(faces) == bucket(int(row["faces_clear"]))))
            matrix[way][BUCKETS.index(row["people_bucket"])][BUCKETS.index(bucket(counted))] += 1
            if not hit:
                wrong.append({"way": way, "file": row["file"], "truth": row["people_bucket"], "counted": counted})
    buckets = {way: share_of(cases).as_json() for way, cases in people.items()}
    faces_clear = {way: share_of(cases).as_json() for way, cases in clear.items()}
    return {
        "headline": [
            headline("right bucket of people", buckets["ours"], BUCKET_TARGET),
            headline("right bucket of clear faces", faces_clear["ours"], CLEAR_TARGET),
        ],
        "bucket": buckets,
        "clear_faces": faces_clear,
        "confusion": matrix,
        "wrong": wrong,
    }


def report_people(result: Json) -> list[str]:
    """Table of the ways, precision and recall of a bucket, and what was wrong."""
    rows = [
        [name, result["bucket"][way], result["clear_faces"][way]]
        for way, name in WAYS.items()
        if way in result["bucket"]
    ]
    per_bucket = [[name, *precision_recall(result["confusion"]["ours"], number)] for number, name in enumerate(BUCKETS)]
    wrong = [
        f"{case['file']} ({case['truth']}, counted {case['counted']})"
        for case in result["wrong"]
        if case["way"] == "ours"
    ]
    return [
        *table(["", "right bucket of people", "right bucket of clear faces"], rows),
        *table(["bucket", "precision", "recall", "pictures"], per_bucket),
        *paragraph(f"Wrong in the thorough look: {', '.join(wrong) or 'none'}."),
        *paragraph(
            "Faces on posters and screens count as people in a single picture. The score of the second look was chosen "
            "with these pictures in view: they are not held out."
        ),
    ]


def draw_people(result: Json, folder: Path) -> dict[str, str]:
    """Confusion of the buckets."""
    confusion(folder / "people-confusion.png", result["confusion"]["ours"], BUCKETS, "People in a picture")
    return {"people-confusion.png": "Buckets of people, counted against labelled"}


def precision_recall(matrix: list[list[int]], number: int) -> tuple[float | None, float | None, int]:
    """Precision and recall of one class of a confusion matrix (truth by row), and its cases."""
    right = matrix[number][number]
    found, true = sum(row[number] for row in matrix), sum(matrix[number])
    return (round(right / found, 3) if found else None, round(right / true, 3) if true else None, true)


def bucket(people: int) -> str:
    """0, 1, 2 or 3+."""
    return str(people) if people < MANY else f"{MANY}+"


def _ours(suite: AnalyzerSuite, rgb: Picture, *, thorough: bool) -> Counts:
    frame = Frame(TrackKind.CAMERA, MediaTime(0), rgb)
    observed = suite.faces.observe(frame, thorough=thorough, with_pose=False)
    if thorough:
        observed = PeopleStream().with_objects(observed, suite.objects.observe(frame))
    return observed.people, len(observed.faces)


class PlainYunet:
    """The package's int8 file through OpenCV's own class at its usual settings: the baseline."""

    def __init__(self) -> None:
        path = _source("yunet")
        self._detector = cv2.FaceDetectorYN.create(str(path), "", (320, 320), PLAIN_SCORE, PLAIN_OVERLAP, PLAIN_TOP)

    def faces(self, rgb: Picture) -> NDArray[np.float32]:
        """Rows of x, y, width, height, ten landmark coordinates, score, in pixels of the picture."""
        scale = PLAIN_SIDE_PX / max(rgb.shape[:2])
        way = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
        scaled = cv2.resize(rgb, None, fx=scale, fy=scale, interpolation=way)
        self._detector.setInputSize((scaled.shape[1], scaled.shape[0]))
        _, rows = self._detector.detect(cv2.cvtColor(scaled, cv2.COLOR_RGB2BGR))
        if rows is None:
            return np.zeros((0, 15), np.float32)
        found = rows.astype(np.float32)
        found[:, :14] /= scale
        return found

    def count(self, rgb: Picture) -> int:
        """Number of faces."""
        return len(self.faces(rgb))


def _source(model: str) -> Path:
    entry = load_manifest()[model]
    return package_file(entry.package, entry.source)
