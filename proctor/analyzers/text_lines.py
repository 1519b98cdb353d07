"""Lines of text in a picture: where they are, and how likely each character is at each place of a line.

The models are PP-OCRv6 (PaddleOCR authors, Apache-2.0): a finder after "Real-time scene text detection with
differentiable binarization" (M. Liao et al., 2020) and a reader trained with connectionist temporal classification
(CTC, A. Graves et al., 2006).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from proctor.analyzers.geometry import Picture
from proctor.analyzers.inference import OnnxModel, planar
from proctor.ports.model_files import ModelFiles

Logs = NDArray[np.float64]
"""Shape (steps, 1 + characters): log probabilities along a line, the blank first."""

SIZE_MULTIPLE_PX: Final = 32
TEXT_SHARE: Final = 0.3
"""The finder's map counts as text from here on; the value that it is published with."""
GROWTH: Final = 1.6
"""The finder is trained on shrunken text; boxes are grown by area over perimeter times this (as published)."""
LINE_PX: Final = 48
"""The reader's own height."""
LEAST_LINE_PX: Final = 2.0
SHRINK_ALIASING: Final = 0.7
LEAST_LOG: Final = -16.0
RUN_TOGETHER_LOG: Final = -2.0
"""Price of splitting a row of fillers that was read as fewer."""


@dataclass(frozen=True, slots=True)
class TextLine:
    """A straight line of text as a rotated rectangle, in pixels of the picture."""

    x: float
    """Centre."""
    y: float
    length: float
    height: float
    angle_deg: float
    """Of the reading direction against the picture's x axis, clockwise as seen; a finder cannot tell it from the
    opposite one and gives what lies within -90 to 90."""

    def reversed(self) -> TextLine:
        """The same line, read from its other end."""
        return TextLine(self.x, self.y, self.length, self.height, self.angle_deg + 180.0)

    @property
    def along(self) -> tuple[float, float]:
        """Unit vector of the reading direction."""
        angle = math.radians(self.angle_deg)
        return math.cos(angle), math.sin(angle)

    def place_of(self, x: float, y: float) -> tuple[float, float]:
        """Of a point, how far along the line and how far below it, from the line's centre, in pixels."""
        cosine, sine = self.along
        return (x - self.x) * cosine + (y - self.y) * sine, (y - self.y) * cosine - (x - self.x) * sine


class TextFinder:
    """Marks where text is; shared by all of a process."""

    def __init__(self, files: ModelFiles) -> None:
        self._model = OnnxModel(files.path("text_finder"), arena=False)

    def lines(self, rgb: Picture, longer_side_px: int) -> list[TextLine]:
        """Lines found when the picture is worked on at that size, longest first."""
        height, width = rgb.shape[:2]
        scale = longer_side_px / max(height, width)
        size = (_multiple(width * scale), _multiple(height * scale))
        way = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
        scaled = cv2.resize(rgb, size, interpolation=way).astype(np.uint8, copy=False)
        (found,) = self._model.run(x=_normal(scaled)).values()
        shapes, _ = cv2.findContours(
            (found[0, 0] > TEXT_SHARE).astype(np.uint8), cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE
        )
        ratio = np.array([width / size[0], height / size[1]], np.float32)
        lines = [_line(shape.reshape(-1, 2).astype(np.float32) * ratio) for shape in shapes]
        return sorted((line for line in lines if line is not None), key=lambda line: -line.length)


class TextReader:
    """Reads single lines with an alphabet chosen by the caller; shared by all of a process."""

    def __init__(self, files: ModelFiles, glyphs: Sequence[str]) -> None:
        """Load the model; each of `glyphs` is a character of the alphabet and, behind it, others that count as it."""
        self._model = OnnxModel(files.path("text_reader"), arena=False)
        known = self._model.metadata["character"].split("\n")
        self._columns = [[1 + known.index(character) for character in glyph if character in known] for glyph in glyphs]

    def logs(self, rgb: Picture, line: TextLine) -> Logs:
        """Log probabilities of the blank and of the alphabet's characters along the line."""
        (found,) = self._model.run(x=_normal(_cut(rgb, line))).values()
        likely = found[0].astype(np.float64)
        summed = [likely[:, 0], *(likely[:, columns].sum(axis=1) for columns in self._columns)]
        logs: Logs = np.log(np.maximum(np.stack(summed, axis=1), math.exp(LEAST_LOG)))
        return logs


def greedy(logs: Logs) -> list[int]:
    """Indices into the alphabet of the plainly likeliest reading."""
    best = logs.argmax(axis=1)
    changes = np.concatenate([[True], best[1:] != best[:-1]])
    return [int(index) - 1 for index in best[changes] if index]


@dataclass(frozen=True, slots=True, eq=False)
class Aligned:
    """A line read as exactly so many characters."""

    characters: Sequence[int]
    """Indices into the alphabet."""
    costs: NDArray[np.float64]
    """Shape (characters, alphabet): loss of log likelihood where another character stands in the cell."""
    mean_log: float
    """Log likelihood of the reading a step."""


