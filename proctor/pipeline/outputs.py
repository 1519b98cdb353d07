"""What the line hands out besides signals and incidents."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from proctor.correlation.incidents import IncidentUpdate
from proctor.domain.guided import GuidedOutcome
from proctor.domain.observations import ScreenZone
from proctor.domain.signals import Signal
from proctor.domain.time import MediaTime


@dataclass(frozen=True, slots=True)
class DetectorFailed:
    """A detector or an analyzer raised and does not run for the rest of this sitting; the others go on."""

    name: str
    """The detector's kind; `faces`, `identity`, `picture`, `speech` or the name of a further sense; `correlation`."""
    reason: str
    """Class and message of the error."""
    at: MediaTime


@dataclass(frozen=True, slots=True)
class AnalysisThinned:
    """From now on these senses look less often, as the machine cannot keep up; none when all look as usual again."""

    senses: tuple[str, ...]
    """In the order in which the policy thins them out."""
    at: MediaTime


@dataclass(frozen=True, slots=True)
class PeopleCounts:
    """Analysed pictures by the number of people seen in them."""

    none: int
    one: int
    two: int
    more: int


@dataclass(frozen=True, slots=True)
class ObservationSummary:
    """What was measured over a stretch of about ten seconds; None where nothing was measured."""

    start: MediaTime
    end: MediaTime
    pictures: int
    """Pictures analysed."""
    people: PeopleCounts
    yaw_deg_p50: float | None
    """Median yaw of the candidate's head, degrees."""
    yaw_deg_p95_abs: float | None
    """95th percentile of the absolute yaw, degrees."""
    similarity_min: float | None
    """Lowest similarity to the enrolment photograph."""
    level_dbfs_p50: float | None
    level_dbfs_p95: float | None
    speech_ratio: float | None
    """Share of the sound windows whose speech probability reached 0.5; 0 to 1."""
    gaze_off_ratio: float | None = None
    """Share of the pictures in which the gaze is known and not on the screen; 0 to 1."""
    bodies_max: int | None = None
    objects: tuple[str, ...] = ()
    """Labels of the objects seen besides persons, in the order of their first sight."""
    bona_fide_min: float | None = None
    """Lowest mark for a person and not a picture before the camera; 0 to 1."""
    repeating_max: float | None = None
    """Highest share of pictures that return to earlier ones; 0 to 1."""
    enlarged_peak_max: float | None = None
    """How far the pattern of an enlarged picture stood out at most, in multiples of what is usual."""
    even_pace_max: float | None = None
    """Highest share of equal intervals between the captures of pictures; 0 to 1."""
    lufs_p50: float | None = None
    voices: int | None = None
    """Different voices heard so far in the sitting."""
    screen_changed_share: float | None = None
    """Mean share of the shared screen that changed from one looked-at picture to the next; 0 to 1."""
    screen_blank_share: float | None = None
    """Largest share of a picture of the shared screen in one brightness; 0 to 1."""
    absent: tuple[str, ...] = ()
    """Senses that did not run, as their models are not installed."""


@dataclass(frozen=True, slots=True)
class IncidentPicture:
    """The camera picture nearest to an incident's onset; handed out once, right after the incident's first sight."""

    incident_id: str
    at: MediaTime
    """Time of the picture."""
    jpeg: bytes


@dataclass(frozen=True, slots=True)
class CheckProgressed:
    """Where a guided check stands, for the person who does it; not worth keeping."""

    check_id: str
    at: MediaTime
    coverage_deg: float | None = None
    """Degrees shown so far; None of other checks than a room scan."""
    yaw_deg: float | None = None
    """Where the camera looks, degrees turned to the right since the check began, not wrapped; None of others."""
    missed: tuple[str, ...] = ()
    """Quarters of the room that were not shown yet (`proctor.roomscan.coverage.Side`), the widest gap first."""
    hints: tuple[str, ...] = ()
    """What to do (`proctor.roomscan.hints.Hint`), the most pressing first."""
    prompt: str | None = None
    """What is to be done now (`proctor.challenge.tasks.TaskKind` or "rest", of a calibration
    `proctor.challenge.calibration.DotPlace`); None of a room scan."""


@dataclass(frozen=True, slots=True)
class CheckJudged:
    """All pictures of a guided check are in, and its judgement goes on; told at its beginning and with its steps."""

    check_id: str
    at: MediaTime
    """Time of the check's end."""


@dataclass(frozen=True, slots=True)
class CheckFinished:
    """A guided check has ended and was judged, as far as it came."""

    check_id: str
    at: MediaTime
    """Time of its last picture, or of its end where none came."""
    since: MediaTime
    outcome: GuidedOutcome
    result: Mapping[str, Any] | None
    """What was measured, as JSON; times in milliseconds of the sitting. None where nothing was judged."""
    jpeg: bytes | None = None
    """Panorama of a room scan; None where no picture could be placed."""
    screen: ScreenZone | None = None
    """What a calibration of the gaze gave; None where it gave nothing, and of other checks."""


LineOutput = (
    Signal
    | IncidentUpdate
    | DetectorFailed
    | AnalysisThinned
    | ObservationSummary
    | IncidentPicture
    | CheckProgressed
    | CheckJudged
    | CheckFinished
)
