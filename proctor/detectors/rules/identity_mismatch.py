# ruff: noqa: RUF001 - the sentences are Kazakh and Russian
"""The face in the camera picture does not resemble the enrolment photograph."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from proctor.detectors.rule import Dwell, HowSoon, Noticed, Reading, SampledConfig, SampledRule, UnknownAfter
from proctor.detectors.wording import duration, fill, number, seconds
from proctor.domain.observations import IdentityObserved, LinkObserved, Observation, Tick
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


class IdentityMismatchConfig(SampledConfig):
    """`identity_mismatch`: the face does not resemble the enrolment photograph."""

    severity: HowSoon = Severity.HIGH
    dwell_s: Dwell = 5.0
    unknown_after_s: UnknownAfter = 60.0
    similarity: Annotated[
        float,
        Field(
            ge=-1,
            le=1,
            description="Similarity to the enrolment photograph (cosine) below which a check counts as low.",
        ),
    ] = 0.363
    second_opinion: Annotated[
        float,
        Field(
            ge=-1,
            le=1,
            description="Similarity by the second model (1 minus distance) from which it speaks for the same "
            "person; a check then does not count as low.",
        ),
    ] = 0.4
    checks: Annotated[int, Field(ge=2, le=50, description="Number of low checks in a row that are needed.")] = 3


class IdentityMismatch(SampledRule[IdentityMismatchConfig]):
    """Notices that the face differs from the enrolment photograph, again and again.

    A check that cannot tell counts neither for nor against. Where the second model has looked too, both must agree.
    0.363 is the threshold that SFace's authors published for the cosine similarity.
    Confidence: how far below the threshold the similarity lies, 0 at the threshold, 1 at a similarity of 0 or less.
    """

    id: ClassVar = SignalKind.IDENTITY_MISMATCH
    version: ClassVar = "1"
    consumes: ClassVar = (IdentityObserved, LinkObserved, Tick)
    config_type: ClassVar[type[DetectorConfig]] = IdentityMismatchConfig

    def __init__(self, config: IdentityMismatchConfig) -> None:
        super().__init__(config, samples=config.checks)

    def judge(self, observation: Observation) -> Reading | None:
        """Compare both similarities of one check with their thresholds."""
        if not isinstance(observation, IdentityObserved) or observation.similarity is None:
            return None
        similarity, threshold = observation.similarity, self.config.similarity
        second = observation.second_opinion
        second_says_same = second is not None and second >= self.config.second_opinion
        return Reading(
            observation.at,
            holds=similarity < threshold and not second_says_same,
            value=similarity,
            confidence=min(1.0, max(0.0, (threshold - similarity) / threshold)) if threshold > 0 else 1.0,
            model=observation.model,
        )

    def explain(self, noticed: Noticed) -> Why:
        """State the median similarity of the low checks."""
        text = fill(
            _TEXT,
            value=number(noticed.value, 2),
            threshold=number(self.config.similarity, 3),
            count=number(len(noticed.readings)),
            held=duration(noticed.noticed_after_s),
            samples=number(self.config.checks),
            dwell=seconds(self.config.dwell_s),
        )
        return Why(text, self.crossing("similarity", noticed.value, self.config.similarity), noticed.model)
