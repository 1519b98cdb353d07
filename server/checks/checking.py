"""Guided checks from the asking to the end: at most one open in a sitting, each step written down as it happens.

What the machine measured ends a check; so do the candidate, an invigilator, time, and whatever fails. Nothing follows
from an end by itself.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, Protocol

import structlog

from proctor.domain.errors import ProctorError
from proctor.domain.guided import GuidedKind, GuidedOutcome, GuidedSpec
from proctor.domain.media import TrackKind
from proctor.domain.time import MediaTime
from proctor.domain.timeline import Entry, EntryKind, JsonValue
from proctor.pipeline.outputs import CheckFinished, CheckJudged, CheckProgressed
from proctor.ports.clock import Clock
from proctor.ports.timeline_store import TimelineStore
from server.checks import refusals
from server.checks.book import CheckBook
from server.checks.entries import begin_payload, end_payload, track_gone
from server.checks.history import Check
from server.checks.schemas import CheckProgressMessage, CheckState
from server.identifiers import new_identifier
from server.perception.attendance import CheckPendingError
from server.perception.questions import PerceptionUnavailableError
from server.problems import ProblemError
from server.steps import Steps

log = structlog.get_logger(__name__)

BEGUN_WITHIN: Final = timedelta(minutes=10)
"""For a check by policy, which keeps the questions closed; an invigilator takes back what nobody begins."""
ENDED_WITHIN: Final = timedelta(minutes=5)
"""Counted from the last new degree of the room that was shown, and not while what was shown is judged."""
JUDGED_WITHIN: Final = timedelta(seconds=60)
"""Counted from the judgement's last step: people and things are looked for at the end of a room scan, on a full machine
for a while."""
NEW_DEG: Final = 1.0
SWEEP_S: Final = 1.0
_SEED_BYTES: Final = 16


class Judges(Protocol):
    """Who looks at the pictures."""

    def begin_check(self, sitting_id: str, spec: GuidedSpec) -> None:
        """From `spec.begun` on the pictures of the track are the check's."""
        ...

    async def free_for_check(self, sitting_id: str) -> None:
        """Wait a while until a check could begin."""
        ...

    def end_check(self, sitting_id: str, check_id: str, at: MediaTime, outcome: GuidedOutcome | None = None) -> None:
        """Judge as far as it came; not where an outcome is given."""
        ...


class Media(Protocol):
    """What is known of sittings that run."""

    def runs(self, sitting_id: str) -> bool:
        """Whether it is being recorded."""
        ...

    def running(self) -> list[str]:
        """All that are being recorded."""
        ...

    def media_now(self, sitting_id: str) -> MediaTime:
        """Media time now."""
        ...

    def receiving(self, sitting_id: str) -> Mapping[TrackKind, bool]:
        """Whether each track's media arrives."""
        ...


