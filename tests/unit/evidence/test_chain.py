from __future__ import annotations

import dataclasses
import hashlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proctor.domain.errors import NotCanonicalError
from proctor.domain.time import MediaTime
from proctor.domain.timeline import GENESIS_HASH, Entry, JsonValue
from proctor.evidence.chain import Head, canonical_json, hash_of, link, parse_canonical, verify

SITTING = "sitting-1"
SAFE = 2**53 - 1

text = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
scalars = st.one_of(
    st.none(), st.booleans(), st.integers(-SAFE, SAFE), st.floats(allow_nan=False, allow_infinity=False), text
)
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(text, inner, max_size=3), max_leaves=8
)
payloads = st.dictionaries(text, values, max_size=4)


def chain_of(payload_list: list[dict[str, JsonValue]]) -> list[Entry]:
    head, entries = Head(), []
    for number, payload in enumerate(payload_list):
        entry = link(
            head,
            sitting=SITTING,
            kind="client_event",
            payload=parse_canonical(canonical_json(payload)),
            media_time_ns=MediaTime(number * 1000),
            utc=f"2026-06-01T09:00:{number:02d}.000000Z",
        )
        entries.append(entry)
        head = Head(entry.seq, entry.hash)
    return entries


chains = st.lists(payloads, min_size=1, max_size=6).map(chain_of)


@given(payloads)
def test_canonical_form_reads_back_and_writes_the_same_bytes(payload: dict[str, JsonValue]) -> None:
    written = canonical_json(payload)
    assert canonical_json(parse_canonical(written)) == written


@given(chains)
def test_untouched_chain_verifies(entries: list[Entry]) -> None:
    verdict = verify(SITTING, entries, Head(entries[-1].seq, entries[-1].hash))
    assert verdict.ok
    assert verdict.entries == len(entries)


@given(chains, st.data())
def test_any_changed_field_is_found_at_its_own_sequence(entries: list[Entry], data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(entries) - 1))
    entry = entries[place]
    change = data.draw(
        st.sampled_from(
            [
                {"media_time_ns": None},
                {"media_time_ns": MediaTime((entry.media_time_ns or 0) + 1)},
                {"utc": entry.utc.replace("2026", "2027")},
                {"kind": "incident_opened"},
                {"payload": {**entry.payload, "added": 1}},
                {"sitting": "another"},
                {"seq": entry.seq + 1},
                {"previous_hash": hashlib.sha256(b"x").hexdigest()},
                {"hash": hashlib.sha256(b"y").hexdigest()},
            ]
        )
    )
    tampered = [*entries[:place], dataclasses.replace(entry, **change), *entries[place + 1 :]]
    verdict = verify(SITTING, tampered)
    assert not verdict.ok
    assert verdict.first_bad_seq == place + 1
    assert verdict.entries == place


@given(chains, st.data())
def test_an_entry_rewritten_with_a_fitting_hash_breaks_the_next_link(entries: list[Entry], data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(entries) - 1))
    changed = dataclasses.replace(entries[place], payload={"rewritten": True})
    changed = dataclasses.replace(changed, hash=hash_of(changed))
    tampered = [*entries[:place], changed, *entries[place + 1 :]]
    checkpoint = Head(entries[-1].seq, entries[-1].hash)
    verdict = verify(SITTING, tampered, checkpoint)
    assert not verdict.ok
    last = place == len(entries) - 1
    assert verdict.first_bad_seq == place + 2
    assert verdict.reason == ("head" if last else "previous_hash")


@given(chains, st.data())
def test_a_removed_entry_is_found(entries: list[Entry], data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(entries) - 1))
    verdict = verify(SITTING, entries[:place] + entries[place + 1 :], Head(entries[-1].seq, entries[-1].hash))
    assert not verdict.ok
    assert verdict.first_bad_seq == place + 1


@given(chains.filter(lambda entries: len(entries) > 1), st.data())
def test_swapped_entries_are_found(entries: list[Entry], data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(entries) - 2))
    entries[place], entries[place + 1] = entries[place + 1], entries[place]
    verdict = verify(SITTING, entries)
    assert verdict.first_bad_seq == place + 1
    assert verdict.reason == "seq"


def test_hash_is_over_the_stated_canonical_json() -> None:
    entry = chain_of([{"b": 1, "a": "қ"}])[0]
    content = (
        '{"kind":"client_event","media_time_ns":0,"payload":{"a":"қ","b":1},"previous_hash":"'
        + GENESIS_HASH
        + '","seq":1,"sitting":"sitting-1","utc":"2026-06-01T09:00:00.000000Z"}'
    )
    assert entry.hash == hashlib.sha256(content.encode()).hexdigest()
    assert json.loads(content)["payload"] == dict(entry.payload)


@pytest.mark.parametrize(
    "value", [float("nan"), float("inf"), 2**53, -(2**53), "\ud800", object(), {1: "a"}, {"a": b"bytes"}]
)
def test_what_json_cannot_hold_is_refused(value: object) -> None:
    with pytest.raises(NotCanonicalError):
        canonical_json({"value": value})  # type: ignore[dict-item]


def test_bottomless_nesting_is_refused() -> None:
    value: JsonValue = "end"
    for _ in range(100_000):
        value = [value]
    with pytest.raises(NotCanonicalError):
        canonical_json({"value": value})


@pytest.mark.parametrize("text_form", ["{", "[]", '{"a": 1}', '{"b":1,"a":2}', '{"a":1,"a":1}', '{"a":1.0}'])
def test_other_forms_than_the_canonical_one_are_refused(text_form: str) -> None:
    with pytest.raises(NotCanonicalError):
        parse_canonical(text_form)
