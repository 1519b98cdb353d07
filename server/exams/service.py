"""Exams and their policies."""

from __future__ import annotations

import dataclasses
from typing import Any

from proctor.pipeline.policy import InvalidPolicyError
from proctor.ports.clock import Clock
from server.exams.origins import origin_of
from server.exams.repository import Exam, ExamRepository
from server.exams.schemas import ExamKind, ExamPatch, ExamRequest, ExamView, PolicyCheck, PolicyFieldError
from server.identifiers import new_identifier
from server.policies import PolicyBook
from server.problems import ProblemError


class ExamService:
    """Makes and changes exams; `frame_origins` is what the page may embed."""

    def __init__(self, repository: ExamRepository, policies: PolicyBook, clock: Clock) -> None:
        self._repository = repository
        self._policies = policies
        self._clock = clock
        self._frame_origins: frozenset[str] = frozenset()

    @property
    def frame_origins(self) -> frozenset[str]:
        """Origins of the exams' addresses."""
        return self._frame_origins

    async def load(self) -> None:
        """Read what `frame_origins` needs; once at start."""
        origins = map(origin_of, await self._repository.framed_urls())
        self._frame_origins = frozenset(origin for origin in origins if origin is not None)

    async def list(self) -> list[ExamView]:
        """All exams, newest first."""
        return [_view(exam) for exam in await self._repository.all()]

    async def create(self, request: ExamRequest) -> ExamView:
        """Make an exam.

        Raises:
            ProblemError: 422 the policy is not valid.
        """
        policy = self._policies.parse_request(request.policy_toml)
        exam = Exam(
            exam_id=new_identifier(),
            title=request.title.model_dump(),
            kind=request.kind.value,
            url=str(request.url) if request.url else None,
            duration_minutes=request.duration_minutes,
            questions=[question.model_dump() for question in request.questions],
            policy_toml=request.policy_toml or self._policies.default_text,
            policy_name=policy.name,
            policy_sha256=policy.sha256,
            created_at=self._clock.now_utc(),
        )
        await self._repository.add(exam)
        await self.load()
        return _view(exam)

    async def change(self, exam_id: str, patch: ExamPatch) -> ExamView:
        """Change an exam.

        Raises:
            ProblemError: 404 no such exam, 422 the policy is not valid.
        """
        exam = await self._repository.get(exam_id)
        if exam is None:
            raise ProblemError(404, "exam_not_found", "There is no such exam.")
        changes: dict[str, Any] = patch.model_dump(exclude_none=True, mode="json")
        if patch.policy_toml is not None:
            policy = self._policies.parse_request(patch.policy_toml)
            changes |= {"policy_name": policy.name, "policy_sha256": policy.sha256}
        exam = dataclasses.replace(exam, **changes)
        await self._repository.replace(exam)
        await self.load()
        return _view(exam)

    def default_policy(self) -> str:
        """The default policy in TOML."""
        return self._policies.default_text

    async def check_policy(self, toml: str) -> PolicyCheck:
        """What is wrong in a policy."""
        try:
            self._policies.parse(toml)
        except InvalidPolicyError as error:
            errors = [PolicyFieldError(field=problem.field, message=problem.message) for problem in error.problems]
            return PolicyCheck(ok=False, errors=errors)
        return PolicyCheck(ok=True, errors=[])


def _view(exam: Exam) -> ExamView:
    return ExamView.model_validate(
        {name: getattr(exam, name) for name in Exam.__slots__} | {"kind": ExamKind(exam.kind)}
    )
