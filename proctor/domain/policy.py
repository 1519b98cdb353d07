"""What an exam demands: steps, media, detectors with their thresholds, correlation, retention.

Files are TOML; every field is described so that an editor, a reader of an explanation and a person who appeals see the
same words. The detectors' own tables are validated by their own config classes (see `proctor.detectors.registry`).
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Annotated, Final, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from proctor.domain.signals import Severity, SignalKind


class PolicyModel(BaseModel):
    """Base of every table of a policy: immutable, unknown keys are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class DetectorConfig(PolicyModel):
    """Fields that every detector has; a detector adds its thresholds and dwell times."""

    enabled: Annotated[bool, Field(description="Whether this rule runs.")] = True
    severity: Annotated[Severity, Field(description="How soon a person should look: info, low, medium or high.")]


class StepsPolicy(PolicyModel):
    """Steps and devices that the candidate must go through before the questions open."""

    camera: Annotated[bool, Field(description="Camera is required and recorded.")] = True
    microphone: Annotated[bool, Field(description="Microphone is required and recorded.")] = True
    screen: Annotated[bool, Field(description="Sharing of the whole screen is required and recorded.")] = True
    identity_photograph: Annotated[bool, Field(description="An identity photograph is taken before the start.")] = True
    identity_document: Annotated[
        bool,
        Field(
            description="Before the start the candidate holds an identity document to the camera, after the identity "
            "photograph where one is taken. What cannot be read or does not match is put before a person; the "
            "candidate may leave the step out, and a person looks."
        ),
    ] = False
    fullscreen: Annotated[bool, Field(description="The exam page asks for full screen.")] = True
    room_scan_at_start: Annotated[
        bool,
        Field(
            description="Right after the start, before the questions open and the exam's time runs, the candidate is "
            "asked to turn a camera round the room, the computer's or a telephone's."
        ),
    ] = False
    challenge_at_start: Annotated[
        bool,
        Field(
            description="Right after the start, before the questions open and the exam's time runs, the candidate is "
            "asked to turn the head this way and that, to look at a dot on either side of the screen, and to sit "
            "still while the screen has one colour."
        ),
    ] = False
    gaze_calibration: Annotated[
        bool,
        Field(
            description="Right after the start, before the questions open and the exam's time runs, the candidate may "
            "look at a dot in the middle and on the sides of the screen for about 10 s, so that `gaze_away` knows the "
            "own screen. Leaving it out takes one click and changes nothing but that the usual limits hold."
        ),
    ] = False


class MediaPolicy(PolicyModel):
    """What the browser is asked to send."""

    camera_width_px: Annotated[int, Field(ge=320, le=1280, description="Camera width in pixels.")] = 640
    camera_height_px: Annotated[int, Field(ge=240, le=720, description="Camera height in pixels.")] = 480
    camera_fps: Annotated[int, Field(ge=5, le=30, description="Camera pictures per second.")] = 15
    camera_kbps: Annotated[int, Field(ge=100, le=2000, description="Highest camera bit rate in kbit/s.")] = 400
    screen_width_px: Annotated[int, Field(ge=640, le=1920, description="Largest screen width in pixels.")] = 1280
    screen_height_px: Annotated[int, Field(ge=360, le=1200, description="Largest screen height in pixels.")] = 720
    screen_fps: Annotated[int, Field(ge=1, le=15, description="Screen pictures per second.")] = 5
    screen_kbps: Annotated[int, Field(ge=100, le=2000, description="Highest screen bit rate in kbit/s.")] = 300
    microphone_kbps: Annotated[int, Field(ge=16, le=128, description="Opus bit rate in kbit/s.")] = 32
    key_frame_interval_s: Annotated[
        int,
        Field(
            ge=2,
            le=60,
            description="Seconds between key frames that the server asks for, so that players can seek.",
        ),
    ] = 10


class ThinnedSense(StrEnum):
    """What may be measured less often where the machine cannot keep up. People are counted and compared as ever."""

    OBJECTS = "objects"
    BODY = "body"
    HEAD_POSE = "head_pose"
    SCREEN = "screen"


