from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from proctor.detectors.published import published
from proctor.detectors.registry import discover
from proctor.domain.signals import ErrorRate, Measured, SignalKind
from proctor.pipeline.error_rates import (
    ERROR_RATES_FILE,
    ErrorRatesError,
    load_error_rates,
    write_error_rates,
)

RATE = ErrorRate(
    kind=SignalKind.SPEECH,
    detector="speech@1",
    data='staged "sittings"',
    date="2026-11-22",
    cases=40,
    recall=Measured(0.95, 0.83, 0.99),
    precision=None,
    false_alarms_per_h=Measured(0.0, 0.0, 2.1),
    honest_h=1.4,
)


def test_the_shipped_file_names_rules_that_exist() -> None:
    registry = discover()
    for kind, rate in load_error_rates().items():
        assert kind in registry
        assert rate.detector.startswith(f"{kind}@")


def test_what_is_written_is_read_back_and_the_head_stays(tmp_path: Path) -> None:
    file = tmp_path / "rates.toml"
    shutil.copy(ERROR_RATES_FILE, file)
    write_error_rates([RATE], file)
    assert load_error_rates(file) == {SignalKind.SPEECH: RATE}
    assert file.read_text(encoding="utf-8").startswith("# How often each rule errs")
    write_error_rates([], file)
    assert load_error_rates(file) == {}


def test_a_measured_rule_says_its_figures_in_three_languages() -> None:
    told = published("speech@1", SignalKind.SPEECH, {SignalKind.SPEECH: RATE})
    assert told.rate == RATE
    assert "95 %" in told.text.en
    assert "1.4 h" in told.text.en
    assert "1,4" in told.text.ru
    assert "1,4" in told.text.kk


def test_seconds_of_honest_footage_give_no_rate_an_hour() -> None:
    little = replace(RATE, honest_h=30 / 3600, false_alarms_per_h=Measured(0.0, 0.0, 365.6))
    told = published("speech@1", SignalKind.SPEECH, {SignalKind.SPEECH: little})
    assert "too little honest footage (30\N{NO-BREAK SPACE}s)" in told.text.en
    assert not any("365" in text for text in (told.text.kk, told.text.ru, told.text.en))


@pytest.mark.parametrize("detector", ["speech@2", "noise@1"])
def test_another_version_or_an_unmeasured_rule_is_told_as_not_measured(detector: str) -> None:
    kind = SignalKind(detector.split("@", maxsplit=1)[0])
    told = published(detector, kind, {SignalKind.SPEECH: RATE})
    assert told.rate is None
    assert "not been measured" in told.text.en


@pytest.mark.parametrize(
    ("table", "fault"),
    [
        ("recall = [0.9, 0.8, 1.0]\ncases = 0", "recall without cases"),
        ("false_alarms_per_h = [0.0, 0.0, 3.0]", "without honest_h"),
        ("recall = [0.7, 0.8, 1.0]\ncases = 3", "value, low, high"),
        ('colour = "blue"', "colour"),
    ],
)
def test_figures_without_data_are_refused(table: str, fault: str, tmp_path: Path) -> None:
    file = tmp_path / "rates.toml"
    head = '[[rate]]\nkind = "speech"\ndetector = "speech@1"\ndata = "x"\ndate = "2026-11-22"\n'
    file.write_text(head + table, encoding="utf-8")
    with pytest.raises(ErrorRatesError, match=fault):
        load_error_rates(file)
