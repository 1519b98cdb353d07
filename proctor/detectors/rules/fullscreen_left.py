"""The exam page left full screen."""

from __future__ import annotations

from typing import ClassVar

from proctor.detectors.rule import Dwell, HowSoon, StateConfig, StateRule
from proctor.domain.media import ClientEventKind
from proctor.domain.observations import ClientObserved, Observation, Tick
from proctor.domain.policy import DetectorConfig
from proctor.domain.signals import Severity, SignalKind
from proctor.domain.text import Text


class FullscreenLeftConfig(StateConfig):
    """`fullscreen_left`: the exam page left full screen."""

    severity: HowSoon = Severity.LOW
    dwell_s: Dwell = 2.0


class FullscreenLeft(StateRule[FullscreenLeftConfig]):
    """Notices that the exam page is no longer shown in full screen."""

    id: ClassVar = SignalKind.FULLSCREEN_LEFT
    version: ClassVar = "1"
    consumes: ClassVar = (ClientObserved, Tick)
    config_type: ClassVar[type[DetectorConfig]] = FullscreenLeftConfig
    text: ClassVar = Text(
        kk="Емтихан парақшасы {value} бойы толық экранда болмады. {threshold} секундтан бастап белгіленеді.",
        ru="Страница экзамена {value} была не на весь экран. Отмечается от {threshold} с.",
        en="The exam page was not in full screen for {value}. Noted from {threshold} s.",
    )

    def state(self, observation: Observation) -> bool | None:
        """Whether full screen was left or entered again."""
        if not isinstance(observation, ClientObserved):
            return None
        match observation.event.kind:
            case ClientEventKind.FULLSCREEN_LEFT:
                return True
            case ClientEventKind.FULLSCREEN_ENTERED:
                return False
            case _:
                return None

    def ends_knowledge(self, observation: Observation) -> bool:
        """Whether the page is going away; the next one reports its own state."""
        return isinstance(observation, ClientObserved) and observation.event.kind is ClientEventKind.PAGE_CLOSING
