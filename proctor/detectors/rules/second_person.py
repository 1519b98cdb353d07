"""A second body is to be seen that shows no face."""

from __future__ import annotations

from typing import Annotated, ClassVar, Final

from pydantic import Field

from proctor.detectors.rule import Dwell, HowSoon, Noticed, Reading, SampledConfig, SampledRule
from proctor.detectors.wording import duration, fill, percent, seconds
from proctor.domain.media import TrackKind
from proctor.domain.observations import BodyObserved, LinkObserved, Observation, Tick, TrackRested
from proctor.domain.policy import DetectorConfig
from proctor.domain.signals import Severity, SignalKind, Why
from proctor.domain.text import Text

BODIES: Final = 2
"""As many as the analyzer looks for."""

_TEXT: Final = Text(
    kk=(
        "Камера кадрында {held} бойы екі адамның денесі көрінді, ал бет одан аз болды. Көмескірек дененің "
        "сенімділігі {value} %, шегі {threshold} %. {dwell} секундқа созылса, белгіленеді."
    ),
    ru=(
        "В кадре камеры {held} были видны тела двух человек, а лиц меньше. Уверенность для менее ясного тела "
        "{value} %, порог {threshold} %. Отмечается, если длится {dwell} с."
    ),
    en=(
        "The camera showed the bodies of two people for {held}, and fewer faces. Certainty of the less clear body "
        "{value} %, threshold {threshold} %. Noted when it lasts {dwell} s."
    ),
)


class SecondPersonConfig(SampledConfig):
    """`second_person`: two bodies are to be seen, and fewer faces."""

    severity: HowSoon = Severity.MEDIUM
    dwell_s: Dwell = 3.0
    release_s: Annotated[
        float, Field(ge=0, le=600, description="Seconds that the condition must be over before the interval ends.")
    ] = 2.0
    unknown_after_s: Annotated[
        float,
        Field(ge=2, le=600, description="Seconds without a look for bodies after which nothing is assumed any more."),
    ] = 6.0
    body_score: Annotated[
        float, Field(gt=0, le=1, description="Certainty that the body model must reach for a body to count as seen.")
    ] = 0.6


class SecondPerson(SampledRule[SecondPersonConfig]):
    """Notices a person beside or behind the candidate who shows no face; with a face, `multiple_faces` says so.

    Confidence: mean certainty of the less certain body.
    """

    id: ClassVar = SignalKind.SECOND_PERSON
    version: ClassVar = "1"
    consumes: ClassVar = (BodyObserved, LinkObserved, Tick, TrackRested)
    config_type: ClassVar[type[DetectorConfig]] = SecondPersonConfig

    def judge(self, observation: Observation) -> Reading | None:
        """Compare the certainty of the second body with the threshold."""
        if not isinstance(observation, BodyObserved) or observation.track is not TrackKind.CAMERA:
            return None
        scores = sorted((body.score for body in observation.bodies), reverse=True)
        second = scores[BODIES - 1] if len(scores) >= BODIES else 0.0
        holds = second >= self.config.body_score and observation.faces < BODIES
        return Reading(observation.at, holds, second, second, observation.model)

    def explain(self, noticed: Noticed) -> Why:
        """State the median certainty of the second body."""
        text = fill(
            _TEXT,
            held=duration(noticed.held_s),
            value=percent(noticed.value),
            threshold=percent(self.config.body_score),
            dwell=seconds(self.config.dwell_s),
        )
        return Why(text, self.crossing("body_score", noticed.value, self.config.body_score), noticed.model)
