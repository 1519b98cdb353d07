"""Which signals answer which staged events, and which answer none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from proctor.domain.signals import SignalKind

TOLERANCE_S = 2.0
"""An event counts as found when its onset is stated within so many seconds of the true one."""


@dataclass(frozen=True, slots=True)
class Stage:
    """A stretch of a staged sitting with known boundaries, in seconds."""

    name: str
    start_s: float
    end_s: float
    expected: frozenset[SignalKind] = frozenset()
    """One signal of any of these kinds is the event found; empty where there is nothing to find."""
    allowed: frozenset[SignalKind] = frozenset()
    """Kinds that are true here too, but not demanded."""


@dataclass(frozen=True, slots=True)
class FoundSignal:
    """A signal that the line gave, times in seconds."""

    kind: SignalKind
    start_s: float
    noticed_s: float
    end_s: float
    dwell_s: float
    """How long the condition had to last before it could be noticed."""


@dataclass(frozen=True, slots=True)
class StageFound:
    """What became of a stage that holds an event."""

    stage: Stage
    kind: SignalKind | None
    """Kind of the signal that found it; None when it was missed."""
    onset_error_s: float | None
    """Stated minus true onset."""
    notice_s: float | None
    """From the true onset until the signal was given, dwell included."""


def stages_found(stages: Sequence[Stage], signals: Sequence[FoundSignal]) -> list[StageFound]:
    """Each stage that holds an event, with the signal that states its onset best."""
    return [_best(stage, signals) for stage in stages if stage.expected]


def false_signals(stages: Sequence[Stage], signals: Sequence[FoundSignal]) -> list[FoundSignal]:
    """Signals of a kind that is neither expected nor allowed in any stage that they overlap."""
    return [signal for signal in signals if not any(explains(stage, signal) for stage in stages)]


def explains(stage: Stage, signal: FoundSignal) -> bool:
    """Whether the signal is expected or allowed in the stage and overlaps it."""
    overlaps = signal.start_s <= stage.end_s + TOLERANCE_S and signal.end_s >= stage.start_s - TOLERANCE_S
    return overlaps and signal.kind in stage.expected | stage.allowed


def _best(stage: Stage, signals: Sequence[FoundSignal]) -> StageFound:
    candidates = [signal for signal in signals if signal.kind in stage.expected and _is_timely(stage, signal)]
    if not candidates:
        return StageFound(stage, None, None, None)
    best = min(candidates, key=lambda signal: (abs(_onset_error(stage, signal)), signal.noticed_s))
    return StageFound(stage, best.kind, round(_onset_error(stage, best), 2), round(best.noticed_s - stage.start_s, 2))


def _is_timely(stage: Stage, signal: FoundSignal) -> bool:
    return abs(_onset_error(stage, signal)) <= TOLERANCE_S and signal.noticed_s <= stage.end_s + TOLERANCE_S


def _onset_error(stage: Stage, signal: FoundSignal) -> float:
    """The nearer one of the stated onset and of the notice less its dwell, against the true onset, in seconds."""
    stated = signal.start_s - stage.start_s
    less_dwell = signal.noticed_s - signal.dwell_s - stage.start_s
    return min(stated, less_dwell, key=abs)
