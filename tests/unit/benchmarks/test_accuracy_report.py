from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from benchmarks.accuracy.__main__ import main
from benchmarks.accuracy.estimate import share_of
from benchmarks.accuracy.people import bucket, precision_recall
from benchmarks.accuracy.plots import confusion, intervals, points, spread, trade_off
from benchmarks.accuracy.publish import error_rates, merged
from benchmarks.accuracy.report import as_markdown
from benchmarks.accuracy.tables import Json, Target, headline, headline_row, share_text, table
from proctor.domain.signals import SignalKind

ALL_RIGHT = share_of((str(number), True) for number in range(20)).as_json()


def result(**sections: Json) -> Json:
    return {
        "data": {"name": "some data", "quick": False},
        "models": ["yunet@1"],
        "left_out": {"speech": "no audio/labels.csv"},
        "measured": dict.fromkeys(sections, "2026-11-22"),
        "cost_ms": {"faces": 4.0},
        **sections,
    }


def test_a_figure_is_held_against_its_target_either_way() -> None:
    met = headline("recall", ALL_RIGHT, Target(0.95))
    assert (met["met"], met["target"]) == (True, "≥ 0.95")
    assert headline_row("Sense", met) == ["Sense", "recall", "20/20 = 1.000 (0.861 to 1.000; n = 20)", "≥ 0.95", "yes"]
    missed = headline("error", 7.5, Target(6.0, at_most=True), "21 turns")
    assert headline_row("Sense", missed)[2:] == ["7.5 (21 turns)", "≤ 6", "**no**"]
    unknown = headline("attacks passed", None, Target(0.0, at_most=True), "no model")
    assert headline_row("Sense", unknown)[2:] == ["not measured: no model", "≤ 0", "-"]


def test_cells_never_break_a_table() -> None:
    lines = table(["a", "b"], [["x|y", None], [1.50, share_of([]).as_json()]])
    assert {line.count("|") for line in lines if line} == {3}
    assert share_text(share_of([]).as_json()) == "no cases"


def test_the_report_says_what_was_left_out_and_why() -> None:
    text = as_markdown(result())
    assert "| Speech and level | - | not measured: no audio/labels.csv | - | - |" in text
    assert "Not measured: left out of this run." in text


def test_what_was_measured_before_stays_until_it_is_measured_again() -> None:
    before = result(people={"headline": [], "old": True}, events={"headline": []})
    now = {**result(people={"headline": [], "old": False}, speech={"headline": []}), "left_out": {}}
    now["measured"] = {"people": "2026-12-01", "speech": "2026-12-01"}
    both = merged(before, now)
    assert (both["people"]["old"], "events" in both, both["left_out"]) == (False, True, {})
    assert both["measured"] == {"people": "2026-12-01", "events": "2026-11-22", "speech": "2026-12-01"}


def test_rates_told_with_signals_hold_only_what_the_data_supports() -> None:
    rules = {
        "speech": {"detector": "speech@1", "recall": ALL_RIGHT, "precision": ALL_RIGHT},
        "noise": {"detector": "noise@1", "recall": None, "precision": share_of([("one", True)]).as_json()},
        "book": {"detector": "book@1", "recall": None, "precision": share_of([]).as_json()},
    }
    pieces = [{"source": "film", "footage_s": 36.0, "false": ["head_turned, speech"]}]
    staged = {"headline": [], "rules": rules}
    rates = {rate.kind: rate for rate in error_rates(result(staged=staged, honest={"headline": [], "pieces": pieces}))}
    assert set(rates) == {SignalKind.SPEECH}
    speech = rates[SignalKind.SPEECH]
    assert speech.recall is not None
    assert (speech.cases, speech.recall.value, speech.recall.high) == (20, 1.0, 1.0)
    assert speech.false_alarms_per_h is not None
    assert speech.false_alarms_per_h.value == 100.0


def test_what_is_told_of_telephones_is_not_the_staged_ones() -> None:
    staged = {"detector": "phone@1", "recall": share_of([("one", False)]).as_json(), "precision": ALL_RIGHT}
    real = {"recall": share_of([("one", True), ("two", False)]).as_json(), "precision": ALL_RIGHT}
    told = error_rates(
        result(
            staged={"headline": [], "rules": {"phone": staged}},
            honest={"headline": [], "pieces": []},
            objects={"headline": [], "after_vote": real},
        )
    )
    (phone,) = told
    assert phone.recall is not None
    assert (phone.recall.value, phone.cases, phone.false_alarms_per_h) == (0.5, 2, None)


def test_buckets_and_their_precision_and_recall() -> None:
    assert [bucket(people) for people in (0, 2, 3, 9)] == ["0", "2", "3+", "3+"]
    assert precision_recall([[8, 2], [0, 0]], 0) == (1.0, 0.8, 10)
    assert precision_recall([[8, 2], [0, 0]], 1) == (0.0, None, 0)


def test_plots_are_pictures_that_come_out_the_same_each_time(tmp_path: Path) -> None:
    scores = {"ours": (np.array([0.4, 0.9]), np.array([0.1, 0.5]))}
    for attempt in ("first", "second"):
        folder = tmp_path / attempt
        folder.mkdir()
        both = {"same": np.array([0.7, 0.8]), "different": np.array([0.1, 0.3])}
        spread(folder / "spread.png", both, "Similarity", "similarity", 0.45)
        trade_off(folder / "det.png", scores, "Scores", "cases")
        confusion(folder / "confusion.png", [[3, 1], [0, 4]], ("yes", "no"), "Told apart")
        intervals(folder / "intervals.png", [("a", 0.9, 0.8, 1.0)], "Recall", 0.95)
        points(folder / "points.png", {"a": [(1.0, 2.0), (3.0, 3.5)]}, "Angles", ("true", "measured"))
    for first in (tmp_path / "first").iterdir():
        assert first.read_bytes().startswith(b"\x89PNG")
        assert first.read_bytes() == (tmp_path / "second" / first.name).read_bytes()


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [(["--only", "smell"], "there is no section smell"), (["--data", "nowhere"], "no labelled data in nowhere")],
)
def test_bad_use_is_one_clear_line(arguments: list[str], complaint: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 2
    written = capsys.readouterr().err
    assert complaint in written
    assert written.count("\n") == 1
