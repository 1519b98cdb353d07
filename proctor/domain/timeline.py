"""The timeline: everything that happened in a sitting, in order, as entries that are never changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from proctor.domain.time import MediaTime

JsonValue = str | int | float | bool | None | list["JsonValue"] | dict[str, "JsonValue"]
"""What a payload may hold: JSON whose integers stay within ±(2^53 - 1) and whose numbers are finite."""

GENESIS_HASH: Final = "0" * 64
"""`previous_hash` of a sitting's first entry."""


class EntryKind(StrEnum):
    """What an entry records. The values are stable: they are part of what is hashed."""

    SITTING_CREATED = "sitting_created"
    CONSENT_GIVEN = "consent_given"
    CONSENT_REFUSED = "consent_refused"
    SITTING_OPENED = "sitting_opened"
    SITTING_TAKEN_OVER = "sitting_taken_over"
    EQUIPMENT_CHECKED = "equipment_checked"
    ENROLMENT_ACCEPTED = "enrolment_accepted"
    ENROLMENT_REFUSED = "enrolment_refused"
    DOCUMENT_READ = "document_read"
    DOCUMENT_LEFT = "document_left"
    SITTING_STARTED = "sitting_started"
    LEG_CONNECTED = "leg_connected"
    LEG_LOST = "leg_lost"
    CLIENT_EVENT = "client_event"
    LINK_EVENT = "link_event"
    OBSERVATION_SUMMARY = "observation_summary"
    SIGNAL_OPENED = "signal_opened"
    SIGNAL_CLOSED = "signal_closed"
    INCIDENT_OPENED = "incident_opened"
    INCIDENT_UPDATED = "incident_updated"
    INCIDENT_CLOSED = "incident_closed"
    INCIDENT_REVIEWED = "incident_reviewed"
    REVIEW_WITHDRAWN = "review_withdrawn"
    DETECTOR_FAILED = "detector_failed"
    PERCEPTION_INTERRUPTED = "perception_interrupted"
    ANALYSIS_DROPPED = "analysis_dropped"
    ANALYSIS_THINNED = "analysis_thinned"
    SEGMENT_SEALED = "segment_sealed"
    RECORDING_GAP = "recording_gap"
    RECORDING_FAILED = "recording_failed"
    RECORDING_RESUMED = "recording_resumed"
    CHECK_ASKED = "check_asked"
    CHECK_BEGUN = "check_begun"
    CHECK_ENDED = "check_ended"
    QUESTIONS_OPENED = "questions_opened"
    PHONE_INVITED = "phone_invited"
    PHONE_JOINED = "phone_joined"
    PHONE_LEFT = "phone_left"
    MESSAGE_SENT = "message_sent"
    ANSWER_SAVED = "answer_saved"
    SITTING_FINISHED = "sitting_finished"
    VIEWED = "viewed"
    EXPORTED = "exported"


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of one sitting's timeline, linked to the one before it by hash."""

    sitting: str
    seq: int
    """Counts the sitting's entries from 1 without a hole."""
    media_time_ns: MediaTime | None
    """None where nothing was being recorded yet or any more."""
    utc: str
    """Wall-clock time of the server, ISO 8601 in UTC with microseconds and a trailing Z."""
    kind: str
    payload: Mapping[str, JsonValue]
    previous_hash: str
    """`hash` of the entry before, `GENESIS_HASH` for the first; 64 lower-case hexadecimal digits."""
    hash: str
    """SHA-256 over the canonical JSON of all other fields; 64 lower-case hexadecimal digits."""


@dataclass(frozen=True, slots=True)
class ChainVerdict:
    """What checking a chain found."""

    ok: bool
    entries: int
    """Entries that held, from the first on; all of them when `ok`."""
    first_bad_seq: int | None = None
    """The sequence number that the first bad entry has, or that a missing one should have had."""
    reason: str | None = None
    """What did not hold there: `sitting`, `seq`, `previous_hash`, `hash`, `payload`, or `head` for a cut-off tail."""
