"""What a detector is: a pure, stateful rule from observations to signals."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar, Protocol

from proctor.domain.observations import Observation
from proctor.domain.policy import DetectorConfig
from proctor.domain.signals import Signal, SignalKind
from proctor.domain.time import MediaTime


class Detector(Protocol):
    """One rule. It reads no clock and does no I/O; time arrives in the observations, which never go back per type."""

    id: ClassVar[SignalKind]
    version: ClassVar[str]
    consumes: ClassVar[tuple[type[Any], ...]]
    """Observation types that `update` wants to see."""
    config_type: ClassVar[type[DetectorConfig]]

    def __init__(self, config: Any) -> None:  # noqa: ANN401 - each rule takes its own config_type
        ...

    def update(self, observation: Observation) -> Iterable[Signal]:
        """Take one observation; return signals that opened (end None) or closed (end set) by it."""
        ...

    def finish(self, at: MediaTime) -> Iterable[Signal]:
        """The sitting ended at `at`: close what is open."""
        ...
