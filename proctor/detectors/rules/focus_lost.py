"""The exam page is not the one that the candidate works in."""

from __future__ import annotations

from typing import ClassVar

from proctor.detectors.rule import Dwell, HowSoon, StateConfig, StateRule
from proctor.domain.media import ClientEventKind
from proctor.domain.observations import ClientObserved, Observation, Tick
from proctor.domain.policy import DetectorConfig
from proctor.domain.signals import Severity, SignalKind
from proctor.domain.text import Text


class FocusLostConfig(StateConfig):
    """`focus_lost`: the exam page is not the one that the candidate works in."""

    severity: HowSoon = Severity.MEDIUM
    dwell_s: Dwell = 1.0


class FocusLost(StateRule[FocusLostConfig]):
    """Notices that the exam page lost the focus or was hidden behind another tab."""

    id: ClassVar = SignalKind.FOCUS_LOST
    version: ClassVar = "1"
    consumes: ClassVar = (ClientObserved, Tick)
    config_type: ClassVar[type[DetectorConfig]] = FocusLostConfig
    text: ClassVar = Text(
        kk="Емтихан парақшасы {value} бойы белсенді болмады. {threshold} секундтан бастап белгіленеді.",
        ru="Страница экзамена была неактивна {value}. Отмечается от {threshold} с.",
        en="The exam page was not the active one for {value}. Noted from {threshold} s.",
    )

    def __init__(self, config: FocusLostConfig) -> None:
        super().__init__(config)
        self._is_unfocused = False
        self._is_hidden = False

    def state(self, observation: Observation) -> bool | None:
        """Away while the page is out of focus or hidden; both must be over."""
        if not isinstance(observation, ClientObserved):
            return None
        match observation.event.kind:
            case ClientEventKind.FOCUS_LOST | ClientEventKind.FOCUS_GAINED as kind:
                self._is_unfocused = kind is ClientEventKind.FOCUS_LOST
            case ClientEventKind.TAB_HIDDEN | ClientEventKind.TAB_VISIBLE as kind:
                self._is_hidden = kind is ClientEventKind.TAB_HIDDEN
            case _:
                return None
        return self._is_unfocused or self._is_hidden

    def ends_knowledge(self, observation: Observation) -> bool:
        """Whether the page is going away; the next one reports its own state."""
        if not isinstance(observation, ClientObserved) or observation.event.kind is not ClientEventKind.PAGE_CLOSING:
            return False
        self._is_unfocused = self._is_hidden = False
        return True
