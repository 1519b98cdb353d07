from __future__ import annotations

import msgspec
import pytest

from proctor.correlation.incidents import IncidentChange
from proctor.domain.guided import GuidedKind, GuidedOutcome, GuidedSpec
from proctor.domain.incidents import Incident
from proctor.domain.media import ClientEvent, ClientEventKind, Codec, EncodedFrame, LinkEvent, LinkState, TrackKind
from proctor.domain.observations import ScreenZone
from proctor.domain.signals import Crossing, Severity, Signal, SignalKind, Why
from proctor.domain.text import Text
from proctor.domain.time import MediaTime
from proctor.pipeline.outputs import CheckFinished, CheckProgressed, ObservationSummary, PeopleCounts
from server.perception import protocol
from server.perception.protocol import AnyFromWorker, AnyToWorker, Decoder, Encoder, ProtocolError

FRAME = EncodedFrame(TrackKind.CAMERA, 2, MediaTime(5), 450, Codec.VP8, b"\x00\xff" * 40, True, 0, False)  # noqa: FBT003
WHY = Why(Text("ә", "ы", "e"), Crossing("people", 2.0, 1.0, "", 1500), "yunet@1")
SIGNAL = Signal("s:1", SignalKind.MULTIPLE_FACES, "multiple_faces@1", MediaTime(1), MediaTime(2), None, 0.9, WHY)
INCIDENT = Incident("i:1", MediaTime(1), None, Severity.HIGH, (SIGNAL,))
SUMMARY = ObservationSummary(
    MediaTime(0), MediaTime(10), 20, PeopleCounts(0, 20, 0, 0), 1.0, 4.0, None, -60.0, -50.0, 0.1
)
SPEC = GuidedSpec("c", GuidedKind.CHALLENGE, TrackKind.CAMERA, MediaTime(5), b"\xff" * 16)
PROGRESS = CheckProgressed("c", MediaTime(6), 120.5, -3.0, ("left",), ("slower", "missed_left"))
RESULT = {"coverage_deg": 120.5, "missed": [{"from_deg": 1.0, "side": "left"}], "cannot_tell": None}
FINISHED = CheckFinished("c", MediaTime(9), MediaTime(5), GuidedOutcome.INCOMPLETE, RESULT, b"jpeg")

TO_WORKER = [
    protocol.Open("s", "name = 'x'", (b"jpeg", b"another"), MediaTime(0), 1),
    protocol.Open("s", "", (), MediaTime(0), 0),
    protocol.Open("s", "", (), MediaTime(0), 2, None, ScreenZone(12.5, 11.0)),
    protocol.Media("s", FRAME, 123),
    protocol.Event("s", ClientEvent(ClientEventKind.TRACK_MUTED, MediaTime(3), {"track": "camera", "n": 2})),
    protocol.Link("s", LinkEvent(LinkState.LOST, MediaTime(4))),
    protocol.Advance("s", MediaTime(7)),
    protocol.BeginCheck("s", SPEC),
    protocol.EndCheck("s", "c", MediaTime(8)),
    protocol.EndCheck("s", "c", MediaTime(8), GuidedOutcome.WITHDRAWN),
    protocol.Close("s", MediaTime(9)),
    protocol.CheckEnrolment(3, b"jpeg"),
    protocol.CheckEnrolment(4, b"jpeg", (b"earlier",)),
    protocol.Ping(8),
]
RESULTS = [
    protocol.SignalChanged(SIGNAL),
    protocol.IncidentChanged(IncidentChange.GROWN, INCIDENT),
    protocol.IncidentPictureTaken("i:1", MediaTime(1), b"jpeg"),
    protocol.DetectorDisabled("noise", "ValueError: x", MediaTime(1)),
    protocol.SummaryMade(SUMMARY),
    protocol.ThumbnailTaken(MediaTime(1), b"jpeg"),
    protocol.AnalysisDropped(MediaTime(0), MediaTime(1), 1, 2, 3),
    protocol.PerceptionInterrupted(MediaTime(0), MediaTime(1), "hung"),
    protocol.AnalysisLag(10.0, 20.0),
    protocol.CheckMoved(PROGRESS),
    protocol.CheckMoved(CheckProgressed("c", MediaTime(6), prompt="turn_left")),
    protocol.CheckDone(FINISHED),
    protocol.CheckDone(CheckFinished("c", MediaTime(9), MediaTime(5), GuidedOutcome.INTERRUPTED, None)),
]
FROM_WORKER = [
    protocol.Ready(1),
    protocol.Failed("no model"),
    protocol.Opened("s", 0, enrolled=True),
    protocol.Closed("s"),
    protocol.EnrolmentChecked(3, accepted=True, reason=None, face=(1.0, 2.0, 3.0, 4.0)),
    protocol.KeyFrameWanted("s", TrackKind.SCREEN),
    protocol.Pong(8, 5, [1.0, 2.5], 1, 2, 3, 4),
    *(protocol.Result("s", 0, MediaTime(4), result) for result in RESULTS),
]


@pytest.mark.parametrize("message", TO_WORKER, ids=lambda message: type(message).__name__)
def test_the_worker_reads_what_the_server_sends(message: msgspec.Struct) -> None:
    decoder: Decoder[AnyToWorker] = Decoder(AnyToWorker)
    assert decoder.feed(Encoder().encode(message)) == [message]


@pytest.mark.parametrize("message", FROM_WORKER, ids=lambda message: str(getattr(message, "result", message))[:24])
def test_the_server_reads_what_the_worker_sends(message: msgspec.Struct) -> None:
    decoder: Decoder[AnyFromWorker] = Decoder(AnyFromWorker)
    assert decoder.feed(Encoder().encode(message)) == [message]


def test_messages_may_arrive_in_any_pieces() -> None:
    encoder = Encoder()
    stream = b"".join(encoder.encode(message) for message in TO_WORKER)
    for size in (1, 3, 7, 64, len(stream)):
        decoder: Decoder[AnyToWorker] = Decoder(AnyToWorker)
        received = [message for at in range(0, len(stream), size) for message in decoder.feed(stream[at : at + size])]
        assert received == TO_WORKER


@pytest.mark.parametrize(
    "junk",
    [b"\x00\x00\x00\x02\xc1\xc1", b"\xff\xff\xff\xff", b"\x00\x00\x00\x04\x92\xa4Nope"[:8], b"\x00\x00\x00\x01\x00"],
)
def test_junk_is_refused(junk: bytes) -> None:
    decoder: Decoder[AnyToWorker] = Decoder(AnyToWorker)
    with pytest.raises(ProtocolError):
        decoder.feed(junk)
