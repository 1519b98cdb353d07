"""Messages between the server and its perception workers: msgpack, tagged, each preceded by its length.

Both ends belong to one release; `PROTOCOL_VERSION` is compared at the greeting, so that a mixed installation stops with
a clear message.
"""

from __future__ import annotations

import struct
from typing import Final, Generic, Literal, TypeVar

import msgspec

from proctor.correlation.incidents import IncidentChange
from proctor.domain.documents import DocumentObserved, PortraitReading, ZoneReading
from proctor.domain.guided import GuidedOutcome, GuidedSpec
from proctor.domain.incidents import Incident
from proctor.domain.media import ClientEvent, EncodedFrame, LinkEvent, TrackKind
from proctor.domain.observations import Box, ScreenZone
from proctor.domain.signals import Signal
from proctor.domain.time import MediaTime
from proctor.pipeline.outputs import CheckFinished, CheckJudged, CheckProgressed, ObservationSummary

PROTOCOL_VERSION: Final = 6
LONGEST_MESSAGE: Final = 32 * 1024 * 1024
_LENGTH: Final = struct.Struct(">I")


class ProtocolError(Exception):
    """The other end sent what this release cannot read."""


class ToWorker(msgspec.Struct, frozen=True, tag=True, array_like=True):
    """Base of what the server sends."""


class Open(ToWorker, frozen=True, tag=True, array_like=True):
    """Begin, or take over, a sitting."""

    sitting_id: str
    policy: str
    """TOML."""
    enrolment: tuple[bytes, ...]
    """The accepted identity photographs as JPEG, the latest first."""
    start: MediaTime
    epoch: int
    """How many workers, or servers, had this sitting before."""
    document: DocumentObserved | None = None
    """What became of the identity document, for the first worker; None where the policy asks for none."""
    screen: ScreenZone | None = None
    """The candidate's own screen, where the gaze was calibrated before."""


class Media(ToWorker, frozen=True, tag=True, array_like=True):
    """An encoded frame of the microphone, or of the layer 0 of a picture track."""

    sitting_id: str
    frame: EncodedFrame
    arrived_ns: int
    """Monotonic clock of the machine at arrival."""


class Event(ToWorker, frozen=True, tag=True, array_like=True):
    """The browser reported something."""

    sitting_id: str
    event: ClientEvent


class Link(ToWorker, frozen=True, tag=True, array_like=True):
    """The media connection changed."""

    sitting_id: str
    event: LinkEvent


class Advance(ToWorker, frozen=True, tag=True, array_like=True):
    """Media time of a sitting has reached `at`."""

    sitting_id: str
    at: MediaTime


class BeginCheck(ToWorker, frozen=True, tag=True, array_like=True):
    """A guided check begins; its track's pictures from `spec.begun` on belong to it."""

    sitting_id: str
    spec: GuidedSpec


class EndCheck(ToWorker, frozen=True, tag=True, array_like=True):
    """A guided check ends at `at` unless it has ended by itself; answer with `CheckDone`."""

    sitting_id: str
    check_id: str
    at: MediaTime
    outcome: GuidedOutcome | None = None
    """How it ended; None means that it is judged as far as it came."""


class Close(ToWorker, frozen=True, tag=True, array_like=True):
    """The sitting ended at `at`; analyse what waits, close what is open, answer with `Closed`."""

    sitting_id: str
    at: MediaTime


class CheckEnrolment(ToWorker, frozen=True, tag=True, array_like=True):
    """Judge an identity photograph, also against those accepted before; answer with `EnrolmentChecked`."""

    request: int
    jpeg: bytes
    known: tuple[bytes, ...] = ()
    """Photographs that are to show the same person."""


class ReadDocument(ToWorker, frozen=True, tag=True, array_like=True):
    """Read an identity document and compare its portrait; answer with `DocumentChecked`."""

    request: int
    jpeg: bytes
    known: tuple[bytes, ...]
    """The identity photographs as JPEG, the latest first."""


class Ping(ToWorker, frozen=True, tag=True, array_like=True):
    """Answer from the analysing loop itself, so that a hang shows."""

    number: int


