"""Who may do what: one table of rules, and the one place that enforces them on every endpoint and socket.

A route without a rule, or a rule without a route, stops the start of the server.
"""

from __future__ import annotations

import contextlib
import math
from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import dataclass
from enum import Enum, StrEnum, auto
from typing import Annotated, Final, Protocol
from urllib.parse import urlsplit

from fastapi import Depends, WebSocket
from starlette.requests import HTTPConnection

from proctor.domain.text import Language
from server.pace import Paces
from server.presence import Presence
from server.problems import ProblemError

LOGIN_COOKIE: Final = "proctor_login"
CLOSE_LOGGED_OUT: Final = 4401
"""The log-in that a socket was opened with has ended."""
MOST_SOCKETS: Final = 64
"""Sockets of one account; a page whose network flaps leaves one behind at each try, for up to 40 s."""
CHANGES_PER_S: Final = 20.0
CHANGES_AT_ONCE: Final = 1000
"""Requests that change something, by account: far above what a page or an administrator's script sends."""
_SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})


class Role(StrEnum):
    """What a person does here."""

    CANDIDATE = "candidate"
    INVIGILATOR = "invigilator"
    COMMITTEE = "committee"
    ADMIN = "admin"


class Scope(Enum):
    """Which sittings a rule reaches when the path names one."""

    ANY = auto()
    """Whatever the path names."""
    OWN = auto()
    """Only the caller's own sittings; another's is as if it did not exist."""
    WATCHED = auto()
    """Every sitting, but for the committee only finished ones."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who is logged in and asks."""

    account_id: str
    role: Role
    email: str
    name: str
    language: Language
    login_sha256: str


@dataclass(frozen=True, slots=True)
class Rule:
    """Roles that may call an endpoint; `None` means anybody, logged in or not."""

    roles: frozenset[Role] | None
    scope: Scope = Scope.ANY


@dataclass(frozen=True, slots=True)
class SittingOwnership:
    """What access to a sitting depends on."""

    account_id: str
    finished: bool


class Gate(Protocol):
    """What enforcing the rules needs to know."""

    async def caller(self, token: str) -> Caller | None:
        """Who holds the log-in token; None when it is unknown or has expired."""
        ...

    async def ownership(self, sitting_id: str) -> SittingOwnership | None:
        """Whose sitting it is; None when there is no such sitting."""
        ...


_ANYBODY: Final = Rule(roles=None)
_LOGGED_IN: Final = Rule(roles=frozenset(Role))
_CANDIDATE: Final = Rule(roles=frozenset({Role.CANDIDATE}))
_OWN_SITTING: Final = Rule(roles=frozenset({Role.CANDIDATE}), scope=Scope.OWN)
_WATCHERS: Final = Rule(roles=frozenset({Role.INVIGILATOR, Role.COMMITTEE, Role.ADMIN}), scope=Scope.WATCHED)
_DECIDERS: Final = Rule(roles=frozenset({Role.INVIGILATOR, Role.COMMITTEE}), scope=Scope.WATCHED)
_INVIGILATORS: Final = Rule(roles=frozenset({Role.INVIGILATOR, Role.ADMIN}))
_ADMINS: Final = Rule(roles=frozenset({Role.ADMIN}))

RULES: Final[Mapping[str, Rule]] = {
    "get_health": _ANYBODY,
    "get_config": _ANYBODY,
    "log_in": _ANYBODY,
    "log_out": _LOGGED_IN,
    "get_me": _LOGGED_IN,
    "change_me": _LOGGED_IN,
    "get_consent": _LOGGED_IN,
    "list_my_sittings": _CANDIDATE,
    "get_my_sitting": _OWN_SITTING,
    "claim_sitting": _OWN_SITTING,
    "answer_consent": _OWN_SITTING,
    "open_leg": _OWN_SITTING,
    "get_leg": _OWN_SITTING,
    "report_equipment": _OWN_SITTING,
    "enrol": _OWN_SITTING,
    "read_document": _OWN_SITTING,
    "leave_document": _OWN_SITTING,
    "start_sitting": _OWN_SITTING,
    "save_answer": _OWN_SITTING,
    "finish_sitting": _OWN_SITTING,
    "control": _OWN_SITTING,
    "invite_phone": _OWN_SITTING,
    "dismiss_phone": _OWN_SITTING,
    "read_phone_invitation": _ANYBODY,
    "open_phone_leg": _ANYBODY,
    "leave_as_phone": _ANYBODY,
    "get_phone_check": _ANYBODY,
    "begin_check": _OWN_SITTING,
    "stop_check": _OWN_SITTING,
    "decline_check": _OWN_SITTING,
    "list_sittings": _WATCHERS,
    "get_sitting": _WATCHERS,
    "list_incidents": _WATCHERS,
    "get_picture": _WATCHERS,
    "get_thumbnail": _WATCHERS,
    "get_timeline": _WATCHERS,
    "verify_timeline": _WATCHERS,
    "list_checks": _WATCHERS,
    "get_document": _DECIDERS,
    "get_document_picture": _DECIDERS,
    "get_recording": _WATCHERS,
    "get_recording_track": _WATCHERS,
    "review_incident": _INVIGILATORS,
    "open_viewer": _INVIGILATORS,
    "close_viewer": _INVIGILATORS,
    "send_message": _INVIGILATORS,
    "ask_check": _INVIGILATORS,
    "withdraw_check": _INVIGILATORS,
    "live": _INVIGILATORS,
    "list_accounts": _ADMINS,
    "create_account": _ADMINS,
    "list_exams": _ADMINS,
    "create_exam": _ADMINS,
    "change_exam": _ADMINS,
    "schedule_sitting": _ADMINS,
    "get_default_policy": _ADMINS,
    "validate_policy": _ADMINS,
    "get_diagnostics": _ADMINS,
}


