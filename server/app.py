"""The web application around the routes; what the routes use is put into its state by `wiring`."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

from fastapi import FastAPI

from server.exams.service import ExamService
from server.openapi import describe
from server.problems import UnexpectedFailures, install_problem_handlers
from server.protection import BoundedBodies, RequestLog, SecurityHeaders
from server.routes import api_router
from server.version import program_version
from server.web import WebClient

Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]


def create_app(lifespan: Lifespan, web_directory: Path) -> FastAPI:
    """The application; nothing is opened before its lifespan begins.

    Raises:
        RuntimeError: an endpoint has no access rule.
    """
    app = FastAPI(
        title="Proctor", version=program_version(), lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url=None
    )
    install_problem_handlers(app)
    app.include_router(api_router())
    app.router.default = WebClient(web_directory)

    def origins() -> frozenset[str]:
        exams: ExamService = app.state.exams
        return exams.frame_origins

    app.add_middleware(UnexpectedFailures)
    app.add_middleware(BoundedBodies)
    app.add_middleware(SecurityHeaders, origins=origins)
    app.add_middleware(RequestLog)

    def openapi() -> dict[str, Any]:
        return describe(app)

    app.openapi = openapi  # type: ignore[method-assign]
    return app
