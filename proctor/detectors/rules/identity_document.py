"""The identity document could not be read or matched, or was not shown: a person looks at it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, ClassVar, Final

from pydantic import Field

from proctor.detectors.interval import HeldInterval
from proctor.detectors.rule import HowSoon, IntervalRule, Noticed, Reading
from proctor.detectors.wording import fill, number
from proctor.domain.documents import DocumentObserved, PortraitReading, ZoneReading
from proctor.domain.observations import Observation
from proctor.domain.policy import DetectorConfig
from proctor.domain.signals import Crossing, Severity, Signal, SignalKind, Why
from proctor.domain.text import Text
from proctor.domain.time import MediaTime

PORTRAIT_SIMILARITY: Final = 0.45
"""As for faces in the camera's picture; no set of documents with their holders' faces was there to measure it on."""
_SIMILARITY: Final = "portrait_similarity"
_CHECKS: Final = "agreeing_check_digits"
_ZONES: Final = "machine_readable_zones"
_PORTRAITS: Final = "comparable_portraits"
_DOCUMENTS: Final = "documents_shown"
_TEXTS: Final[Mapping[str, Text]] = MappingProxyType(
    {
        _SIMILARITY: Text(
            kk=(
                "Құжаттағы портрет тіркеу фотосуретіне күткеннен аз ұқсайды: ұқсастығы {value}, шегі {threshold}. "
                "Суреттерді адам салыстырып, шешім қабылдайды."
            ),
            ru=(
                "Портрет в документе похож на фотографию, сделанную при регистрации, меньше ожидаемого: сходство "
                "{value}, порог {threshold}. Снимки сличает и решает человек."
            ),
            en=(
                "The portrait on the identity document resembles the enrolment photograph less than expected: "
                "similarity {value}, threshold {threshold}. A person compares the pictures and decides."
            ),
        ),
        _CHECKS: Text(
            kk=(
                "Құжаттың машина оқитын жолдары сенімді оқылмады: {value} бақылау цифры сәйкес келеді, қажеті "
                "{threshold}. Суретті адам қарайды."
            ),
            ru=(
                "Машиночитаемые строки документа прочитаны ненадёжно: сходится контрольных цифр {value}, нужно "
                "{threshold}. Снимок смотрит человек."
            ),
            en=(
                "The machine-readable lines of the identity document were not read reliably: {value} check digits "
                "agree, {threshold} are required. A person looks at the picture."
            ),
        ),
        _ZONES: Text(
            kk="Құжат суретінен машина оқитын жолдар табылмады: {value}, қажеті {threshold}. Суретті адам қарайды.",
            ru=(
                "На снимке документа не найдены машиночитаемые строки: {value}, нужно {threshold}. Снимок смотрит "
                "человек."
            ),
            en=(
                "No machine-readable lines were found in the picture of the identity document: {value}, {threshold} "
                "required. A person looks at the picture."
            ),
        ),
        _PORTRAITS: Text(
            kk=("Құжаттан салыстыруға жарайтын портрет табылмады: {value}, қажеті {threshold}. Суретті адам қарайды."),
            ru=(
                "В документе не найден портрет, пригодный для сравнения: {value}, нужно {threshold}. Снимок смотрит "
                "человек."
            ),
            en=(
                "No portrait that can be compared was found on the identity document: {value}, {threshold} required. "
                "A person looks at the picture."
            ),
        ),
        _DOCUMENTS: Text(
            kk="Басталар алдында құжат көрсетілмеді: {value}, қажеті {threshold}. Құжатты адам тексереді.",
            ru="До начала документ не показан: {value}, нужно {threshold}. Документ проверяет человек.",
            en=(
                "No identity document was shown before the start: {value}, {threshold} required. A person checks the "
                "document."
            ),
        ),
    }
)


class IdentityDocumentConfig(DetectorConfig):
    """`identity_document`: the identity document could not be read or matched, or was not shown."""

    severity: HowSoon = Severity.MEDIUM
    portrait_similarity: Annotated[
        float,
        Field(
            ge=-1,
            le=1,
            description="Similarity of the document's portrait and the identity photographs, by both face models, "
            "below which a person compares them.",
        ),
    ] = PORTRAIT_SIMILARITY


class IdentityDocument(IntervalRule[IdentityDocumentConfig]):
    """Notices what a person has to look at of an identity document, once, at the start.

    One reason is given, the gravest: no document, the portrait differs, check digits do not agree, no zone, no portrait
    that can be compared. Confidence: 1, but for a portrait how far its similarity lies below the threshold.
    """

    id: ClassVar = SignalKind.IDENTITY_DOCUMENT
    version: ClassVar = "1"
    consumes: ClassVar = (DocumentObserved,)
    config_type: ClassVar[type[DetectorConfig]] = IdentityDocumentConfig

    def __init__(self, config: IdentityDocumentConfig) -> None:
        super().__init__(config)
        self._interval = HeldInterval[Reading](dwell_s=0.0)
        self._required = 1.0

    def update(self, observation: Observation) -> list[Signal]:
        """Judge what became of the document."""
        if not isinstance(observation, DocumentObserved):
            return []
        found = self._reason(observation)
        if found is None:
            return []
        aspect, value, self._required, confidence = found
        at = observation.at
        reading = Reading(at, holds=True, value=value, confidence=confidence, model=observation.model, aspect=aspect)
        return self.signals_of([*self._interval.begin(at, reading), *self._interval.cease(at)])

    def finish(self, at: MediaTime) -> list[Signal]:
        """The sitting ended at `at`; nothing is open."""
        return self.signals_of(self._interval.forget(at))

    def explain(self, noticed: Noticed) -> Why:
        """State what was missing."""
        aspect, value, required = noticed.aspect, noticed.value, self._required
        text = fill(_TEXTS[aspect], value=number(value, 2), threshold=number(required, 2))
        return Why(text, Crossing(aspect, value, required, "", dwell_ms=0), noticed.model)

    def _reason(self, seen: DocumentObserved) -> tuple[str, float, float, float] | None:
        """What is measured, its value, what is required, and the confidence; None where all is in order."""
        if not seen.shown:
            return _DOCUMENTS, 0.0, 1.0, 1.0
        required = self.config.portrait_similarity
        if seen.similarity is not None and seen.similarity < required:
            return _SIMILARITY, seen.similarity, required, min(1.0, 0.5 + required - seen.similarity)
        if seen.zone is ZoneReading.DOUBTFUL:
            return _CHECKS, float(seen.checks_agreeing), float(seen.checks), 1.0
        if seen.zone is ZoneReading.MISSING:
            return _ZONES, 0.0, 1.0, 1.0
        if seen.portrait in (PortraitReading.MISSING, PortraitReading.UNUSABLE):
            return _PORTRAITS, 0.0, 1.0, 1.0
        return None
