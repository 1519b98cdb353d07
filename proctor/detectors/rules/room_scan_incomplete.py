"""The 360-degree recording of the room does not show all of it."""

from __future__ import annotations

from typing import Annotated, ClassVar, Final

from pydantic import Field

from proctor.detectors.interval import HeldInterval
from proctor.detectors.rule import HowSoon, IntervalRule, Noticed, Reading
from proctor.detectors.wording import fill, number
from proctor.domain.observations import Observation, RoomScanObserved
from proctor.domain.policy import DetectorConfig
from proctor.domain.signals import Crossing, Severity, Signal, SignalKind, Why
from proctor.domain.text import Text
from proctor.domain.time import MediaTime

_TEXT = Text(
    kk=(
        "Бөлменің 360 градус режиміндегі жазбасы толық емес: суреттегі белгілер бойынша камера {value} градусқа "
        "бұрылды, қажеті {threshold} градус. Камераның бастапқы орынға оралғаны танылса ғана, жазба толық саналады."
    ),
    ru=(
        "Запись комнаты в режиме 360 градусов неполная: судя по приметам на картинке, камера повернулась на {value} "
        "градусов, нужно {threshold}. Запись считается полной, только если узнано место, с которого она началась."
    ),
    en=(
        "The 360-degree recording of the room is not complete: by features in it the camera turned {value} degrees, "
        "{threshold} are required. It is complete only where the place that it began with was recognised."
    ),
)


LEAST_CONFIDENCE: Final = 0.1


class RoomScanIncompleteConfig(DetectorConfig):
    """`room_scan_incomplete`: the room's recording does not show all of it."""

    severity: HowSoon = Severity.LOW
    coverage_deg: Annotated[
        float, Field(gt=0, le=360, description="Degrees that a recording of the room must show to be complete.")
    ] = 345.0


class RoomScanIncomplete(IntervalRule[RoomScanIncompleteConfig]):
    """Notices a recording of the room that ended before all of it was shown; lasts until a complete one was made.

    Confidence: the part of the required degrees that is missing, and at least a tenth.
    """

    id: ClassVar = SignalKind.ROOM_SCAN_INCOMPLETE
    version: ClassVar = "1"
    consumes: ClassVar = (RoomScanObserved,)
    config_type: ClassVar[type[DetectorConfig]] = RoomScanIncompleteConfig

    def __init__(self, config: RoomScanIncompleteConfig) -> None:
        super().__init__(config)
        self._interval = HeldInterval[Reading](dwell_s=0.0)

    def update(self, observation: Observation) -> list[Signal]:
        """Judge a recording of the room."""
        if not isinstance(observation, RoomScanObserved):
            return []
        required, shown = self.config.coverage_deg, observation.coverage_deg
        if observation.is_complete and shown >= required:
            return self.signals_of(self._interval.cease(observation.at))
        missing = max(LEAST_CONFIDENCE, 1.0 - shown / required)
        reading = Reading(observation.at, holds=True, value=shown, confidence=missing, model=observation.model)
        return self.signals_of(self._interval.begin(observation.at, reading))

    def finish(self, at: MediaTime) -> list[Signal]:
        """The sitting ended at `at`: close what is open."""
        return self.signals_of(self._interval.forget(at))

    def explain(self, noticed: Noticed) -> Why:
        """State the degrees that were shown."""
        required = self.config.coverage_deg
        text = fill(_TEXT, value=number(noticed.value, 1), threshold=number(required, 1))
        return Why(text, Crossing("coverage_deg", noticed.value, required, "deg", dwell_ms=0), noticed.model)
