"""What was measured at one instant. Analyzers produce these, detectors read them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from proctor.domain.documents import DocumentObserved
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


class GazeZone(StrEnum):
    """Where the candidate looks, from the candidate's own point of view."""

    SCREEN = "screen"
    LEFT = "left"
    RIGHT = "right"
    UP = "up"
    DOWN = "down"
    UNKNOWN = "unknown"
    """The landmarks do not support a judgement: closed or hidden eyes, glare, a small or blurred face, no zero yet."""


@dataclass(frozen=True, slots=True)
class EyeDirection:
    """Where the irises stand within the eyes, mean of both, as shares of an eye's width from corner to corner.

    Not yet a direction in space: where an iris rests differs from person to person (`OwnZero`).
    """

    left: float
    """Offset from the middle between the corners, positive toward the candidate's own left."""
    up: float
    """Offset from the line between the corners, positive up."""
    openness: float
    """Distance between the lids."""


@dataclass(frozen=True, slots=True)
class GazeAngles:
    """Direction of the look, head and eyes together, in degrees from where the candidate looks at the screen."""

    left_deg: float
    """Positive toward the candidate's own left."""
    up_deg: float


@dataclass(frozen=True, slots=True)
class ScreenZone:
    """This candidate's own screen: how far a look goes before it leaves it, as looks at its edges were measured."""

    left_deg: float
    """To the candidate's own left, in degrees from the middle of the screen."""
    right_deg: float


@dataclass(frozen=True, slots=True)
class OwnZero:
    """How this candidate holds head and eyes when facing the screen: medians over settled pictures."""

    pose: HeadPose
    eyes: EyeDirection | None
    """None while the eyes have not been measured often enough."""
    pictures: int
    """Number of settled pictures behind it."""
    screen: ScreenZone | None = None
    """None where the candidate's gaze was not calibrated; the usual limits hold then."""


@dataclass(frozen=True, slots=True)
class Face:
    """One face in a picture. `pose` is None where the landmarks do not support a judgement."""

    box: Box
    score: float
    pose: HeadPose | None = None
    eyes: EyeDirection | None = None
    """None where the eyes cannot be measured."""
    gaze: GazeZone = GazeZone.UNKNOWN
    gaze_angles: GazeAngles | None = None
    """What `gaze` was judged by; None exactly where it is unknown."""


@dataclass(frozen=True, slots=True)
class PeopleObserved:
    """Faces found in one picture and the number of distinct persons that they stand for."""

    track: TrackKind
    at: MediaTime
    people: int
    faces: tuple[Face, ...]
    """Largest first; the first one is taken for the candidate."""
    model: str
    zero: OwnZero | None = None
    """The candidate's own zero, to which angles can be compared; None until it is found. `Face.pose` is absolute."""


@dataclass(frozen=True, slots=True)
class Body:
    """One person's body in a picture, with or without a visible face."""

    box: Box
    """Around the points that were seen, cut at the picture's edges."""
    head: tuple[float, float]
    """Middle of the head, pixels; that of a head seen from behind too."""
    score: float
    """Mean visibility of head and shoulders, 0 to 1."""
    left_shoulder: tuple[float, float] | None
    """The person's own left shoulder, pixels; None where it is not seen."""
    right_shoulder: tuple[float, float] | None
    lean_deg: float | None
    """Slope of the line of shoulders, positive when the own left shoulder is the lower one; None without both."""
    hands_near_face: int
    """Hands that touch or nearly touch the head: on the chin, at the ear, before the mouth. No incident by itself."""


@dataclass(frozen=True, slots=True)
class BodyObserved:
    """Bodies found in one picture; asked for when a face is lost or moved, not for every picture."""

    track: TrackKind
    at: MediaTime
    bodies: tuple[Body, ...]
    """The candidate's first; empty where nobody is to be seen."""
    faces: int
    """Faces that the same picture showed."""
    model: str


@dataclass(frozen=True, slots=True)
class ObjectSeen:
    """One object in a picture."""

    label: str
    """Name of the class in the COCO data set, such as "cell phone", "book", "laptop", "tv" (monitors too), "person"."""
    score: float
    """0 to 1."""
    box: Box


