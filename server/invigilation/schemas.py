"""Shapes of the invigilator's side: lists, incidents, live view."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from proctor.domain.media import TrackKind
from proctor.domain.signals import Severity, SignalKind
from server.checks.schemas import CheckSummary
from server.identity.documents import DocumentState
from server.identity.schemas import PhotographView
from server.schemas import LocalizedText, Request, Shape, UtcTime

State = Literal["scheduled", "consented", "checked", "enrolled", "running", "finished", "refused"]
Connection = Literal["ok", "lost", "none"]
ReviewState = Literal["unreviewed", "noted", "dismissed"]


class CandidateView(Shape):
    """Who sits the exam."""

    account_id: str
    name: str
    email: str


class Attention(Shape):
    """How soon a person should look at a sitting; `rank` 0 comes first."""

    rank: int
    reason: Literal["high", "medium", "low", "none"]
    open_incidents: int
    unreviewed: int
    """Without those that are folded."""
    folded: int = 0
    """Undecided incidents of low severity beyond the policy's number an hour."""
    novelty: int = 0
    """0 where what is undecided is of a kind that nobody has dismissed in this sitting yet, 1 otherwise."""
    last_incident_ms: int | None


class TrackState(Shape):
    """Whether a track's media is arriving."""

    track: TrackKind
    receiving: bool


class SittingSummary(Shape):
    """A sitting as it stands in a list."""

    sitting_id: str
    candidate: CandidateView
    exam_title: LocalizedText
    state: State
    started_at: UtcTime | None
    finished_at: UtcTime | None
    elapsed_ms: int | None
    connection: Connection
    attention: Attention
    last_kinds: list[SignalKind]
    tracks: list[TrackState]
    thumbnail_url: str | None
    check: CheckSummary | None
    """The check that is open."""
    phone_joined: bool
    """A telephone sends its picture as a second camera."""


class SittingDetail(SittingSummary):
    """A sitting on a page of its own."""

    policy_name: str
    policy_sha256: str
    photographs: list[PhotographView]
    """Identity photographs, the latest first, those that were replaced included."""
    document: DocumentState
    """How far the identity document has come; what it says is told only to those who decide."""
    consent_version: str | None
    duration_ms: int | None


class CrossingView(Shape):
    """The measured value and the threshold of the policy that it crossed."""

    measure: str
    value: float
    threshold: float
    unit: str
    dwell_ms: int


class MeasuredView(Shape):
    """A figure with its 95 % confidence interval."""

    value: float
    low: float
    high: float


class RateFigures(Shape):
    """What a benchmark found for a rule; a figure that its data cannot support is null."""

    kind: SignalKind
    detector: str
    data: str
    date: str
    cases: int
    recall: MeasuredView | None
    precision: MeasuredView | None
    false_alarms_per_h: MeasuredView | None
    honest_h: float


class ErrorRateView(Shape):
    """How often a rule errs, as published; `figures` null where it has not been measured."""

    text: LocalizedText
    figures: RateFigures | None


class WhyView(Shape):
    """Reason of a signal."""

    text: LocalizedText
    crossing: CrossingView
    model: str | None
    error_rate: ErrorRateView | None = None


class SignalView(Shape):
    """One rule's interval."""

    signal_id: str
    kind: SignalKind
    detector: str
    start_ms: int
    noticed_ms: int
    end_ms: int | None
    confidence: float
    why: WhyView


class IncidentView(Shape):
    """What a person reviews as one."""

    incident_id: str
    sitting_id: str
    kinds: list[SignalKind]
    start_ms: int
    end_ms: int | None
    severity: Severity
    folded: bool = False
    """Of low severity and beyond the policy's number an hour: shown together with others."""
    picture_url: str | None
    review: ReviewState
    reviewed_by: str | None
    """Name of the person."""
    reviewed_at: UtcTime | None
    note: str | None
    undo_until: UtcTime | None
    """Until then the person who reviewed may withdraw it."""
    signals: list[SignalView]


class ReviewRequest(Request):
    """A person's decision on an incident."""

    decision: Literal["noted", "dismissed", "withdrawn"]
    note: Annotated[str, StringConstraints(strip_whitespace=True, max_length=2000)] | None = None


class ViewerRequest(Request):
    """A WebRTC offer with one receive-only media section for each of `tracks`, in that order."""

    offer_sdp: Annotated[str, Field(min_length=1, max_length=100_000)]
    tracks: Annotated[list[TrackKind], Field(min_length=1, max_length=len(TrackKind))]


class ViewerAnswer(Shape):
    """The server's answer."""

    viewer_id: str
    answer_sdp: str


class MessageRequest(Request):
    """A message to the candidate."""

    text: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000)]


class MessageSent(Shape):
    """The message stands in the timeline and goes to the candidate's page."""

    message_id: str
    text: str
    sent_at: UtcTime


class LiveSitting(Shape):
    """Server → client: a sitting's summary changed."""

    type: Literal["sitting"] = "sitting"
    sitting: SittingSummary


class LiveIncident(Shape):
    """Server → client: an incident opened, grew, closed or was reviewed; it is durable."""

    type: Literal["incident"] = "incident"
    incident: IncidentView


class LivePong(Shape):
    """Server → client: here I am."""

    type: Literal["pong"] = "pong"


class LivePing(Request):
    """Client → server: are you there?"""

    type: Literal["ping"]


LiveFromServer = Annotated[LiveSitting | LiveIncident | LivePong, Field(discriminator="type")]
