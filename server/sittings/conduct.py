"""Start, end and recovery of sittings: one lock each, so that a step happens once."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

import structlog
from sqlalchemy.exc import DBAPIError

from proctor.domain.errors import ProctorError
from proctor.domain.media import TrackKind
from proctor.domain.time import NS_PER_MS, NS_PER_S, MediaTime, to_ms
from proctor.domain.timeline import EntryKind, JsonValue
from proctor.pipeline.policy import ExamPolicy
from proctor.ports.blob_store import BlobStore
from proctor.ports.clock import Clock
from proctor.ports.timeline_store import TimelineStore
from server.checks.book import CheckBook
from server.checks.checking import Checking
from server.identity.documents import DocumentState, document_of
from server.identity.known import KnownIdentity, known_identity
from server.policies import PolicyBook
from server.sittings.claims import ClaimBook
from server.sittings.leftovers import close_leftovers, count_entries, last_media_time
from server.sittings.live import LiveSittings
from server.sittings.opening import LONGEST_OPENING, Opening, asks_for_checks, note_opened
from server.sittings.refusals import media_not_arriving, out_of_order, step_missing
from server.sittings.repository import Sitting, SittingRepository
from server.sittings.states import SittingState
from server.steps import Steps

log = structlog.get_logger(__name__)

GRACE_S: Final = 30
"""At the end of the exam's time the page asks to finish; so long later the server does it."""
_NOT_KEPT: Final = (ProctorError, DBAPIError)
"""What a full disk looks like; space may come back."""
_RETRY_S: Final = 10.0
_SWEEP_S: Final = 1.0
_PATIENCE_S: Final = 8.0
"""A candidate who has finished does not wait longer for the rest of the analysis."""
_STOP_PATIENCE_S: Final = 15.0


