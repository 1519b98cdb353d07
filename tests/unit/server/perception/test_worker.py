"""The worker's loop over a real socket pair; the analyzers are scripted at their ports."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from models.registry import InstalledModels
from proctor.analyzers.screen import ScreenStream
from proctor.analyzers.suite import AnalyzerSuite
from proctor.detectors.registry import discover
from proctor.domain.guided import GuidedKind, GuidedOutcome, GuidedSpec
from proctor.domain.media import AUDIO_RATE_HZ, AudioChunk, EncodedFrame, Frame, TrackKind
from proctor.domain.observations import PeopleObserved, SoundObserved
from proctor.domain.time import media_time_from_s
from proctor.pipeline.outputs import CheckFinished
from proctor.pipeline.policy import default_policy, dump_policy
from server.perception import lane
from server.perception.documents import DocumentDesk
from server.perception.protocol import (
    Advance,
    AnyFromWorker,
    BeginCheck,
    CheckDone,
    CheckEnrolment,
    Close,
    Closed,
    Decoder,
    DetectorDisabled,
    Encoder,
    EndCheck,
    EnrolmentChecked,
    KeyFrameWanted,
    Media,
    Open,
    Opened,
    Ping,
    Pong,
    Ready,
    Result,
    SummaryMade,
    ToWorker,
)
from server.perception.worker import Worker
from tests.encoded_media import opus_packets, vp8_frames
from tests.media.scenes import identity_photograph

REGISTRY = discover()
POLICY = dump_policy(default_policy(REGISTRY))


@dataclass
class Heard:
    order: list[str] = field(default_factory=list)
    sound_s: float = 0.0


class Faces:
    model: Any = "scripted@1"

    def __init__(self, heard: Heard) -> None:
        self._heard = heard

    def observe(self, frame: Frame, *, thorough: bool = False, with_pose: bool = True) -> PeopleObserved:
        del thorough, with_pose
        self._heard.order.append("picture")
        return PeopleObserved(frame.track, frame.at, 1, (), self.model)


class Stream:
    def __init__(self, heard: Heard) -> None:
        self._heard = heard

    def observe(self, chunk: AudioChunk) -> list[SoundObserved]:
        self._heard.order.append("sound")
        self._heard.sound_s += len(chunk.pcm) / AUDIO_RATE_HZ
        return [SoundObserved(chunk.at, 20, -60.0, 0.0, "scripted@1")]

    def finish(self) -> list[SoundObserved]:
        return []


class Speech:
    def __init__(self, heard: Heard) -> None:
        self._heard = heard

    def stream(self, *, window_ms: int = 512) -> Stream:
        del window_ms
        return Stream(self._heard)


class Suite:
    def __init__(self, heard: Heard) -> None:
        self.faces = Faces(heard)
        self.speech = Speech(heard)
        self.identity = None
        self.further = {"screen": lambda _beginning: ScreenStream()}
        self.listening: dict[str, object] = {}
        self.absent = ()


class Server:
    """The server's end of the socket."""

    def __init__(self, sock: socket.socket) -> None:
        self._socket = sock
        self._encoder = Encoder()
        self._decoder: Decoder[AnyFromWorker] = Decoder(AnyFromWorker)

    def send(self, *messages: ToWorker) -> None:
        self._socket.sendall(b"".join(self._encoder.encode(message) for message in messages))

    def until(self, kind: type) -> list[AnyFromWorker]:
        received: list[AnyFromWorker] = []
        while not any(isinstance(message, kind) for message in received):
            received += self._decoder.feed(self._socket.recv(1 << 16))
        return received


@pytest.fixture
def heard() -> Heard:
    return Heard()


@pytest.fixture
def server(heard: Heard) -> Iterator[Server]:
    ours, theirs = socket.socketpair()
    suite: AnalyzerSuite = Suite(heard)  # type: ignore[assignment]
    worker = Worker(theirs, suite, REGISTRY, DocumentDesk(suite, InstalledModels()))

    def serve() -> None:
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            worker.run()

    thread = threading.Thread(target=serve)
    thread.start()
    server = Server(ours)
    ours.settimeout(20)
    server.until(Ready)
    yield server
    ours.close()
    thread.join(20)
    theirs.close()
    assert not thread.is_alive()


