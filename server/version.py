"""Version of the program, as it was installed."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version


def program_version() -> str:
    """The installed version; "unknown" when the program runs from a tree that was never installed."""
    try:
        return version("proctor")
    except PackageNotFoundError:
        return "unknown"
