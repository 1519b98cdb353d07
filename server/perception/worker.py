"""The worker process: `python -m server.perception.worker --fd N [--models DIR]`.

One thread does everything in turn: it reads what the server sent, lets all sound pass first, decodes the pictures, then
analyses one picture of the next sitting that has one, so that a busy sitting cannot starve the others. It ends when the
server's end of the socket closes.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import select
import signal
import socket
import sys
import time
import traceback
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Final

import cv2

from models.registry import InstalledModels
from proctor.analyzers.rehearsal import rehearse
from proctor.analyzers.suite import AnalyzerSuite
from proctor.detectors.registry import DetectorRegistry, discover
from proctor.domain.errors import ProctorError
from proctor.domain.guided import GuidedSpec
from proctor.domain.media import TrackKind
from proctor.domain.signals import ErrorRate, SignalKind
from proctor.pipeline.error_rates import load_error_rates
from proctor.pipeline.line import NOTHING_PUBLISHED, Continuation, SittingLine
from proctor.pipeline.outputs import LineOutput
from proctor.pipeline.policy import load_policy
from server.perception.documents import DocumentDesk
from server.perception.lane import Lane, LaneCounts, result_of
from server.perception.photographs import check_enrolment, enrol
from server.perception.protocol import (
    PROTOCOL_VERSION,
    Advance,
    AnyToWorker,
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
    Event,
    Failed,
    FromWorker,
    KeyFrameWanted,
    Link,
    Media,
    Open,
    Opened,
    PerceptionResult,
    Ping,
    Pong,
    ReadDocument,
    Ready,
    Result,
    interrupted,
)

READ_BYTES: Final = 1 << 18
BACKGROUND_NICENESS: Final = 5
"""Analysis yields to the recording when the machine is full."""
KEY_FRAME_RETRY_NS: Final = 1_000_000_000
WORK_AFTER_NS: Final = 500_000_000
"""While pictures wait, a step of a guided check's judgement, which takes up to a tenth of a second, is done this often
at most, so that the other sittings do not wait for it."""


class Seat:
    """A lane with what the loop has to know about it."""

    def __init__(self, sitting_id: str, epoch: int, lane: Lane) -> None:
        self.sitting_id = sitting_id
        self.epoch = epoch
        self.lane = lane
        self.key_frames_asked_ns: dict[TrackKind, int] = {}
        self.is_broken = False
        """Something outside the guarded rules and models failed; nothing more is analysed for this sitting."""
        self.check: GuidedSpec | None = None
        """The guided check whose end has not been sent; the line forgets it earlier, when it hands its result out."""

    @property
    def is_busy(self) -> bool:
        """Whether something waits for its turn."""
        return not self.is_broken and (self.lane.has_picture or self.lane.has_work)


class Worker:
    """The loop over one end of a socket pair; `run` returns when the other end closes."""

    def __init__(
        self,
        sock: socket.socket,
        suite: AnalyzerSuite,
        registry: DetectorRegistry,
        documents: DocumentDesk,
        error_rates: Mapping[SignalKind, ErrorRate] = NOTHING_PUBLISHED,
    ) -> None:
        self._socket = sock
        self._suite = suite
        self._registry = registry
        self._documents = documents
        self._error_rates = error_rates
        self._encoder = Encoder()
        self._decoder: Decoder[AnyToWorker] = Decoder(AnyToWorker)  # type: ignore[arg-type]
        self._seats: dict[str, Seat] = {}
        self._turn: list[str] = []
        self._touched: dict[str, Seat] = {}
        self._worked_ns = 0
        self._lags_ms: list[float] = []
        self._past = LaneCounts()

    def run(self) -> None:
        """Serve until the server closes its end.

        Raises:
            ProtocolError: the server sent what this release cannot read.
        """
        self._send(Ready(PROTOCOL_VERSION, self._suite.absent))
        poll = select.poll()
        poll.register(self._socket, select.POLLIN)
        poll.register(self._documents, select.POLLIN)
        while True:
            busy = any(seat.is_busy for seat in self._seats.values())
            if poll.poll(0 if busy else None) and not self._read():
                return
            self._serve()

    def _read(self) -> bool:
        """Take everything that has arrived; False when the server has closed its end."""
        while True:
            try:
                data = self._socket.recv(READ_BYTES, socket.MSG_DONTWAIT)
            except BlockingIOError:
                return True
            if not data:
                return False
            for message in self._decoder.feed(data):
                self._take(message)

    def _take(self, message: AnyToWorker) -> None:
        if isinstance(message, Open):
            self._open(message)
        elif isinstance(message, CheckEnrolment):
            self._send(self._judged(message))
        elif isinstance(message, ReadDocument):
            self._documents.take(message)
        elif isinstance(message, Ping):
            self._pong(message)
        else:
            seat = self._seats.get(message.sitting_id)
            if seat is None:
                return
            self._touched[seat.sitting_id] = seat
            if isinstance(message, Close):
                seat.lane.close(message.at)
            elif isinstance(message, BeginCheck) and seat.is_broken:
                self._report(seat, [interrupted(message.spec, message.spec.begun)])
            else:
                self._guarded(seat, lambda: self._take_for(seat, message))

    def _judged(self, message: CheckEnrolment) -> EnrolmentChecked:
        """The verdict; a photograph that a model stumbles over is refused and does not end the others' analysis."""
        try:
            return check_enrolment(self._suite, message)
        except Exception:  # noqa: BLE001 - the sittings of this process go on
            traceback.print_exc()
            return EnrolmentChecked(message.request, accepted=False, reason="bad_image", face=None)

    def _take_for(self, seat: Seat, message: Media | Event | Link | Advance | BeginCheck | EndCheck) -> None:
        lane = seat.lane
        if isinstance(message, Media):
            lane.put(message)
        elif isinstance(message, Event):
            self._report_lines(seat, lane.line.event(message.event))
        elif isinstance(message, Link):
            self._report_lines(seat, lane.line.link(message.event))
        elif isinstance(message, Advance):
            lane.reach(message.at)
        elif isinstance(message, BeginCheck):
            seat.check = seat.check or message.spec
            self._report_lines(seat, lane.line.begin_check(message.spec))
        else:
            self._report_lines(seat, lane.line.end_check(message.check_id, message.at, message.outcome))

    def _serve(self) -> None:
        for read in self._documents.collect():
            self._send(read)
        for seat in self._touched.values():
            self._guarded(seat, partial(self._take_in, seat))
        seat_with_picture = self._next_with_picture()
        if seat_with_picture is not None:
            self._touched[seat_with_picture.sitting_id] = seat_with_picture
            self._guarded(seat_with_picture, partial(self._serve_picture, seat_with_picture))
        self._work(is_idle=seat_with_picture is None)
        for seat in self._touched.values():
            self._guarded(seat, partial(self._settle, seat))
            if seat.lane.closing_at is not None and not seat.is_busy:
                self._close(seat)
        self._touched.clear()

    def _work(self, *, is_idle: bool) -> None:
        """Take a judgement a step further when nothing else waits, and now and again when something does."""
        seat = next((seat for seat in self._seats.values() if seat.lane.has_work and not seat.is_broken), None)
        if seat is None or (not is_idle and time.monotonic_ns() - self._worked_ns < WORK_AFTER_NS):
            return
        self._touched[seat.sitting_id] = seat
        self._guarded(seat, lambda: self._report(seat, seat.lane.work()))
        self._worked_ns = time.monotonic_ns()

    def _take_in(self, seat: Seat) -> None:
        self._report(seat, seat.lane.serve_sound())
        seat.lane.decode_pictures()

    def _serve_picture(self, seat: Seat) -> None:
        self._report(seat, seat.lane.serve_picture())

    def _settle(self, seat: Seat) -> None:
        self._report(seat, seat.lane.settle())
        if not seat.lane.has_picture:
            self._report(seat, seat.lane.wind_up())
        self._ask_for_key_frames(seat)

    def _guarded(self, seat: Seat, work: Callable[[], None]) -> None:
        """Do some work for a sitting; a failure that nobody foresaw ends the analysis of this sitting only."""
        if seat.is_broken:
            return
        try:
            work()
        except (BrokenPipeError, ConnectionResetError):
            raise
        except Exception as error:  # noqa: BLE001 - the other sittings of this process go on
            traceback.print_exc()
            seat.is_broken = True
            reason = f"{type(error).__name__}: {error}"
            self._report(seat, [DetectorDisabled("perception", reason, seat.lane.analysed_to)])
            if seat.check is not None:
                self._report(seat, [interrupted(seat.check, seat.lane.analysed_to)])

    def _next_with_picture(self) -> Seat | None:
        """The sitting with pictures that was served longest ago."""
        for place, sitting_id in enumerate(self._turn):
            seat = self._seats[sitting_id]
            if seat.lane.has_picture and not seat.is_broken:
                self._turn.append(self._turn.pop(place))
                return seat
        return None

    def _open(self, message: Open) -> None:
        policy = load_policy(message.policy, self._registry)
        enrolment, refusal = enrol(self._suite, message.enrolment)
        line = SittingLine(
            policy,
            self._suite,
            self._registry.build(policy.detectors),
            enrolment,
            Continuation(message.start, f"{message.epoch}." if message.epoch else "", message.screen),
            error_rates=self._error_rates,
        )
        lane = Lane(line, policy.analysis, message.start, self._lags_ms.append)
        seat = Seat(message.sitting_id, message.epoch, lane)
        self._seats[message.sitting_id] = seat
        self._turn = [sitting_id for sitting_id in self._turn if sitting_id != message.sitting_id]
        self._turn.append(message.sitting_id)
        self._send(Opened(message.sitting_id, message.epoch, enrolment is not None))
        if refusal is not None:
            self._report(seat, [DetectorDisabled("identity", refusal, message.start)])
        document = message.document
        if document is not None:
            self._guarded(seat, lambda: self._report_lines(seat, line.document(replace(document, at=message.start))))

    def _close(self, seat: Seat) -> None:
        self._guarded(seat, lambda: self._report(seat, seat.lane.finish()))
        self._past = _added(self._past, seat.lane.counts)
        del self._seats[seat.sitting_id]
        self._turn.remove(seat.sitting_id)
        self._send(Closed(seat.sitting_id))

    def _ask_for_key_frames(self, seat: Seat) -> None:
        now_ns = time.monotonic_ns()
        for track in seat.lane.wants_key_frames:
            if now_ns - seat.key_frames_asked_ns.get(track, -KEY_FRAME_RETRY_NS) >= KEY_FRAME_RETRY_NS:
                seat.key_frames_asked_ns[track] = now_ns
                self._send(KeyFrameWanted(seat.sitting_id, track))

    def _pong(self, ping: Ping) -> None:
        counts = self._past
        for seat in self._seats.values():
            counts = _added(counts, seat.lane.counts)
        self._send(
            Pong(
                number=ping.number,
                cpu_ns=time.process_time_ns(),
                lags_ms=self._lags_ms,
                pictures=counts.pictures,
                sounds=counts.sounds,
                pictures_dropped=counts.pictures_dropped,
                sounds_dropped=counts.sounds_dropped,
            )
        )
        self._lags_ms.clear()

    def _report_lines(self, seat: Seat, outputs: list[LineOutput]) -> None:
        self._report(seat, [result_of(output) for output in outputs])

    def _report(self, seat: Seat, results: list[PerceptionResult]) -> None:
        for result in results:
            self._send(Result(seat.sitting_id, seat.epoch, seat.lane.analysed_to, result))
            if isinstance(result, CheckDone):
                seat.check = None

    def _send(self, message: FromWorker) -> None:
        self._socket.sendall(self._encoder.encode(message))


