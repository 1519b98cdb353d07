"""Shapes of exams and their policies."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, AnyHttpUrl, Field, model_validator

from server.exams.origins import origin_of
from server.schemas import LocalizedText, Request, Shape, UtcTime


class ExamKind(StrEnum):
    """Where the questions are."""

    EMBEDDED = "embedded"
    URL = "url"


class Question(Request):
    """One written question."""

    question_id: Annotated[str, Field(min_length=1, max_length=40, pattern=r"^[A-Za-z0-9_-]+$")]
    text: LocalizedText


PolicyToml = Annotated[str, Field(max_length=100_000, description="The exam's policy in TOML.")]
DurationMinutes = Annotated[int, Field(ge=1, le=24 * 60)]


def _framable(url: AnyHttpUrl) -> AnyHttpUrl:
    if origin_of(str(url)) is None:
        raise ValueError("the address's host is no plain name or number")
    return url


ExamUrl = Annotated[AnyHttpUrl, Field(max_length=2000), AfterValidator(_framable)]


class ExamRequest(Request):
    """A new exam."""

    title: LocalizedText
    kind: ExamKind = ExamKind.EMBEDDED
    url: ExamUrl | None = None
    duration_minutes: DurationMinutes
    questions: Annotated[list[Question], Field(max_length=200, default_factory=list)]
    policy_toml: PolicyToml = ""

    @model_validator(mode="after")
    def _parts_fit(self) -> ExamRequest:
        if self.kind is ExamKind.URL and self.url is None:
            raise ValueError("an exam of kind 'url' needs a url")
        identifiers = [question.question_id for question in self.questions]
        if len(identifiers) != len(set(identifiers)):
            raise ValueError("two questions have the same question_id")
        return self


class ExamPatch(Request):
    """What changes about an exam; absent fields stay. Sittings that exist keep the policy they were made with."""

    title: LocalizedText | None = None
    url: ExamUrl | None = None
    duration_minutes: DurationMinutes | None = None
    questions: Annotated[list[Question], Field(max_length=200)] | None = None
    policy_toml: PolicyToml | None = None


class ExamView(Shape):
    """An exam as an administrator sees it."""

    exam_id: str
    title: LocalizedText
    kind: ExamKind
    url: str | None
    duration_minutes: int
    questions: list[Question]
    policy_toml: str
    policy_name: str
    policy_sha256: str
    created_at: UtcTime


class PolicyDefault(Shape):
    """The policy that an exam has when nothing else is said."""

    toml: str


class PolicyToCheck(Request):
    """A policy's text."""

    toml: PolicyToml


class PolicyFieldError(Shape):
    """One thing that is wrong in a policy."""

    field: str
    message: str


class PolicyCheck(Shape):
    """Whether a policy is valid, and what is wrong."""

    ok: bool
    errors: list[PolicyFieldError]