class FromWorker(msgspec.Struct, frozen=True, tag=True, array_like=True):
    """Base of what a worker sends."""


class Ready(FromWorker, frozen=True, tag=True, array_like=True):
    """The models are loaded."""

    version: int
    absent: tuple[str, ...] = ()
    """Senses whose optional models are not installed."""


class Failed(FromWorker, frozen=True, tag=True, array_like=True):
    """The worker cannot start; `reason` is one line for the log."""

    reason: str


class Opened(FromWorker, frozen=True, tag=True, array_like=True):
    """The sitting runs from now on; `enrolled` is False when its photograph holds no usable face."""

    sitting_id: str
    epoch: int
    enrolled: bool


class Closed(FromWorker, frozen=True, tag=True, array_like=True):
    """Everything about the sitting has been sent."""

    sitting_id: str


class EnrolmentChecked(FromWorker, frozen=True, tag=True, array_like=True):
    """Verdict on an identity photograph."""

    request: int
    accepted: bool
    reason: str | None
    """Stable code of the refusal: bad_image, or as `NoUsableFaceError` states it; None when accepted."""
    face: Box | None


class DocumentChecked(FromWorker, frozen=True, tag=True, array_like=True):
    """What a picture of an identity document gave."""

    request: int
    is_picture: bool
    """False where it cannot be decoded; then nothing else is said."""
    zone: ZoneReading = ZoneReading.MISSING
    lines: tuple[str, ...] = ()
    """Of the machine-readable zone, as read."""
    fields: dict[str, str] = {}
    """Of the zone, by name; dates as year, month and day of two digits each."""
    checks: dict[str, bool] = {}
    """Whether each check digit of the zone agrees, by name."""
    portrait: PortraitReading = PortraitReading.MISSING
    similarity: float | None = None
    """Of portrait and photographs, by all face models; None where they were not compared."""
    model: str = ""
    has_failed: bool = False
    """A model failed or is missing; then nothing else is said, least of all about the picture."""


class KeyFrameWanted(FromWorker, frozen=True, tag=True, array_like=True):
    """The track cannot be decoded before its next key frame."""

    sitting_id: str
    track: TrackKind


class Pong(FromWorker, frozen=True, tag=True, array_like=True):
    """Answer to a ping, with the worker's load since the last one."""

    number: int
    cpu_ns: int
    """CPU time of the process so far."""
    lags_ms: list[float]
    """Lag of each analysed picture since the last pong: arrival at the server to the end of its analysis."""
    pictures: int
    """Pictures analysed so far."""
    sounds: int
    """Sound packets analysed so far."""
    pictures_dropped: int
    sounds_dropped: int


class SignalChanged(FromWorker, frozen=True, tag=True, array_like=True):
    """A signal opened or closed."""

    signal: Signal


class IncidentChanged(FromWorker, frozen=True, tag=True, array_like=True):
    """An incident opened, grew or closed."""

    change: IncidentChange
    incident: Incident


class IncidentPictureTaken(FromWorker, frozen=True, tag=True, array_like=True):
    """The picture of an incident's onset."""

    incident_id: str
    at: MediaTime
    jpeg: bytes


class DetectorDisabled(FromWorker, frozen=True, tag=True, array_like=True):
    """A rule or an analyzer failed and does not run any more in this sitting."""

    name: str
    reason: str
    at: MediaTime


class SummaryMade(FromWorker, frozen=True, tag=True, array_like=True):
    """Figures of about ten seconds."""

    summary: ObservationSummary


class ThumbnailTaken(FromWorker, frozen=True, tag=True, array_like=True):
    """A small camera picture."""

    at: MediaTime
    jpeg: bytes


class AnalysisDropped(FromWorker, frozen=True, tag=True, array_like=True):
    """Media that was recorded but not analysed, between the two times."""

    start: MediaTime
    end: MediaTime
    pictures: int
    """Encoded pictures lost before decoding, or sampled pictures passed over in favour of a newer one."""
    sounds: int
    undecodable: int