def media(sitting_id: str, frames: list[EncodedFrame]) -> list[Media]:
    return [Media(sitting_id, frame, 0) for frame in frames]


def opening(sitting_id: str) -> Open:
    return Open(sitting_id, POLICY, (), media_time_from_s(0), 0)


def test_all_sound_passes_before_pictures_and_every_sitting_has_its_turn(server: Server, heard: Heard) -> None:
    pictures, sounds = list(vp8_frames(1, fps=4)), list(opus_packets(1))
    server.send(opening("a"), opening("b"))
    server.until(Opened)
    end = media_time_from_s(1)
    both = [*media("a", pictures), *media("b", pictures), *media("a", sounds), *media("b", sounds)]
    server.send(*both, Close("a", end), Close("b", end))
    closed = server.until(Closed)
    while sum(isinstance(message, Closed) for message in closed) < 2:
        closed += server.until(Closed)
    assert heard.sound_s == pytest.approx(2, abs=0.05)
    assert heard.order.count("picture") >= 2
    assert heard.order[0] == "sound"


def test_a_broken_sitting_is_reported_and_the_others_go_on(
    server: Server, heard: Heard, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(lane, "_thumbnail", lambda _frame: 1 / 0)
    server.send(opening("a"), opening("b"), *media("a", list(vp8_frames(1, fps=4))), Close("a", media_time_from_s(1)))
    received = server.until(Closed)
    disabled = [message.result for message in received if isinstance(message, Result)]
    assert [(found.name, found.reason) for found in disabled if isinstance(found, DetectorDisabled)] == [
        ("perception", "ZeroDivisionError: division by zero")
    ]
    server.send(*media("b", list(opus_packets(1))), Close("b", media_time_from_s(1)))
    assert server.until(Closed)[-1] == Closed("b")
    assert heard.sound_s == pytest.approx(1, abs=0.05)
    assert "ZeroDivisionError" in capfd.readouterr().err


def test_a_camera_that_begins_in_the_middle_asks_for_a_key_frame(server: Server) -> None:
    server.send(opening("a"), *media("a", list(vp8_frames(1, fps=4))[1:]), Advance("a", media_time_from_s(1)))
    assert KeyFrameWanted("a", TrackKind.CAMERA) in server.until(KeyFrameWanted)


def test_pictures_of_the_screen_reach_the_line(server: Server) -> None:
    frames = list(vp8_frames(11, fps=2, size=(128, 72), track=TrackKind.SCREEN))
    server.send(opening("a"), *media("a", frames), Close("a", media_time_from_s(11)))
    results = [message.result for message in server.until(Closed) if isinstance(message, Result)]
    (summary, *_) = [result.summary for result in results if isinstance(result, SummaryMade)]
    assert summary.screen_blank_share is not None
    assert summary.screen_changed_share is not None
    assert summary.pictures == 0, "pictures of the camera are counted"


def test_times_of_capture_reach_the_line(server: Server) -> None:
    frames = list(vp8_frames(30, fps=4))
    server.send(opening("a"), *media("a", frames), Close("a", media_time_from_s(30)))
    results = [message.result for message in server.until(Closed) if isinstance(message, Result)]
    even = [result.summary.even_pace_max for result in results if isinstance(result, SummaryMade)]
    assert even[-1] == 1.0


def test_messages_for_an_unknown_sitting_are_passed_over(server: Server) -> None:
    server.send(*media("gone", list(opus_packets(0.1))), Advance("gone", media_time_from_s(1)), Ping(3))
    (pong,) = (message for message in server.until(Pong) if isinstance(message, Pong))
    assert (pong.number, pong.sounds) == (3, 0)


def test_a_photograph_that_a_model_stumbles_over_ends_nothing_else(
    server: Server, capfd: pytest.CaptureFixture[str]
) -> None:
    server.send(CheckEnrolment(7, identity_photograph()), Ping(3))
    received = server.until(Pong)

    assert EnrolmentChecked(7, accepted=False, reason="bad_image", face=None) in received
    assert "AttributeError" in capfd.readouterr().err, "the scripted suite has no identity model"


def challenge(begun_s: float) -> GuidedSpec:
    return GuidedSpec("c", GuidedKind.CHALLENGE, TrackKind.CAMERA, media_time_from_s(begun_s), bytes(16))


def done(received: list[AnyFromWorker]) -> list[CheckFinished]:
    results = [message.result for message in received if isinstance(message, Result)]
    return [result.finished for result in results if isinstance(result, CheckDone)]


def test_a_check_gets_every_picture_and_is_judged_before_the_sitting_closes(server: Server, heard: Heard) -> None:
    server.send(opening("a"), BeginCheck("a", challenge(0)), *media("a", list(vp8_frames(2, fps=4))))
    server.send(Close("a", media_time_from_s(2)))
    (finished,) = done(server.until(Closed))
    assert (finished.outcome, finished.at) == (GuidedOutcome.CANNOT_TELL, media_time_from_s(2))
    assert heard.order == ["picture"] * 8


def test_a_judgement_that_fails_ends_its_check_and_not_the_sitting(server: Server) -> None:
    room = GuidedSpec("c", GuidedKind.ROOM_SCAN, TrackKind.CAMERA, media_time_from_s(0))
    server.send(opening("a"), BeginCheck("a", room), *media("a", list(vp8_frames(1, fps=4))))
    server.send(EndCheck("a", "c", media_time_from_s(1)), Close("a", media_time_from_s(2)))
    received = server.until(Closed)
    assert [finished.outcome for finished in done(received)] == [GuidedOutcome.INTERRUPTED]
    results = [message.result for message in received if isinstance(message, Result)]
    names = [result.name for result in results if isinstance(result, DetectorDisabled)]
    assert names == ["room_scan"], "nothing looks for objects here"


def test_a_sitting_that_broke_says_so_of_every_check_and_still_closes(server: Server) -> None:
    server.send(opening("a"), BeginCheck("a", challenge(0)), BeginCheck("a", challenge(0)))
    server.send(BeginCheck("a", challenge(1)), Close("a", media_time_from_s(2)))
    outcomes = [finished.outcome for finished in done(server.until(Closed))]
    assert outcomes == [GuidedOutcome.INTERRUPTED, GuidedOutcome.INTERRUPTED]


def test_a_result_that_cannot_be_told_interrupts_its_check_at_once(
    server: Server, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(Faces, "model", object())
    server.send(opening("a"), BeginCheck("a", challenge(0)), *media("a", list(vp8_frames(2, fps=4))))
    server.send(Advance("a", media_time_from_s(120)))
    received = server.until(Result)
    while not done(received):
        received += server.until(Result)
    assert [finished.outcome for finished in done(received)] == [GuidedOutcome.INTERRUPTED]
    results = [message.result for message in received if isinstance(message, Result)]
    names = [result.name for result in results if isinstance(result, DetectorDisabled)]
    assert names == ["perception"], "the sitting goes on without analysis, and says so"
    server.send(Close("a", media_time_from_s(121)))
    assert done(server.until(Closed)) == [], "an end is told once"
    assert "TypeError" in capfd.readouterr().err


def test_a_withdrawn_check_makes_room_for_another(server: Server) -> None:
    server.send(opening("a"), BeginCheck("a", challenge(0)))
    server.send(EndCheck("a", "c", media_time_from_s(1), GuidedOutcome.WITHDRAWN), BeginCheck("a", challenge(1)))
    server.send(Close("a", media_time_from_s(2)))
    outcomes = [finished.outcome for finished in done(server.until(Closed))]
    assert outcomes == [GuidedOutcome.WITHDRAWN, GuidedOutcome.CANNOT_TELL]