def check_rules(endpoints: Iterable[str]) -> None:
    """Compare the table with the endpoints that exist.

    Raises:
        RuntimeError: an endpoint has no rule, or a rule no endpoint.
    """
    names = set(endpoints)
    lacking, stale = names - RULES.keys(), RULES.keys() - names
    if lacking or stale:
        raise RuntimeError(f"access rules and endpoints differ: no rule for {lacking}, no endpoint for {stale}")


async def enforce_access(connection: HTTPConnection) -> None:
    """Dependency of the whole application: let only those pass whom the rule of the endpoint names.

    Raises:
        ProblemError: 401 not logged in, 403 another role's or a foreign page's request, 404 another's sitting,
            429 the account changes more than any person does.
    """
    rule = RULES[connection.scope["endpoint"].__name__]
    _refuse_foreign_pages(connection)
    if rule.roles is None:
        return
    gate: Gate = connection.app.state.gate
    token = connection.cookies.get(LOGIN_COOKIE)
    caller = await gate.caller(token) if token else None
    if caller is None:
        raise ProblemError(401, "not_logged_in", "Nobody is logged in here.", remedy="Log in and try again.")
    if caller.role not in rule.roles:
        raise ProblemError(403, "not_allowed", "Your role does not allow this.")
    if connection.scope["type"] == "http" and connection.scope["method"] not in _SAFE_METHODS:
        _keep_pace(connection.app.state.paces, caller)
    await _check_sitting(gate, rule, caller, connection.path_params.get("sitting_id"))
    connection.state.caller = caller


def _keep_pace(paces: Paces, caller: Caller) -> None:
    wait_s = paces.wait_s(caller.account_id)
    if wait_s:
        seconds = str(math.ceil(wait_s))
        raise ProblemError(
            429,
            "too_many_requests",
            f"This account asks too much; the next request is possible in {seconds} seconds.",
            remedy="Wait a moment and try again.",
            headers={"Retry-After": seconds},
        )


async def _check_sitting(gate: Gate, rule: Rule, caller: Caller, sitting_id: str | None) -> None:
    if sitting_id is None:
        return
    ownership = await gate.ownership(sitting_id)
    if ownership is None or (rule.scope is Scope.OWN and ownership.account_id != caller.account_id):
        raise ProblemError(404, "sitting_not_found", "There is no such sitting.")
    if rule.scope is Scope.WATCHED and caller.role is Role.COMMITTEE and not ownership.finished:
        raise ProblemError(403, "sitting_not_finished", "The committee sees a sitting when it is finished.")


def _refuse_foreign_pages(connection: HTTPConnection) -> None:
    """Refuse what another site's page sends with this browser's cookie."""
    if connection.scope["type"] == "http" and connection.scope["method"] in _SAFE_METHODS:
        return
    origin = connection.headers.get("origin")
    if origin is None:
        if connection.scope["type"] == "websocket" or connection.headers.get("x-proctor") == "1":
            return  # a browser always states the origin of a socket; X-Proctor cannot be sent across origins unasked
    elif urlsplit(origin).netloc.lower() == connection.headers.get("host", "").lower():
        return
    raise ProblemError(
        403,
        "foreign_origin",
        "The request does not come from this site's own pages.",
        remedy="Send Origin equal to the host, or the header X-Proctor: 1.",
    )


async def close_with_log_in(connection: HTTPConnection) -> AsyncIterator[None]:
    """Dependency of the whole application, after `enforce_access`: a socket lives no longer than its log-in.

    Raises:
        ProblemError: 409 the account has too many sockets open.
    """
    if not isinstance(connection, WebSocket):
        yield
        return
    presence: Presence = connection.app.state.presence
    caller: Caller = connection.state.caller
    if presence.sockets(caller.account_id) >= MOST_SOCKETS:
        raise ProblemError(
            409, "too_many_sockets", "Too many pages of this account are open.", remedy="Close some and try again."
        )

    async def close() -> None:
        with contextlib.suppress(RuntimeError):  # the other end was quicker
            await connection.close(CLOSE_LOGGED_OUT)

    forget = presence.opened(caller.login_sha256, caller.account_id, close, is_socket=True)
    try:
        yield
    finally:
        forget()


async def current_caller(connection: HTTPConnection) -> Caller:
    """Dependency: who asks; the rule of the endpoint has been enforced before."""
    caller: Caller = connection.state.caller
    return caller


CurrentCaller = Annotated[Caller, Depends(current_caller)]
