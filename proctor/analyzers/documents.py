"""Identity documents: the machine-readable zone and the portrait of a photographed page or card.

The zone is looked for as two or three long lines of text under each other, in any direction. Each line is read with the
37 characters that a zone may hold, as exactly so many characters as a format has, and what remains doubtful is settled
by `proctor.analyzers.mrz`. That check digits agree says that the zone was read consistently, not that the document is
genuine.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np

from proctor.analyzers.faces import FaceAnalyzer
from proctor.analyzers.geometry import Affine, Picture, inverse, map_points, square_crop_transform, warp
from proctor.analyzers.mrz import Cell, Zone, settle
from proctor.analyzers.mrz_layouts import ALPHABET, FILLER
from proctor.analyzers.text_lines import Aligned, TextFinder, TextLine, TextReader, align, greedy
from proctor.domain.observations import Box
from proctor.ports.model_files import ModelFiles

LOOKS_LIKE: Final = {
    "<": "\uff1c\u3008\u300a\u00ab\u2039\u2264\u039b\u2227\u4eba\u304f^\u226a",
    "A": "\u0410\u0391",
    "B": "\u0412\u0392",
    "C": "c\u0421",
    "E": "\u0415\u0395",
    "H": "\u041d\u0397",
    "I": "\u0406\u0399|",
    "K": "k\u041a\u039a",
    "M": "m\u041c\u039c",
    "N": "\u039d",
    "O": "o\u041e\u039f",
    "P": "p\u0420\u03a1",
    "S": "s\u0405",
    "T": "\u0422\u03a4",
    "U": "u",
    "V": "v",
    "W": "w",
    "X": "x\u00d7\u0425\u03a7",
    "Y": "y\u03a5",
    "Z": "z\u0396",
}
"""What the reader, which knows many scripts, may see in a character of the zone: brackets and an upturned V for the
filler, a multiplication sign, small letters, letters of other alphabets."""
WORKING_SIDE_PX: Final = 1280
LARGE_SIDE_PX: Final = 1920
SMALL_SIDE_PX: Final = 800
"""Sizes at which lines are looked for until a zone is found whose check digits agree: the large one in pictures that
have more to show, the small one where there is text at all."""
LEAST_ASPECT: Final = 8.0
"""Length over height of a line of the zone; 30 characters are about 17."""
MOST_LINES: Final = 14
"""The longest ones of a page; the zone's are among them."""
LARGEST_ANGLE_DEG: Final = 4.0
LEAST_LENGTH_RATIO: Final = 0.85
LARGEST_INDENT: Final = 0.1
"""How far the lines of a zone may be shifted against each other, in lengths."""
LINE_STEPS: Final = (0.7, 4.0)
"""Least and largest distance of neighbouring lines, in heights."""
LIKE_STEPS: Final = 0.6
"""Least ratio of the two distances between three lines."""
LENGTHS: Final = {2: (44, 36), 3: (30,)}
"""Characters of a line, by the number of lines."""
LENGTH_SLACK: Final = 0.35
"""A plain reading that is off by more than this share of the length is of another text."""
LEAST_MEAN_LOG: Final = -0.6
"""Mean log likelihood a step below which lines are of another text."""
DOUBT: Final = 7.0
"""Characters up to this much less likely than the first may stand in a cell instead."""
MOST_DOUBTS: Final = 4
UPRIGHT_DEG: Final = 8.0
"""Pictures turned by less are looked at as they are."""
PORTRAIT_CONTEXT: Final = 2.0
PORTRAIT_PX: Final = 480
LARGEST_PORTRAIT: Final = 0.5
"""Height of the face, upright or in a box around it askew, over the length of the zone's lines."""


@dataclass(frozen=True, slots=True, eq=False)
class DocumentRead:
    """What was found in a picture of a document."""

    zone: Zone | None
    portrait: Box | None
    """Where the face is; a box around it where the document lies askew."""
    portrait_picture: Picture | None
    """The face upright, with some of what is around it; shape (480, 480, 3)."""


