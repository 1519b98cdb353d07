"""Runs parts of the line that may fail without taking the sitting with them."""

from __future__ import annotations

from collections.abc import Callable
from typing import ParamSpec, TypeVar

from proctor.domain.time import MediaTime
from proctor.pipeline.outputs import DetectorFailed

P = ParamSpec("P")
T = TypeVar("T")


class Guard:
    """Runs named parts; one that raises is left out from then on and reported once."""

    def __init__(self) -> None:
        self._failed: set[str] = set()
        self._reports: list[DetectorFailed] = []

    def runs(self, name: str) -> bool:
        """Whether the part has not failed."""
        return name not in self._failed

    def run(self, name: str, at: MediaTime, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T | None:
        """Call the part and return its result, which is not to be lazy; None when it failed now or earlier."""
        if name in self._failed:
            return None
        try:
            return call(*args, **kwargs)
        except Exception as error:  # noqa: BLE001 - whatever a model or a rule raises, the sitting goes on and says so
            self._failed.add(name)
            self._reports.append(DetectorFailed(name=name, reason=f"{type(error).__name__}: {error}", at=at))
            return None

    def reports(self) -> list[DetectorFailed]:
        """Failures since the last call."""
        reports, self._reports = self._reports, []
        return reports
