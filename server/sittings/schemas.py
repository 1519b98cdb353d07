"""Shapes of the candidate's side of a sitting."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from proctor.domain.documents import PortraitReading, ZoneReading
from proctor.domain.media import ClientEventKind, TrackKind
from proctor.domain.policy import StepsPolicy
from proctor.domain.text import Language
from server.checks.schemas import CheckMessage, CheckProgressMessage, CheckView, OpenedMessage
from server.identity.documents import DocumentState
from server.schemas import ClientId, IceServer, LocalizedText, MediaView, PhoneState, Request, Shape, UtcTime
from server.sittings.states import SittingState

CandidateTrack = Literal[TrackKind.CAMERA, TrackKind.SCREEN, TrackKind.MICROPHONE]
Sdp = Annotated[str, Field(min_length=1, max_length=100_000)]


class QuestionForCandidate(Shape):
    """One written question with the answer that is kept so far."""

    question_id: str
    text: LocalizedText
    answer: str | None


class ExamForCandidate(Shape):
    """The exam as the candidate sees it; questions are empty until the sitting runs."""

    exam_id: str
    title: LocalizedText
    kind: Literal["embedded", "url"]
    url: str | None
    duration_minutes: int
    questions: list[QuestionForCandidate]


class StepsView(StepsPolicy):
    """The policy's steps, every field stated."""

    model_config = ConfigDict(json_schema_serialization_defaults_required=True)


class MessageView(Shape):
    """A message from an invigilator."""

    message_id: str
    text: str
    sent_at: UtcTime


class PhoneView(Shape):
    """Whether a telephone takes part as a second camera."""

    state: PhoneState


class SittingForCandidate(Shape):
    """A sitting as its candidate sees it."""

    sitting_id: str
    exam: ExamForCandidate
    state: SittingState
    steps: StepsView
    media: MediaView
    ice_servers: list[IceServer]
    started_at: UtcTime | None
    """Media time 0: since then everything is recorded."""
    opening: bool
    """The sitting runs, but its questions open and its time begins only after the opening checks."""
    opened_at: UtcTime | None
    """When the questions opened and the exam's time began."""
    server_now: UtcTime
    elapsed_ms: int | None
    """Of the exam's time: since `opened_at`, 0 while `opening`; null before the start."""
    finished_at: UtcTime | None
    consent_version: str | None
    photographs: int
    """Accepted identity photographs that the candidate is compared with."""
    document: DocumentState | None
    """How far the identity document has come; null where the exam asks for none."""
    messages: list[MessageView]
    check: CheckView | None
    """The check that is open."""
    phone: PhoneView


class ClaimRequest(Request):
    """A browser tab asks to be the one that the sitting is taken in."""

    client_id: ClientId
    take_over: bool = False


class ClaimView(Shape):
    """The claim holds while the control socket is open, and for `lease_s` seconds after."""

    lease_s: int


class ConsentRequest(Request):
    """The candidate's answer to the consent text."""

    client_id: ClientId
    version: Annotated[str, Field(max_length=40)]
    language: Language
    accepted: bool


class TrackOffer(Request):
    """Which media section of the offer carries which track."""

    mid: Annotated[str, Field(min_length=1, max_length=32)]
    track: CandidateTrack


class LegRequest(Request):
    """A WebRTC offer; each new connection of a sitting is a new leg."""

    client_id: ClientId
    offer_sdp: Sdp
    tracks: Annotated[list[TrackOffer], Field(min_length=1, max_length=3)]


class LegAnswer(Shape):
    """The server's answer; complete, as candidates are not trickled."""

    leg: int
    answer_sdp: str


class TrackReception(Shape):
    """What the server has received of one track on this leg."""

    track: TrackKind
    codec: str
    packets: int
    lost: int
    recovered: int
    frames: int
    bytes: int
    width: int | None
    height: int | None
    last_frame_age_ms: int | None
    layers_ok: bool | None
    """Whether the video carries temporal layers; None for sound and before it can be told."""


class LegView(Shape):
    """A leg as the server sees it."""

    state: Literal["connecting", "connected", "lost", "closed"]
    tracks: list[TrackReception]


class CheckName(StrEnum):
    """What the equipment check looks at."""

    BROWSER = "browser"
    CAMERA = "camera"
    MICROPHONE = "microphone"
    SCREEN = "screen"
    NETWORK = "network"
    CODEC = "codec"


