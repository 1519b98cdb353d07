"""Every route and socket against every role, on the own and on another's sitting."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass

import httpx
import pytest
from fastapi.routing import APIRoute, APIWebSocketRoute
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from server.accounts.access import RULES, Role
from server.routes import FEATURES
from tests.integration.server.serving import PEOPLE, RunningServer, log_in

pytestmark = pytest.mark.asyncio(loop_scope="session")

NOT_FOR_THIS_ROLE = {"not_allowed"}
VALUES = {
    "leg": "1",
    "question_id": "q1",
    "incident_id": "incident:none",
    "check_id": "none",
    "sha256": "0" * 64,
    "track": "camera",
    "viewer_id": "nobody",
}


@dataclass(frozen=True)
class Endpoint:
    name: str
    method: str
    path: str

    def at(self, sitting_id: str, exam_id: str) -> str:
        values = {**VALUES, "sitting_id": sitting_id, "exam_id": exam_id}
        return "/api" + self.path.format_map(values)


def endpoints() -> Iterator[Endpoint]:
    for router in FEATURES:
        for route in router.routes:
            if isinstance(route, APIWebSocketRoute):
                yield Endpoint(route.endpoint.__name__, "SOCKET", route.path)
            elif isinstance(route, APIRoute):
                yield from (Endpoint(route.endpoint.__name__, method, route.path) for method in route.methods)


ENDPOINTS = sorted(endpoints(), key=lambda endpoint: endpoint.name)
OPEN = {
    "get_health",
    "get_config",
    "log_in",
    "read_phone_invitation",
    "open_phone_leg",
    "leave_as_phone",
    "get_phone_check",
}
EVERYBODY = set(PEOPLE)
WATCHING = frozenset({"invigilator", "admin"})
ALLOWED = {
    "log_out": EVERYBODY,
    "get_me": EVERYBODY,
    "change_me": EVERYBODY,
    "get_consent": EVERYBODY,
    "list_my_sittings": {"candidate", "other"},
    **dict.fromkeys(
        (
            "get_my_sitting",
            "claim_sitting",
            "answer_consent",
            "open_leg",
            "get_leg",
            "report_equipment",
            "enrol",
            "read_document",
            "leave_document",
            "start_sitting",
            "save_answer",
            "finish_sitting",
            "control",
            "invite_phone",
            "dismiss_phone",
            "begin_check",
            "stop_check",
            "decline_check",
        ),
        frozenset({"candidate"}),
    ),
    **dict.fromkeys(
        (
            "get_sitting",
            "list_incidents",
            "get_picture",
            "get_thumbnail",
            "get_timeline",
            "verify_timeline",
            "get_recording",
            "get_recording_track",
            "review_incident",
            "open_viewer",
            "close_viewer",
            "send_message",
            "live",
            "list_checks",
            "ask_check",
            "withdraw_check",
        ),
        WATCHING,
    ),
    "get_document": {"invigilator"},
    "get_document_picture": {"invigilator"},
    "list_sittings": {"invigilator", "committee", "admin"},
    **dict.fromkeys(
        (
            "list_accounts",
            "create_account",
            "list_exams",
            "create_exam",
            "change_exam",
            "schedule_sitting",
            "get_default_policy",
            "validate_policy",
            "get_diagnostics",
        ),
        frozenset({"admin"}),
    ),
}
"""Who may call what about the candidate's own unfinished sitting, written down a second time on purpose."""


async def call(running: RunningServer, endpoint: Endpoint, path: str, cookie: str | None) -> tuple[int, str]:
    """Status and problem code; 0 for a socket that opened."""
    headers = {"X-Proctor": "1"} | ({"Cookie": cookie} if cookie else {})
    if endpoint.method == "SOCKET":
        address = running.url.replace("http", "ws", 1) + path + "?client_id=matrix-test"
        try:
            async with connect(address, additional_headers=headers, proxy=None):
                return 0, ""
        except InvalidStatus as error:
            return error.response.status_code, str(json.loads(error.response.body or b"{}")["code"])
    async with httpx.AsyncClient(base_url=running.url, trust_env=False, timeout=30) as client:
        response = await client.request(endpoint.method, path, headers=headers)
        is_problem = response.headers.get("content-type") == "application/problem+json"
        return response.status_code, response.json()["code"] if is_problem else ""


async def cookie_of(running: RunningServer, name: str, endpoint: Endpoint) -> str:
    """The person's log-in; one of its own for the endpoint that ends it."""
    if endpoint.name != "log_out":
        return running[name].cookie()
    person = await log_in(running, running[name].email)
    await person.client.aclose()
    return person.cookie()


async def test_the_table_names_every_endpoint() -> None:
    assert {endpoint.name for endpoint in ENDPOINTS} == OPEN | ALLOWED.keys() == set(RULES)


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda endpoint: endpoint.name)
async def test_who_may_call(shared_server: RunningServer, endpoint: Endpoint) -> None:
    sitting_id = await shared_server.schedule("candidate")
    path = endpoint.at(sitting_id, shared_server.exam_id)

    status, code = await call(shared_server, endpoint, path, None)
    assert (code == "not_logged_in") is (endpoint.name not in OPEN), (status, code)

    for name in PEOPLE:
        cookie = await cookie_of(shared_server, name, endpoint)
        status, code = await call(shared_server, endpoint, path, cookie)
        refused = code in {"not_allowed", "sitting_not_found", "sitting_not_finished"}
        allowed = endpoint.name in OPEN or name in ALLOWED[endpoint.name]
        assert refused is not allowed, (name, status, code)
        assert status < 500, (name, status, code)
        if refused:
            expected = {"other": 404} if PEOPLE[name] is Role.CANDIDATE and code == "sitting_not_found" else {}
            assert status == expected.get(name, 403)


async def test_the_committee_sees_a_sitting_only_when_it_is_finished(shared_server: RunningServer) -> None:
    sitting_id = await shared_server.schedule("candidate")

    refused = await shared_server["committee"].get(f"/api/sittings/{sitting_id}/timeline")

    assert (refused.status_code, refused.json()["code"]) == (403, "sitting_not_finished")


async def test_a_page_of_another_site_is_refused(shared_server: RunningServer) -> None:
    admin = shared_server["admin"]

    for headers in ({"Origin": "https://elsewhere.example", "X-Proctor": "1"}, {"X-Proctor": "0"}, {"Origin": "null"}):
        response = await admin.send("POST", "/api/policy/validate", {"toml": ""}, headers=headers)
        assert (response.status_code, response.json()["code"]) == (403, "foreign_origin"), headers
    own = await admin.send(
        "POST", "/api/policy/validate", {"toml": ""}, headers={"X-Proctor": "0", "Origin": shared_server.url}
    )
    assert own.status_code == 200

    with pytest.raises(InvalidStatus) as refusal:
        async with connect(
            shared_server.url.replace("http", "ws", 1) + "/api/live",
            additional_headers={"Cookie": admin.cookie()},
            origin="https://elsewhere.example",  # type: ignore[arg-type]
            proxy=None,
        ):
            pass
    assert refusal.value.response.status_code == 403
