from __future__ import annotations

import tomllib
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proctor.detectors.registry import discover
from proctor.detectors.rules.face_absent import FaceAbsentConfig
from proctor.domain.errors import PolicyError
from proctor.domain.signals import Severity, SignalKind
from proctor.pipeline.policy import (
    DEFAULT_POLICY_FILE,
    InvalidPolicyError,
    PolicyProblem,
    default_policy,
    dump_policy,
    load_policy,
    load_policy_file,
)
from proctor.pipeline.policy_reference import main, reference
from proctor.pipeline.policy_toml import toml_value

REGISTRY = discover()
ROOT = Path(__file__).parents[4]


def problems(text: str) -> tuple[PolicyProblem, ...]:
    with pytest.raises(InvalidPolicyError) as caught:
        load_policy(text, REGISTRY)
    return caught.value.problems


def problem(text: str) -> PolicyProblem:
    (only,) = problems(text)
    return only


def test_an_empty_file_is_the_default_policy() -> None:
    assert load_policy("", REGISTRY) == default_policy(REGISTRY)


def test_a_table_that_is_given_in_part_keeps_the_other_defaults() -> None:
    policy = load_policy("[detectors.face_absent]\ndwell_s = 8\nseverity = 'high'\n", REGISTRY)
    config = policy.detectors[SignalKind.FACE_ABSENT]
    assert config == FaceAbsentConfig(dwell_s=8.0, severity=Severity.HIGH)
    assert policy.severities[SignalKind.FACE_ABSENT] is Severity.HIGH
    assert list(policy.detectors) == list(REGISTRY)


def test_the_shipped_default_and_the_reference_page_are_what_the_descriptions_say(tmp_path: Path) -> None:
    assert DEFAULT_POLICY_FILE.read_text(encoding="utf-8") == dump_policy(default_policy(REGISTRY))
    page = ROOT / "docs" / "policy.md"
    assert page.read_text(encoding="utf-8") == reference(REGISTRY)
    before = DEFAULT_POLICY_FILE.read_bytes()
    main([str(tmp_path / "policy.md")])
    assert (tmp_path / "policy.md").read_bytes() == page.read_bytes()
    assert DEFAULT_POLICY_FILE.read_bytes() == before


def test_every_field_of_the_default_stands_under_a_comment() -> None:
    lines = DEFAULT_POLICY_FILE.read_text(encoding="utf-8").splitlines()
    groups = lines.index("[correlation.groups]")
    for number, line in enumerate(lines):
        if " = " in line and not line.startswith("#") and not groups < number < groups + 8:
            assert lines[number - 1].startswith("#"), line


def test_what_is_dumped_loads_as_the_same() -> None:
    name = 'Тіл емтиханы "А" \x7f'
    text = (
        f"name = {toml_value(name)}\n"
        "[detectors.noise]\nenabled = false\n"
        '[correlation.groups]\nall = ["noise", "speech"]\n'
    )
    policy = load_policy(text, REGISTRY)
    again = load_policy(dump_policy(policy), REGISTRY)
    assert again == policy
    assert again.name == name
    assert again.sha256 == policy.sha256
    assert again.correlation.groups == {"all": (SignalKind.NOISE, SignalKind.SPEECH)}


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40))
def test_any_name_survives_the_file(name: str) -> None:
    policy = default_policy(REGISTRY).model_copy(update={"name": name})
    assert tomllib.loads(dump_policy(policy))["name"] == name


def test_the_hash_is_of_what_is_demanded_not_of_how_it_is_written() -> None:
    plain = default_policy(REGISTRY)
    assert load_policy("# a comment\n[detectors.noise]\ndwell_s = 5\n", REGISTRY).sha256 == plain.sha256
    assert load_policy("[detectors.noise]\ndwell_s = 6\n", REGISTRY).sha256 != plain.sha256
    assert len(plain.sha256) == 64