class EquipmentCheck(Request):
    """One result of the equipment check, as the browser saw it."""

    check: CheckName
    ok: bool
    detail: Annotated[
        dict[Annotated[str, Field(max_length=60)], Annotated[str, Field(max_length=300)] | int | float | bool | None],
        Field(max_length=20, default_factory=dict),
    ]


class EquipmentRequest(Request):
    """The equipment check's results."""

    client_id: ClientId
    checks: Annotated[list[EquipmentCheck], Field(min_length=1, max_length=12)]


class EnrolmentView(Shape):
    """An accepted identity photograph."""

    accepted: Literal[True]
    face: tuple[float, float, float, float]
    """x, y, width, height in pixels of the photograph."""
    picture_sha256: str
    photographs: int
    """How many photographs the candidate is compared with."""


class DocumentOutcome(Shape):
    """What the server made of the pictures of the identity document so far; what is written on it is not told."""

    clear: bool
    """Read, and the portrait resembles the identity photograph; otherwise a person looks at it."""
    zone: ZoneReading
    portrait: PortraitReading
    same: bool | None
    """Whether the portrait resembles the identity photograph; null where they were not compared."""


class ClientRequest(Request):
    """A step that needs nothing but the tab's name."""

    client_id: ClientId


class AnswerRequest(Request):
    """An answer to a written question."""

    client_id: ClientId
    text: Annotated[str, Field(max_length=50_000)]


class AnswerSaved(Shape):
    """The answer is kept."""

    saved_at: UtcTime


class ReportedEvent(Request):
    """Something that the browser noticed."""

    event_id: Annotated[str, Field(min_length=8, max_length=64)]
    kind: ClientEventKind
    ms_ago: Annotated[int, Field(ge=0, le=24 * 3600 * 1000, description="Age of the event when it was sent, in ms.")]
    detail: Annotated[
        dict[Annotated[str, Field(max_length=60)], Annotated[str, Field(max_length=300)] | int | float | bool],
        Field(max_length=12, default_factory=dict),
    ]


class EventsMessage(Request):
    """Client → server: events; an event id that came before is acknowledged and not written again."""

    type: Literal["events"]
    events: Annotated[list[ReportedEvent], Field(min_length=1, max_length=100)]


class PingMessage(Request):
    """Client → server: are you there?"""

    type: Literal["ping"]


ControlFromClient = Annotated[EventsMessage | PingMessage, Field(discriminator="type")]


class AckMessage(Shape):
    """Server → client: these events are durable."""

    type: Literal["ack"] = "ack"
    event_ids: list[str]


class TextMessage(Shape):
    """Server → client: an invigilator wrote."""

    type: Literal["message"] = "message"
    message_id: str
    text: str
    sent_at: UtcTime


class TakenOverMessage(Shape):
    """Server → client: the sitting is now open in another tab; this one must stop sending."""

    type: Literal["taken_over"] = "taken_over"


class StateMessage(Shape):
    """Server → client: the sitting's state changed."""

    type: Literal["state"] = "state"
    state: SittingState


class TrackRecording(Shape):
    """How the recording of one track goes."""

    track: TrackKind
    receiving: bool
    last_frame_age_ms: int | None
    recorded_ms: int
    failed: str | None


class RecordingMessage(Shape):
    """Server → client every 2 s while the sitting runs."""

    type: Literal["recording"] = "recording"
    tracks: list[TrackRecording]


class PhoneMessage(Shape):
    """Server → client: a telephone joined, or left."""

    type: Literal["phone"] = "phone"
    joined: bool


class PongMessage(Shape):
    """Server → client: here I am."""

    type: Literal["pong"] = "pong"


class RefusedMessage(Shape):
    """Server → client: the last message could not be read; nothing of it was taken."""

    type: Literal["refused"] = "refused"
    code: str
    detail: str


ControlFromServer = Annotated[
    AckMessage
    | TextMessage
    | TakenOverMessage
    | StateMessage
    | RecordingMessage
    | CheckMessage
    | CheckProgressMessage
    | OpenedMessage
    | PhoneMessage
    | PongMessage
    | RefusedMessage,
    Field(discriminator="type"),
]


class ScheduleRequest(Request):
    """Who is to sit which exam."""

    exam_id: Annotated[str, Field(min_length=1, max_length=64)]
    candidate_account_id: Annotated[str, Field(min_length=1, max_length=64)]


class ScheduledSitting(Shape):
    """A sitting that was scheduled."""

    sitting_id: str
    exam_id: str
    candidate_account_id: str
    state: SittingState
