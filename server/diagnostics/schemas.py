"""Shapes of health, configuration and diagnostics."""

from __future__ import annotations

from typing import Literal

from proctor.domain.text import Language
from server.accounts.access import Role
from server.schemas import Shape


class Health(Shape):
    """Whether the server takes requests."""

    status: Literal["ok"]
    version: str


class DemoAccount(Shape):
    """An account of the demonstration, shown so that a newcomer can log in."""

    role: Role
    email: str
    password: str
    name: str


class DemoInfo(Shape):
    """What the demonstration offers on its first page."""

    accounts: list[DemoAccount]


class Config(Shape):
    """What a page must know before anyone is logged in."""

    version: str
    languages: list[Language]
    demo: DemoInfo | None


class ProcessUse(Shape):
    """What one process has used."""

    name: str
    pid: int
    cpu_s: float
    rss_bytes: int


class Diagnostics(Shape):
    """Load of the server; lag is from a picture's arrival to its result, over the last minute."""

    uptime_s: float
    running_sittings: int
    analysis_lag_p50_ms: float | None
    analysis_lag_p95_ms: float | None
    analysis_results: int
    pictures_dropped: int
    sound_dropped: int
    loop_lag_ms: float
    absent_senses: list[str]
    """Senses that do not run, as their optional models are not installed."""
    processes: list[ProcessUse]
