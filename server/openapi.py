"""The OpenAPI document, with the sockets' messages among its schemas.

`python -m server.openapi` prints it, so that the web client generates its types from it.
"""

from __future__ import annotations

import json
import sys
from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import TypeAdapter
from pydantic.json_schema import models_json_schema

from server.invigilation.schemas import LiveFromServer, LivePing
from server.problems import PROBLEM_JSON, Problem
from server.routes import api_router
from server.sittings.schemas import ControlFromClient, ControlFromServer
from server.version import program_version

_REF: Final = "#/components/schemas/{model}"
_SOCKET_MESSAGES: Final = {
    "ControlFromClient": ControlFromClient,
    "ControlFromServer": ControlFromServer,
    "LiveFromServer": LiveFromServer,
    "LiveFromClient": LivePing,
}


def describe(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI document of `app`; refusals are `Problem`s, and the sockets' messages are in the schemas."""
    document = get_openapi(title="Proctor", version=program_version(), routes=app.routes)
    schemas = document["components"]["schemas"]
    _, problems = models_json_schema([(Problem, "serialization")], ref_template=_REF)
    schemas.update(problems["$defs"])
    for name, messages in _SOCKET_MESSAGES.items():
        mode = "serialization" if name.endswith("Server") else "validation"
        schema = TypeAdapter(messages).json_schema(mode=mode, ref_template=_REF)  # type: ignore[arg-type]
        for part, definition in schema.pop("$defs", {}).items():
            schemas.setdefault(part, definition)
        schemas[name] = schema
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    refused = {
        "description": "Invalid request",
        "content": {PROBLEM_JSON: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
    for operations in document["paths"].values():
        for operation in operations.values():
            if "422" in operation["responses"]:
                operation["responses"]["422"] = refused
    return document


def main() -> None:
    """Print the document."""
    app = FastAPI()
    app.include_router(api_router())
    json.dump(describe(app), sys.stdout, ensure_ascii=False, indent=1, sort_keys=True)
    sys.stdout.write("\n")


if __name__ == "__main__":
    main()
