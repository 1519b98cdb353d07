"""Guided checks: what a candidate does in front of a camera because the exam asks for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from proctor.domain.media import TrackKind
from proctor.domain.signals import SignalKind
from proctor.domain.time import NS_PER_S, MediaTime

REQUIRED_DEG: Final = 345.0
"""Degrees from which a closed circle counts as the whole room, where nothing else is demanded."""

ROOM_TRACKS: Final = frozenset({TrackKind.CAMERA, TrackKind.PHONE})
FACE_TRACKS: Final = frozenset({TrackKind.CAMERA})
LEAST_SEED_BYTES: Final = 16


class GuidedKind(StrEnum):
    """What the candidate is asked for."""

    ROOM_SCAN = "room_scan"
    """Turn the camera round the room."""
    CHALLENGE = "challenge"
    """Turn the head, sit still while the screen has one colour."""
    GAZE_CALIBRATION = "gaze_calibration"
    """Look at dots in the middle and on the edges of the screen, so that the own screen is known."""


RESTING_WITH: Final[Mapping[GuidedKind, tuple[SignalKind, ...]]] = MappingProxyType(
    {
        GuidedKind.ROOM_SCAN: (SignalKind.SPEECH, SignalKind.WHISPER, SignalKind.SECOND_VOICE),
        GuidedKind.CHALLENGE: (),
        GuidedKind.GAZE_CALIBRATION: (),
    }
)
"""Rules about sound that rest while such a check runs, beside those about its pictures: its hints are said aloud, and
a microphone hears the loudspeaker."""
HINTS_FADE: Final = 2 * NS_PER_S
"""How long after its end a check may still be heard."""


class GuidedOutcome(StrEnum):
    """How a check ended. A person decides what follows from it."""

    COMPLETE = "complete"
    """The whole room was shown."""
    INCOMPLETE = "incomplete"
    PASSED = "passed"
    """The person did what was asked, when it was asked."""
    FAILED = "failed"
    MEASURED = "measured"
    """Where this person's screen ends is known."""
    CANNOT_TELL = "cannot_tell"
    DECLINED = "declined"
    """The candidate would or could not do it."""
    LEFT_OUT = "left_out"
    """The candidate did not want what nobody has to do."""
    WITHDRAWN = "withdrawn"
    """It is not asked for any more."""
    INTERRUPTED = "interrupted"
    """The connection, the analysis or the server failed meanwhile; it may be asked for anew."""
    EXPIRED = "expired"
    """It was not begun, or not ended, in time."""


@dataclass(frozen=True, slots=True)
class GuidedSpec:
    """A check that begins."""

    check_id: str
    kind: GuidedKind
    track: TrackKind
    """Whose pictures it is done with: the camera's or the phone's; those of what is done sitting are the camera's."""
    begun: MediaTime
    """Pictures from here on belong to it."""
    seed: bytes = b""
    """What the tasks of a challenge are drawn from: at least 16 bytes that nobody can guess."""
    required_deg: float = REQUIRED_DEG
    """Degrees that make a room scan complete."""

    def __post_init__(self) -> None:
        """Refuse what cannot be judged.

        Raises:
            ValueError: the track does not show a room or a face, or the seed of a challenge could be guessed.
        """
        tracks = ROOM_TRACKS if self.kind is GuidedKind.ROOM_SCAN else FACE_TRACKS
        if self.track not in tracks:
            raise ValueError(f"a {self.kind} cannot be done with the track {self.track}")
        if self.kind is GuidedKind.CHALLENGE and len(self.seed) < LEAST_SEED_BYTES:
            raise ValueError(f"the seed of a challenge must have at least {LEAST_SEED_BYTES} bytes")
