"""Telephones cut out of labelled photographs, to be held up in staged sittings.

Every labelled photograph whose outline is known gives one: those of `telephones.csv` beside this module, set by eye
because the source annotation has none, and the boxes of `objects/boxes.csv`. None was chosen or left out
by what a model sees in it.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.accuracy.labelled import LabelledData
from server.perception.recorded import read_picture

Picture = NDArray[np.uint8]
Points = NDArray[np.float64]
"""Shape (points, 2): pixels."""
OUTLINES = Path(__file__).with_name("telephones.csv")
BOXES, LABEL = "objects/boxes.csv", "cell phone"
USUAL_MM = 147.0
"""Length of a telephone of which only a box is known."""
FACE_MM = 175.0
"""From the middle of the forehead to the chin, as faces are boxed."""
CUT_PX = 200.0
"""Length of a cut-out before it is scaled into the scene."""
MARGIN = 0.25
"""Photograph around the outline, in its lengths, for GrabCut to learn what does not belong to it."""
EDGE = 0.02
"""Part of the length on either side of the outline in which the true edge is looked for."""
SOFTNESS = 0.008
"""Standard deviation of the soft edge, as a part of the length."""
ROUNDS = 5
UNUSED = (0, 0, 1, 1)
"""GrabCut wants a rectangle even where it begins from a mask."""
SWAY_PX = 4.0
RISEN_AFTER_S = 0.5
CENTRE = (505.0, 325.0)
"""Where it is held: beside the face, before the shoulder."""
TILT_DEG = -9.0


@dataclass(frozen=True, slots=True, eq=False)
class Outline:
    """Where a telephone is in its photograph, and the ends of its longer axis, (2,) each."""

    points: Points
    lower_end: Points
    upper_end: Points
    length_mm: float


@dataclass(frozen=True, slots=True, eq=False)
class Telephone:
    """A telephone without background, upright: RGB and opacity from 0 to 1."""

    name: str
    rgb: Picture
    alpha: NDArray[np.float32]
    length_mm: float
    length_px: float

    def held(self, picture: Picture, since_s: float, face_px: float) -> Picture:
        """The picture with the telephone as far away as a face of that height; it comes up and shakes a little.

        `picture` has shape (height, width, 3) and stays as it is; no hand is drawn.
        """
        height, width = picture.shape[:2]
        scale = face_px / FACE_MM * self.length_mm / self.length_px
        tilt = math.radians(TILT_DEG + 2 * math.sin(since_s))
        cos, sin = scale * math.cos(tilt), scale * math.sin(tilt)
        rise = 1.0 - min(1.0, since_s / RISEN_AFTER_S)
        x = CENTRE[0] + SWAY_PX * math.sin(since_s * 1.9)
        y = CENTRE[1] + 0.75 * SWAY_PX * math.cos(since_s * 1.4) + height / 2 * rise
        half_height, half_width = self.rgb.shape[0] / 2, self.rgb.shape[1] / 2
        place = np.array(
            [
                [cos, -sin, x - cos * half_width + sin * half_height],
                [sin, cos, y - sin * half_width - cos * half_height],
            ]
        )
        alpha = cv2.warpAffine(self.alpha, place, (width, height), flags=cv2.INTER_LINEAR)
        placed = cv2.warpAffine(
            self.rgb, place, (width, height), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
        )
        return np.asarray(cv2.blendLinear(placed, picture, alpha, 1 - alpha), np.uint8)


def telephones(data: LabelledData) -> list[Telephone]:
    """Those of every labelled photograph whose outline is known."""
    folder = data.folder / "objects"
    return [
        cut_out(Path(file).stem, read_picture(folder / file), outline)
        for file, outline in dict((*_boxes(data), *_outlines())).items()
        if (folder / file).is_file()
    ]


def cut_out(name: str, rgb: Picture, outline: Outline) -> Telephone:
    """The telephone inside the outline; GrabCut finds its edge close to it."""
    upright, placed, length_px = _upright(rgb, outline)
    edge = max(1, round(EDGE * length_px))
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * edge + 1, 2 * edge + 1))
    inside = np.zeros(upright.shape[:2], np.uint8)
    cv2.fillPoly(inside, [np.rint(placed).astype(np.int32)], (1.0,))
    mask = np.full(upright.shape[:2], cv2.GC_BGD, np.uint8)
    mask[cv2.dilate(inside, kernel) > 0] = cv2.GC_PR_BGD
    mask[inside > 0] = cv2.GC_PR_FGD
    mask[cv2.erode(inside, kernel) > 0] = cv2.GC_FGD
    cv2.setRNGSeed(1)
    models = np.zeros((1, 65)), np.zeros((1, 65))
    cv2.grabCut(np.ascontiguousarray(upright), mask, UNUSED, *models, ROUNDS, cv2.GC_INIT_WITH_MASK)
    telephone = np.isin(mask, (cv2.GC_FGD, cv2.GC_PR_FGD)).astype(np.float32)
    alpha = cv2.GaussianBlur(cv2.medianBlur(telephone, 5), (0, 0), SOFTNESS * length_px)
    return Telephone(name, upright, np.asarray(alpha, np.float32), outline.length_mm, length_px)


def _upright(rgb: Picture, outline: Outline) -> tuple[Picture, Points, float]:
    """The photograph around the outline, turned so that the telephone stands, the outline in it, and its length."""
    length = float(np.linalg.norm(outline.lower_end - outline.upper_end))
    scale = CUT_PX / length
    down = (outline.lower_end - outline.upper_end) / length
    turn = scale * np.array([[down[1], -down[0]], [down[0], down[1]]])
    turned = outline.points @ turn.T
    margin = MARGIN * CUT_PX
    low, high = turned.min(axis=0) - margin, turned.max(axis=0) + margin
    size = (math.ceil(high[0] - low[0]), math.ceil(high[1] - low[1]))
    if scale < 1:
        rgb = np.asarray(cv2.GaussianBlur(rgb, (0, 0), 0.5 / scale), np.uint8)
    transform = np.hstack([turn, -low[:, None]])
    upright = cv2.warpAffine(rgb, transform, size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(upright, np.uint8), turned - low, CUT_PX


def _outlines() -> Iterator[tuple[str, Outline]]:
    with OUTLINES.open(newline="", encoding="utf-8") as stream:
        for row in csv.DictReader(stream):
            points, lower, upper = (
                np.array(row[name].split(), float).reshape(-1, 2) for name in ("outline", "lower_end", "upper_end")
            )
            yield row["file"], Outline(points, lower[0], upper[0], float(row["length_mm"]))


def _boxes(data: LabelledData) -> Iterator[tuple[str, Outline]]:
    if not (data.folder / BOXES).is_file():
        return
    for row in data.rows(BOXES, thin=False):
        if row["label"] == LABEL:
            x, y, width, height = (float(row[side]) for side in ("x", "y", "w", "h"))
            points = np.array([(x, y), (x + width, y), (x + width, y + height), (x, y + height)])
            middle, along = np.array([x + width / 2, y + height / 2]), np.array([0.0, height / 2])
            if width > height:
                along = np.array([width / 2, 0.0])
            yield row["file"], Outline(points, middle + along, middle - along, USUAL_MM)