def test_text_that_is_not_toml_is_told_with_its_line() -> None:
    found = problem("[steps]\ncamera = yes\n")
    assert (found.field, found.line) == ("", 2)
    assert str(found).startswith("line 2: this is not TOML: ")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[step]\ncamera = true\n", "line 1: step: there is no such field; did you mean steps?"),
        ("\ntitle = 'x'\n", "line 2: title: there is no such field; known are analysis, "),
        (
            "[media]\ncamera_wdth_px = 640\n",
            "line 2: media.camera_wdth_px: there is no such field; did you mean camera_width_px?",
        ),
        ("[media]\ncamera_fps = 100\n", "line 2: media.camera_fps: must be at most 30; it is 100"),
        ("[media]\ncamera_fps = 7.5\n", "line 2: media.camera_fps: must be a whole number; it is 7.5"),
        ("[steps]\nscreen = 'yes'\n", "line 2: steps.screen: must be true or false; it is 'yes'"),
        ("name = 3\n", "line 1: name: must be a text in quotes; it is 3"),
        ("name = ''\n", "line 1: name: must have at least 1 characters; it is ''"),
        ("steps = 3\n", "line 1: steps: must be a table; it is 3"),
        ("detectors = 3\n", "line 1: detectors: must be a table with one table for each rule"),
        ("[detectors]\nnoise = 3\n", "line 2: detectors.noise: must be a table of the rule's fields"),
        (
            "[detectors.face_absnt]\ndwell_s = 1\n",
            "line 1: detectors.face_absnt: there is no such rule; did you mean face_absent?",
        ),
        (
            "[detectors.recording_gap]\n",
            "line 1: detectors.recording_gap: there is no such rule; known are body_absent, ",
        ),
        (
            "[detectors.noise]\ndwel_s = 2\n",
            "line 2: detectors.noise.dwel_s: there is no such field; did you mean dwell_s?",
        ),
        (
            "[detectors.noise]\nseverity = 'hgih'\n",
            "line 2: detectors.noise.severity: must be one of 'info', 'low', 'medium' or 'high'; it is 'hgih'; did you",
        ),
        ("[detectors.noise]\ndwell_s = nan\n", "line 2: detectors.noise.dwell_s: must be a finite number; it is nan"),
        ("[detectors.noise]\ndwell_s = '5'\n", "line 2: detectors.noise.dwell_s: must be a number; it is '5'"),
        (
            "[correlation]\ngroups = {a = ['noise'], b = ['noise']}\n",
            "line 1: correlation: groups: noise stands in a and in b; a kind has one group",
        ),
        (
            "[correlation.groups]\na = ['speech', 'nose']\n",
            "line 2: correlation.groups.a[1]: must be one of the known names; it is 'nose'; did you mean noise?",
        ),
        (
            "[analysis]\nidentity_interval_s = 100\n",
            "detectors.identity_mismatch.unknown_after_s: must be at least 100, the pace that analysis.identity_inter",
        ),
    ],
)
def test_a_fault_names_the_field_the_line_and_what_is_expected(text: str, expected: str) -> None:
    assert str(problem(text)).startswith(expected)


def test_every_fault_is_named_at_once_in_the_order_of_the_text() -> None:
    found = problems(
        "[media]\ncamera_fps = 1\n[detectors.nois]\n[detectors.speech]\nratio = 2\n[steps]\ncamra = true\n"
    )
    assert [(each.field, each.line) for each in found] == [
        ("media.camera_fps", 2),
        ("detectors.nois", 3),
        ("detectors.speech.ratio", 5),
        ("steps.camra", 7),
    ]


def test_a_rule_that_does_not_run_may_have_any_pace() -> None:
    text = "[analysis]\nidentity_interval_s = 100\n[detectors.identity_mismatch]\nenabled = false\n"
    assert not load_policy(text, REGISTRY).detectors[SignalKind.IDENTITY_MISMATCH].enabled


def test_a_file_is_read_and_one_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    path = tmp_path / "exam.toml"
    with pytest.raises(PolicyError, match=r"exam\.toml: the policy cannot be read"):
        load_policy_file(path, REGISTRY)
    path.write_bytes(b"name = '\xff'")
    with pytest.raises(PolicyError, match=r"exam\.toml: the policy cannot be read"):
        load_policy_file(path, REGISTRY)
    path.write_text("name = 'Algebra'", encoding="utf-8")
    assert load_policy_file(path, REGISTRY).name == "Algebra"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a = " + "[" * 5000, "nested too deeply"),
        ("a = " + "9" * 5000, "this is not TOML"),
        ("[detectors.noise]\ndwell_s = " + "9" * 400, "must be"),
        ("[media]\ncamera_fps = " + "9" * 400, "must be"),
        ("[detectors.noise]\ndwell_s = 1979-05-27T07:32:00Z", "must be a number; it is '1979-05-27 07:32:00+00:00'"),
    ],
)
def test_odd_texts_are_refused_in_words(text: str, message: str) -> None:
    assert message in problem(text).message


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused_and_nothing_else(text: str) -> None:
    with suppress(InvalidPolicyError):
        load_policy(text, REGISTRY)
