"""Passive liveness: is the face before the camera a person's, or a picture of one on paper or on a screen?

Two small networks (MiniFASNet) look at the texture of the same face in crops of different width. They come as an
optional model: without it nothing here is loaded. What they look for is fine and coloured, so a face that is small,
blurred, dark, without colour, without surroundings, or one of several alike, gets no judgement: "cannot tell". The
limits come from `models/cards/minifasnet.md`: honest faces and attacks were followed while they were made smaller,
darker and more blurred, and a limit lies where honest faces begin to look like attacks.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from statistics import median
from typing import Final

import cv2
import numpy as np

from proctor.analyzers.geometry import Picture, part_inside
from proctor.analyzers.inference import OnnxModel, planar
from proctor.domain.media import Frame
from proctor.domain.observations import Box, LivenessObserved, PeopleObserved
from proctor.ports.model_files import ModelFiles

NARROW: Final = "minifasnet_v2"
WIDE: Final = "minifasnet_v1se"
NARROW_SCALE: Final = 2.7
WIDE_SCALE: Final = 4.0
"""How many times the face's box each network was trained to see."""
CROP_PX: Final = 80
PERSON: Final = 1
"""Class of a person; 0 and 2 are kinds of attack."""

LEAST_HEIGHT_PX: Final = 64.0
LEAST_SURROUNDINGS: Final = 1.3
"""Least width and height of the picture in boxes of the face: a face that fills the picture hides what it is on."""
LEAST_VISIBLE: Final = 0.95
LEAST_LUMA: Final = 30.0
LEAST_SHARPNESS: Final = 25.0
"""Variance of the Laplacian over the variance of luma, times 1000, in the box scaled to `SHARPNESS_PX`."""
LEAST_COLOUR: Final = 2.0
"""Mean distance of a pixel's channels from its grey, 0 to 255: below, the camera gives no colour."""
ALIKE: Final = 0.5
"""Another face at least this much of the candidate's in height makes it unclear whose surroundings are seen."""
SHARPNESS_PX: Final = 112

DECISION_THRESHOLD: Final = 0.75
"""Below this a file counts as an attack. Chosen on the labelled pictures for a share of refused honest faces well
under 15 %; see the card. The rule that watches an exam has its own, lower one in the policy."""


class LivenessProblem(StrEnum):
    """Why a face cannot be judged; stable codes."""

    NO_FACE = "no_face"
    SEVERAL_FACES = "several_faces"
    TOO_SMALL = "face_too_small"
    NOT_WHOLE = "face_cut_by_edge"
    NO_SURROUNDINGS = "face_fills_picture"
    TOO_DARK = "too_dark"
    TOO_BLURRED = "too_blurred"
    NO_COLOUR = "no_colour"


@dataclass(frozen=True, slots=True)
class Judgement:
    """What one picture says. Exactly one of the two is None."""

    bona_fide: float | None
    problem: LivenessProblem | None


class LivenessAnalyzer:
    """Judges the largest face of a picture; for one thread."""

    def __init__(self, narrow: OnnxModel, wide: OnnxModel, model: str) -> None:
        self._networks = ((narrow, NARROW_SCALE), (wide, WIDE_SCALE))
        self.model = model

    @classmethod
    def load(cls, files: ModelFiles) -> LivenessAnalyzer:
        """Load both networks.

        Raises:
            ModelMissingError: the optional model is not installed.
        """
        narrow, wide = OnnxModel(files.path(NARROW)), OnnxModel(files.path(WIDE))
        return cls(narrow, wide, f"minifasnet@{files.version(NARROW)}")

    def observe(self, frame: Frame, people: PeopleObserved | None) -> LivenessObserved | None:
        """Judge the candidate's face; None where no face was found, so that there is nothing to be judged."""
        if people is None or not people.faces:
            return None
        judged = self.judge(frame.rgb, [face.box for face in people.faces])
        return LivenessObserved(at=frame.at, bona_fide=judged.bona_fide, model=self.model)

    def judge(self, rgb: Picture, boxes: Sequence[Box]) -> Judgement:
        """Judge the first of the faces, which are given largest first; `rgb` is (height, width, 3)."""
        problem = problem_of(rgb, boxes)
        if problem is not None:
            return Judgement(None, problem)
        shares = [_person_share(network, surroundings(rgb, boxes[0], scale)) for network, scale in self._networks]
        return Judgement(float(np.mean(shares)), None)