@dataclass(frozen=True, slots=True, eq=False)
class FoundZone:
    """A zone and how its page lies in the picture."""

    zone: Zone
    mean_log: float
    """Log likelihood of the reading a step."""
    line: TextLine
    """Where its first line is."""

    @property
    def angle_deg(self) -> float:
        """Of the text against the picture's x axis, clockwise as seen."""
        return self.line.angle_deg

    def belongs(self, portrait: Box) -> bool:
        """Whether a face lies where a page with this zone has its portrait: above the lines, between their ends, small.

        A face beside or behind the document, as that of the person who holds it, does not.
        """
        x, y, width, height = portrait
        along, below = self.line.place_of(x + width / 2, y + height / 2)
        length = self.line.length
        return abs(along) <= length / 2 and -length <= below < 0 and max(width, height) <= LARGEST_PORTRAIT * length

    @property
    def rank(self) -> tuple[bool, float]:
        """Whether the check digits agree, then how likely the reading is."""
        return self.zone.valid, self.mean_log


class DocumentAnalyzer:
    """Reads documents; shared by all of a process."""

    def __init__(self, files: ModelFiles, faces: FaceAnalyzer) -> None:
        """Load the models of text; the face detector is that of `faces`.

        Raises:
            ModelMissingError: a model file is not installed.
        """
        self._finder = TextFinder(files)
        self._reader = TextReader(files, [character + LOOKS_LIKE.get(character, "") for character in ALPHABET])
        self._faces = faces

    def read(self, rgb: Picture) -> DocumentRead:
        """Find and read the zone, and find the portrait; either may be missing."""
        found = self.find_zone(rgb)
        portrait, picture = find_portrait(self._faces, rgb, found)
        return DocumentRead(None if found is None else found.zone, portrait, picture)

    def find_zone(self, rgb: Picture) -> FoundZone | None:
        """Find and read the zone alone: up to some seconds, and no model of faces is touched."""
        found: FoundZone | None = None
        for lines in self._lines(rgb):
            for other in self._zones(rgb, lines):
                if found is None or other.rank > found.rank:
                    found = other
            if found is not None and found.zone.valid:
                break
        return found

    def _lines(self, rgb: Picture) -> Iterator[list[TextLine]]:
        lines = self._finder.lines(rgb, WORKING_SIDE_PX)
        yield lines
        if max(rgb.shape[:2]) > WORKING_SIDE_PX:
            yield self._finder.lines(rgb, LARGE_SIDE_PX)
        if lines:
            yield self._finder.lines(rgb, SMALL_SIDE_PX)

    def _zones(self, rgb: Picture, lines: Sequence[TextLine]) -> Iterator[FoundZone]:
        """Zones among the lines, the first whose check digits agree last."""
        read: dict[tuple[TextLine, int], Aligned | None] = {}
        for stack in stacks(lines):
            for several in (stack, tuple(line.reversed() for line in reversed(stack))):
                found = self._zone(rgb, several, read)
                if found is not None:
                    yield found
                    if found.zone.valid:
                        return

    def _zone(
        self, rgb: Picture, lines: tuple[TextLine, ...], read: dict[tuple[TextLine, int], Aligned | None]
    ) -> FoundZone | None:
        best: tuple[float, list[Aligned]] | None = None
        for length in LENGTHS[len(lines)]:
            aligned = []
            for line in lines:
                if (line, length) not in read:
                    read[line, length] = self._aligned(rgb, line, length)
                one = read[line, length]
                if one is None:
                    break
                aligned.append(one)
            else:
                mean_log = sum(one.mean_log for one in aligned) / len(aligned)
                if mean_log >= LEAST_MEAN_LOG and (best is None or mean_log > best[0]):
                    best = mean_log, aligned
        if best is None:
            return None
        zone = settle([_cells(one) for one in best[1]])
        return FoundZone(zone, best[0], lines[0])

    def _aligned(self, rgb: Picture, line: TextLine, length: int) -> Aligned | None:
        logs = self._reader.logs(rgb, line)
        if abs(len(greedy(logs)) - length) > LENGTH_SLACK * length:
            return None
        return align(logs, length, ALPHABET.index(FILLER))


