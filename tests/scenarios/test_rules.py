from __future__ import annotations

import re
from pathlib import Path

import pytest
from rule_cases import CASES, RuleCase
from sitting_script import (
    BODY_MODEL,
    DOCUMENT_MODEL,
    FACE_MODEL,
    IDENTITY_MODEL,
    LIVENESS_MODEL,
    OBJECT_MODEL,
    ROOM_SCAN_MODEL,
    SPEECH_MODEL,
    VOICE_MODEL,
    run,
)

from proctor.detectors.base import Detector
from proctor.detectors.registry import discover
from proctor.domain.media import LinkEvent, LinkState
from proctor.domain.observations import LinkObserved
from proctor.domain.signals import Signal, SignalKind
from proctor.domain.text import Text
from proctor.domain.time import media_time_from_s

REGISTRY = discover()
GLOSSARY = Path(__file__).parents[2] / "docs" / "glossary.md"
RULES = pytest.mark.parametrize("kind", list(REGISTRY))

NO_BREAK = "\N{NO-BREAK SPACE}"
JUDGING_WORDS = re.compile(
    "cheat|violat|suspect|suspic|fraud|guilt|offen[cs]e|нарушени|нарушил|подозр|обман|списыва|виновн|"
    "бұзушы|тәртіп бұз|күдікті|алдау|кінәлі|көшіріп ал",
    re.IGNORECASE,
)
MODELS = {
    SignalKind.FACE_ABSENT: FACE_MODEL,
    SignalKind.MULTIPLE_FACES: FACE_MODEL,
    SignalKind.HEAD_TURNED: FACE_MODEL,
    SignalKind.GAZE_AWAY: FACE_MODEL,
    SignalKind.BODY_ABSENT: BODY_MODEL,
    SignalKind.LEFT_SEAT: BODY_MODEL,
    SignalKind.LEANING: FACE_MODEL,
    SignalKind.SECOND_PERSON: BODY_MODEL,
    SignalKind.IDENTITY_MISMATCH: IDENTITY_MODEL,
    SignalKind.PRESENTATION_ATTACK: LIVENESS_MODEL,
    SignalKind.SPEECH: SPEECH_MODEL,
    SignalKind.WHISPER: SPEECH_MODEL,
    SignalKind.PHONE: OBJECT_MODEL,
    SignalKind.BOOK: OBJECT_MODEL,
    SignalKind.SECOND_SCREEN: OBJECT_MODEL,
    SignalKind.SECOND_VOICE: VOICE_MODEL,
    SignalKind.ROOM_SCAN_INCOMPLETE: ROOM_SCAN_MODEL,
    SignalKind.IDENTITY_DOCUMENT: DOCUMENT_MODEL,
}
LASTING = {SignalKind.ROOM_SCAN_INCOMPLETE, SignalKind.IDENTITY_DOCUMENT}
"""Judged once, of a whole recording: what the link does later changes nothing."""
AT_ONCE = {SignalKind.IDENTITY_DOCUMENT}
"""Noted of what came before the start: it has no length."""


def rule(kind: SignalKind, **config: object) -> Detector:
    detector = REGISTRY[kind]
    return detector(detector.config_type.model_validate({**CASES[kind].config, **config}))


def noticed(kind: SignalKind, **config: object) -> list[Signal]:
    script = CASES[kind].noticed
    return run(rule(kind, **config), script.observations(), script.end)


def texts(text: Text) -> list[str]:
    return [text.kk, text.ru, text.en]


def test_every_rule_of_the_first_set_is_installed_and_has_a_scenario() -> None:
    expected = (
        "face_absent multiple_faces identity_mismatch head_turned speech noise camera_blocked camera_frozen "
        "screen_share_stopped focus_lost fullscreen_left clipboard connection_lost"
    )
    assert {str(kind) for kind in REGISTRY} >= set(expected.split())
    assert set(CASES) == set(REGISTRY)


@RULES
def test_the_rule_notices_its_scenario_once_from_onset_to_end(kind: SignalKind) -> None:
    case = CASES[kind]
    opened, closed = noticed(kind)
    assert (opened.end, closed.end) == (None, media_time_from_s(case.end_s))
    assert opened.start == closed.start == media_time_from_s(case.start_s)
    assert opened.signal_id == closed.signal_id == f"{kind}:{opened.start}"
    assert opened.start <= opened.noticed <= media_time_from_s(case.end_s)
    assert opened.kind is kind
    assert opened.detector == f"{kind}@{REGISTRY[kind].version}"
    assert 0 < opened.confidence <= 1