def problem_of(rgb: Picture, boxes: Sequence[Box]) -> LivenessProblem | None:
    """First reason why the first face cannot be judged; None when it can."""
    if not boxes:
        return LivenessProblem.NO_FACE
    height, width = rgb.shape[:2]
    box = boxes[0]
    if box[3] < LEAST_HEIGHT_PX:
        return LivenessProblem.TOO_SMALL
    if any(other[3] >= ALIKE * box[3] for other in boxes[1:]):
        return LivenessProblem.SEVERAL_FACES
    if part_inside(box, width, height) < LEAST_VISIBLE:
        return LivenessProblem.NOT_WHOLE
    if min(width / box[2], height / box[3]) < LEAST_SURROUNDINGS:
        return LivenessProblem.NO_SURROUNDINGS
    return _problem_of_light(_face(rgb, box))


def _problem_of_light(face: Picture) -> LivenessProblem | None:
    luma = cv2.cvtColor(face, cv2.COLOR_RGB2GRAY).astype(np.float32)
    if float(luma.mean()) < LEAST_LUMA:
        return LivenessProblem.TOO_DARK
    contrast = float(luma.var())
    if contrast == 0.0 or 1000.0 * float(cv2.Laplacian(luma, cv2.CV_32F).var()) / contrast < LEAST_SHARPNESS:
        return LivenessProblem.TOO_BLURRED
    if float(np.abs(face - luma[..., None]).mean()) < LEAST_COLOUR:
        return LivenessProblem.NO_COLOUR
    return None


def _face(rgb: Picture, box: Box) -> Picture:
    """The box itself, as a square of `SHARPNESS_PX`."""
    height, width = rgb.shape[:2]
    left, top = max(0, int(box[0])), max(0, int(box[1]))
    right, bottom = min(width, int(box[0] + box[2]) + 1), min(height, int(box[1] + box[3]) + 1)
    size = (SHARPNESS_PX, SHARPNESS_PX)
    return cv2.resize(rgb[top:bottom, left:right], size, interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False)


def surroundings(rgb: Picture, box: Box, scale: float) -> Picture:
    """What a network sees: `scale` times the box, less where the picture is smaller, moved inside the picture.

    As its makers cut it: the crop keeps the box's own shape and is then squeezed into a square of `CROP_PX`.
    """
    height, width = rgb.shape[:2]
    x, y, box_width, box_height = box
    scale = min(scale, (width - 1) / box_width, (height - 1) / box_height)
    crop_width, crop_height = box_width * scale, box_height * scale
    left = min(max(0.0, x + box_width / 2 - crop_width / 2), width - 1 - crop_width)
    top = min(max(0.0, y + box_height / 2 - crop_height / 2), height - 1 - crop_height)
    crop = rgb[int(top) : int(top + crop_height) + 1, int(left) : int(left + crop_width) + 1]
    # Linear on purpose: the networks were trained on pictures that were made small in this way.
    return cv2.resize(crop, (CROP_PX, CROP_PX), interpolation=cv2.INTER_LINEAR).astype(np.uint8, copy=False)


def _person_share(network: OnnxModel, crop: Picture) -> float:
    scores = network.run(picture=planar(np.ascontiguousarray(crop[..., ::-1])))[network.outputs[0]][0]
    weights = np.exp(scores - scores.max())
    return float(weights[PERSON] / weights.sum())


class LivenessDecision(StrEnum):
    """What a file is taken for."""

    BONA_FIDE = "bona_fide"
    ATTACK = "attack"
    CANNOT_TELL = "cannot_tell"


LEAST_JUDGED: Final = 0.25
"""Least share of a clip's pictures that must allow a judgement."""


def clip_bona_fide(judgements: Iterable[Judgement]) -> float | None:
    """One figure for the pictures of a clip: the median, which a few odd pictures do not move.

    None where fewer than a quarter of the pictures allow a judgement.
    """
    every = list(judgements)
    judged = [judgement.bona_fide for judgement in every if judgement.bona_fide is not None]
    return median(judged) if judged and len(judged) >= LEAST_JUDGED * len(every) else None


def decide(bona_fide: float | None, threshold: float = DECISION_THRESHOLD) -> LivenessDecision:
    """What the figure means at a threshold."""
    if bona_fide is None:
        return LivenessDecision.CANNOT_TELL
    return LivenessDecision.BONA_FIDE if bona_fide >= threshold else LivenessDecision.ATTACK
