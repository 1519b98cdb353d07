"""Who plays in staged sittings: people on real clips and photographs, brought to the size of a camera picture."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.accuracy.labelled import LabelledData, Row, video_pictures
from proctor.analyzers.faces import FaceAnalyzer
from proctor.domain.observations import Box
from proctor.domain.time import to_s
from server.perception.recorded import read_picture
from tests.media.portraits import PortraitsMissingError, astronaut, portrait
from tests.media.scenes import SIZE

Picture = NDArray[np.uint8]
CLIP_PICTURES_PER_S = 10.0
FACE_PX = 165.0
"""Height of a face at a webcam in a picture of 640 x 480."""
FACE_AT = (320.0, 205.0)
MARGIN = 1.05
"""Zoom beyond the picture's edges, so that it may sway."""
SWAY_PX, SWAY_S = 4.0, 7.0
LARGEST_FACE_PX = 280.0
"""A portrait-format picture whose face would be taller is shown whole, its edges drawn out to the sides."""
EDGE_BLUR_PX = 61
EDGE_SHARE = 0.12
"""Outer part of the picture, left and right, taken for the room behind the person."""
ASIDE = ("eyes_toward_image_left", "eyes_toward_image_right")
CLIPS_OF_ONE = ("one_face", "eyes_centre", *ASIDE)
"""Events during which one person faces the camera."""
LEAST_CLIP_S = 2.5
STILLS = 2
"""Photographed people that join the cast, of different groups."""


class Actor(Protocol):
    """A person before a camera."""

    @property
    def name(self) -> str:
        """Of the clip or photograph; the cluster of resampling."""
        ...

    @property
    def group(self) -> str:
        """What is reported of the person, or where the material comes from."""
        ...

    @property
    def photograph(self) -> Picture:
        """For enrolment."""
        ...

    @property
    def seconds(self) -> float:
        """Length of the footage; 0 for a photograph."""
        ...

    def shown(self, at_s: float) -> Picture:
        """Camera picture at that time, RGB (480, 640, 3), without noise."""
        ...

    def looks_aside(self, at_s: float) -> bool:
        """Whether the person is labelled as looking aside then."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class FilmedActor:
    """A person on a clip, played forth and back."""

    name: str
    group: str
    photograph: Picture
    frames: tuple[Picture, ...]
    aside: tuple[bool, ...]
    """Of each frame, whether the person is labelled as looking aside."""
    seconds: float

    def shown(self, at_s: float) -> Picture:
        """The clip's picture, swaying slowly so that repetitions are no copies."""
        return swayed(self.frames[self._number(at_s)], at_s)

    def looks_aside(self, at_s: float) -> bool:
        """As the clip is labelled."""
        return self.aside[self._number(at_s)]

    def _number(self, at_s: float) -> int:
        last = len(self.frames) - 1
        number = round(at_s * len(self.frames) / self.seconds) % max(1, 2 * last)
        return number if number <= last else 2 * last - number


@dataclass(frozen=True, slots=True, eq=False)
class PhotographedActor:
    """A person on two photographs: one to enrol with, one before the camera, moving as a whole."""

    name: str
    group: str
    photograph: Picture
    picture: Picture

    @property
    def seconds(self) -> float:
        """No footage."""
        return 0.0

    def shown(self, at_s: float) -> Picture:
        """The photograph, swaying."""
        return swayed(self.picture, at_s)

    def looks_aside(self, at_s: float) -> bool:
        """Never: photographs are not labelled for it."""
        del at_s
        return False


def filmed_cast(data: LabelledData, faces: FaceAnalyzer) -> list[FilmedActor]:
    """People alone on a labelled clip, where they face the camera."""
    alone = {row["file"] for row in data.rows("video/labels.csv", thin=False) if row["people"].startswith("1")}
    spans: dict[str, list[Row]] = {}
    for row in data.rows("video/events.csv", thin=False):
        if row["file"] in alone and row["event"] in CLIPS_OF_ONE:
            spans.setdefault(row["file"], []).append(row)
    cast = []
    for file, rows in spans.items():
        start_s, end_s = min(float(row["start_s"]) for row in rows), max(float(row["end_s"]) for row in rows)
        if end_s - start_s >= LEAST_CLIP_S:
            aside = [(float(row["start_s"]), float(row["end_s"])) for row in rows if row["event"] in ASIDE]
            actor = _filmed(data.folder / "video" / file, (start_s, end_s), aside, faces)
            cast += [] if actor is None else [actor]
    return cast