@dataclass(frozen=True, slots=True)
class ObjectsObserved:
    """Objects found in one picture of the camera or the phone."""

    track: TrackKind
    at: MediaTime
    objects: tuple[ObjectSeen, ...]
    """Surest first."""
    width_px: int
    height_px: int
    """Size of the picture that the boxes lie in."""
    faces_shown: int
    """Faces of people on a screen in the picture, not in the room."""
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
class ScreenObserved:
    """Plain properties of a picture of the shared screen, from an 80x60 luma plane; nothing on it is read."""

    at: MediaTime
    width_px: int
    height_px: int
    mean_luma: float
    """0 black to 255 white."""
    luma_deviation: float
    """Standard deviation of luma over the picture; an empty share is near 0."""
    blank_share: float
    """Share of the picture, 0 to 1, that has the most frequent brightness; 1 where there is nothing to be seen."""
    change: float
    """Mean absolute luma difference to the previous picture; 0.0 for the first one."""
    changed_share: float
    """Share of the picture, 0 to 1, that differs from the previous one; 0.0 for the first one."""


@dataclass(frozen=True, slots=True)
class LivenessObserved:
    """Whether the candidate's face in one picture is a person before the camera or a picture of one."""

    at: MediaTime
    bona_fide: float | None
    """0 surely a picture of a face, 1 surely a person; None when the face does not allow a judgement: "cannot tell"."""
    model: str


@dataclass(frozen=True, slots=True)
class StreamObserved:
    """Whether the camera's pictures return to earlier ones in the same order, as a clip does that is played over."""

    at: MediaTime
    repeating: float | None
    """Share of the latest pictures that return to what was seen a fixed time before them, 0 to 1; None while too little
    has moved, or too little time has passed, to tell."""
    period_s: float
    """That time; 0 where `repeating` is None."""


@dataclass(frozen=True, slots=True)
class ResamplingObserved:
    """Whether the camera's pictures bear the even pattern that enlarging or encoding them at another size left."""

    at: MediaTime
    peak: float | None
    """How far the strongest such pattern stands out, in multiples of what is usual; None where the pictures are too
    blurred, dark or few to tell."""
    enlarged: float
    """Factor of enlargement that would leave that pattern; 0 where `peak` is None."""


@dataclass(frozen=True, slots=True)
class PaceObserved:
    """How evenly the camera's pictures were captured, by the sender's time stamps."""

    at: MediaTime
    even: float | None
    """Share of the latest intervals between pictures that equal the median one within a millisecond, 0 to 1; None while
    too few can be compared."""
    interval_ms: float
    """The median interval between pictures of temporal layer 0; 0 where `even` is None."""


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
    """Momentary loudness (ITU-R BS.1770-4, the last whole 400 ms of the window), -100 of silence; None before 400 ms
    were heard."""
    speech_share: float = 0.0
    """Part of the window in which speech was more likely than not."""
    crest_db: float = 0.0
    """Level of the window above the level that it has half of the time: under 3 for steady sound, from about 6 on for
    keys, ticks and knocks."""
    voiced_share: float | None = None
    """Part of the speech in the window in which the vocal folds sound, 0 to 1: under a quarter in whispering. None
    where there is too little speech to tell."""
    is_guided: bool = False
    """A guided check was saying its hints aloud: whether the candidate or somebody else spoke cannot be told."""


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
class RoomScanObserved:
    """A recording of the room has ended, and this much of the circle was shown by tracked features.

    What no features were seen in is not counted, and `is_complete` is never guessed.
    """

    track: TrackKind
    at: MediaTime
    """When the recording of the room ended."""
    since: MediaTime
    """When it began."""
    coverage_deg: float
    """0 to 360, turned through by a camera on the spot; one on an arm may have turned less if the circle is open."""
    is_complete: bool
    """The camera came round to where it began, as recognised features show."""
    model: str


@dataclass(frozen=True, slots=True)
class TrackRested:
    """From `at` on the track's pictures serve a guided check, not the rules; afterwards anything may have changed.

    Of the microphone: what is spoken may be the check's own hints, and only the rules about that rest.
    """

    track: TrackKind
    at: MediaTime


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
    | BodyObserved
    | IdentityObserved
    | LivenessObserved
    | PictureObserved
    | StreamObserved
    | ResamplingObserved
    | PaceObserved
    | ScreenObserved
    | SoundObserved
    | VoiceObserved
    | ObjectsObserved
    | RoomScanObserved
    | DocumentObserved
    | TrackRested
    | ClientObserved
    | LinkObserved
    | Tick
)
