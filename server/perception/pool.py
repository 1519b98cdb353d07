"""The server's side of perception: starts the workers, gives each sitting to one, survives their deaths.

Nothing here waits for a worker while media comes in: what a worker cannot take is dropped and counted. No model is
ever loaded in the server's process.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

import structlog

from proctor.domain.documents import DocumentObserved
from proctor.domain.guided import GuidedOutcome, GuidedSpec
from proctor.domain.media import ClientEvent, EncodedFrame, LinkEvent, TrackKind
from proctor.domain.observations import ScreenZone
from proctor.domain.time import NS_PER_S, MediaTime
from proctor.pipeline.policy import ExamPolicy, dump_policy
from server.perception.attendance import Attendance, Cause, Losses
from server.perception.prompter import Prompter
from server.perception.protocol import (
    Advance,
    AnalysisDropped,
    AnyFromWorker,
    BeginCheck,
    CheckDone,
    CheckEnrolment,
    Close,
    Closed,
    DocumentChecked,
    EndCheck,
    EnrolmentChecked,
    Event,
    KeyFrameWanted,
    Link,
    Media,
    Opened,
    PerceptionInterrupted,
    PerceptionResult,
    ReadDocument,
    Result,
)
from server.perception.questions import ANSWER_TIMEOUT_S, PerceptionUnavailableError, Questions
from server.perception.supervisor import WorkerLoad, WorkerSupervisor

TICK_S: Final = 0.5
TICK_ALLOWANCE: Final = NS_PER_S // 2
"""Ticks stay this much behind the sitting's clock, so that pictures on their way are not overtaken."""
OTHER_PICTURE_BOUND_BYTES: Final = 1 << 19
PICTURE_BOUND_BYTES: Final = 1 << 20
SOUND_BOUND_BYTES: Final = 4 << 20
"""Bytes that may wait for a worker before pictures of screen and phone, the camera's, and sound are dropped; a picture
is about 12 kB."""
KEY_FRAME_RETRY_S: Final = 1.0
LOSS_REPORT: Final = 10 * NS_PER_S
FREE_WITHIN_S: Final = 10.0

Listener = Callable[[str, PerceptionResult], None]

_log = structlog.get_logger(__name__)