def find_portrait(
    faces: FaceAnalyzer, rgb: Picture, found: FoundZone | None, *, held: bool = False
) -> tuple[Box | None, Picture | None]:
    """The largest face of the page once it is upright, which way its zone tells: where it is, and a picture of it.

    In a picture of a document that is `held` to a camera, a face that does not lie on the zone's page is passed over;
    where there is no zone, nothing tells whose face it is.
    """
    for angle_deg in (0.0, 90.0, 180.0, 270.0) if found is None else (found.angle_deg,):
        turned, transform = upright(rgb, angle_deg)
        detected = faces.detect(turned)
        for box in (face.box for face in detected):
            place = _mapped(inverse(transform), box)
            if not held or found is None or found.belongs(place):
                return place, warp(
                    turned, square_crop_transform(box, context=PORTRAIT_CONTEXT, size_px=PORTRAIT_PX), PORTRAIT_PX
                )
    return None, None


def stacks(lines: Sequence[TextLine]) -> Iterator[tuple[TextLine, ...]]:
    """Three or two lines that lie under each other as those of a zone do, in reading order, longest first."""
    long = [line for line in lines if line.length >= LEAST_ASPECT * line.height][:MOST_LINES]
    below = {(upper, lower) for upper, lower in itertools.permutations(long, 2) if _lies_below(upper, lower)}
    pairs = sorted(below, key=lambda pair: -(pair[0].length + pair[1].length))
    for upper, middle in pairs:
        for lower in long:
            if _evenly(upper, middle, lower, below):
                yield upper, middle, lower
    yield from pairs


def _evenly(upper: TextLine, middle: TextLine, lower: TextLine, below: set[tuple[TextLine, TextLine]]) -> bool:
    """Whether three lines follow each other at like steps."""
    if (middle, lower) not in below:
        return False
    first, second = upper.place_of(middle.x, middle.y)[1], middle.place_of(lower.x, lower.y)[1]
    return LIKE_STEPS < first / second < 1 / LIKE_STEPS


def _lies_below(upper: TextLine, lower: TextLine) -> bool:
    turn = (upper.angle_deg - lower.angle_deg + 90) % 180 - 90
    if abs(turn) > LARGEST_ANGLE_DEG:
        return False
    if min(upper.length, lower.length) < LEAST_LENGTH_RATIO * max(upper.length, lower.length):
        return False
    along, across = upper.place_of(lower.x, lower.y)
    height = (upper.height + lower.height) / 2
    return abs(along) <= LARGEST_INDENT * upper.length and LINE_STEPS[0] <= across / height <= LINE_STEPS[1]


def upright(rgb: Picture, angle_deg: float) -> tuple[Picture, Affine]:
    """Turn a picture whose text runs at that angle so that it runs level; also the map to the turned picture."""
    angle_deg = (angle_deg + 180) % 360 - 180
    height, width = rgb.shape[:2]
    if abs(angle_deg) < UPRIGHT_DEG:
        return rgb, np.array([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]])
    angle = math.radians(angle_deg)
    cosine, sine = math.cos(angle), math.sin(angle)
    size = (
        math.ceil(abs(width * cosine) + abs(height * sine)),
        math.ceil(abs(width * sine) + abs(height * cosine)),
    )
    turn = np.array([[cosine, sine], [-sine, cosine]])
    shift = np.array(size) / 2 - turn @ np.array([width / 2, height / 2])
    transform = np.hstack([turn, shift[:, None]])
    return cv2.warpAffine(rgb, transform, size, flags=cv2.INTER_LINEAR).astype(np.uint8, copy=False), transform


def _mapped(transform: Affine, box: Box) -> Box:
    """The box around a box's mapped corners."""
    x, y, width, height = box
    corners = np.array([(x, y), (x + width, y), (x, y + height), (x + width, y + height)])
    points = map_points(transform, corners)
    (left, top), (right, bottom) = points.min(axis=0), points.max(axis=0)
    return float(left), float(top), float(right - left), float(bottom - top)


def _cells(aligned: Aligned) -> list[Cell]:
    """Of each cell the few characters that it may well hold."""
    cells: list[Cell] = []
    for costs in aligned.costs:
        likely = [int(index) for index in np.argsort(costs)[:MOST_DOUBTS] if costs[index] - costs.min() <= DOUBT]
        cells.append({ALPHABET[index]: float(costs[index] - costs.min()) for index in likely})
    return cells
