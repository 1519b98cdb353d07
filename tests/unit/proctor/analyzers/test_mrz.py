from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from proctor.analyzers.mrz import Cell, check_digit, parse, settle
from proctor.analyzers.mrz_layouts import ALPHABET, MrzFormat
from tests.media.documents import CARD, PASSPORT

TD2 = ("I<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<", "D231458907UTO7408122F1204159<<<<<<<6")
VISA_A = ("V<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "L8988901C4XXX4009078F96121096ZE184226B<<<<<<")
VISA_B = ("V<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<", "L8988901C4XXX4009078F9612109<<<<<<<<")
LONG_NUMBER = ("I<UTOD23145890<7349<<<<<<<<<<<", "3407127M9507122UTO<<<<<<<<<<<2", "STEVENSON<<PETER<JOHN<<<<<<<<<")
SPECIMENS = {
    MrzFormat.TD1: CARD,
    MrzFormat.TD2: TD2,
    MrzFormat.TD3: PASSPORT,
    MrzFormat.MRVA: VISA_A,
    MrzFormat.MRVB: VISA_B,
}


def seen(lines: tuple[str, ...], doubts: dict[tuple[int, int], Cell] | None = None) -> list[list[Cell]]:
    reading: list[list[Cell]] = [[{character: 0.0} for character in line] for line in lines]
    for (line, place), cell in (doubts or {}).items():
        reading[line][place] = cell
    return reading


@pytest.mark.parametrize(("text", "digit"), [("L898902C3", 6), ("740812", 2), ("120415", 9), ("ZE184226B<<<<<", 1)])
def test_check_digits_are_those_of_the_standards_example(text: str, digit: int) -> None:
    assert check_digit(text) == digit


def test_a_character_outside_the_alphabet_is_refused() -> None:
    with pytest.raises(ValueError, match="does not occur"):
        check_digit("Ä")


@pytest.mark.parametrize("mrz_format", MrzFormat)
def test_every_specimen_of_the_standard_is_valid(mrz_format: MrzFormat) -> None:
    zone = parse(SPECIMENS[mrz_format])
    assert (zone.format, zone.valid) == (mrz_format, True)
    assert zone.fields["surname"] == "ERIKSSON"
    assert zone.fields["given_names"] == "ANNA MARIA"


def test_the_fields_of_a_passport() -> None:
    assert parse(PASSPORT).fields == {
        "format": "TD3",
        "document_code": "P",
        "issuer": "UTO",
        "document_number": "L898902C3",
        "surname": "ERIKSSON",
        "given_names": "ANNA MARIA",
        "nationality": "UTO",
        "birth_date": "740812",
        "sex": "F",
        "expiry_date": "120415",
        "optional": "ZE184226B",
    }


def test_a_long_number_of_a_card_runs_on_in_the_optional_field() -> None:
    zone = parse(LONG_NUMBER)
    assert zone.checks["document_number"]
    assert zone.fields["document_number"] == "D23145890734"
    assert zone.fields["optional"] == ""


def test_a_changed_digit_names_the_check_that_fails() -> None:
    zone = parse((PASSPORT[0], PASSPORT[1].replace("740812", "740813")))
    assert not zone.valid
    assert [name for name, agrees in zone.checks.items() if not agrees] == ["birth_date", "composite"]


@pytest.mark.parametrize("lines", [(), ("P<UTO",), (PASSPORT[0], PASSPORT[1][:-1]), (*PASSPORT, PASSPORT[0])])
def test_lines_of_no_format_are_refused(lines: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="no machine-readable zone"):
        parse(lines)
    with pytest.raises(ValueError, match="no machine-readable zone"):
        settle(seen(lines))


@pytest.mark.parametrize("mrz_format", MrzFormat)
def test_what_was_read_surely_stays(mrz_format: MrzFormat) -> None:
    assert settle(seen(SPECIMENS[mrz_format])).lines == SPECIMENS[mrz_format]


def test_letters_and_digits_are_told_apart_by_the_place() -> None:
    misread = (PASSPORT[0].replace("UTO", "UT0"), PASSPORT[1].replace("UTO", "UT0").replace("7408122", "74O8I22"))
    assert settle(seen(misread)).lines == PASSPORT


def test_a_doubtful_character_is_settled_by_the_check_digit() -> None:
    doubt = {(1, 0): {"Z": 0.0, "L": 0.4}, (1, 5): {"O": 0.0, "0": 1.5}}
    zone = settle(seen(PASSPORT, doubt))
    assert zone.lines == PASSPORT
    assert zone.valid


def test_the_optional_data_of_a_card_is_settled_by_the_composite_digit() -> None:
    zone = settle(seen(CARD, {(1, 20): {"B": 0.0, "<": 0.3}}))
    assert zone.lines == CARD


@pytest.mark.parametrize("place", range(28))
def test_a_sure_reading_is_not_bent_until_it_agrees(place: int) -> None:
    other = {"F": "M", "U": "Q", "T": "Q", "O": "Q"}.get(PASSPORT[1][place], "7" if PASSPORT[1][place] != "7" else "4")
    wrong = (PASSPORT[0], PASSPORT[1][:place] + other + PASSPORT[1][place + 1 :])
    zone = settle(seen(wrong))
    if place in {10, 11, 12, 20}:  # no check digit covers nationality and sex
        assert zone.valid
        return
    assert zone.lines == wrong
    assert not zone.valid


def test_digits_where_a_states_code_belongs_stay_when_they_make_no_code() -> None:
    odd = ("IDROUSAVA<<SUPERMAN<<<<<<<<<<<<<<<<<", "HD198025<51328505095M130509012049941")
    zone = settle(seen(odd))
    assert zone.lines == odd
    assert zone.valid


@settings(deadline=None)
@given(st.text(ALPHABET, min_size=88, max_size=88))
def test_any_reading_gives_a_zone_or_a_clear_refusal(text: str) -> None:
    zone = settle(seen((text[:44], text[44:])))
    assert [len(line) for line in zone.lines] == [44, 44]
    assert parse(zone.lines).valid == zone.valid
