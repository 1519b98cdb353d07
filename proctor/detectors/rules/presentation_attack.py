"""The face before the camera looks like a picture of a face."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from proctor.detectors.rule import Dwell, HowSoon, Noticed, Reading, Release, SampledConfig, SampledRule, UnknownAfter
from proctor.detectors.wording import duration, fill, number, seconds
from proctor.domain.observations import LinkObserved, LivenessObserved, Observation, Tick, TrackRested
from proctor.domain.policy import DetectorConfig
from proctor.domain.signals import Severity, SignalKind, Why
from proctor.domain.text import Text

_TEXT = Text(
    kk=(
        "Бет тірі адамның емес, қағаздағы не экрандағы суреттің беті сияқты көрінді: тірі бетке ұқсастығы {value} "
        "(0-ден 1-ге дейін), шегі {threshold}; {held} ішінде {count} суретте. Белгі: беттің өрнегі мен түсі. Кемінде "
        "{samples} сурет осындай болып, {dwell} секундқа созылса, белгіленеді. Кескінді адам қарап, шешім қабылдайды."
    ),
    ru=(
        "Лицо выглядело не как лицо живого человека, а как изображение на бумаге или экране: похоже на живое {value} "
        "(от 0 до 1), порог {threshold}; на {count} снимках за {held}. Признак: фактура и цвет лица. Отмечается, если "
        "таких снимков не меньше {samples} и это длится {dwell} с. Снимок смотрит и решает человек."
    ),
    en=(
        "The face looked less like a person's than like one on paper or on a display: likeness to a live face {value} "
        "(0 to 1), threshold {threshold}, in {count} pictures over {held}. The cue is the texture and colour of the "
        "face. Noted from {samples} such pictures that last {dwell} s. A person looks at the picture and decides."
    ),
)


class PresentationAttackConfig(SampledConfig):
    """`presentation_attack`: the face before the camera looks like a picture of a face."""

    severity: HowSoon = Severity.HIGH
    dwell_s: Dwell = 8.0
    release_s: Release = 10.0
    unknown_after_s: UnknownAfter = 60.0
    bona_fide: Annotated[
        float,
        Field(
            ge=0,
            le=1,
            description="Likeness to a live face below which a picture counts. Lower than the threshold for single "
            "files, because a sitting is looked at many times.",
        ),
    ] = 0.5
    pictures: Annotated[int, Field(ge=2, le=50, description="Number of such pictures that are needed.")] = 4
    share: Annotated[
        float, Field(gt=0, le=1, description="Least share of the judged pictures since the onset that must be such.")
    ] = 0.8


class PresentationAttack(SampledRule[PresentationAttackConfig]):
    """Notices that the face looks like a picture again and again; needs the optional liveness model.

    A picture that cannot be judged counts neither for nor against. Confidence: how far below the threshold the likeness
    lies, 0 at the threshold, 1 at a likeness of 0.
    """

    id: ClassVar = SignalKind.PRESENTATION_ATTACK
    version: ClassVar = "1"
    consumes: ClassVar = (LivenessObserved, LinkObserved, Tick, TrackRested)
    config_type: ClassVar[type[DetectorConfig]] = PresentationAttackConfig

    def __init__(self, config: PresentationAttackConfig) -> None:
        super().__init__(config, share=config.share, samples=config.pictures)

    def judge(self, observation: Observation) -> Reading | None:
        """Compare one picture's likeness to a live face with the threshold."""
        if not isinstance(observation, LivenessObserved) or observation.bona_fide is None:
            return None
        threshold = self.config.bona_fide
        return Reading(
            observation.at,
            holds=observation.bona_fide < threshold,
            value=observation.bona_fide,
            confidence=min(1.0, max(0.0, (threshold - observation.bona_fide) / threshold)) if threshold > 0 else 1.0,
            model=observation.model,
        )

    def explain(self, noticed: Noticed) -> Why:
        """State the median likeness of the pictures."""
        text = fill(
            _TEXT,
            value=number(noticed.value, 2),
            threshold=number(self.config.bona_fide, 2),
            count=number(len(noticed.readings)),
            held=duration(noticed.noticed_after_s),
            samples=number(self.config.pictures),
            dwell=seconds(self.config.dwell_s),
        )
        return Why(text, self.crossing("bona_fide", noticed.value, self.config.bona_fide), noticed.model)
