"""States of a sitting and the steps between them."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final


class SittingState(StrEnum):
    """How far a sitting has come."""

    SCHEDULED = "scheduled"
    CONSENTED = "consented"
    CHECKED = "checked"
    ENROLLED = "enrolled"
    RUNNING = "running"
    FINISHED = "finished"
    REFUSED = "refused"


_NEXT: Final[Mapping[SittingState, frozenset[SittingState]]] = {
    SittingState.SCHEDULED: frozenset({SittingState.CONSENTED, SittingState.REFUSED}),
    SittingState.CONSENTED: frozenset({SittingState.CHECKED, SittingState.ENROLLED, SittingState.RUNNING}),
    SittingState.CHECKED: frozenset({SittingState.CHECKED, SittingState.ENROLLED, SittingState.RUNNING}),
    SittingState.ENROLLED: frozenset({SittingState.ENROLLED, SittingState.CHECKED, SittingState.RUNNING}),
    SittingState.RUNNING: frozenset({SittingState.FINISHED}),
    SittingState.FINISHED: frozenset(),
    SittingState.REFUSED: frozenset(),
}


def may_follow(state: SittingState, following: SittingState) -> bool:
    """Whether a sitting in `state` can go to `following`."""
    return following in _NEXT[state]
