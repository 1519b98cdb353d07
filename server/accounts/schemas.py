"""Shapes of accounts and log-ins."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

from proctor.domain.text import Language
from server.accounts.access import Role
from server.schemas import Request, Shape, UtcTime

Email = Annotated[
    str,
    StringConstraints(strip_whitespace=True, to_lower=True, min_length=3, max_length=254, pattern=r"^[^@\s]+@[^@\s]+$"),
]
PersonName = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
NewPassword = Annotated[
    str, Field(min_length=10, max_length=200, description="At least ten characters; length beats mixture.")
]


class LogInRequest(Request):
    """E-mail and password."""

    email: Email
    password: Annotated[str, Field(min_length=1, max_length=200)]


class Me(Shape):
    """Who is logged in."""

    account_id: str
    email: str
    name: str
    role: Role
    language: Language


class MePatch(Request):
    """What a person may change about the own account."""

    language: Language


class AccountRequest(Request):
    """A new account."""

    email: Email
    name: PersonName
    role: Role
    password: NewPassword
    language: Language = Language.KK


class AccountView(Shape):
    """An account as an administrator sees it."""

    account_id: str
    email: str
    name: str
    role: Role
    language: Language
    created_at: UtcTime
