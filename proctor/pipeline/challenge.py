"""What a picture shows of the face that does a challenge: the same for recorded clips and for a running sitting."""

from __future__ import annotations

from typing import Protocol

from proctor.analyzers.own_zero import STRAIGHT_AHEAD, gaze_angles
from proctor.analyzers.skin import skin_colour
from proctor.challenge.judgement import FaceSample
from proctor.domain.media import Frame
from proctor.domain.observations import Face, GazeAngles, PeopleObserved
from proctor.domain.time import MediaTime


class FaceSense(Protocol):
    """What is needed of `proctor.analyzers.faces.FaceAnalyzer`."""

    def observe(self, frame: Frame, *, thorough: bool = False, with_pose: bool = True) -> PeopleObserved:
        """Find the people in a picture."""
        ...


def face_sample(faces: FaceSense, frame: Frame, start: MediaTime) -> tuple[FaceSample, str]:
    """Pose, skin colour and look of the largest face, its time from the challenge's start on, and the model's name."""
    seen = faces.observe(frame, with_pose=True)
    face = seen.faces[0] if seen.faces else None
    at = MediaTime(frame.at - start)
    if face is None:
        return FaceSample(at, None, None, None), seen.model
    return FaceSample(at, face.pose, skin_colour(frame.rgb, face.box), _look(face)), seen.model


def _look(face: Face) -> GazeAngles | None:
    """The look from straight ahead: only differences of one person's looks are compared, so no own zero is needed."""
    return None if face.eyes is None else gaze_angles(face, STRAIGHT_AHEAD)
