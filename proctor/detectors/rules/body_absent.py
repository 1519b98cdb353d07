"""Neither a face nor a body is to be seen in the camera picture: the chair is empty."""

from __future__ import annotations

from typing import Annotated, ClassVar, Final

from pydantic import Field

from proctor.detectors.rule import Dwell, HowSoon, Noticed, Reading, SampledConfig, SampledRule
from proctor.detectors.wording import duration, fill, percent, seconds
from proctor.domain.media import TrackKind
from proctor.domain.observations import BodyObserved, LinkObserved, Observation, PeopleObserved, Tick, TrackRested
from proctor.domain.policy import DetectorConfig
from proctor.domain.signals import Severity, SignalKind, Why
from proctor.domain.text import Text

_TEXT: Final = Text(
    kk=(
        "Камера кадрында {held} бойы бет те, дене де көрінбеді: дененің ең жоғары сенімділігі {value} %, "
        "шегі {threshold} %. {dwell} секундқа созылса, белгіленеді."
    ),
    ru=(
        "В кадре камеры {held} не было видно ни лица, ни тела: наибольшая уверенность для тела {value} %, "
        "порог {threshold} %. Отмечается, если длится {dwell} с."
    ),
    en=(
        "Neither a face nor a body was visible to the camera for {held}: highest certainty of a body {value} %, "
        "threshold {threshold} %. Noted when it lasts {dwell} s."
    ),
)


class BodyAbsentConfig(SampledConfig):
    """`body_absent`: neither a face nor a body is to be seen in the camera picture."""

    severity: HowSoon = Severity.MEDIUM
    dwell_s: Dwell = 5.0
    unknown_after_s: Annotated[
        float,
        Field(ge=2, le=600, description="Seconds without a look for bodies after which nothing is assumed any more."),
    ] = 10.0
    body_score: Annotated[
        float, Field(gt=0, le=1, description="Certainty that the body model must reach for a body to count as seen.")
    ] = 0.5


class BodyAbsent(SampledRule[BodyAbsentConfig]):
    """Notices an empty chair; a candidate with the back to the camera, or bent down, still has a body.

    Confidence: 1 minus the mean of the best certainty of any body that stayed below the threshold.
    """

    id: ClassVar = SignalKind.BODY_ABSENT
    version: ClassVar = "1"
    consumes: ClassVar = (PeopleObserved, BodyObserved, LinkObserved, Tick, TrackRested)
    config_type: ClassVar[type[DetectorConfig]] = BodyAbsentConfig

    def judge(self, observation: Observation) -> Reading | None:
        """A face ends it; without one, compare the best certainty of a body with the threshold."""
        if isinstance(observation, PeopleObserved) and observation.track is TrackKind.CAMERA:
            if observation.people == 0:
                return None
            return Reading(observation.at, holds=False, value=1.0, model=observation.model)
        if not isinstance(observation, BodyObserved) or observation.track is not TrackKind.CAMERA:
            return None
        if observation.faces > 0:
            return None
        best = max((body.score for body in observation.bodies), default=0.0)
        holds = best < self.config.body_score
        return Reading(observation.at, holds, value=best, confidence=1.0 - best, model=observation.model)

    def explain(self, noticed: Noticed) -> Why:
        """State the best certainty among the looks."""
        best = max(reading.value for reading in noticed.readings)
        text = fill(
            _TEXT,
            held=duration(noticed.held_s),
            value=percent(best),
            threshold=percent(self.config.body_score),
            dwell=seconds(self.config.dwell_s),
        )
        return Why(text, self.crossing("body_score", best, self.config.body_score), noticed.model)
