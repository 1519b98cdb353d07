"""A telephone is to be seen."""

from __future__ import annotations

from typing import ClassVar

from proctor.detectors.object_rule import LeastSize, ObjectConfig, ObjectRule, Score, surest
from proctor.detectors.rule import HowSoon, Noticed, Reading
from proctor.detectors.wording import fill, percent
from proctor.domain.observations import ObjectsObserved
from proctor.domain.policy import DetectorConfig
from proctor.domain.signals import Severity, SignalKind, Why
from proctor.domain.text import Text

_PHONE = "cell phone"
_TEXT = Text(
    kk=(
        "{place} {held} ішінде телефонға ұқсас зат көрінді: модель бағасы {value} %, шегі {threshold} %. Қаралған "
        "кадрлардың кемінде {pictures}-інде және {share} пайызында көрініп, {dwell} секундқа созылса, белгіленеді."
    ),
    ru=(
        "{place} в течение {held} виден предмет, похожий на телефон: оценка модели {value} %, порог {threshold} %. "
        "Отмечается, если он виден не менее чем на {pictures} просмотренных снимках и на {share} % из них и это "
        "длится {dwell} с."
    ),
    en=(
        "{place} showed something like a telephone over {held}: score of the models {value} %, threshold "
        "{threshold} %. Noted when at least {pictures} pictures that were looked through, and {share} % of them, show "
        "it and it lasts {dwell} s."
    ),
)


class PhoneConfig(ObjectConfig):
    """`phone`: a telephone is to be seen.

    On 310 varied pictures nothing that is no telephone reached a score of 0.45; of the five pictures that show one,
    the three in which it does not fill the picture reached more than 0.7.
    """

    severity: HowSoon = Severity.HIGH
    score: Score = 0.5
    least_size: LeastSize = 0.03


class Phone(ObjectRule[PhoneConfig]):
    """Notices a telephone in the camera's or the phone's picture. The phone that films does not see itself."""

    id: ClassVar = SignalKind.PHONE
    config_type: ClassVar[type[DetectorConfig]] = PhoneConfig

    def look(self, observed: ObjectsObserved) -> Reading:
        """Compare the surest telephone with the threshold."""
        score = surest(observed, _PHONE, self.config.least_size)
        return Reading(
            observed.at, holds=score >= self.config.score, value=score, confidence=score, model=observed.model
        )

    def explain(self, noticed: Noticed) -> Why:
        """State the median score."""
        text = fill(
            _TEXT,
            value=percent(noticed.value),
            threshold=percent(self.config.score),
            **self.conditions(noticed),
        )
        return Why(text, self.crossing("score", noticed.value, self.config.score), noticed.model)