def align(logs: Logs, length: int, filler: int) -> Aligned | None:
    """Likeliest reading of exactly `length` characters (Viterbi over the CTC lattice); None when the line is too short.

    States are "so many characters read, the last one just now" for each character, and the same after a blank. A
    character can follow itself only after a blank; but `filler` (an index into the alphabet) can at a price, because
    readers run long rows of it together.
    """
    steps, characters = logs.shape[0], logs.shape[1] - 1
    if steps < length:
        return None
    on, off = np.full((length, characters), -np.inf), np.full(length + 1, -np.inf)
    off[0] = 0.0
    came_on = np.zeros((steps, length, characters), np.int8)  # 0 stayed, 1 from a blank, 2 from another character
    came_from = np.zeros((steps, length, characters), np.int16)
    came_off = np.full((steps, length + 1), -1, np.int16)  # -1 stayed, otherwise the character before the blank
    for step in range(steps):
        previous = np.vstack([np.full(characters, -np.inf), on[:-1]])
        best, second, value, other = _two_best(previous)
        from_other = np.where(np.arange(characters) == best[:, None], other[:, None], value[:, None])
        origin = np.where(np.arange(characters) == best[:, None], second[:, None], best[:, None])
        again = previous[:, filler] + RUN_TOGETHER_LOG
        origin[again > from_other[:, filler], filler] = filler
        from_other[:, filler] = np.maximum(from_other[:, filler], again)
        ways = np.stack([on, np.repeat(off[:length, None], characters, axis=1), from_other])
        came_on[step] = ways.argmax(axis=0)
        came_from[step] = origin
        last = on.argmax(axis=1)
        ended = on[np.arange(length), last]
        came_off[step, 1:] = np.where(ended > off[1:], last, -1)
        off = np.maximum(off, np.concatenate([[-np.inf], ended])) + logs[step, 0]
        on = ways.max(axis=0) + logs[step, 1:]
    return _traced(logs, on, off, (came_on, came_from, came_off))


def _two_best(rows: NDArray[np.float64]) -> tuple[NDArray[np.intp], NDArray[np.intp], Logs, Logs]:
    """Of each row the places of the largest and second largest value, and these values."""
    order = np.argpartition(-rows, 1, axis=1)[:, :2]
    values = np.take_along_axis(rows, order, axis=1)
    swap = values[:, 0] < values[:, 1]
    order[swap], values[swap] = order[swap][:, ::-1], values[swap][:, ::-1]
    return order[:, 0], order[:, 1], values[:, 0], values[:, 1]


def _traced(
    logs: Logs,
    on: NDArray[np.float64],
    off: NDArray[np.float64],
    came: tuple[NDArray[np.int8], NDArray[np.int16], NDArray[np.int16]],
) -> Aligned:
    """Walk the best path back; each character's costs are read where it is surest."""
    came_on, came_from, came_off = came
    length, alphabet = on.shape
    read, character = length, int(on[-1].argmax())
    score = max(float(on[-1, character]), float(off[-1]))
    blank = off[-1] >= on[-1, character]
    characters = [0] * length
    surest = np.full(length, -1)
    for step in range(len(logs) - 1, -1, -1):
        if blank:
            before = int(came_off[step, read])
            if before >= 0:
                blank, character = False, before
            continue
        place = read - 1
        characters[place] = character
        if surest[place] < 0 or logs[step, 1 + character] > logs[surest[place], 1 + character]:
            surest[place] = step
        way = int(came_on[step, place, character])
        if way:
            blank = way == 1
            character = character if blank else int(came_from[step, place, character])
            read -= 1
    costs = logs[surest, 1 + np.array(characters)][:, None] - logs[surest, 1:]
    return Aligned(characters, np.asarray(costs, np.float64).reshape(length, alphabet), score / len(logs))


def _line(outline: NDArray[np.float32]) -> TextLine | None:
    """The smallest rectangle around an outline, grown back to the size of the text; None for a speck."""
    (x, y), (length, height), angle = cv2.minAreaRect(outline)
    if length < height:
        length, height, angle = height, length, angle + 90
    if height < LEAST_LINE_PX:
        return None
    grown = length * height * GROWTH / (length + height)
    return TextLine(float(x), float(y), length + grown, height + grown, (angle + 90) % 180 - 90)


def _cut(rgb: Picture, line: TextLine) -> Picture:
    """The line upright, 48 pixels high."""
    scale = LINE_PX / line.height
    if scale < SHRINK_ALIASING:
        factor = 1 / max(1, round(1 / (1.2 * scale)))
        rgb = cv2.resize(rgb, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False)
        line = TextLine(line.x * factor, line.y * factor, line.length * factor, line.height * factor, line.angle_deg)
        scale = LINE_PX / line.height
    cosine, sine = line.along
    width = max(LINE_PX, round(line.length * scale))
    turn = scale * np.array([[cosine, sine], [-sine, cosine]])
    shift = np.array([width / 2, LINE_PX / 2]) - turn @ np.array([line.x, line.y])
    return cv2.warpAffine(
        rgb,
        np.hstack([turn, shift[:, None]]),
        (width, LINE_PX),
        flags=cv2.INTER_CUBIC,
        borderMode=cv2.BORDER_REPLICATE,
    ).astype(np.uint8, copy=False)


def _normal(rgb: Picture) -> NDArray[np.float32]:
    normal: NDArray[np.float32] = planar(rgb[..., ::-1]) / np.float32(127.5) - np.float32(1.0)
    return normal


def _multiple(pixels: float) -> int:
    return max(SIZE_MULTIPLE_PX, round(pixels / SIZE_MULTIPLE_PX) * SIZE_MULTIPLE_PX)
