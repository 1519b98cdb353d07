"""Requests made up from the OpenAPI document: whatever they hold, the server does not fail."""

from __future__ import annotations

import asyncio

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import Case

from server.openapi import describe
from tests.integration.server.serving import RunningServer

EXAMPLES = 12
SETTINGS = settings(
    max_examples=EXAMPLES,
    deadline=None,
    database=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
LEFT_OUT = {"log_out", "log_in"}
"""They change who asks; `log_in` hashes for a tenth of a second each time."""


def fuzz(running: RunningServer, cookies: dict[str, str], sitting_id: str) -> list[str]:
    """Send made-up requests in this thread; what made the server fail."""
    schema = schemathesis.openapi.from_dict(describe(running.app))
    failures: list[str] = []
    with httpx.Client(base_url=running.url, trust_env=False, timeout=30) as client:
        for operation in (found.ok() for found in schema.get_all_operations()):
            name = operation.definition.raw["operationId"]
            if name in LEFT_OUT:
                continue

            @SETTINGS
            @given(case=operation.as_strategy())
            def check(case: Case, name: str = name) -> None:
                if "sitting_id" in (case.path_parameters or {}):
                    case.path_parameters["sitting_id"] = sitting_id
                request = case.as_transport_kwargs(base_url=running.url)
                for role in ("admin", "candidate"):
                    response = client.request(
                        request["method"],
                        request["url"],
                        params=request.get("params"),
                        json=request.get("json"),
                        content=request.get("data"),
                        headers={**dict(request.get("headers") or {}), "X-Proctor": "1", "Cookie": cookies[role]},
                    )
                    if response.status_code >= 500:
                        failures.append(f"{name} as {role}: {response.status_code} {response.text}")

            check()
    return failures


@pytest.mark.slow
@pytest.mark.asyncio(loop_scope="session")
async def test_made_up_requests_never_make_the_server_fail(shared_server: RunningServer) -> None:
    cookies = {role: shared_server[role].cookie() for role in ("admin", "candidate")}
    sitting_id = await shared_server.schedule("candidate")

    failures = await asyncio.to_thread(fuzz, shared_server, cookies, sitting_id)

    assert failures == []
