"""Signals: one rule's interval, with the threshold that it crossed."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from proctor.domain.text import Text
from proctor.domain.time import MediaTime


class SignalKind(StrEnum):
    """Stable identifiers of everything that can be flagged."""

    FACE_ABSENT = "face_absent"
    MULTIPLE_FACES = "multiple_faces"
    IDENTITY_MISMATCH = "identity_mismatch"
    IDENTITY_DOCUMENT = "identity_document"
    PRESENTATION_ATTACK = "presentation_attack"
    HEAD_TURNED = "head_turned"
    GAZE_AWAY = "gaze_away"
    BODY_ABSENT = "body_absent"
    LEFT_SEAT = "left_seat"
    LEANING = "leaning"
    SECOND_PERSON = "second_person"
    SPEECH = "speech"
    WHISPER = "whisper"
    SECOND_VOICE = "second_voice"
    NOISE = "noise"
    PHONE = "phone"
    BOOK = "book"
    SECOND_SCREEN = "second_screen"
    CAMERA_BLOCKED = "camera_blocked"
    CAMERA_FROZEN = "camera_frozen"
    VIRTUAL_CAMERA = "virtual_camera"
    MICROPHONE_MUTED = "microphone_muted"
    SCREEN_SHARE_STOPPED = "screen_share_stopped"
    FOCUS_LOST = "focus_lost"
    FULLSCREEN_LEFT = "fullscreen_left"
    CLIPBOARD = "clipboard"
    MULTIPLE_DISPLAYS = "multiple_displays"
    CONNECTION_LOST = "connection_lost"
    RECORDING_GAP = "recording_gap"
    ROOM_SCAN_INCOMPLETE = "room_scan_incomplete"
    DETECTOR_FAILED = "detector_failed"


class Severity(StrEnum):
    """How soon a person should look; ordered from least to most."""

    INFO = "info"
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"

    @property
    def rank(self) -> int:
        """Position from 0 (info) to 3 (high)."""
        return list(Severity).index(self)


@dataclass(frozen=True, slots=True)
class Crossing:
    """The measured value, the policy's threshold that it crossed, and for how long it had to."""

    measure: str
    """Name of what was measured, e.g. `people`, `yaw_deg`, `level_dbfs`."""
    value: float
    threshold: float
    unit: str
    dwell_ms: int


@dataclass(frozen=True, slots=True)
class Measured:
    """A figure with its 95 % confidence interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class ErrorRate:
    """What a benchmark found for one rule. A figure that the data cannot support is None."""

    kind: SignalKind
    detector: str
    """`id@version` of the rule that was measured."""
    data: str
    """What it was measured on."""
    date: str
    """Day of the measurement, ISO 8601."""
    cases: int
    """Moments in the data at which the rule should notice something; 0 where there are none."""
    recall: Measured | None
    """Share of these moments that were noticed, 0 to 1."""
    precision: Measured | None
    """Share of what was noticed that was right, 0 to 1."""
    false_alarms_per_h: Measured | None
    """On honest footage; `high` is the bound that its length supports."""
    honest_h: float
    """Hours of honest footage behind `false_alarms_per_h`."""


@dataclass(frozen=True, slots=True)
class PublishedRate:
    """How often the rule behind a signal errs: one plain sentence and the figures behind it."""

    text: Text
    rate: ErrorRate | None
    """None where nothing was measured, or for another version of the rule."""


@dataclass(frozen=True, slots=True)
class Why:
    """Reason of a signal: a sentence for people and the figures behind it."""

    text: Text
    crossing: Crossing
    model: str | None
    """`name@version` of the model that measured; None where no model was involved."""
    error_rate: PublishedRate | None = None
    """How often the rule errs, as published; the line adds it, rules leave it out."""


@dataclass(frozen=True, slots=True)
class Signal:
    """One rule's interval. Announced with `end` None when it opens, again with the same id when it closes."""

    signal_id: str
    kind: SignalKind
    detector: str
    """`id@version` of the rule."""
    start: MediaTime
    """Onset: when the condition began, before the dwell time ran."""
    noticed: MediaTime
    """When the dwell time had passed and the signal opened."""
    end: MediaTime | None
    confidence: float
    """0 to 1, as the measuring model states it; 1.0 for facts reported by the browser."""
    why: Why
