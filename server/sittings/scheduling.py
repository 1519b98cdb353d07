"""Making sittings out of exams and candidates."""

from __future__ import annotations

from proctor.domain.timeline import EntryKind, JsonValue
from proctor.ports.clock import Clock
from proctor.ports.timeline_store import TimelineStore
from server.accounts.access import Role
from server.identifiers import new_identifier
from server.problems import ProblemError
from server.sittings.repository import NoSuchPartError, SittingRepository
from server.sittings.schemas import ScheduledSitting
from server.sittings.states import SittingState


class Scheduling:
    """Schedules candidates; needs the database alone."""

    def __init__(self, repository: SittingRepository, timeline: TimelineStore, clock: Clock) -> None:
        self._repository = repository
        self._timeline = timeline
        self._clock = clock

    async def schedule(self, exam_id: str, candidate_id: str) -> ScheduledSitting:
        """Make a sitting; it keeps the exam's policy of this moment.

        Raises:
            ProblemError: 404 no such exam or account, 409 the account is not a candidate's.
        """
        exam = await self._repository.exam(exam_id)
        if exam is None:
            raise ProblemError(404, "exam_not_found", "There is no such exam.")
        role = await self._repository.role(candidate_id)
        if role is None:
            raise ProblemError(404, "account_not_found", "There is no such account.")
        if role != Role.CANDIDATE:
            raise ProblemError(409, "not_a_candidate", "Only an account with the role candidate can sit an exam.")
        sitting_id = new_identifier()
        try:
            await self._repository.add(sitting_id, exam, candidate_id, self._clock.now_utc())
        except NoSuchPartError:
            raise ProblemError(404, "exam_not_found", "The exam or the account has gone.") from None
        payload: dict[str, JsonValue] = {
            "exam_id": exam_id,
            "candidate_id": candidate_id,
            "policy_name": exam.policy_name,
            "policy_sha256": exam.policy_sha256,
        }
        await self._timeline.append(sitting_id, EntryKind.SITTING_CREATED, payload, None)
        return ScheduledSitting(
            sitting_id=sitting_id, exam_id=exam_id, candidate_account_id=candidate_id, state=SittingState.SCHEDULED
        )