def photographed_cast(data: LabelledData, faces: FaceAnalyzer) -> list[PhotographedActor]:
    """People with two photographs, one of each reported ethnicity and gender first."""
    by_person: dict[str, list[Row]] = {}
    for row in data.rows("face_pairs/images.csv", thin=False):
        if row["ethnicity"]:
            by_person.setdefault(row["person_id"], []).append(row)
    chosen: dict[str, list[Row]] = {}
    for rows in by_person.values():
        chosen.setdefault(f"{rows[0]['ethnicity']} {rows[0]['gender']}", rows)
    order = sorted(chosen, key=lambda group: (group.split()[1], group))
    cast = []
    for group in order[:: max(1, len(order) // STILLS)][:STILLS]:
        first, second, *_ = (read_picture(data.folder / "face_pairs" / row["file"]) for row in chosen[group])
        cast += _photographed(Path(chosen[group][0]["file"]).stem, group, first, second, faces)
    return cast


def carried_cast(faces: FaceAnalyzer) -> list[PhotographedActor]:
    """People on photographs that packages carry: always at hand."""
    cast = _photographed("astronaut", "package", astronaut(), np.ascontiguousarray(astronaut()[:, ::-1]), faces)
    try:
        cast = _photographed("obama", "package", portrait("obama"), portrait("obama2"), faces) + cast
        biden = portrait("biden")
    except PortraitsMissingError:
        return cast
    return cast + _photographed("biden", "package", biden, np.ascontiguousarray(biden[:, ::-1]), faces)


def backdrop(actor: Actor) -> Picture:
    """The room behind a person, as far as the picture's outer columns tell: a smooth wall, with an empty chair."""
    seen = actor.shown(0.0).astype(np.float32)
    height, width = seen.shape[:2]
    edge = round(EDGE_SHARE * width)
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    terms = np.stack([np.ones_like(x), x / width, y / height, (y / height) ** 2], axis=-1)
    outer = np.r_[0:edge, width - edge : width]
    upper = slice(0, round(0.6 * height))
    at_edges = terms[upper][:, outer].reshape(-1, terms.shape[-1])
    solved = np.linalg.lstsq(at_edges, seen[upper][:, outer].reshape(-1, 3), rcond=None)[0]
    wall = np.clip(terms @ solved, 0, 255).astype(np.uint8)
    return _with_chair(np.ascontiguousarray(wall))


def swayed(picture: Picture, at_s: float) -> Picture:
    """The picture moved by a few pixels."""
    phase = 2 * math.pi * at_s / SWAY_S
    move = np.array([[1, 0, SWAY_PX * math.sin(phase)], [0, 1, 0.5 * SWAY_PX * math.sin(2.3 * phase)]])
    moved = cv2.warpAffine(picture, move, SIZE, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(moved, np.uint8)


def at_camera(rgb: Picture, face: Box) -> Picture:
    """A picture brought to 640 x 480 with the face where a webcam shows it."""
    height, width = rgb.shape[:2]
    filling = max(MARGIN * SIZE[0] / width, MARGIN * SIZE[1] / height)
    if filling * face[3] > LARGEST_FACE_PX:
        return _drawn_out(rgb)
    scale = max(FACE_PX / face[3], filling)
    dx = _kept(FACE_AT[0] - (face[0] + face[2] / 2) * scale, SIZE[0] - width * scale)
    dy = _kept(FACE_AT[1] - (face[1] + face[3] / 2) * scale, SIZE[1] - height * scale)
    way = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    placed = cv2.warpAffine(rgb, np.array([[scale, 0, dx], [0, scale, dy]]), SIZE, flags=way)
    return np.asarray(placed, np.uint8)


def _drawn_out(rgb: Picture) -> Picture:
    """All of a portrait-format picture, its outer columns repeated to the sides and blurred."""
    scale = SIZE[1] / rgb.shape[0]
    small = cv2.resize(rgb, (min(SIZE[0], round(rgb.shape[1] * scale)), SIZE[1]), interpolation=cv2.INTER_AREA)
    left = (SIZE[0] - small.shape[1]) // 2
    wide = cv2.copyMakeBorder(small, 0, 0, left, SIZE[0] - small.shape[1] - left, cv2.BORDER_REPLICATE)
    blurred = np.asarray(cv2.blur(wide, (EDGE_BLUR_PX, EDGE_BLUR_PX)), np.uint8)
    blurred[:, left : left + small.shape[1]] = small
    return blurred


def _filmed(
    path: Path, span_s: tuple[float, float], aside_s: Sequence[tuple[float, float]], faces: FaceAnalyzer
) -> FilmedActor | None:
    shots = [
        (to_s(at), rgb)
        for at, rgb in video_pictures(path, CLIP_PICTURES_PER_S)
        if span_s[0] <= to_s(at) <= span_s[1] - 1 / CLIP_PICTURES_PER_S
    ]
    found = faces.detect(shots[0][1])
    if not found:
        return None
    frames = tuple(at_camera(rgb, found[0].box) for _, rgb in shots)
    aside = tuple(any(start_s <= at_s <= end_s for start_s, end_s in aside_s) for at_s, _ in shots)
    # A clip's own rate is seldom a multiple of the one asked for.
    seconds = (shots[-1][0] - shots[0][0]) * len(shots) / (len(shots) - 1)
    return FilmedActor(path.stem, "clip", shots[0][1], frames, aside, seconds)


def _photographed(
    name: str, group: str, first: Picture, second: Picture, faces: FaceAnalyzer
) -> list[PhotographedActor]:
    found = faces.detect(second)
    return [PhotographedActor(name, group, first, at_camera(second, found[0].box))] if found else []


def _kept(offset: float, least: float) -> float:
    """An offset that leaves no empty edge."""
    return min(0.0, max(least, offset))


def _with_chair(wall: Picture) -> Picture:
    height, width = wall.shape[:2]
    back = np.array([[250, 300], [390, 300], [404, height], [236, height]], np.int32)
    cv2.fillPoly(wall, [back], (58, 52, 50), lineType=cv2.LINE_AA)
    for x in (275, 305, 335, 365):
        cv2.line(wall, (x, 312), (x, height), (92, 84, 78), 4, cv2.LINE_AA)
    cv2.line(wall, (0, 395), (235, 395), (84, 76, 70), 3, cv2.LINE_AA)
    cv2.line(wall, (404, 395), (width, 395), (84, 76, 70), 3, cv2.LINE_AA)
    return wall


def others(cast: Sequence[Actor], number: int) -> Actor:
    """Somebody else than the actor of that number."""
    return cast[(number + 1) % len(cast)]