class Conduct:
    """Runs sittings from start to finish, across restarts of the server."""

    def __init__(  # noqa: PLR0913 - everything that start and finish touch
        self,
        *,
        repository: SittingRepository,
        policies: PolicyBook,
        timeline: TimelineStore,
        blobs: BlobStore,
        claims: ClaimBook,
        live: LiveSittings,
        steps: Steps,
        book: CheckBook,
        checking: Checking,
        clock: Clock,
        version: str,
    ) -> None:
        self._version = version
        self._repository = repository
        self._policies = policies
        self._timeline = timeline
        self._blobs = blobs
        self._claims = claims
        self._live = live
        self._clock = clock
        self._steps = steps
        self._checking = checking
        self._opening = Opening(
            repository=repository,
            policies=policies,
            timeline=timeline,
            book=book,
            checking=checking,
            steps=steps,
            clock=clock,
            media_now=live.media_now,
            opened=self._set_timer,
        )
        self._timers: dict[str, asyncio.TimerHandle] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._winding_up: set[asyncio.Task[None]] = set()

    def missing(self, sitting_id: str, policy: ExamPolicy) -> list[TrackKind]:
        """Tracks that the policy requires and that do not arrive."""
        receiving = self._live.receiving(sitting_id)
        return [track for track in required_tracks(policy) if not receiving.get(track, False)]

    def step(self, sitting_id: str) -> asyncio.Lock:
        """To be held from reading a sitting's state to changing it; `start` and `finish` hold it themselves."""
        return self._steps.of(sitting_id)

    async def start(self, sitting_id: str) -> None:
        """Media time 0 is now; nothing happens when the sitting runs already.

        Raises:
            ProblemError: 409 names what is missing.
        """
        async with self.step(sitting_id):
            sitting = await self._get(sitting_id)
            if sitting.state is SittingState.RUNNING:
                await self._make_sure_start_is_noted(sitting)
                return
            policy = self._policies.parse_stored(sitting.policy_toml)
            await self._check_ready(sitting, policy)
            identity = await self._identity(sitting_id, policy)
            started_at, started_ns = self._clock.now_utc(), self._clock.monotonic_ns()
            opened_at = None if asks_for_checks(policy.steps) else started_at
            await self._repository.change(
                sitting_id, state=SittingState.RUNNING, started_at=started_at, opened_at=opened_at
            )
            self._live.begin(sitting_id, started_ns, policy, identity)
            sitting = replace(sitting, started_at=started_at, opened_at=opened_at)
            self._set_timer(sitting)
            await self._note_start(sitting)
            self._live.note_leg(sitting_id)
        if opened_at is None:
            await self._opening.begin(sitting)
        log.info("sitting_started", sitting=sitting_id)

    async def finish(self, sitting_id: str, reason: str, at: MediaTime | None = None) -> None:
        """End the sitting, drain analysis and seal the recording; nothing happens when it is finished.

        Returns when all is sealed, or when that takes long: then it goes on in the background.

        Raises:
            ProblemError: 409 it has not started.
        """
        async with self.step(sitting_id):
            sitting = await self._get(sitting_id)
            if sitting.state is SittingState.FINISHED:
                return
            if sitting.state is not SittingState.RUNNING:
                raise out_of_order(sitting.state)
            end = self._live.media_now(sitting_id) if at is None else at
            await self._repository.change(
                sitting_id,
                state=SittingState.FINISHED,
                finished_at=self._clock.now_utc(),
                duration_ms=to_ms(end),
                finish_reason=reason,
            )
            timer = self._timers.pop(sitting_id, None)
            if timer is not None:
                timer.cancel()
            winding_up = asyncio.create_task(self._wind_up(sitting_id, end, reason), name=f"winding up {sitting_id}")
            self._winding_up.add(winding_up)
            winding_up.add_done_callback(self._winding_up.discard)
        self._steps.forget(sitting_id)
        self._opening.forget(sitting_id)
        await asyncio.wait({winding_up}, timeout=_PATIENCE_S)

    async def _wind_up(self, sitting_id: str, end: MediaTime, reason: str) -> None:
        try:
            await self._live.finish(sitting_id, end)
        except Exception:  # a defect in draining must not keep the finish from being written
            log.exception("sitting_not_drained", sitting=sitting_id)
        self._claims.release(sitting_id)
        while True:
            try:
                await self._checking.leave(sitting_id, end, is_over=True)
                await self._seal(sitting_id, end, reason)
            except _NOT_KEPT as error:
                log.warning("finish_not_written", sitting=sitting_id, reason=str(error))
                await asyncio.sleep(_RETRY_S)
            else:
                self._steps.forget(sitting_id)
                log.info("sitting_finished", sitting=sitting_id, reason=reason)
                return

    async def recover(self) -> None:
        """After the server came up: complete finishes that were cut short, and go on with what was running."""
        for sitting in await self._repository.unsealed():
            end = MediaTime((sitting.duration_ms or 0) * NS_PER_MS)
            try:
                await close_leftovers(self._timeline, sitting.sitting_id, end)
                await self._checking.leave(sitting.sitting_id, end, is_over=True)
                await self._seal(sitting.sitting_id, end, sitting.finish_reason or "candidate")
            except _NOT_KEPT as error:  # left to the next start
                log.warning("finish_not_written", sitting=sitting.sitting_id, reason=str(error))
        for sitting in await self._repository.running():
            try:
                await self._resume(sitting)
            except _NOT_KEPT as error:
                log.warning("sitting_not_resumed", sitting=sitting.sitting_id, reason=str(error))

    async def watch(self) -> None:
        """Go on with openings until cancelled."""
        while True:
            await asyncio.sleep(_SWEEP_S)
            await self._opening.sweep()

    async def stop(self) -> None:
        """The server stops: seal what is recorded; running sittings go on at the next start."""
        for timer in self._timers.values():
            timer.cancel()
        self._timers.clear()
        await self._opening.stop()
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for sitting_id in self._live.running():
            with contextlib.suppress(*_NOT_KEPT):  # the next start ends it
                await self._checking.leave(sitting_id, self._live.media_now(sitting_id), is_over=False)
        await self._live.suspend()
        if self._winding_up:
            _, late = await asyncio.wait(self._winding_up, timeout=_STOP_PATIENCE_S)
            for task in late:  # completed at the next start
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    async def _identity(self, sitting_id: str, policy: ExamPolicy) -> KnownIdentity:
        with_document = policy.steps.identity_document
        return await known_identity(self._timeline, self._blobs, sitting_id, with_document=with_document)

    async def _check_ready(self, sitting: Sitting, policy: ExamPolicy) -> None:
        if sitting.state in (SittingState.SCHEDULED, SittingState.REFUSED, SittingState.FINISHED):
            raise out_of_order(sitting.state)
        if sitting.state is SittingState.CONSENTED:
            raise step_missing(
                "equipment_missing", "The equipment has not been checked.", "Go through the equipment check first."
            )
        if policy.steps.identity_photograph and sitting.enrolment_sha256 is None:
            raise step_missing(
                "enrolment_missing", "There is no identity photograph.", "Take the identity photograph first."
            )
        if policy.steps.identity_document:
            document = await document_of(self._timeline, sitting.sitting_id)
            if document.state is DocumentState.NONE:
                raise step_missing(
                    "document_missing", "No identity document has been shown.", "Show it, or leave it to a person."
                )
        missing = self.missing(sitting.sitting_id, policy)
        if missing:
            raise media_not_arriving(missing)

    async def _resume(self, sitting: Sitting) -> None:
        sitting_id = sitting.sitting_id
        started_at = sitting.started_at or self._clock.now_utc()
        recorded_until = await last_media_time(self._timeline, sitting_id)
        await close_leftovers(self._timeline, sitting_id, recorded_until)
        await self._checking.leave(sitting_id, recorded_until, is_over=False)
        await self._make_sure_start_is_noted(sitting)
        elapsed_ns = self._since(started_at)
        longest_ns = round((_latest_end(sitting, started_at) - started_at).total_seconds() * NS_PER_S)
        if elapsed_ns >= longest_ns:
            await self.finish(sitting_id, "time_over", MediaTime(max(longest_ns, recorded_until)))
            return
        policy = self._policies.parse_stored(sitting.policy_toml)
        started_ns = self._clock.monotonic_ns() - elapsed_ns
        identity = await self._identity(sitting_id, policy)
        payload: dict[str, JsonValue] = {
            "start_ms": to_ms(recorded_until),
            "end_ms": elapsed_ns // NS_PER_MS,
            "cause": "server",
        }
        await self._timeline.append(sitting_id, EntryKind.PERCEPTION_INTERRUPTED, payload, MediaTime(elapsed_ns))
        epoch = await count_entries(self._timeline, sitting_id, EntryKind.PERCEPTION_INTERRUPTED)
        self._live.resume(sitting_id, started_ns, policy, identity, epoch=epoch, recorded_until=recorded_until)
        self._set_timer(sitting)
        if sitting.opened_at is None:
            await self._opening.begin(sitting)
        elif asks_for_checks(policy.steps):
            await note_opened(self._timeline, sitting_id, "checks_ended", MediaTime(elapsed_ns))
        log.info("sitting_resumed", sitting=sitting_id, gap_from_ms=to_ms(recorded_until))

    async def _make_sure_start_is_noted(self, sitting: Sitting) -> None:
        if not await count_entries(self._timeline, sitting.sitting_id, EntryKind.SITTING_STARTED):
            await self._note_start(sitting)

    async def _note_start(self, sitting: Sitting) -> None:
        payload: dict[str, JsonValue] = {
            "policy_sha256": sitting.policy_sha256,
            "enrolment_sha256": sitting.enrolment_sha256,
            "program_version": self._version,
            "duration_minutes": sitting.duration_minutes,
        }
        await self._timeline.append(sitting.sitting_id, EntryKind.SITTING_STARTED, payload, MediaTime(0))

    async def _seal(self, sitting_id: str, end: MediaTime, reason: str) -> None:
        if not await count_entries(self._timeline, sitting_id, EntryKind.SITTING_FINISHED):
            payload: dict[str, JsonValue] = {"duration_ms": to_ms(end), "reason": reason}
            await self._timeline.append(sitting_id, EntryKind.SITTING_FINISHED, payload, end)
        await self._repository.change(sitting_id, sealed_at=self._clock.now_utc())

    def _set_timer(self, sitting: Sitting) -> None:
        """Finish the sitting in time; a timer that was set before is replaced."""
        former = self._timers.pop(sitting.sitting_id, None)
        if former is not None:
            former.cancel()
        now = self._clock.now_utc()
        delay_s = (_latest_end(sitting, sitting.started_at or now) - now).total_seconds()
        self._timers[sitting.sitting_id] = asyncio.get_running_loop().call_later(
            max(0.0, delay_s), self._time_over, sitting.sitting_id
        )

    def _time_over(self, sitting_id: str) -> None:
        task = asyncio.create_task(self._finish_in_time(sitting_id), name=f"time over {sitting_id}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _finish_in_time(self, sitting_id: str) -> None:
        while True:
            try:
                if await self._has_been_prolonged(sitting_id):
                    return
                await self.finish(sitting_id, "time_over")
            except _NOT_KEPT as error:
                log.warning("finish_failed", sitting=sitting_id, reason=str(error))
                await asyncio.sleep(_RETRY_S)
            else:
                return

    async def _has_been_prolonged(self, sitting_id: str) -> bool:
        """Set the timer anew when the exam was given more time meanwhile."""
        sitting = await self._get(sitting_id)
        if sitting.state is not SittingState.RUNNING or sitting.started_at is None:
            return True
        if self._clock.now_utc() + timedelta(seconds=1) >= _latest_end(sitting, sitting.started_at):
            return False
        self._set_timer(sitting)
        return True

    def _since(self, then: datetime) -> int:
        return max(0, round((self._clock.now_utc() - then).total_seconds() * NS_PER_S))

    async def _get(self, sitting_id: str) -> Sitting:
        sitting = await self._repository.get(sitting_id)
        if sitting is None:
            raise LookupError(sitting_id)
        return sitting


def _latest_end(sitting: Sitting, started_at: datetime) -> datetime:
    """When the server finishes the sitting; while its questions are closed, at the latest."""
    opened_at = sitting.opened_at or started_at + LONGEST_OPENING
    return opened_at + timedelta(minutes=sitting.duration_minutes, seconds=GRACE_S)


def required_tracks(policy: ExamPolicy) -> list[TrackKind]:
    """Tracks that a sitting cannot start without."""
    steps = policy.steps
    wanted = {
        TrackKind.CAMERA: steps.camera,
        TrackKind.MICROPHONE: steps.microphone,
        TrackKind.SCREEN: steps.screen,
    }
    return [track for track, required in wanted.items() if required]
