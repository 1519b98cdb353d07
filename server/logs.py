"""Logs as JSON lines on stderr, without passwords, e-mails and names."""

from __future__ import annotations

import logging
import sys
from collections.abc import MutableMapping
from typing import Any, Final

import structlog

_PERSONAL: Final = frozenset({"email", "password", "name", "token", "cookie", "text"})
_WITHOUT_LOCALS: Final = structlog.tracebacks.ExceptionDictTransformer(show_locals=False)
"""Local variables hold answers, addresses and names."""
_QUIET_LIBRARIES: Final = (
    "aioice",
    "aiortc",
    "alembic",
    "asyncio",
    "httpcore",
    "httpx",
    "uvicorn.access",
    "uvicorn.error",
)


def leave_out_personal_data(_: object, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A structlog processor that drops fields which tell who somebody is."""
    for field in _PERSONAL & event.keys():
        event[field] = "(left out)"
    return event


def configure_logs(level: int = logging.INFO) -> None:
    """Send the program's and its libraries' log to stderr as one JSON object a line."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        leave_out_personal_data,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(level),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.ExceptionRenderer(_WITHOUT_LOCALS),
                structlog.processors.JSONRenderer(default=str),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    for name in _QUIET_LIBRARIES:
        logging.getLogger(name).setLevel(logging.WARNING)
    logging.getLogger("uvicorn.error").addFilter(_is_worth_telling)


def _is_worth_telling(record: logging.LogRecord) -> bool:
    """Uvicorn takes a socket that was refused with a proper answer for an application's fault; it is none."""
    return "without completing handshake" not in record.getMessage()
