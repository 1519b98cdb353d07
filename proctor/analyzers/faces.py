"""Faces and people in a picture.

Every face that counts has been seen twice where there was room for doubt: faces that are small or score low in the
whole picture are looked at again, enlarged, in a crop of their own, and must be found there too. That drops textures
that happen to look like a face at one scale (pans on a wall, folds of a coat) at the cost of a fraction of a
millisecond each. A real face that hangs on the wall as a poster, or is shown on a screen, is a face in a single
picture and counts here; `people.py` tells most of them apart by the bodies and screens around them.
"""

from __future__ import annotations

from typing import Final

from proctor.analyzers.eyes import supported_eyes
from proctor.analyzers.geometry import Picture, overlap, square_crop_transform, warp
from proctor.analyzers.head_pose import FaceMesh
from proctor.analyzers.yunet import DetectedFace, YunetDetector
from proctor.domain.media import Frame
from proctor.domain.observations import Box, Face, PeopleObserved
from proctor.ports.model_files import ModelFiles

QUICK_PX: Final = 320
THOROUGH_PX: Final = 640
LEAST_SCORE: Final = 0.6
"""YuNet's usual operating point; below it the share of textures rises steeply."""
SURE_SCORE: Final = 0.8
SURE_HEIGHT: Final = 0.045
"""Part of the picture's longer side (29 px of 640) above which a face with a sure score needs no second look."""
SECOND_LOOK_CONTEXT: Final = 3.0
SECOND_LOOK_PX: Final = 192
SECOND_LOOK_OVERLAP: Final = 0.3
MOST_SECOND_LOOKS: Final = 8
"""Bounds the cost of a crowded picture; the smallest of a crowd change no decision."""


class FaceAnalyzer:
    """Counts people by their faces and measures the head pose of the largest one."""

    def __init__(self, detector: YunetDetector, mesh: FaceMesh, model: str) -> None:
        self._detector = detector
        self.mesh = mesh
        self._model = model

    @classmethod
    def load(cls, files: ModelFiles) -> FaceAnalyzer:
        """Load the models.

        Raises:
            ModelMissingError: a model file is not installed.
        """
        detector = YunetDetector(files.path("yunet"))
        mesh = FaceMesh(files)
        return cls(detector, mesh, f"yunet@{files.version('yunet')}")

    def observe(self, frame: Frame, *, thorough: bool = False, with_pose: bool = True) -> PeopleObserved:
        """Find the people in a picture.

        `thorough` works at 640 pixels instead of 320 and so sees small faces in the background: from about 14 pixels
        of 640 instead of 24. `with_pose` measures the largest face's head pose and eyes, the pose both ways where the
        look is thorough.
        """
        detected = self.detect(frame.rgb, thorough=thorough)
        faces = [Face(box=found.box, score=found.score) for found in detected]
        model = self._model
        if with_pose and detected:
            points = self.mesh.points(frame.rgb, detected[0].box)
            pose = self.mesh.pose(frame.rgb, detected[0].box, both_ways=thorough)
            eyes = supported_eyes(frame.rgb, points, pose)
            faces[0] = Face(box=detected[0].box, score=detected[0].score, pose=pose, eyes=eyes)
            model = f"{model}+{self.mesh.model}"
        return PeopleObserved(track=frame.track, at=frame.at, people=len(faces), faces=tuple(faces), model=model)

    def detect(self, rgb: Picture, *, thorough: bool = True) -> tuple[DetectedFace, ...]:
        """Faces that count, largest first, with landmarks; shape of `rgb` (height, width, 3)."""
        side = THOROUGH_PX if thorough else QUICK_PX
        found = self._detector.detect(rgb, longer_side_px=side, least_score=LEAST_SCORE)
        sure_height_px = SURE_HEIGHT * max(rgb.shape[:2])
        looks = 0
        kept = []
        for face in found:
            if face.score >= SURE_SCORE and face.height_px >= sure_height_px:
                kept.append(face)
            elif looks < MOST_SECOND_LOOKS:
                looks += 1
                if self._seen_again(rgb, face.box):
                    kept.append(face)
        return tuple(kept)

    def _seen_again(self, rgb: Picture, box: Box) -> bool:
        transform = square_crop_transform(box, context=SECOND_LOOK_CONTEXT, size_px=SECOND_LOOK_PX)
        crop = warp(rgb, transform, SECOND_LOOK_PX)
        side = SECOND_LOOK_PX / SECOND_LOOK_CONTEXT
        scale = side / max(box[2], box[3])
        width, height = box[2] * scale, box[3] * scale
        expected: Box = ((SECOND_LOOK_PX - width) / 2, (SECOND_LOOK_PX - height) / 2, width, height)
        found = self._detector.detect(crop, longer_side_px=SECOND_LOOK_PX, least_score=LEAST_SCORE)
        return any(overlap(face.box, expected) >= SECOND_LOOK_OVERLAP for face in found)