def _added(left: LaneCounts, right: LaneCounts) -> LaneCounts:
    return LaneCounts(
        left.pictures + right.pictures,
        left.sounds + right.sounds,
        left.pictures_dropped + right.pictures_dropped,
        left.sounds_dropped + right.sounds_dropped,
        left.undecodable + right.undecodable,
    )


def main() -> int:
    """Load the models, then serve; 0 when the server closed its end, 1 when the models are missing."""
    parser = argparse.ArgumentParser(description="Perception worker; started by the server.")
    parser.add_argument("--fd", type=int, required=True, help="inherited end of a socket pair")
    parser.add_argument("--models", type=Path, default=None, help="directory of the installed models")
    arguments = parser.parse_args()
    # Ctrl-C reaches the whole process group; the server closes the socket when it has drained its sittings.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.nice(BACKGROUND_NICENESS)
    cv2.setNumThreads(1)
    with socket.socket(fileno=arguments.fd) as sock:
        try:
            installed = InstalledModels(arguments.models)
            suite = AnalyzerSuite.load(installed)
            rehearse(suite)
            registry = discover()
            error_rates = load_error_rates()
        except ProctorError as error:
            sock.sendall(Encoder().encode(Failed(str(error))))
            return 1
        # A server that dies closes its end in the middle of an answer.
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            Worker(sock, suite, registry, DocumentDesk(suite, installed), error_rates).run()
    return 0


if __name__ == "__main__":
    sys.exit(main())
