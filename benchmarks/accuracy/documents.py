"""Identity documents: the machine-readable zone letter for letter, its check digits, and the portrait."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

from benchmarks.accuracy.estimate import share_of
from benchmarks.accuracy.labelled import LabelledData, Row
from benchmarks.accuracy.tables import Json, Target, headline, paragraph, table
from proctor.analyzers.documents import DocumentAnalyzer, upright
from proctor.analyzers.geometry import Picture
from proctor.analyzers.suite import AnalyzerSuite
from server.perception.recorded import read_picture

LABELS = "id_documents/labels.csv"
READ_TARGET = Target(0.75)
LINES = ("mrz_1", "mrz_2", "mrz_3")

SMALL_PX = 480
CORNERS = ((0.08, 0.05), (0.95, 0.0), (1.0, 1.0), (0.0, 0.93))
"""Where the corners of a page come to lie that is seen at a slant, in widths and heights."""


def measure_documents(data: LabelledData, suite: AnalyzerSuite) -> Json:
    """Zones read exactly as transcribed; zones said to be valid though a letter is wrong; portraits found."""
    reader = DocumentAnalyzer(data.models, suite.faces)
    exact: list[tuple[str, bool]] = []
    valid_but_wrong: list[tuple[str, bool]] = []
    portraits: list[tuple[str, bool]] = []
    wrong: list[Json] = []
    by_format: dict[str, list[tuple[str, bool]]] = {}
    by_view: dict[str, list[tuple[str, bool]]] = {}
    views_valid_but_wrong: list[tuple[str, bool]] = []
    for row in data.rows(LABELS):
        rgb = read_picture(data.folder / "id_documents" / row["file"])
        read = reader.read(rgb)
        if row["portrait"] == "yes":
            portraits.append((row["file"], read.portrait is not None))
        truth = transcribed(row)
        if not truth:
            continue
        lines = [] if read.zone is None else list(read.zone.lines)
        hit = lines == truth
        exact.append((row["file"], hit))
        by_format.setdefault(row["mrz_format"], []).append((row["file"], hit))
        if read.zone is not None and read.zone.valid:
            valid_but_wrong.append((row["file"], not hit))
        if not hit:
            wrong.append({"file": row["file"], "read": lines})
        for name, view in VIEWS.items():
            zone = reader.read(view(rgb)).zone
            again = zone is not None and list(zone.lines) == truth
            by_view.setdefault(name, []).append((row["file"], again))
            if zone is not None and zone.valid:
                views_valid_but_wrong.append((row["file"], not again))
    read_right = share_of(exact).as_json()
    return {
        "headline": [headline("MRZ read right, letter for letter", read_right, READ_TARGET)],
        "read_right": read_right,
        "valid_but_wrong": share_of(valid_but_wrong).as_json(),
        "by_format": {name: share_of(cases).as_json() for name, cases in sorted(by_format.items())},
        "by_view": {name: share_of(cases).as_json() for name, cases in by_view.items()},
        "views_valid_but_wrong": share_of(views_valid_but_wrong).as_json(),
        "portraits": share_of(portraits).as_json(),
        "wrong": wrong,
    }


def report_documents(result: Json) -> list[str]:
    """Table by format, and what was wrong."""
    rows = [["all transcribed", result["read_right"]]]
    rows += [[f"format {name}", share] for name, share in result["by_format"].items()]
    rows += [[f"the same, {name}", share] for name, share in result["by_view"].items()]
    rows += [
        ["of these views: all check digits agree, but a letter is wrong", result["views_valid_but_wrong"]],
        ["all check digits agree, but a letter is wrong", result["valid_but_wrong"]],
        ["portrait found where there is one", result["portraits"]],
    ]
    wrong = ", ".join(f"{case['file']}{'' if case['read'] else ' (nothing read)'}" for case in result["wrong"])
    return [
        *table(["", "share"], rows),
        *paragraph(
            f"Wrong: {wrong or 'none'}. Specimens published by issuers, mostly scans: photographs by a webcam are "
            "harder. "
            "The reader was made with these pictures at hand: not held out."
        ),
    ]


def transcribed(row: Row) -> list[str]:
    """The lines of the label; none where it is not transcribed."""
    return [row[name] for name in LINES if row.get(name)]


def _seen_at_a_slant(rgb: Picture) -> Picture:
    height, width = rgb.shape[:2]
    page = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float32)
    seen = np.array(CORNERS, np.float32) * np.array([width, height], np.float32)
    return cv2.warpPerspective(rgb, cv2.getPerspectiveTransform(page, seen), (width, height)).astype(np.uint8)


def _small(rgb: Picture) -> Picture:
    scale = SMALL_PX / max(rgb.shape[:2])
    return cv2.resize(rgb, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA).astype(np.uint8)


def _soft(rgb: Picture) -> Picture:
    return cv2.GaussianBlur(rgb, (0, 0), max(rgb.shape[:2]) / 900).astype(np.uint8)


VIEWS: dict[str, Callable[[Picture], Picture]] = {
    "turned a quarter": lambda rgb: np.ascontiguousarray(np.rot90(rgb)),
    "upside down": lambda rgb: np.ascontiguousarray(rgb[::-1, ::-1]),
    "15 degrees askew": lambda rgb: upright(rgb, 15.0)[0],
    "seen at a slant": _seen_at_a_slant,
    f"{SMALL_PX} pixels wide": _small,
    "out of focus": _soft,
}
"""Harder views made of the same pictures."""
