"""Shapes of guided checks; candidates' and invigilators' pages share them."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from proctor.challenge.calibration import DotPlace, Unmeasured
from proctor.challenge.judgement import Outcome as TaskOutcome
from proctor.challenge.tasks import TaskKind
from proctor.domain.guided import GuidedKind, GuidedOutcome
from proctor.domain.media import TrackKind
from server.schemas import ClientId, Request, Shape, UtcTime

CheckTrack = Literal[TrackKind.CAMERA, TrackKind.PHONE]
# What `proctor.roomscan` names; written out, as the server's own process loads no picture processing.
SideName = Literal["front", "right", "behind", "left"]
Untold = Literal["no_pictures", "too_dark", "too_plain", "too_blurred", "view_lost", "moved"]
HintName = Literal[
    "slower",
    "too_dark",
    "blurred",
    "plain",
    "go_back",
    "reversed",
    "missed_front",
    "missed_right",
    "missed_behind",
    "missed_left",
    "keep_turning",
    "complete",
]


class CheckState(StrEnum):
    """How far a check has come."""

    ASKED = "asked"
    BEGUN = "begun"
    ENDED = "ended"


class MissedStretch(Shape):
    """Directions that the camera did not look in, in degrees to the right of where it began."""

    from_deg: float
    to_deg: float
    side: SideName


class Met(Shape):
    """Somebody or something that the camera met on its way round."""

    label: str
    score: float
    yaw_deg: float | None
    """Degrees to the right of where the camera began; null where that cannot be told."""
    at_ms: int | None = None
    """Media time of the picture that shows it best."""


class RoomScanFound(Shape):
    """What a room scan showed."""

    check: Literal["room_scan"] = "room_scan"
    coverage_deg: float
    least_deg: float | None = None
    """As many at least, where the camera was held at arm's length and did not come round; null of earlier releases."""
    required_deg: float
    is_complete: bool
    is_closed: bool
    """A place was recognised after going round."""
    cannot_tell: Untold | None
    missed: list[MissedStretch]
    untold: list[MissedStretch] = Field(default_factory=list)
    """Directions of which the pictures do not tell: they showed too little to be followed."""
    view_deg: float
    people: list[Met]
    objects: list[Met]
    pictures: int
    """Pictures looked at."""
    model: str


class TaskFound(Shape):
    """One task of a challenge."""

    kind: TaskKind
    start_ms: int
    end_ms: int
    outcome: TaskOutcome
    measured: float | None
    """Degrees of yaw for a turn and of the look for a dot, positive toward the side that was asked for; for a flash the
    change of the colour's share of the skin's colour."""


class ChallengeFound(Shape):
    """What a challenge showed."""

    check: Literal["challenge"] = "challenge"
    tasks: list[TaskFound]
    model: str


class DotFound(Shape):
    """One dot of a calibration of the gaze."""

    kind: DotPlace
    start_ms: int
    end_ms: int
    look_deg: float | None
    """Median look to the candidate's own left, in degrees from straight ahead; null where it was not measured."""
    pictures: int
    """In which the eyes were measured."""


class GazeCalibrationFound(Shape):
    """What a calibration of the gaze gave."""

    check: Literal["gaze_calibration"] = "gaze_calibration"
    left_deg: float | None
    """From where on a look to the candidate's own left leaves the screen, in degrees; null where it cannot be told, and
    the usual limits hold."""
    right_deg: float | None
    left_edge_deg: float | None
    """Look at the dot on the left edge, in degrees from that in the middle."""
    right_edge_deg: float | None
    wander_deg: float | None
    """How far looks at one dot are from each other."""
    cannot_tell: Unmeasured | None
    dots: list[DotFound]
    model: str | None
    """Null where no picture came."""


CheckResult = Annotated[RoomScanFound | ChallengeFound | GazeCalibrationFound, Field(discriminator="check")]


class CheckView(Shape):
    """A guided check; times in ms are media time."""

    check_id: str
    check: GuidedKind
    state: CheckState
    asked_at: UtcTime
    by_policy: bool
    """Asked because the exam's rules say so, before the questions open; otherwise by an invigilator."""
    asked_by: str | None
    """The invigilator's name; null for a check by policy, and on the candidate's page."""
    track: CheckTrack | None
    outcome: GuidedOutcome | None
    start_ms: int | None
    end_ms: int | None
    result: CheckResult | None
    picture_url: str | None
    """The panorama of a room scan; null on the candidate's page."""


class CheckSummary(Shape):
    """The open check of a sitting, in a list."""

    check_id: str
    check: GuidedKind
    state: CheckState
    coverage_deg: float | None
    """Of a room scan that runs."""


class CheckRequest(Request):
    """An invigilator asks for a check."""

    check: GuidedKind


class BeginCheckRequest(Request):
    """The candidate begins, in front of this camera; only a room scan takes another than the computer's."""

    client_id: ClientId
    track: CheckTrack


class CheckStepRequest(Request):
    """The candidate ends or declines a check."""

    client_id: ClientId


class CheckMessage(Shape):
    """Server → candidate: where the sitting's latest check stands; null when there is none. Sent when it is durable."""

    type: Literal["check"] = "check"
    check: CheckView | None


class CheckProgressMessage(Shape):
    """Server → candidate: how the check goes, several times a second; not kept."""

    type: Literal["check_progress"] = "check_progress"
    check_id: str
    coverage_deg: float | None
    """Of a room scan."""
    yaw_deg: float | None
    """Degrees turned to the right since a room scan began, not wrapped."""
    missed: list[SideName]
    """Sides that are still missing, the widest first."""
    hints: list[HintName]
    """The most pressing first."""
    prompt: TaskKind | DotPlace | Literal["rest"] | None
    """What a challenge asks for at this moment, or where the dot of a calibration is."""


class OpenedMessage(Shape):
    """Server → candidate: the opening checks have ended, the exam's time runs; fetch the sitting for its questions."""

    type: Literal["opened"] = "opened"
    opened_at: UtcTime
