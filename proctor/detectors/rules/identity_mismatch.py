"""The face in the camera picture does not resemble the enrolment photograph."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from proctor.detectors.rule import Dwell, HowSoon, Noticed, Reading, SampledConfig, SampledRule, UnknownAfter
from proctor.detectors.wording import duration, fill, number, seconds
from proctor.domain.observations import IdentityObserved, LinkObserved, Observation, Tick, TrackRested
from proctor.domain.policy import DetectorConfig
from proctor.domain.signals import Severity, SignalKind, Why
from proctor.domain.text import Text

_TEXT = Text(
    kk=(
        "Кадрдағы бет тіркеу кезіндегі фотосуретке күткеннен аз ұқсайды: ұқсастығы {value}, шегі {threshold}; "
        "{held} ішінде қатарынан {count} рет тексерілді. Кемінде {samples} тексеру қатарынан осындай болып, "
        "{dwell} секундқа созылса, белгіленеді. Суреттерді адам салыстырып, шешім қабылдайды."
    ),
    ru=(
        "Лицо в кадре похоже на фотографию, сделанную при регистрации, меньше ожидаемого: сходство {value}, порог "
        "{threshold}; проверок подряд: {count} за {held}. Отмечается, если таких проверок подряд не меньше {samples} "
        "и это длится {dwell} с. Снимки сличает и решает человек."
    ),
    en=(
        "The face in the picture resembles the enrolment photograph less than expected: similarity {value}, threshold "
        "{threshold}, in {count} checks in a row over {held}. Noted from {samples} such checks in a row that last "
        "{dwell} s. A person compares the pictures and decides."
    ),
)


_MEAN = "mean_similarity"
_ALONE = "similarity"


class IdentityMismatchConfig(SampledConfig):
    """`identity_mismatch`: the face does not resemble the enrolment photograph."""

    severity: HowSoon = Severity.HIGH
    dwell_s: Dwell = 4.0
    unknown_after_s: UnknownAfter = 60.0
    similarity: Annotated[
        float,
        Field(
            ge=-1,
            le=1,
            description="Mean similarity by both face models below which a check counts as low.",
        ),
    ] = 0.45
    similarity_alone: Annotated[
        float,
        Field(
            ge=-1,
            le=1,
            description="Similarity by the first face model below which a check counts as low where the second did not "
            "look.",
        ),
    ] = 0.40
    checks: Annotated[int, Field(ge=2, le=50, description="Number of low checks in a row that are needed.")] = 3


class IdentityMismatch(SampledRule[IdentityMismatchConfig]):
    """Notices that the face differs from the enrolment photograph, again and again.

    A check that cannot tell counts neither for nor against. The thresholds are those measured for the analyzer
    (`proctor.analyzers.identity`): the mean of both models where both have looked, the first alone otherwise.
    Confidence: how far below its threshold the similarity lies, 0 at the threshold, 1 at a similarity of 0 or less.
    """

    id: ClassVar = SignalKind.IDENTITY_MISMATCH
    version: ClassVar = "1"
    consumes: ClassVar = (IdentityObserved, LinkObserved, Tick, TrackRested)
    config_type: ClassVar[type[DetectorConfig]] = IdentityMismatchConfig

    def __init__(self, config: IdentityMismatchConfig) -> None:
        super().__init__(config, samples=config.checks)

    def judge(self, observation: Observation) -> Reading | None:
        """Compare the similarity of one check with its threshold."""
        if not isinstance(observation, IdentityObserved) or observation.similarity is None:
            return None
        first, second = observation.similarity, observation.second_opinion
        aspect, similarity = (_ALONE, first) if second is None else (_MEAN, (first + second) / 2)
        threshold = self._threshold(aspect)
        return Reading(
            observation.at,
            holds=similarity < threshold,
            value=similarity,
            confidence=min(1.0, max(0.0, (threshold - similarity) / threshold)) if threshold > 0 else 1.0,
            model=observation.model,
            aspect=aspect,
        )

    def explain(self, noticed: Noticed) -> Why:
        """State the median similarity of the low checks."""
        aspect, value = noticed.aspect, noticed.value
        threshold = self._threshold(aspect)
        text = fill(
            _TEXT,
            value=number(value, 2),
            threshold=number(threshold, 2),
            count=number(len(noticed.readings)),
            held=duration(noticed.noticed_after_s),
            samples=number(self.config.checks),
            dwell=seconds(self.config.dwell_s),
        )
        return Why(text, self.crossing(aspect, value, threshold), noticed.model)

    def _threshold(self, aspect: str) -> float:
        return self.config.similarity if aspect == _MEAN else self.config.similarity_alone
