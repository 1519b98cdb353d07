from __future__ import annotations

import pytest

from proctor.detectors.wording import duration, fill, number, percent, seconds
from proctor.domain.text import Text

NBSP = "\N{NO-BREAK SPACE}"


@pytest.mark.parametrize(
    ("value", "decimals", "english", "russian"),
    [
        (3.0, 1, "3", "3"),
        (3.14159, 2, "3.14", "3,14"),
        (0.50, 2, "0.5", "0,5"),
        (-20.0, 0, "\N{MINUS SIGN}20", "\N{MINUS SIGN}20"),
        (-0.04, 1, "0", "0"),
        (100.0, 0, "100", "100"),
        (1200.0, 0, "1200", "1200"),
    ],
)
def test_number(value: float, decimals: int, english: str, russian: str) -> None:
    assert number(value, decimals) == Text(kk=russian, ru=russian, en=english)


def test_seconds_are_rounded_by_size() -> None:
    assert (seconds(1.26).en, seconds(9.96).en, seconds(12.4).en) == ("1.3", "10", "12")


def test_percent() -> None:
    assert percent(0.346).ru == "35"


def test_duration_carries_its_unit_in_each_language() -> None:
    assert duration(1.5) == Text(kk=f"1,5{NBSP}секунд", ru=f"1,5{NBSP}с", en=f"1.5{NBSP}s")
    assert duration(605).ru == f"10{NBSP}мин 5{NBSP}с"


def test_fill_puts_each_language_its_own_value() -> None:
    template = Text(kk="{a} мен {n}", ru="{a} и {n}", en="{a} and {n}")
    assert fill(template, a=number(1.5, 1), n=3) == Text(kk="1,5 мен 3", ru="1,5 и 3", en="1.5 and 3")


def test_fill_refuses_a_place_without_a_value() -> None:
    with pytest.raises(KeyError, match="a"):
        fill(Text(kk="{a}", ru="{a}", en="{a}"))
