"""The camera picture stands still."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from proctor.detectors.rule import Dwell, HowSoon, Noticed, Reading, SampledConfig, SampledRule
from proctor.detectors.wording import duration, fill, number, seconds
from proctor.domain.media import TrackKind
from proctor.domain.observations import LinkObserved, Observation, PictureObserved, Tick, TrackRested
from proctor.domain.policy import DetectorConfig
from proctor.domain.signals import Severity, SignalKind, Why
from proctor.domain.text import Text

_TEXT = Text(
    kk=(
        "Байланыс бар кезде камера кескіні {held} бойы мүлде өзгермеді: өзгерісі {value}, шегі {threshold}. "
        "{dwell} секундқа созылса, белгіленеді."
    ),
    ru=(
        "При работающем соединении изображение камеры {held} совсем не менялось: изменение {value}, порог "
        "{threshold}. Отмечается, если длится {dwell} с."
    ),
    en=(
        "The camera picture did not change at all for {held} while the connection was up: change {value}, threshold "
        "{threshold}. Noted when it lasts {dwell} s."
    ),
)


class CameraFrozenConfig(SampledConfig):
    """`camera_frozen`: the camera picture stands still."""

    severity: HowSoon = Severity.MEDIUM
    dwell_s: Dwell = 5.0
    change: Annotated[
        float,
        Field(
            ge=0,
            le=255,
            description="Mean luma difference between pictures up to which they count as the same; a live "
            "sensor always adds some noise, so 0 is enough.",
        ),
    ] = 0.0


class CameraFrozen(SampledRule[CameraFrozenConfig]):
    """Notices that pictures keep arriving but do not differ. Confidence: 1, this is a plain measurement."""

    id: ClassVar = SignalKind.CAMERA_FROZEN
    version: ClassVar = "1"
    consumes: ClassVar = (PictureObserved, LinkObserved, Tick, TrackRested)
    config_type: ClassVar[type[DetectorConfig]] = CameraFrozenConfig

    def judge(self, observation: Observation) -> Reading | None:
        """Compare the change of one camera picture with the threshold."""
        if not isinstance(observation, PictureObserved) or observation.track is not TrackKind.CAMERA:
            return None
        return Reading(observation.at, holds=observation.change <= self.config.change, value=observation.change)

    def explain(self, noticed: Noticed) -> Why:
        """State the largest change among the pictures."""
        largest = max(reading.value for reading in noticed.readings)
        text = fill(
            _TEXT,
            held=duration(noticed.held_s),
            value=number(largest, 2),
            threshold=number(self.config.change, 2),
            dwell=seconds(self.config.dwell_s),
        )
        return Why(text, self.crossing("change", largest, self.config.change), None)