@RULES
def test_the_rule_leaves_its_near_miss_alone(kind: SignalKind) -> None:
    script = CASES[kind].left_alone
    assert run(rule(kind), script.observations(), script.end) == []


@RULES
def test_the_crossing_names_the_threshold_of_the_policy_and_what_was_measured(kind: SignalKind) -> None:
    case = CASES[kind]
    config = rule(kind).config_type.model_validate(case.config)
    last = noticed(kind)[-1]
    assert last.why.crossing.threshold == getattr(config, case.threshold_field)
    assert last.why.crossing.value == pytest.approx(case.value)
    assert last.why.model == MODELS.get(kind)
    dwell_s = getattr(config, "dwell_s", 0.0)
    assert last.why.crossing.dwell_ms == dwell_s * 1000


@RULES
def test_another_threshold_in_the_policy_is_the_one_that_is_named(kind: SignalKind) -> None:
    case: RuleCase = CASES[kind]
    signals = noticed(kind, **{case.threshold_field: case.other_threshold})
    assert signals[-1].why.crossing.threshold == case.other_threshold


@RULES
def test_the_reason_is_said_in_three_languages_without_gaps_or_judgement(kind: SignalKind) -> None:
    for signal in noticed(kind):
        sentences = texts(signal.why.text)
        assert len(set(sentences)) == 3
        for sentence in sentences:
            assert len(sentence) > 40
            assert not re.search(r"[{}]", sentence)
            assert not JUDGING_WORDS.search(sentence), sentence
            assert re.search(r"\d", sentence)
        kk, ru, en = sentences
        assert re.search("[әіңғүұқөһ]", kk.lower())
        assert not re.search("[әіңғүұқөһ]", ru.lower())
        assert en.replace(NO_BREAK, " ").isascii() or "°" in en or "\N{MINUS SIGN}" in en


@RULES
def test_the_measured_value_and_the_threshold_stand_in_the_sentence(kind: SignalKind) -> None:
    signal = noticed(kind)[-1]
    numbers = [float(number) for number in re.findall(r"\d+(?:\.\d+)?", signal.why.text.en)]
    for figure in (signal.why.crossing.value, signal.why.crossing.threshold):
        assert any(
            number == pytest.approx(abs(figure) * scale, abs=0.06 * scale) for number in numbers for scale in (1, 100)
        ), (figure, numbers)


@RULES
def test_the_glossary_explains_the_kind(kind: SignalKind) -> None:
    english, kazakh, russian, meaning = glossary_of_kinds()[kind]
    assert all((english, kazakh, russian, meaning))


def test_the_glossary_holds_every_kind_and_no_other() -> None:
    assert set(glossary_of_kinds()) == {str(kind) for kind in SignalKind}


def glossary_of_kinds() -> dict[str, tuple[str, str, str, str]]:
    rows = re.findall(
        r"^\| `(\w+)` \| ([^|]+) \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$",
        GLOSSARY.read_text(encoding="utf-8"),
        re.MULTILINE,
    )
    return {
        kind: (english.strip(), kazakh.strip(), russian.strip(), meaning.strip())
        for kind, english, kazakh, russian, meaning in rows
    }


@pytest.mark.parametrize("kind", sorted(set(REGISTRY) - AT_ONCE))
def test_an_open_signal_is_closed_when_the_sitting_ends(kind: SignalKind) -> None:
    case = CASES[kind]
    last_instant = media_time_from_s(case.end_s - 0.25)
    observations = [each for each in case.noticed.observations() if each.at <= last_instant]
    detector = rule(kind)
    assert [signal.end for signal in run(detector, observations, None)] == [None]
    (closed,) = detector.finish(last_instant)
    assert closed.end is not None
    assert closed.start <= closed.end <= last_instant + media_time_from_s(0.5)
    assert list(detector.finish(last_instant)) == []


@pytest.mark.parametrize("kind", sorted(MODELS.keys() - LASTING | {SignalKind.NOISE, SignalKind.CAMERA_FROZEN}))
def test_a_lost_link_ends_what_pictures_and_sound_showed(kind: SignalKind) -> None:
    case = CASES[kind]
    lost_s = case.end_s - 1.75
    script = case.noticed
    lost = LinkObserved(LinkEvent(LinkState.LOST, media_time_from_s(lost_s)))
    observations = sorted([*script.observations(), lost], key=lambda each: each.at)
    closed = run(rule(kind), observations, script.end)[-1]
    assert closed.end is not None
    assert closed.end <= media_time_from_s(lost_s + 0.5)
