"""How many people are in a picture, beside plain YuNet as OpenCV runs it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.accuracy.labelled import LabelledData
from benchmarks.accuracy.proportion import Proportion
from models.manifest import load_manifest
from models.registry import package_file
from proctor.analyzers.faces import FaceAnalyzer
from server.perception.recorded import read_picture

Picture = NDArray[np.uint8]
MANY = 3
PLAIN_SCORE = 0.6
PLAIN_OVERLAP = 0.3
PLAIN_TOP = 500
PLAIN_SIDE_PX = 640


def measure_people(data: LabelledData, faces: FaceAnalyzer) -> dict[str, object]:
    """Share of pictures whose bucket (0, 1, 2, 3+) is right; in `clear` ones all people show their face."""
    plain = PlainYunet()
    ways: dict[str, Callable[[Picture], int]] = {
        "ours": lambda rgb: len(faces.detect(rgb)),
        "ours_quick": lambda rgb: len(faces.detect(rgb, thorough=False)),
        "plain_yunet": plain.count,
    }
    rows = data.rows("multi_face/labels.csv")
    right = dict.fromkeys(ways, 0)
    right_clear = dict.fromkeys(ways, 0)
    clear_cases = 0
    wrong: list[dict[str, object]] = []
    for row in rows:
        rgb = read_picture(data.folder / "multi_face" / row["file"])
        clear = int(row["faces_clear"]) >= min(int(row["people_min"]), MANY)
        clear_cases += clear
        for way, count in ways.items():
            counted = count(rgb)
            hit = bucket(counted) == row["people_bucket"]
            right[way] += hit
            right_clear[way] += hit and clear
            if not hit:
                wrong.append({"way": way, "file": row["file"], "truth": row["people_bucket"], "counted": counted})
    return {
        "bucket": {way: Proportion(hits, len(rows)).as_json() for way, hits in right.items()},
        "bucket_clear_faces": {way: Proportion(hits, clear_cases).as_json() for way, hits in right_clear.items()},
        "wrong": wrong,
    }


def bucket(people: int) -> str:
    """0, 1, 2 or 3+."""
    return str(people) if people < MANY else f"{MANY}+"


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