class PerceptionPool:
    """Worker processes and the sittings that they analyse. Used from one event loop.

    Args:
        workers: how many processes.
        listener: called on the event loop with (sitting id, result); must not block.
        request_key_frame: called on the event loop when a sitting's track needs a key frame; must not block.
        models_dir: where the models are installed; None means the default place.
    """

    def __init__(
        self,
        *,
        workers: int,
        listener: Listener,
        request_key_frame: Callable[[str, TrackKind], None],
        models_dir: Path | None = None,
    ) -> None:
        self._listener = listener
        self._request_key_frame = request_key_frame
        self._sittings: dict[str, Attendance] = {}
        self._questions = Questions(self._free_worker)
        self._prompter = Prompter(listener)
        self._ticker: asyncio.Task[None] | None = None
        self._workers = tuple(
            WorkerSupervisor(index, models_dir, ready=self._ready, received=self._received, died=self._died)
            for index in range(workers)
        )

    async def start(self) -> None:
        """Start the workers; returns at once, they load their models in the background."""
        for worker in self._workers:
            worker.start()
        self._ticker = asyncio.create_task(self._tick_forever())

    async def stop(self) -> None:
        """End the workers; sittings that are still open end without their last results."""
        self._prompter.stop_all()
        if self._ticker is not None:
            self._ticker.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._ticker
        await asyncio.gather(*(worker.stop() for worker in self._workers))
        self._questions.cancel()

    async def ready(self) -> None:
        """Wait until every worker has loaded its models.

        Raises:
            PerceptionUnavailableError: one of them cannot; the message says why.
        """
        for worker in self._workers:
            await self._wait_for(worker)

    async def check_enrolment(self, jpeg: bytes, known: tuple[bytes, ...] = ()) -> EnrolmentChecked:
        """Judge an identity photograph, and whether it shows the person of those `known`.

        Raises:
            PerceptionUnavailableError: no worker answered.
        """
        return await self._questions.ask(EnrolmentChecked, lambda request: CheckEnrolment(request, jpeg, known))

    async def read_document(self, jpeg: bytes, known: tuple[bytes, ...]) -> DocumentChecked:
        """Read an identity document and compare its portrait with the photographs `known`.

        Raises:
            PerceptionUnavailableError: no worker answered.
        """
        return await self._questions.ask(DocumentChecked, lambda request: ReadDocument(request, jpeg, known))

    async def open(  # noqa: PLR0913 - what a line begins with
        self,
        sitting_id: str,
        policy: ExamPolicy,
        enrolment: tuple[bytes, ...],
        media_now: Callable[[], MediaTime],
        *,
        epoch: int = 0,
        document: DocumentObserved | None = None,
        screen: ScreenZone | None = None,
    ) -> None:
        """Begin to analyse a sitting; returns when its worker has it.

        `media_now` gives the sitting's media time; `epoch` is how often its analysis was interrupted before, so that
        ids are not repeated after a restart of the server; `document` what became of the identity document; `screen`
        the candidate's own, where the gaze was calibrated before.

        Raises:
            PerceptionUnavailableError: no worker is there yet; the sitting is taken up as soon as one is.
            ValueError: the sitting is open already.
        """
        if sitting_id in self._sittings:
            raise ValueError(f"sitting {sitting_id} is open already")
        worker = self._least_loaded()
        attendance = Attendance(sitting_id, dump_policy(policy), enrolment, media_now, worker.index, epoch)
        attendance.document, attendance.screen = document, screen
        self._sittings[sitting_id] = attendance
        if worker.is_ready:
            self._send_open(attendance)
        else:
            await self._wait_for(worker)
        try:
            await asyncio.wait_for(attendance.opened.wait(), ANSWER_TIMEOUT_S)
        except TimeoutError as error:
            raise PerceptionUnavailableError("no perception worker took the sitting; see the server's log") from error

    def accept(self, sitting_id: str, frame: EncodedFrame) -> None:
        """Hand on sound, and layer 0 of camera, screen and phone; anything else is passed over. Never blocks."""
        attendance = self._sittings.get(sitting_id)
        if attendance is None or attendance.closing_at is not None:
            return
        worker = self._workers[attendance.worker]
        waiting = worker.waiting_bytes if attendance.sent else None
        if frame.track is TrackKind.MICROPHONE:
            if waiting is None or waiting > SOUND_BOUND_BYTES:
                attendance.losses.sounds += 1
                return
        elif frame.temporal_id != 0 or not self._passes(attendance, frame, waiting):
            return
        worker.send(Media(sitting_id, frame, time.monotonic_ns()))

    def event(self, sitting_id: str, event: ClientEvent) -> None:
        """Hand on what the browser reported."""
        attendance = self._sittings.get(sitting_id)
        if attendance is None:
            return
        attendance.remember_event(event)
        if attendance.sent:
            self._workers[attendance.worker].send(Event(sitting_id, event))

    def link(self, sitting_id: str, event: LinkEvent) -> None:
        """Hand on a change of the media connection."""
        attendance = self._sittings.get(sitting_id)
        if attendance is None:
            return
        attendance.remember_link(event)
        if attendance.sent:
            self._workers[attendance.worker].send(Link(sitting_id, event))

    def begin_check(self, sitting_id: str, spec: GuidedSpec) -> None:
        """Let a guided check begin; the listener gets `CheckMoved` while it runs and `CheckDone` once, however it ends.

        Raises:
            PerceptionUnavailableError: the sitting is not analysed just now; nothing has begun.
            CheckPendingError: another check of the sitting has not ended.
        """
        attendance = self._sittings.get(sitting_id)
        if attendance is None or not attendance.opened.is_set() or attendance.closing_at is not None:
            raise PerceptionUnavailableError(f"sitting {sitting_id} is not analysed just now")
        attendance.begin_check(spec)
        self._workers[attendance.worker].send(BeginCheck(sitting_id, spec))
        self._prompter.start(sitting_id, spec, attendance.media_now)

    async def free_for_check(self, sitting_id: str) -> None:
        """Wait a while for the sitting's worker where it has to take it up, or to tell the end of the last check."""
        attendance = self._sittings.get(sitting_id)
        if attendance is not None:
            await attendance.free_for_check(FREE_WITHIN_S)

    def end_check(self, sitting_id: str, check_id: str, at: MediaTime, outcome: GuidedOutcome | None = None) -> None:
        """End a check at `at` unless it has ended; its result goes to the listener.

        It is judged as far as it came, or, with an `outcome`, ends with that and without a judgement.
        """
        attendance = self._sittings.get(sitting_id)
        if attendance is None or attendance.check is None or attendance.check.check_id != check_id:
            return
        self._prompter.stop(sitting_id)
        self._workers[attendance.worker].send(EndCheck(sitting_id, check_id, at, outcome))

    async def close(self, sitting_id: str, at: MediaTime) -> None:
        """End a sitting at `at`; when it returns, every result has gone to the listener.

        Raises:
            PerceptionUnavailableError: no worker finished it; results may be missing.
        """
        attendance = self._sittings.get(sitting_id)
        if attendance is None:
            return
        attendance.closing_at = at
        if attendance.sent:
            self._workers[attendance.worker].send(Close(sitting_id, at))
        try:
            await asyncio.wait_for(attendance.closed.wait(), ANSWER_TIMEOUT_S)
        except TimeoutError as error:
            raise PerceptionUnavailableError(f"sitting {sitting_id} was not analysed to its end") from error
        finally:
            self._prompter.stop(sitting_id)
            self._sittings.pop(sitting_id, None)

    def loads(self) -> tuple[WorkerLoad, ...]:
        """Load of each worker as it last reported."""
        return tuple(worker.load(self._sittings_of(worker.index)) for worker in self._workers)

    def _sittings_of(self, index: int) -> int:
        return sum(attendance.worker == index for attendance in self._sittings.values())

    def _least_loaded(self) -> WorkerSupervisor:
        return min(self._workers, key=lambda worker: (not worker.is_ready, self._sittings_of(worker.index)))

    async def _free_worker(self) -> WorkerSupervisor:
        worker = self._least_loaded()
        await self._wait_for(worker)
        return worker

    async def _wait_for(self, worker: WorkerSupervisor) -> None:
        problem = await worker.wait_ready(ANSWER_TIMEOUT_S)
        if problem is not None:
            raise PerceptionUnavailableError(problem)

    def _send_open(self, attendance: Attendance) -> None:
        attendance.sent = True
        self._workers[attendance.worker].send(attendance.opening())

    def _passes(self, attendance: Attendance, frame: EncodedFrame, waiting: int | None) -> bool:
        """Whether a picture may go to the worker, to whom so many bytes are on their way; None where it is not there.

        The camera has the whole bound, the other tracks a part of it, so that they are dropped first.
        """
        bound = PICTURE_BOUND_BYTES if frame.track is TrackKind.CAMERA else OTHER_PICTURE_BOUND_BYTES
        room = waiting is not None and waiting <= bound
        attendance.seen.add(frame.track)
        if attendance.gates[frame.track].admit(frame, room=room):
            return True
        attendance.losses.pictures += 1
        if room:
            self._want_key_frame(attendance, frame.track)
        return False

    def _want_key_frame(self, attendance: Attendance, track: TrackKind) -> None:
        now_s = time.monotonic()
        if now_s - attendance.key_frame_asked_s.get(track, float("-inf")) >= KEY_FRAME_RETRY_S:
            attendance.key_frame_asked_s[track] = now_s
            self._request_key_frame(attendance.sitting_id, track)

    def _ready(self, index: int) -> None:
        """A worker has loaded its models: give it the sittings that wait for it."""
        for attendance in self._sittings.values():
            if attendance.worker == index and not attendance.sent:
                self._send_open(attendance)

    def _died(self, index: int, cause: Cause) -> None:
        """A worker is gone: end what was open in it; its sittings wait for its successor."""
        self._questions.died(index)
        for attendance in self._sittings.values():
            if attendance.worker == index and attendance.sent:
                self._report_losses(attendance)
                for result in attendance.interrupt(cause):
                    self._tell(attendance, result)

    def _received(self, message: AnyFromWorker) -> None:
        if isinstance(message, Result):
            attendance = self._sittings.get(message.sitting_id)
            if attendance is not None and attendance.epoch == message.epoch:
                attendance.analysed_to = max(attendance.analysed_to, message.analysed_to)
                attendance.note(message.result)
                self._tell(attendance, message.result)
        elif isinstance(message, Opened):
            self._opened(message)
        elif isinstance(message, Closed):
            if (attendance := self._sittings.get(message.sitting_id)) is not None:
                self._close(attendance)
        elif isinstance(message, EnrolmentChecked | DocumentChecked):
            self._questions.answered(message)
        elif isinstance(message, KeyFrameWanted) and (attendance := self._sittings.get(message.sitting_id)) is not None:
            self._want_key_frame(attendance, message.track)

    def _tell(self, attendance: Attendance, result: PerceptionResult) -> None:
        if isinstance(result, CheckDone):
            self._prompter.stop(attendance.sitting_id)
        self._listener(attendance.sitting_id, result)

    def _close(self, attendance: Attendance) -> None:
        """A worker has finished with a sitting; it leaves something open only where it failed before the end."""
        at = attendance.analysed_to if attendance.closing_at is None else attendance.closing_at
        for result in attendance.end_open(at):
            self._tell(attendance, result)
        self._report_losses(attendance)
        attendance.closed.set()

    def _opened(self, message: Opened) -> None:
        attendance = self._sittings.get(message.sitting_id)
        if attendance is None or attendance.epoch != message.epoch:
            return
        attendance.opened.set()
        worker = self._workers[attendance.worker]
        now = attendance.media_now() if attendance.closing_at is None else attendance.closing_at
        if attendance.interrupted is not None:
            start, cause = attendance.interrupted
            attendance.interrupted = None
            # What could not be handed over meanwhile lies within the interruption.
            attendance.losses, attendance.losses_from = Losses(), now
            self._listener(attendance.sitting_id, PerceptionInterrupted(start, max(start, now), cause))
            events, link = attendance.present_state(now)
            for event in events:
                worker.send(Event(attendance.sitting_id, event))
            if link is not None:
                worker.send(Link(attendance.sitting_id, link))
        for track in sorted(attendance.seen):
            self._want_key_frame(attendance, track)
        if attendance.closing_at is not None:
            worker.send(Close(attendance.sitting_id, attendance.closing_at))

    async def _tick_forever(self) -> None:
        while True:
            await asyncio.sleep(TICK_S)
            for attendance in list(self._sittings.values()):
                now = attendance.media_now()
                if attendance.opened.is_set() and attendance.closing_at is None:
                    at = MediaTime(max(0, now - TICK_ALLOWANCE))
                    self._workers[attendance.worker].send(Advance(attendance.sitting_id, at))
                if now - attendance.losses_from >= LOSS_REPORT and attendance.interrupted is None:
                    self._report_losses(attendance)

    def _report_losses(self, attendance: Attendance) -> None:
        losses, now = attendance.losses, attendance.media_now()
        if losses.pictures or losses.sounds:
            _log.warning(
                "analysis dropped", sitting=attendance.sitting_id, pictures=losses.pictures, sounds=losses.sounds
            )
            dropped = AnalysisDropped(attendance.losses_from, now, losses.pictures, losses.sounds, undecodable=0)
            self._listener(attendance.sitting_id, dropped)
        attendance.losses = Losses()
        attendance.losses_from = now
