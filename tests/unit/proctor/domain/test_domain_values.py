from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from proctor.domain.errors import NoUsableFaceError, ProctorError
from proctor.domain.incidents import Incident
from proctor.domain.media import ClientEvent, ClientEventKind, LinkEvent, LinkState
from proctor.domain.observations import ClientObserved, LinkObserved
from proctor.domain.policy import CorrelationPolicy, StepsPolicy
from proctor.domain.signals import Crossing, Severity, Signal, SignalKind, Why
from proctor.domain.text import Language, Text
from proctor.domain.time import MediaTime, media_time_from_ms, media_time_from_s, to_ms, to_s


@given(st.integers(0, 10**9))
def test_milliseconds_survive_media_time(milliseconds: int) -> None:
    assert to_ms(media_time_from_ms(milliseconds)) == milliseconds


def test_seconds_and_rounding() -> None:
    assert media_time_from_s(1.5) == 1_500_000_000
    assert to_s(MediaTime(1_500_000_000)) == 1.5
    assert to_ms(MediaTime(1_999_999)) == 1


def test_text_is_filled_in_every_language() -> None:
    text = Text(kk="{n} адам", ru="людей: {n}", en="{n} people")
    assert text.format(n=2) == Text(kk="2 адам", ru="людей: 2", en="2 people")
    with pytest.raises(KeyError):
        text.format(m=2)
    assert [str(language) for language in Language] == ["kk", "ru", "en"]


def test_severities_are_ordered() -> None:
    assert [level.rank for level in (Severity.INFO, Severity.LOW, Severity.MEDIUM, Severity.HIGH)] == [0, 1, 2, 3]


def test_an_incident_names_its_kinds_once_in_order_of_onset() -> None:
    why = Why(Text("k", "r", "e"), Crossing("m", 1.0, 1.0, "", 0), None)
    kinds = (SignalKind.SPEECH, SignalKind.NOISE, SignalKind.SPEECH)
    signals = tuple(
        Signal(f"{kind}:{at}", kind, "d@1", MediaTime(at), MediaTime(at), MediaTime(at), 1.0, why)
        for at, kind in enumerate(kinds)
    )
    incident = Incident("i", MediaTime(0), MediaTime(2), Severity.LOW, signals)
    assert incident.kinds == (SignalKind.SPEECH, SignalKind.NOISE)


def test_events_observed_keep_their_time() -> None:
    at = media_time_from_s(3)
    assert ClientObserved(ClientEvent(ClientEventKind.FOCUS_LOST, at)).at == at
    assert LinkObserved(LinkEvent(LinkState.LOST, at)).at == at


def test_policy_tables_refuse_unknown_keys_and_changes() -> None:
    with pytest.raises(ValidationError, match="Extra inputs"):
        StepsPolicy.model_validate({"camra": True})
    steps = StepsPolicy()
    with pytest.raises(ValidationError, match="frozen"):
        steps.camera = False  # type: ignore[misc]


def test_a_kind_stands_in_one_group() -> None:
    with pytest.raises(ValidationError, match="noise stands in a and in b"):
        CorrelationPolicy(groups={"a": (SignalKind.NOISE,), "b": (SignalKind.NOISE,)})
    grouped = [kind for kinds in CorrelationPolicy().groups.values() for kind in kinds]
    assert set(SignalKind) - set(grouped) == {SignalKind.ROOM_SCAN_INCOMPLETE, SignalKind.DETECTOR_FAILED}


def test_an_unusable_face_says_why() -> None:
    error = NoUsableFaceError("too_dark", "the picture is too dark")
    assert isinstance(error, ProctorError)
    assert (error.reason, str(error)) == ("too_dark", "the picture is too dark")
