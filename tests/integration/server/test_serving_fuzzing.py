"""Requests made up from the OpenAPI document: whatever they hold, the server does not fail."""

from __future__ import annotations

import asyncio

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import Case
from schemathesis.schemas import APIOperation

from server.openapi import describe
from tests.integration.server.serving import RunningServer

EXAMPLES = 8
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


class Fuzzer:
    """Sends made-up requests from a thread of its own; `failures` tells what made the server fail."""

    def __init__(self, running: RunningServer, sitting_id: str) -> None:
        self.failures: list[str] = []
        self._url = running.url
        self._schema = schemathesis.openapi.from_dict(describe(running.app))
        self._cookies = {role: running[role].cookie() for role in ("admin", "candidate")}
        self._sitting_id = sitting_id

    def run(self) -> None:
        with httpx.Client(base_url=self._url, trust_env=False, timeout=30) as client:
            for operation in (found.ok() for found in self._schema.get_all_operations()):
                if operation.definition.raw["operationId"] not in LEFT_OUT:
                    self._fuzz(client, operation)

    def _fuzz(self, client: httpx.Client, operation: APIOperation) -> None:
        @SETTINGS
        @given(case=operation.as_strategy())
        def check(case: Case) -> None:
            self._send(client, operation.label, case)

        check()

    def _send(self, client: httpx.Client, label: str, case: Case) -> None:
        if "sitting_id" in (case.path_parameters or {}):
            case.path_parameters["sitting_id"] = self._sitting_id
        request = case.as_transport_kwargs(base_url=self._url)
        for role, cookie in self._cookies.items():
            response = client.request(
                request["method"],
                request["url"],
                params=request.get("params"),
                json=request.get("json"),
                content=request.get("data"),
                headers={**dict(request.get("headers") or {}), "X-Proctor": "1", "Cookie": cookie},
            )
            if response.status_code >= 500:
                self.failures.append(f"{label} as {role}: {response.status_code} {response.text}")


@pytest.mark.slow
@pytest.mark.asyncio(loop_scope="session")
async def test_made_up_requests_never_make_the_server_fail(shared_server: RunningServer) -> None:
    fuzzer = Fuzzer(shared_server, await shared_server.schedule("candidate"))

    await asyncio.to_thread(fuzzer.run)

    assert fuzzer.failures == []