class ThinnedOut(FromWorker, frozen=True, tag=True, array_like=True):
    """From `at` on these senses look less often, as the machine cannot keep up; none when all look as usual again."""

    senses: tuple[str, ...]
    at: MediaTime


class PerceptionInterrupted(FromWorker, frozen=True, tag=True, array_like=True):
    """A worker died: nothing was analysed between the two times."""

    start: MediaTime
    end: MediaTime
    cause: Literal["crashed", "hung"]


class AnalysisLag(FromWorker, frozen=True, tag=True, array_like=True):
    """Lag of this sitting's pictures over about ten seconds."""

    lag_ms_p50: float
    lag_ms_p95: float


class CheckMoved(FromWorker, frozen=True, tag=True, array_like=True):
    """A guided check goes on: what to show to the person who does it."""

    progress: CheckProgressed


class CheckInJudgement(FromWorker, frozen=True, tag=True, array_like=True):
    """A guided check needs no more pictures and is being judged; comes with every step of that."""

    judged: CheckJudged


class CheckDone(FromWorker, frozen=True, tag=True, array_like=True):
    """A guided check has ended; comes once for each that was begun."""

    finished: CheckFinished


def interrupted(spec: GuidedSpec, at: MediaTime) -> CheckDone:
    """What is said of a check that was interrupted at `at`."""
    return CheckDone(
        CheckFinished(spec.check_id, max(spec.begun, at), spec.begun, GuidedOutcome.INTERRUPTED, result=None)
    )


PerceptionResult = (
    SignalChanged
    | IncidentChanged
    | IncidentPictureTaken
    | DetectorDisabled
    | SummaryMade
    | ThumbnailTaken
    | AnalysisDropped
    | ThinnedOut
    | PerceptionInterrupted
    | AnalysisLag
    | CheckMoved
    | CheckInJudgement
    | CheckDone
)


class Result(FromWorker, frozen=True, tag=True, array_like=True):
    """A result of one sitting; `analysed_to` is how far its media time has been dealt with."""

    sitting_id: str
    epoch: int
    analysed_to: MediaTime
    result: PerceptionResult


AnyToWorker = (
    Open | Media | Event | Link | Advance | BeginCheck | EndCheck | Close | CheckEnrolment | ReadDocument | Ping
)
AnyFromWorker = Ready | Failed | Opened | Closed | EnrolmentChecked | DocumentChecked | KeyFrameWanted | Pong | Result

M = TypeVar("M")


class Encoder:
    """Encodes messages with their length in front. One per thread."""

    def __init__(self) -> None:
        self._encoder = msgspec.msgpack.Encoder()
        self._buffer = bytearray()

    def encode(self, message: ToWorker | FromWorker) -> bytes:
        """The message as it goes over the wire."""
        self._encoder.encode_into(message, self._buffer, _LENGTH.size)
        _LENGTH.pack_into(self._buffer, 0, len(self._buffer) - _LENGTH.size)
        return bytes(self._buffer)


class Decoder(Generic[M]):
    """Collects bytes and yields whole messages of the given types."""

    def __init__(self, message_type: type[M]) -> None:
        self._decoder = msgspec.msgpack.Decoder(message_type)
        self._buffer = bytearray()

    def feed(self, data: bytes) -> list[M]:
        """Take the next bytes; return the messages that are complete.

        Raises:
            ProtocolError: the bytes are no message of this release.
        """
        self._buffer += data
        messages: list[M] = []
        start = 0
        while len(self._buffer) - start >= _LENGTH.size:
            (length,) = _LENGTH.unpack_from(self._buffer, start)
            if length > LONGEST_MESSAGE:
                raise ProtocolError(f"a message of {length} bytes was announced")
            end = start + _LENGTH.size + length
            if len(self._buffer) < end:
                break
            messages.append(self._decode(bytes(self._buffer[start + _LENGTH.size : end])))
            start = end
        del self._buffer[:start]
        return messages

    def _decode(self, body: bytes) -> M:
        try:
            return self._decoder.decode(body)
        except msgspec.MsgspecError as error:
            raise ProtocolError(str(error)) from error