class AnalysisPolicy(PolicyModel):
    """How often the models look."""

    pictures_per_s: Annotated[float, Field(gt=0, le=5, description="Camera pictures analysed per second.")] = 2.0
    screen_pictures_per_s: Annotated[
        float, Field(gt=0, le=2, description="Pictures of the shared screen analysed per second.")
    ] = 0.5
    phone_pictures_per_s: Annotated[
        float, Field(gt=0, le=2, description="Pictures of the phone's camera analysed per second.")
    ] = 1.0
    identity_interval_s: Annotated[
        float, Field(ge=1, le=120, description="Seconds between identity checks while nothing changes.")
    ] = 10.0
    sound_window_ms: Annotated[int, Field(ge=96, le=2000, description="Length of one sound observation in ms.")] = 512
    thin_out: Annotated[
        tuple[ThinnedSense, ...],
        Field(
            description="What is measured less often while the machine cannot keep up, the first one first: objects, "
            "body, head_pose, screen. People are counted and compared as ever, and recording is never touched."
        ),
    ] = (ThinnedSense.OBJECTS, ThinnedSense.BODY, ThinnedSense.HEAD_POSE)


DEFAULT_GROUPS: Final[Mapping[str, tuple[SignalKind, ...]]] = MappingProxyType(
    {
        "presence": (
            SignalKind.FACE_ABSENT,
            SignalKind.BODY_ABSENT,
            SignalKind.LEFT_SEAT,
            SignalKind.LEANING,
            SignalKind.HEAD_TURNED,
            SignalKind.GAZE_AWAY,
            SignalKind.CAMERA_BLOCKED,
            SignalKind.CAMERA_FROZEN,
        ),
        "identity": (
            SignalKind.IDENTITY_MISMATCH,
            SignalKind.IDENTITY_DOCUMENT,
            SignalKind.PRESENTATION_ATTACK,
            SignalKind.VIRTUAL_CAMERA,
        ),
        "people": (SignalKind.MULTIPLE_FACES, SignalKind.SECOND_PERSON),
        "sound": (
            SignalKind.SPEECH,
            SignalKind.WHISPER,
            SignalKind.SECOND_VOICE,
            SignalKind.NOISE,
            SignalKind.MICROPHONE_MUTED,
        ),
        "objects": (SignalKind.PHONE, SignalKind.BOOK, SignalKind.SECOND_SCREEN),
        "page": (
            SignalKind.FOCUS_LOST,
            SignalKind.FULLSCREEN_LEFT,
            SignalKind.CLIPBOARD,
            SignalKind.SCREEN_SHARE_STOPPED,
            SignalKind.MULTIPLE_DISPLAYS,
        ),
        "connection": (SignalKind.CONNECTION_LOST, SignalKind.RECORDING_GAP),
    }
)


class CorrelationPolicy(PolicyModel):
    """How signals become incidents."""

    join_gap_s: Annotated[
        float, Field(ge=0, le=120, description="Signals closer than this many seconds become one incident.")
    ] = 10.0
    longest_s: Annotated[
        float,
        Field(ge=10, le=3600, description="Longest incident in seconds; after that a new one begins."),
    ] = 120.0
    shown_per_hour: Annotated[
        int,
        Field(
            ge=0,
            le=1000,
            description="Incidents an hour of one sitting that are put before a person one by one. Beyond that, those "
            "of low severity are folded together: recorded, countable and readable, never dropped.",
        ),
    ] = 8
    groups: Annotated[
        dict[str, tuple[SignalKind, ...]],
        Field(
            description="Kinds of signals that belong together: close in time, they become one incident. A kind in no "
            "group only ever joins its own kind.",
        ),
    ] = Field(default_factory=lambda: dict(DEFAULT_GROUPS))

    @model_validator(mode="after")
    def _each_kind_once(self) -> Self:
        """Refuse a kind that stands twice.

        Raises:
            ValueError: a kind is named more than once.
        """
        homes: dict[SignalKind, str] = {}
        for group, kinds in self.groups.items():
            for kind in kinds:
                if kind in homes:
                    raise ValueError(f"groups: {kind} stands in {homes[kind]} and in {group}; a kind has one group")
                homes[kind] = group
        return self


class RetentionPolicy(PolicyModel):
    """How long recordings are kept."""

    days: Annotated[int, Field(ge=1, le=3650, description="Days that recordings are kept after the sitting.")] = 90
