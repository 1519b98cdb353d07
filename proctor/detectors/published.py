"""What people are told of how often a rule errs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from proctor.detectors.wording import duration, fill, number, percent
from proctor.domain.signals import ErrorRate, Measured, PublishedRate, SignalKind
from proctor.domain.text import Text

_NOT_MEASURED: Final = Text(
    kk="Бұл ереженің қаншалықты жиі қателесетіні өлшенбеген.",
    ru="Как часто ошибается это правило, не измерено.",
    en="How often this rule errs has not been measured.",
)
_RECALL: Final = Text(
    kk="Сынақ деректеріндегі осындай {cases} сәттің {value} %-ын байқады (95 % аралық {low}\N{EN DASH}{high} %).",
    ru="На проверочных данных замечает {value} % таких моментов "
    "(95-процентный интервал {low}\N{EN DASH}{high} %, всего {cases}).",
    en="On test data it notices {value} % of such moments (95 % interval {low} to {high} %, {cases} in all).",
)
_PRECISION: Final = Text(
    kk="Байқағанының {value} %-ы дұрыс ({low}\N{EN DASH}{high} %).",
    ru="Из замеченного верно {value} % ({low}\N{EN DASH}{high} %).",
    en="Of what it notices {value} % is right ({low} to {high} %).",
)
_FALSE_ALARMS: Final = Text(
    kk="Адал отырған адамдардың {hours} сағаттық жазбасында сағатына {value} рет жаңылды (95 % шек: {high}).",
    ru="На {hours} ч записей честных людей ошибается {value} раза в час (с вероятностью 95 % не чаще {high}).",
    en="In {hours} h of honest footage it is wrong {value} times an hour (with 95 % confidence at most {high}).",
)
_TOO_LITTLE: Final = Text(
    kk="Қаншалықты жиі жаңылатынын айтуға адал отырған адамдардың жазбасы тым аз ({length}).",
    ru="Записей честных людей слишком мало ({length}), чтобы сказать, как часто оно ошибается.",
    en="There is too little honest footage ({length}) to say how often it is wrong.",
)
_S_PER_H: Final = 3600
_LEAST_HONEST_H: Final = 1.0
"""From less, not even three wrong signals an hour could be ruled out (rule of three)."""


def published(detector: str, kind: SignalKind, rates: Mapping[SignalKind, ErrorRate]) -> PublishedRate:
    """What is told of a rule; `detector` is `id@version`, as figures of another version say nothing about this one."""
    rate = rates.get(kind)
    if rate is None or rate.detector != detector:
        return PublishedRate(_NOT_MEASURED, None)
    sentences = []
    if rate.recall is not None:
        sentences.append(fill(_RECALL, cases=number(rate.cases), **_percents(rate.recall)))
    if rate.precision is not None:
        sentences.append(fill(_PRECISION, **_percents(rate.precision)))
    if rate.false_alarms_per_h is not None:
        sentences.append(_alarms(rate.false_alarms_per_h, rate.honest_h))
    if not sentences:
        return PublishedRate(_NOT_MEASURED, rate)
    return PublishedRate(_joined(sentences), rate)


def _alarms(alarms: Measured, honest_h: float) -> Text:
    if honest_h < _LEAST_HONEST_H:
        return fill(_TOO_LITTLE, length=duration(honest_h * _S_PER_H))
    return fill(
        _FALSE_ALARMS,
        hours=number(honest_h, 1),
        value=number(alarms.value, 1),
        high=number(alarms.high, 1),
    )


def _percents(measured: Measured) -> dict[str, Text | int]:
    return {"value": percent(measured.value), "low": percent(measured.low), "high": percent(measured.high)}


def _joined(sentences: list[Text]) -> Text:
    return Text(
        kk=" ".join(text.kk for text in sentences),
        ru=" ".join(text.ru for text in sentences),
        en=" ".join(text.en for text in sentences),
    )
