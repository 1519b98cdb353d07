"""A book is to be seen."""

from __future__ import annotations

from typing import ClassVar

from proctor.detectors.object_rule import LeastSize, ObjectConfig, ObjectRule, Score, surest
from proctor.detectors.rule import HowSoon, Noticed, Reading
from proctor.detectors.wording import fill, percent
from proctor.domain.observations import ObjectsObserved
from proctor.domain.policy import DetectorConfig
from proctor.domain.signals import Severity, SignalKind, Why
from proctor.domain.text import Text

_BOOK = "book"
_TEXT = Text(
    kk=(
        "{place} {held} ішінде кітапқа ұқсас зат көрінді: модель бағасы {value} %, шегі {threshold} %; кадрдың "
        "{size} пайызынан кіші кітаптар саналмайды. Қаралған кадрлардың кемінде {pictures}-інде және {share} "
        "пайызында көрініп, {dwell} секундқа созылса, белгіленеді."
    ),
    ru=(
        "{place} в течение {held} виден предмет, похожий на книгу: оценка модели {value} %, порог {threshold} %; "
        "книги меньше {size} % снимка не учитываются. Отмечается, если он виден не менее чем на {pictures} "
        "просмотренных снимках и на {share} % из них и это длится {dwell} с."
    ),
    en=(
        "{place} showed something like a book over {held}: score of the models {value} %, threshold {threshold} %; "
        "books smaller than {size} % of the picture do not count. Noted when at least {pictures} pictures that were "
        "looked through, and {share} % of them, show it and it lasts {dwell} s."
    ),
)


class BookConfig(ObjectConfig):
    """`book`: a book is to be seen.

    Spines on a shelf behind the candidate are smaller than a book in the hand or on the desk; `least_size` leaves them
    out. Passports and other booklets count as books.
    """

    severity: HowSoon = Severity.LOW
    score: Score = 0.55
    least_size: LeastSize = 0.16


class Book(ObjectRule[BookConfig]):
    """Notices a book, or papers that look like one, in the camera's or the phone's picture."""

    id: ClassVar = SignalKind.BOOK
    config_type: ClassVar[type[DetectorConfig]] = BookConfig

    def look(self, observed: ObjectsObserved) -> Reading:
        """Compare the surest book that is large enough with the threshold."""
        score = surest(observed, _BOOK, self.config.least_size)
        return Reading(
            observed.at, holds=score >= self.config.score, value=score, confidence=score, model=observed.model
        )

    def explain(self, noticed: Noticed) -> Why:
        """State the median score."""
        text = fill(
            _TEXT,
            value=percent(noticed.value),
            threshold=percent(self.config.score),
            size=percent(self.config.least_size),
            **self.conditions(noticed),
        )
        return Why(text, self.crossing("score", noticed.value, self.config.score), noticed.model)