class Checking:
    """Asks, begins and ends. `hear` is to be subscribed to the timeline; `run` ends what takes too long.

    Args:
        keep_picture: stores a JPEG and gives its SHA-256; None when it could not be kept.
        required_deg: degrees that the sitting's policy demands of a room scan.
    """

    def __init__(  # noqa: PLR0913 - everything that a check touches
        self,
        *,
        book: CheckBook,
        timeline: TimelineStore,
        judges: Judges,
        media: Media,
        steps: Steps,
        clock: Clock,
        keep_picture: Callable[[str, bytes], Awaitable[str | None]],
        required_deg: Callable[[str], Awaitable[float]],
    ) -> None:
        self._book = book
        self._timeline = timeline
        self._judges = judges
        self._media = media
        self._steps = steps
        self._clock = clock
        self._keep_picture = keep_picture
        self._required_deg = required_deg
        self._running: dict[str, GuidedSpec] = {}
        self._judging: dict[str, datetime] = {}
        """When the judgement last moved, of those that need no more pictures."""
        self._shown: dict[str, tuple[float, datetime]] = {}
        """Degrees that a room scan has shown so far, and since when so many."""
        self._ending: set[str] = set()
        self._lost: set[str] = set()
        """Checks that the judge has ended, and whose end is not written down."""
        self._tasks: set[asyncio.Task[None]] = set()

    async def ask(self, sitting_id: str, kind: GuidedKind, asked_by: str | None) -> Check:
        """Ask for a check; `asked_by` is the invigilator's account, None for the policy.

        Raises:
            ProblemError: 409 the sitting does not run, or a check is open.
        """
        async with self._steps.of(sitting_id):
            self._require_running(sitting_id)
            checks = await self._book.of(sitting_id)
            if checks.open is not None:
                raise refusals.check_open()
            check_id = new_identifier()
            payload: dict[str, JsonValue] = {"check_id": check_id, "check": kind.value, "asked_by": asked_by}
            await self._note(sitting_id, EntryKind.CHECK_ASKED, payload)
            return checks.checks[check_id]

    async def begin(self, sitting_id: str, check_id: str, track: TrackKind) -> Check:
        """The candidate begins; asking again changes nothing.

        Raises:
            ProblemError: 404 no such check, 409 it has ended, runs with another camera, no picture arrives, or the
                check before it is still being ended, 422 a challenge with a telephone, 503 nobody could judge it.
        """
        try:
            return await self._try_to_begin(sitting_id, check_id, track)
        except (PerceptionUnavailableError, CheckPendingError):
            await self._judges.free_for_check(sitting_id)  # others may withdraw it meanwhile
        try:
            return await self._try_to_begin(sitting_id, check_id, track)
        except PerceptionUnavailableError as error:
            raise refusals.perception_unavailable() from error
        except CheckPendingError as error:
            raise refusals.check_open() from error

    async def stop(self, sitting_id: str, check_id: str) -> Check:
        """The candidate has done what can be done: judge it as far as it came; the result follows.

        Raises:
            ProblemError: 404 no such check, 409 it has ended or not begun.
        """
        async with self._steps.of(sitting_id):
            check = await self._find(sitting_id, check_id)
            if check.state is not CheckState.BEGUN:
                raise refusals.not_begun()
            if check_id not in self._judging:
                self._judging[check_id] = self._clock.now_utc()
                self._judges.end_check(sitting_id, check_id, self._media.media_now(sitting_id))
            return check

    async def end(self, sitting_id: str, check_id: str, outcome: GuidedOutcome, ended_by: str | None = None) -> Check:
        """End a check without a judgement; `ended_by` is the account of an invigilator who takes it back.

        Raises:
            ProblemError: 404 no such check, 409 it has ended.
        """
        async with self._steps.of(sitting_id):
            check = await self._find(sitting_id, check_id)
            await self._end(sitting_id, check, outcome, self._media.media_now(sitting_id), ended_by)
            return check

    async def decline(self, sitting_id: str, check_id: str) -> Check:
        """The candidate cannot do it, or leaves out what nobody has to do.

        Raises:
            ProblemError: 404 no such check, 409 it has ended.
        """
        check = (await self._book.of(sitting_id)).checks.get(check_id)
        is_free = check is not None and check.kind is GuidedKind.GAZE_CALIBRATION
        return await self.end(sitting_id, check_id, GuidedOutcome.LEFT_OUT if is_free else GuidedOutcome.DECLINED)

    async def leave(self, sitting_id: str, at: MediaTime, *, is_over: bool) -> None:
        """End what began and nobody judges any more; of a sitting that is over, also what was not begun."""
        async with self._steps.of(sitting_id):
            check = (await self._book.of(sitting_id)).open
            if check is None or check.check_id in self._ending:
                return
            if check.state is CheckState.BEGUN:
                await self._end(sitting_id, check, GuidedOutcome.INTERRUPTED, at)
            elif is_over:
                await self._end(sitting_id, check, GuidedOutcome.EXPIRED, at)

    def moved(self, sitting_id: str, progress: CheckProgressed) -> None:
        """A check goes on."""
        known = self._running.get(sitting_id)
        if known is None or known.check_id != progress.check_id or progress.check_id in self._ending:
            return
        told = CheckProgressMessage.model_validate(progress)
        self._book.moved(sitting_id, told)
        degrees, _ = self._shown.get(progress.check_id, (0.0, None))
        if progress.coverage_deg is not None and progress.coverage_deg >= degrees + NEW_DEG:
            self._shown[progress.check_id] = (progress.coverage_deg, self._clock.now_utc())

    def judged(self, sitting_id: str, judged: CheckJudged) -> None:
        """A check needs no more pictures, and its judgement has begun or gone a step further."""
        known = self._running.get(sitting_id)
        if known is not None and known.check_id == judged.check_id and judged.check_id not in self._ending:
            self._judging[judged.check_id] = self._clock.now_utc()

    async def finished(self, sitting_id: str, finished: CheckFinished) -> None:
        """A check was judged, or could not be: keep its picture, then write its end down."""
        check = (await self._book.of(sitting_id)).checks.get(finished.check_id)
        if check is None or check.ended is not None or check.check_id in self._ending:
            return
        self._ending.add(check.check_id)
        self._lost.add(check.check_id)
        try:
            sha256 = None if finished.jpeg is None else await self._keep_picture(sitting_id, finished.jpeg)
            spec = self._running.get(sitting_id)
            payload = end_payload(check, spec, finished.outcome, finished.since, finished.at) | {
                "result": None if finished.result is None else dict(finished.result),
                "picture_sha256": sha256,
                "ended_by": None,
            }
            await self._timeline.append(sitting_id, EntryKind.CHECK_ENDED, payload, finished.at, patient=True)
            self._lost.discard(check.check_id)
        except ProctorError as error:  # left to `sweep`
            log.warning("check_end_not_written", sitting=sitting_id, check=check.check_id, reason=str(error))
        finally:
            self._forget(sitting_id, check.check_id)

    def hear(self, entries: Sequence[Entry]) -> None:
        """End the check whose camera has gone."""
        for entry in entries:
            gone = track_gone(entry)
            spec = self._running.get(entry.sitting)
            if spec is not None and spec.track is gone and spec.check_id not in self._judging:
                self._later(self._interrupt(entry.sitting, spec.check_id))

    async def run(self) -> None:
        """Sweep until cancelled."""
        while True:
            await asyncio.sleep(SWEEP_S)
            try:
                await self.sweep()
            except Exception:
                log.exception("checks_not_swept")

    async def sweep(self) -> None:
        """End what takes too long."""
        now = self._clock.now_utc()
        for sitting_id in self._media.running():
            check = (await self._book.of(sitting_id)).open
            if check is None or check.check_id in self._ending:
                continue
            judging_since = self._judging.get(check.check_id)
            if check.check_id in self._lost:
                await self._try_end(sitting_id, check, GuidedOutcome.INTERRUPTED)
            elif judging_since is not None:
                if now - judging_since > JUDGED_WITHIN:
                    await self._try_end(sitting_id, check, GuidedOutcome.INTERRUPTED)
            elif check.begun_at is not None:
                _, last_sign = self._shown.get(check.check_id, (0.0, check.begun_at))
                if now - last_sign > ENDED_WITHIN:
                    await self._try_end(sitting_id, check, GuidedOutcome.EXPIRED)
            elif check.asked_by is None and now - check.asked_at > BEGUN_WITHIN:
                await self._try_end(sitting_id, check, GuidedOutcome.EXPIRED)

    async def settled(self) -> None:
        """Wait until what was heard has been written down."""
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def stop_all(self) -> None:
        """The server stops; what runs is ended at the next start."""
        for task in tuple(self._tasks):
            task.cancel()
        await self.settled()

    # Inside

    async def _try_to_begin(self, sitting_id: str, check_id: str, track: TrackKind) -> Check:
        async with self._steps.of(sitting_id):
            self._require_running(sitting_id)
            check = await self._find(sitting_id, check_id)
            if check.state is CheckState.BEGUN and check.track is track:
                return check
            if check.state is not CheckState.ASKED:
                raise refusals.check_begun()
            if check.kind is not GuidedKind.ROOM_SCAN and track is not TrackKind.CAMERA:
                raise refusals.unsuited_track()
            if not self._media.receiving(sitting_id).get(track, False):
                raise refusals.track_not_arriving(track)
            spec = GuidedSpec(
                check_id=check_id,
                kind=check.kind,
                track=track,
                begun=self._media.media_now(sitting_id),
                seed=secrets.token_bytes(_SEED_BYTES),
                required_deg=await self._required_deg(sitting_id),
            )
            await self._begin(sitting_id, spec)
            return check

    async def _begin(self, sitting_id: str, spec: GuidedSpec) -> None:
        self._judges.begin_check(sitting_id, spec)
        self._running[sitting_id] = spec
        try:
            await self._timeline.append(sitting_id, EntryKind.CHECK_BEGUN, begin_payload(spec), spec.begun)
        except BaseException:
            self._judges.end_check(sitting_id, spec.check_id, spec.begun, GuidedOutcome.INTERRUPTED)
            self._running.pop(sitting_id, None)
            raise

    async def _end(
        self, sitting_id: str, check: Check, outcome: GuidedOutcome, at: MediaTime, ended_by: str | None = None
    ) -> None:
        self._ending.add(check.check_id)
        try:
            payload = end_payload(check, self._running.get(sitting_id), outcome, check.begun, at) | {
                "result": None,
                "picture_sha256": None,
                "ended_by": ended_by,
            }
            await self._timeline.append(sitting_id, EntryKind.CHECK_ENDED, payload, at)
        finally:
            self._ending.discard(check.check_id)
        self._judges.end_check(sitting_id, check.check_id, at, outcome)
        self._forget(sitting_id, check.check_id)
        self._lost.discard(check.check_id)

    async def _try_end(self, sitting_id: str, check: Check, outcome: GuidedOutcome) -> None:
        try:
            await self.end(sitting_id, check.check_id, outcome)
        except (ProblemError, ProctorError) as error:  # ended meanwhile, or the next sweep tries again
            log.info("check_not_ended", sitting=sitting_id, check=check.check_id, reason=str(error))

    async def _interrupt(self, sitting_id: str, check_id: str) -> None:
        check = (await self._book.of(sitting_id)).checks.get(check_id)
        if check is not None:
            await self._try_end(sitting_id, check, GuidedOutcome.INTERRUPTED)

    async def _find(self, sitting_id: str, check_id: str) -> Check:
        check = (await self._book.of(sitting_id)).checks.get(check_id)
        if check is None:
            raise refusals.not_found()
        if check.ended is not None or check_id in self._ending:
            raise refusals.check_ended()
        return check

    def _require_running(self, sitting_id: str) -> None:
        if not self._media.runs(sitting_id):
            raise refusals.not_running()

    async def _note(self, sitting_id: str, kind: EntryKind, payload: dict[str, JsonValue]) -> Entry:
        return await self._timeline.append(sitting_id, kind, payload, self._media.media_now(sitting_id))

    def _forget(self, sitting_id: str, check_id: str) -> None:
        self._ending.discard(check_id)
        self._judging.pop(check_id, None)
        self._shown.pop(check_id, None)
        spec = self._running.get(sitting_id)
        if spec is not None and spec.check_id == check_id:
            del self._running[sitting_id]

    def _later(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work, name="ending a check")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
