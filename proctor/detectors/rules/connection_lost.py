"""Nothing arrives from the candidate's device."""

from __future__ import annotations

from typing import ClassVar

from proctor.detectors.rule import Dwell, HowSoon, StateConfig, StateRule
from proctor.domain.media import LinkState
from proctor.domain.observations import LinkObserved, Observation, Tick
from proctor.domain.policy import DetectorConfig
from proctor.domain.signals import Severity, SignalKind
from proctor.domain.text import Text


class ConnectionLostConfig(StateConfig):
    """`connection_lost`: nothing arrives from the candidate's device."""

    severity: HowSoon = Severity.LOW
    dwell_s: Dwell = 3.0


class ConnectionLost(StateRule[ConnectionLostConfig]):
    """Notices that media stopped arriving; a gap caused by the network never counts against the candidate by itself."""

    id: ClassVar = SignalKind.CONNECTION_LOST
    version: ClassVar = "1"
    consumes: ClassVar = (LinkObserved, Tick)
    config_type: ClassVar[type[DetectorConfig]] = ConnectionLostConfig
    text: ClassVar = Text(
        kk=(
            "Білім алушының құрылғысынан {value} бойы ештеңе келмеді. {threshold} секундтан бастап белгіленеді. "
            "Желідегі ақаудың өзі білім алушының зиянына есептелмейді."
        ),
        ru=(
            "С устройства обучающегося {value} ничего не поступало. Отмечается от {threshold} с. "
            "Сбой сети сам по себе не засчитывается против обучающегося."
        ),
        en=(
            "Nothing arrived from the candidate's device for {value}. Noted from {threshold} s. "
            "A network failure alone is never held against the candidate."
        ),
    )

    def state(self, observation: Observation) -> bool | None:
        """Whether ingest says that media stopped."""
        return observation.event.state is LinkState.LOST if isinstance(observation, LinkObserved) else None
