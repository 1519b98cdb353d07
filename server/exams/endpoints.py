"""Exams, policies and the scheduling of sittings, for administrators."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request, status

from server.exams.schemas import ExamPatch, ExamRequest, ExamView, PolicyCheck, PolicyDefault, PolicyToCheck
from server.exams.service import ExamService
from server.schemas import Identifier

router = APIRouter(tags=["exams"])


async def _service(request: Request) -> ExamService:
    service: ExamService = request.app.state.exams
    return service


Exams = Annotated[ExamService, Depends(_service)]


@router.get("/exams")
async def list_exams(exams: Exams) -> list[ExamView]:
    """All exams, newest first."""
    return await exams.list()


@router.post("/exams", status_code=status.HTTP_201_CREATED)
async def create_exam(body: ExamRequest, exams: Exams) -> ExamView:
    """Make an exam; 422 `bad_policy` names every wrong field of the policy."""
    return await exams.create(body)


@router.patch("/exams/{exam_id}")
async def change_exam(exam_id: Identifier, body: ExamPatch, exams: Exams) -> ExamView:
    """Change an exam; sittings that were scheduled before keep the policy they were made with."""
    return await exams.change(exam_id, body)


@router.get("/policy/default")
async def get_default_policy(exams: Exams) -> PolicyDefault:
    """The default policy with every field described."""
    return PolicyDefault(toml=exams.default_policy())


@router.post("/policy/validate")
async def validate_policy(body: PolicyToCheck, exams: Exams) -> PolicyCheck:
    """Check a policy without keeping it."""
    return await exams.check_policy(body.toml)
