"""More than one person is to be seen in the camera picture."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from proctor.detectors.rule import Dwell, HowSoon, Noticed, Reading, Release, SampledConfig, SampledRule
from proctor.detectors.wording import duration, fill, number, percent, seconds
from proctor.domain.media import TrackKind
from proctor.domain.observations import LinkObserved, Observation, PeopleObserved, Tick, TrackRested
from proctor.domain.policy import DetectorConfig
from proctor.domain.signals import Severity, SignalKind, Why
from proctor.domain.text import Text

_TEXT = Text(
    kk=(
        "Камера кадрында {held} ішінде {value} адам көрінді. Суреттердің кемінде {share} пайызында {threshold} "
        "немесе одан көп адам көрініп, {dwell} секундқа созылса, белгіленеді."
    ),
    ru=(
        "В кадре камеры в течение {held} видно людей: {value}. Отмечается, если хотя бы на {share} % снимков "
        "видно не меньше {threshold} человек и это длится {dwell} с."
    ),
    en=(
        "{value} people were visible to the camera over {held}. Noted when at least {share} % of the pictures show "
        "{threshold} or more people and it lasts {dwell} s."
    ),
)

_UNSCORED_CONFIDENCE = 0.5
"""A person without a visible face carries no score of the face model."""


class MultipleFacesConfig(SampledConfig):
    """`multiple_faces`: more than one person is to be seen in the camera picture."""

    severity: HowSoon = Severity.HIGH
    dwell_s: Dwell = 1.0
    release_s: Release = 2.0
    people: Annotated[int, Field(ge=2, le=20, description="Number of people in one picture from which it counts.")] = 2
    share: Annotated[
        float,
        Field(gt=0, le=1, description="Least share of the pictures since the onset that must show so many."),
    ] = 0.6


class MultipleFaces(SampledRule[MultipleFacesConfig]):
    """Notices that several people are in the camera picture.

    One picture may miss a face or see one that is not there, so most of the pictures have to agree.
    Confidence: mean score of the face that makes the number full, 0.5 for a person without a visible face.
    """

    id: ClassVar = SignalKind.MULTIPLE_FACES
    version: ClassVar = "1"
    consumes: ClassVar = (PeopleObserved, LinkObserved, Tick, TrackRested)
    config_type: ClassVar[type[DetectorConfig]] = MultipleFacesConfig

    def __init__(self, config: MultipleFacesConfig) -> None:
        super().__init__(config, share=config.share, samples=2)

    def judge(self, observation: Observation) -> Reading | None:
        """Compare the number of people in a camera picture with the threshold."""
        if not isinstance(observation, PeopleObserved) or observation.track is not TrackKind.CAMERA:
            return None
        scores = sorted((face.score for face in observation.faces), reverse=True)
        needed = self.config.people
        return Reading(
            observation.at,
            holds=observation.people >= needed,
            value=float(observation.people),
            confidence=scores[needed - 1] if len(scores) >= needed else _UNSCORED_CONFIDENCE,
            model=observation.model,
        )

    def explain(self, noticed: Noticed) -> Why:
        """State the largest number of people among the pictures."""
        most = max(reading.value for reading in noticed.readings)
        text = fill(
            _TEXT,
            held=duration(noticed.held_s),
            value=number(most),
            share=percent(self.config.share),
            threshold=number(self.config.people),
            dwell=seconds(self.config.dwell_s),
        )
        return Why(text, self.crossing("people", most, self.config.people), noticed.model)
