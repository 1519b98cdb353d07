"""Whether a face in a picture can be compared at all.

A comparison of an unusable face gives a low similarity for anyone, so it would accuse. What fails here is answered with
"cannot tell" instead. The limits come from the measurements in `models/cards/sface.md`: similarity of true pairs was
followed while one picture was made smaller, darker and more blurred.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import cv2
import numpy as np

from proctor.analyzers.alignment import SFACE_CHIP_PX, SFACE_TEMPLATE, AlignedFace
from proctor.analyzers.geometry import Picture, part_inside
from proctor.domain.observations import HeadPose


class FaceProblem(StrEnum):
    """Why a face cannot be used; stable codes that the candidate's page translates."""

    NO_FACE = "no_face"
    SEVERAL_FACES = "several_faces"
    TOO_SMALL = "face_too_small"
    TOO_DARK = "too_dark"
    TOO_BLURRED = "too_blurred"
    TURNED = "face_turned"
    EYES_CLOSED = "eyes_closed"
    ANOTHER_PERSON = "another_person"


@dataclass(frozen=True, slots=True)
class Turn:
    """How far a head may be turned either way."""

    yaw_deg: float
    pitch_deg: float


@dataclass(frozen=True, slots=True)
class QualityLimits:
    """What a face must have. Light and sharpness are read from the aligned chip of 112 x 112 pixels."""

    least_height_px: float
    least_luma: float
    """Mean luma of the chip, 0 to 255."""
    least_sharpness: float
    """Variance of the Laplacian of the chip's luma divided by its contrast's variance, times 1000."""
    least_visible: float
    """Part of the face's box inside the picture."""
    largest_turn: Turn | None
    """None where the head pose does not matter."""
    refuses_closed_eyes: bool = False
    """Only eyes that are surely closed; where it cannot be told, narrow eyes among them, nothing is refused."""


FOR_COMPARISON: Final = QualityLimits(
    least_height_px=40.0,
    least_luma=14.0,
    least_sharpness=4.0,
    least_visible=0.9,
    largest_turn=Turn(yaw_deg=58.0, pitch_deg=35.0),
)
"""During the exam: as much as the encoders can bear."""

FOR_ENROLMENT: Final = QualityLimits(
    least_height_px=80.0,
    least_luma=35.0,
    least_sharpness=10.0,
    least_visible=0.98,
    largest_turn=Turn(yaw_deg=22.0, pitch_deg=25.0),
    refuses_closed_eyes=True,
)
"""The reference must be better than what is compared with it."""

FOR_STILL_PICTURES: Final = QualityLimits(
    least_height_px=20.0, least_luma=8.0, least_sharpness=0.0, least_visible=0.0, largest_turn=None
)
"""Two files that a person asks to compare: only what carries no face at all is refused."""


def chip_luma(chip: Picture) -> float:
    """Mean luma of an aligned face, 0 to 255."""
    return float(cv2.cvtColor(chip, cv2.COLOR_RGB2GRAY).mean())


def chip_sharpness(chip: Picture) -> float:
    """Fine detail relative to contrast, so that soft light does not count as blur; see `QualityLimits`."""
    luma = cv2.cvtColor(chip, cv2.COLOR_RGB2GRAY).astype(np.float32)
    contrast = float(luma.var())
    if contrast == 0.0:
        return 0.0
    return 1000.0 * float(cv2.Laplacian(luma, cv2.CV_32F).var()) / contrast


def problem_of(face: AlignedFace, limits: QualityLimits) -> FaceProblem | None:
    """First reason why the face cannot be used under these limits; None when it can.

    Where the turn matters, a face without a measured pose counts as turned.
    """
    if face.box[3] < limits.least_height_px:
        return FaceProblem.TOO_SMALL
    chip = face.chip(SFACE_TEMPLATE, SFACE_CHIP_PX)
    if chip_luma(chip) < limits.least_luma:
        return FaceProblem.TOO_DARK
    if chip_sharpness(chip) < limits.least_sharpness:
        return FaceProblem.TOO_BLURRED
    height, width = face.rgb.shape[:2]
    visible = part_inside(face.box, width, height) >= limits.least_visible
    if not (visible and _faces_camera(face.pose, limits.largest_turn)):
        return FaceProblem.TURNED
    return FaceProblem.EYES_CLOSED if limits.refuses_closed_eyes and face.eyes_open is False else None


def _faces_camera(pose: HeadPose | None, largest: Turn | None) -> bool:
    if largest is None:
        return True
    return pose is not None and abs(pose.yaw_deg) <= largest.yaw_deg and abs(pose.pitch_deg) <= largest.pitch_deg
