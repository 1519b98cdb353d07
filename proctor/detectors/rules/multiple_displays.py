"""The candidate's desktop spans more than one display."""

from __future__ import annotations

from typing import ClassVar

from proctor.detectors.rule import Dwell, HowSoon, StateConfig, StateRule
from proctor.domain.media import ClientEventKind
from proctor.domain.observations import ClientObserved, Observation, Tick
from proctor.domain.policy import DetectorConfig
from proctor.domain.signals import Severity, SignalKind
from proctor.domain.text import Text


class MultipleDisplaysConfig(StateConfig):
    """`multiple_displays`: the desktop spans more than one display."""

    severity: HowSoon = Severity.MEDIUM
    dwell_s: Dwell = 2.0


class MultipleDisplays(StateRule[MultipleDisplaysConfig]):
    """Notices that the browser reports further displays. Browsers that cannot tell report nothing."""

    id: ClassVar = SignalKind.MULTIPLE_DISPLAYS
    version: ClassVar = "1"
    consumes: ClassVar = (ClientObserved, Tick)
    config_type: ClassVar[type[DetectorConfig]] = MultipleDisplaysConfig
    text: ClassVar = Text(
        kk="Компьютерге {value} бойы бірнеше дисплей қосылып тұрды. {threshold} секундтан бастап белгіленеді.",
        ru="К компьютеру {value} было подключено несколько мониторов. Отмечается от {threshold} с.",
        en="More than one display was connected for {value}. Noted from {threshold} s.",
    )

    def state(self, observation: Observation) -> bool | None:
        """Whether the browser reported further displays, or that there are none any more."""
        if not isinstance(observation, ClientObserved):
            return None
        if observation.event.kind is not ClientEventKind.DISPLAYS_CHANGED:
            return None
        extended = observation.event.detail.get("extended")
        return extended if isinstance(extended, bool) else None

    def ends_knowledge(self, observation: Observation) -> bool:
        """Whether the page is going away; the next one reports its own state."""
        return isinstance(observation, ClientObserved) and observation.event.kind is ClientEventKind.PAGE_CLOSING
