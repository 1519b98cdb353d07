"""No face is to be seen in the camera picture."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from proctor.detectors.rule import Dwell, HowSoon, Noticed, Reading, SampledConfig, SampledRule
from proctor.detectors.wording import duration, fill, percent, seconds
from proctor.domain.media import TrackKind
from proctor.domain.observations import LinkObserved, Observation, PeopleObserved, Tick
from proctor.domain.policy import DetectorConfig
from proctor.domain.signals import Severity, SignalKind, Why
from proctor.domain.text import Text

_TEXT = Text(
    kk=(
        "Камера кадрында {held} бойы бет көрінбеді: ең жоғары сенімділік {value} %, шегі {threshold} %. "
        "{dwell} секундқа созылса, белгіленеді."
    ),
    ru=(
        "В кадре камеры {held} не было видно лица: наибольшая уверенность {value} %, порог {threshold} %. "
        "Отмечается, если длится {dwell} с."
    ),
    en=(
        "No face was visible to the camera for {held}: highest certainty {value} %, threshold {threshold} %. "
        "Noted when it lasts {dwell} s."
    ),
)


class FaceAbsentConfig(SampledConfig):
    """`face_absent`: no face is to be seen in the camera picture."""

    severity: HowSoon = Severity.MEDIUM
    dwell_s: Dwell = 3.0
    face_score: Annotated[
        float,
        Field(ge=0, le=1, description="Score that the face model must reach for a face to count as seen."),
    ] = 0.6


class FaceAbsent(SampledRule[FaceAbsentConfig]):
    """Notices that no face is in the camera picture.

    Confidence: 1 minus the mean of the best score of any face that stayed below the threshold.
    """

    id: ClassVar = SignalKind.FACE_ABSENT
    version: ClassVar = "1"
    consumes: ClassVar = (PeopleObserved, LinkObserved, Tick)
    config_type: ClassVar[type[DetectorConfig]] = FaceAbsentConfig

    def judge(self, observation: Observation) -> Reading | None:
        """Compare the best face score of a camera picture with the threshold."""
        if not isinstance(observation, PeopleObserved) or observation.track is not TrackKind.CAMERA:
            return None
        best = max((face.score for face in observation.faces), default=0.0)
        holds = best < self.config.face_score
        return Reading(observation.at, holds, value=best, confidence=1.0 - best, model=observation.model)

    def explain(self, noticed: Noticed) -> Why:
        """State the best score among the pictures."""
        best = max(reading.value for reading in noticed.readings)
        text = fill(
            _TEXT,
            held=duration(noticed.held_s),
            value=percent(best),
            threshold=percent(self.config.face_score),
            dwell=seconds(self.config.dwell_s),
        )
        return Why(text, self.crossing("face_score", best, self.config.face_score), noticed.model)
