"""What was measured at one instant. Analyzers produce these, detectors read them."""

from __future__ import annotations

from dataclasses import dataclass

from proctor.domain.media import ClientEvent, LinkEvent, TrackKind
from proctor.domain.time import MediaTime

Box = tuple[float, float, float, float]
"""x, y, width, height in pixels of the picture as displayed."""


@dataclass(frozen=True, slots=True)
class HeadPose:
    """Head angles in degrees, from the candidate's own point of view.

    Yaw is positive toward the candidate's own left (image right in an unmirrored picture), pitch positive up,
    roll positive when the head tilts toward the candidate's own left shoulder.
    """

    yaw_deg: float
    pitch_deg: float
    roll_deg: float


@dataclass(frozen=True, slots=True)
class Face:
    """One face in a picture. `pose` is None where the landmarks do not support a judgement."""

    box: Box
    score: float
    pose: HeadPose | None = None


@dataclass(frozen=True, slots=True)
class PeopleObserved:
    """Faces found in one picture and the number of distinct persons that they stand for."""

    track: TrackKind
    at: MediaTime
    people: int
    faces: tuple[Face, ...]
    """Largest first; the first one is taken for the candidate."""
    model: str


@dataclass(frozen=True, slots=True)
class IdentityObserved:
    """Similarity of the candidate's face to the enrolment photograph.

    `similarity` is None when the face in the picture is unusable (too small, cut, turned away): "cannot tell".
    """

    at: MediaTime
    similarity: float | None
    second_opinion: float | None
    """Similarity by the second model on its own scale, None when it did not run."""
    model: str


@dataclass(frozen=True, slots=True)
class PictureObserved:
    """Plain properties of a camera picture, from an 80x60 luma plane."""

    track: TrackKind
    at: MediaTime
    mean_luma: float
    """0 black to 255 white."""
    luma_deviation: float
    """Standard deviation of luma over the picture; a covered lens is near 0."""
    detail: float
    """Mean absolute Laplacian of luma; a covered or defocused lens is near 0."""
    change: float
    """Mean absolute luma difference to the previous picture of the track; a frozen picture is exactly 0."""


@dataclass(frozen=True, slots=True)
class SoundObserved:
    """Level and speech over a window of the microphone track."""

    at: MediaTime
    """Start of the window."""
    duration_ms: int
    level_dbfs: float
    """RMS level relative to a full-scale sine is not applied: 0 dBFS is an RMS of 1.0; silence is -100."""
    speech_probability: float
    """Highest probability in the window; 0.0 when the level gate found nothing to listen to."""
    model: str
    lufs: float | None = None
    """Momentary loudness (ITU-R BS.1770-4, 400 ms) at the end of the window; None before 400 ms were heard."""


@dataclass(frozen=True, slots=True)
class VoiceObserved:
    """A stretch of speech, compared with the voice that the sitting takes for the candidate's.

    `similarity` is None where it cannot be told: too short, too noisy, or the candidate's voice is not known yet.
    """

    at: MediaTime
    """Start of the stretch."""
    duration_ms: int
    similarity: float | None
    """Cosine of the voices, -1 to 1."""
    voices: int | None
    """Different voices heard so far in the sitting; None while it cannot be told."""
    model: str


@dataclass(frozen=True, slots=True)
class ClientObserved:
    """A browser event, as an observation."""

    event: ClientEvent

    @property
    def at(self) -> MediaTime:
        """Time of the event."""
        return self.event.at


@dataclass(frozen=True, slots=True)
class LinkObserved:
    """A change of the media connection, as an observation."""

    event: LinkEvent

    @property
    def at(self) -> MediaTime:
        """Time of the event."""
        return self.event.at


@dataclass(frozen=True, slots=True)
class Tick:
    """Media time has reached `at`; lets a rule's dwell time run out when nothing else is observed."""

    at: MediaTime


Observation = (
    PeopleObserved
    | IdentityObserved
    | PictureObserved
    | SoundObserved
    | VoiceObserved
    | ClientObserved
    | LinkObserved
    | Tick
)
