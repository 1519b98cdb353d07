"""Numbers and sentences in three languages, for the explanations of rules."""

from __future__ import annotations

from proctor.domain.text import Text

_MINUS = "\N{MINUS SIGN}"
_NBSP = "\N{NO-BREAK SPACE}"
_WHOLE_SECONDS_FROM = 10.0
_MINUTES_FROM_S = 120


def fill(template: Text, **values: Text | int) -> Text:
    """Put values into the named places of a template, each in the template's language.

    Raises:
        KeyError: a place has no value.
    """
    kk = {name: value.kk if isinstance(value, Text) else value for name, value in values.items()}
    ru = {name: value.ru if isinstance(value, Text) else value for name, value in values.items()}
    en = {name: value.en if isinstance(value, Text) else value for name, value in values.items()}
    return Text(kk=template.kk.format(**kk), ru=template.ru.format(**ru), en=template.en.format(**en))


def sentences(*texts: Text) -> Text:
    """Texts one after the other."""
    return Text(
        kk=" ".join(text.kk for text in texts),
        ru=" ".join(text.ru for text in texts),
        en=" ".join(text.en for text in texts),
    )


def number(value: float, decimals: int = 0) -> Text:
    """A number with at most `decimals` places: a decimal comma in Kazakh and Russian, a point in English."""
    rounded = round(value, decimals) + 0.0  # turns -0.0 into 0.0
    plain = f"{rounded:.{decimals}f}"
    if "." in plain:
        plain = plain.rstrip("0").rstrip(".")
    plain = plain.replace("-", _MINUS)
    comma = plain.replace(".", ",")
    return Text(kk=comma, ru=comma, en=plain)


def seconds(value: float) -> Text:
    """Seconds as a bare number: one decimal place below ten, whole from there on."""
    return number(value, 0 if abs(value) >= _WHOLE_SECONDS_FROM else 1)


def duration(value: float) -> Text:
    """Seconds with their unit; minutes and seconds from two minutes on."""
    if abs(value) < _MINUTES_FROM_S:
        short = seconds(value)
        return Text(kk=f"{short.kk}{_NBSP}секунд", ru=f"{short.ru}{_NBSP}с", en=f"{short.en}{_NBSP}s")
    minutes, rest = divmod(round(value), 60)
    return Text(
        kk=f"{minutes}{_NBSP}минут {rest}{_NBSP}секунд",
        ru=f"{minutes}{_NBSP}мин {rest}{_NBSP}с",
        en=f"{minutes}{_NBSP}min {rest}{_NBSP}s",
    )


def percent(share: float) -> Text:
    """A share of 0 to 1 in whole percent, without the sign."""
    return number(100 * share)
