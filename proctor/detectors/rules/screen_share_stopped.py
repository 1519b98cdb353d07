"""The screen is no longer shared."""

from __future__ import annotations

from typing import ClassVar

from proctor.detectors.rule import Dwell, HowSoon, StateConfig, StateRule
from proctor.domain.media import ClientEventKind, TrackKind
from proctor.domain.observations import ClientObserved, Observation, Tick
from proctor.domain.policy import DetectorConfig
from proctor.domain.signals import Severity, SignalKind
from proctor.domain.text import Text


class ScreenShareStoppedConfig(StateConfig):
    """`screen_share_stopped`: the screen is no longer shared."""

    severity: HowSoon = Severity.HIGH
    dwell_s: Dwell = 1.0


class ScreenShareStopped(StateRule[ScreenShareStoppedConfig]):
    """Notices that the browser stopped sharing the screen, by the candidate's choice or on its own."""

    id: ClassVar = SignalKind.SCREEN_SHARE_STOPPED
    version: ClassVar = "1"
    consumes: ClassVar = (ClientObserved, Tick)
    config_type: ClassVar[type[DetectorConfig]] = ScreenShareStoppedConfig
    text: ClassVar = Text(
        kk="Экран көрсетілімі {value} бойы тоқтап тұрды. {threshold} секундтан бастап белгіленеді.",
        ru="Показ экрана был остановлен {value}. Отмечается от {threshold} с.",
        en="The screen was not being shared for {value}. Noted from {threshold} s.",
    )

    def state(self, observation: Observation) -> bool | None:
        """Whether sharing stopped or started again."""
        if not isinstance(observation, ClientObserved):
            return None
        match observation.event.kind:
            case ClientEventKind.SCREEN_SHARE_STOPPED:
                return True
            case ClientEventKind.TRACK_ENDED if observation.event.detail.get("track") == TrackKind.SCREEN:
                return True
            case ClientEventKind.SCREEN_SHARE_STARTED:
                return False
            case _:
                return None

    def ends_knowledge(self, observation: Observation) -> bool:
        """Whether the page is going away; the next one reports its own state."""
        return isinstance(observation, ClientObserved) and observation.event.kind is ClientEventKind.PAGE_CLOSING
