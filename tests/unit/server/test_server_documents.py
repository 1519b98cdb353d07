from __future__ import annotations

import json
from datetime import date

import pytest

from proctor.domain.documents import PortraitReading, ZoneReading
from proctor.domain.time import SITTING_START
from proctor.domain.timeline import GENESIS_HASH, Entry, EntryKind, JsonValue
from server.identity.documents import (
    DocumentState,
    is_expired,
    opened_reading,
    payload_of,
    sealed_reading,
    standing,
)

READ, DOUBTFUL, NO_ZONE = ZoneReading.READ, ZoneReading.DOUBTFUL, ZoneReading.MISSING
COMPARED, NO_PORTRAIT = PortraitReading.COMPARED, PortraitReading.MISSING
NOT_ENROLLED = PortraitReading.NOT_ENROLLED


def entry(kind: EntryKind, payload: dict[str, JsonValue]) -> Entry:
    return Entry("s", 1, None, "2026-01-01T00:00:00.000000Z", kind, payload, GENESIS_HASH, GENESIS_HASH)


def picture(
    zone: ZoneReading, portrait: PortraitReading = COMPARED, similarity: float | None = 0.7, sha256: str = "a"
) -> Entry:
    agreeing = {READ: (True, True), DOUBTFUL: (True, False), NO_ZONE: ()}[zone]
    payload = payload_of(
        picture_sha256=sha256,
        reading_sha256=None if zone is NO_ZONE else "b",
        zone=zone,
        checks=dict(zip(("birth_date", "expiry_date"), agreeing, strict=False)),
        portrait=portrait,
        similarity=similarity if portrait is COMPARED else None,
        threshold=0.45,
        expired=False,
        model="m",
    )
    return entry(EntryKind.DOCUMENT_READ, payload)


LEFT = entry(EntryKind.DOCUMENT_LEFT, {"pictures": 0})
PHOTOGRAPH = entry(EntryKind.ENROLMENT_ACCEPTED, {"picture_sha256": "c", "further": False})
FURTHER = entry(EntryKind.ENROLMENT_ACCEPTED, {"picture_sha256": "c", "further": True})


@pytest.mark.parametrize(
    ("entries", "state"),
    [
        ([], DocumentState.NONE),
        ([PHOTOGRAPH], DocumentState.NONE),
        ([picture(READ)], DocumentState.CLEAR),
        ([picture(READ, similarity=0.2)], DocumentState.UNCLEAR),
        ([picture(READ, NO_PORTRAIT)], DocumentState.UNCLEAR),
        ([picture(READ, NOT_ENROLLED)], DocumentState.CLEAR),
        ([picture(DOUBTFUL)], DocumentState.UNCLEAR),
        ([picture(NO_ZONE)], DocumentState.UNCLEAR),
        ([LEFT], DocumentState.LEFT),
        ([picture(DOUBTFUL), LEFT], DocumentState.LEFT),
        ([LEFT, picture(READ)], DocumentState.CLEAR),
    ],
)
def test_the_step_is_done_when_all_fits_or_a_person_is_to_look(entries: list[Entry], state: DocumentState) -> None:
    assert standing(entries).state is state


def test_the_two_sides_of_a_card_are_put_together_by_a_person() -> None:
    front, back = picture(NO_ZONE, sha256="front"), picture(READ, NO_PORTRAIT, sha256="back")
    for sides in ([front, back], [back, front]):
        document = standing(sides)
        assert document.state is DocumentState.UNCLEAR, "a face without a zone may be that of who holds the card"
        assert document.observed().portrait is NO_PORTRAIT
        assert document.of_zone is not None
        assert document.of_portrait is not None
        assert document.of_zone.facts["picture_sha256"] == "back"
        assert document.of_portrait.facts["picture_sha256"] == "front"


def test_of_pictures_that_tell_as_much_the_latest_counts() -> None:
    document = standing([picture(READ, similarity=0.7), picture(READ, similarity=0.2)])
    assert document.state is DocumentState.UNCLEAR
    assert document.observed().similarity == 0.2


def test_photographs_taken_anew_make_the_document_void_and_further_ones_do_not() -> None:
    assert standing([picture(READ), PHOTOGRAPH]).state is DocumentState.NONE
    assert standing([LEFT, PHOTOGRAPH]).state is DocumentState.NONE
    assert standing([picture(READ), FURTHER]).state is DocumentState.CLEAR


def test_the_rules_are_told_what_was_read_and_nothing_that_is_written_there() -> None:
    told = standing([picture(DOUBTFUL, similarity=0.5)]).observed()
    assert (told.at, told.shown, told.zone, told.checks_agreeing, told.checks) == (SITTING_START, True, DOUBTFUL, 1, 2)
    assert (told.portrait, told.similarity, told.model) == (COMPARED, 0.5, "m")
    nothing = standing([LEFT]).observed()
    assert (nothing.shown, nothing.zone, nothing.portrait) == (False, NO_ZONE, NO_PORTRAIT)


def test_equal_readings_are_stored_under_different_hashes() -> None:
    lines, fields = ["P<UTOERIKSSON"], {"surname": "ERIKSSON"}
    first, second = sealed_reading(lines, fields), sealed_reading(lines, fields)
    assert first != second, "a hash on the timeline must not tell a name that somebody guesses"
    assert opened_reading(first) == opened_reading(second) == (lines, fields)
    assert len(json.loads(first)["salt"]) == 64


@pytest.mark.parametrize(
    ("expiry", "expired"),
    [
        ("260521", False),
        ("260519", True),
        ("991231", True),
        ("340101", False),
        ("", None),
        ("26<<21", None),
        ("261350", None),
        ("240229", True),
        ("770101", True),
    ],
)
def test_the_date_of_validity_is_a_date_of_this_age(expiry: str, *, expired: bool | None) -> None:
    assert is_expired(expiry, date(2026, 5, 20)) is expired
