"""The published accuracy report is what its figures say, whole and in shape; what is told with signals is in it."""

from __future__ import annotations

import json
import re
from pathlib import Path

from benchmarks.accuracy.publish import error_rates
from benchmarks.accuracy.report import LIMITS, as_markdown
from benchmarks.accuracy.sections import SECTIONS
from proctor.pipeline.error_rates import load_error_rates

ROOT = Path(__file__).resolve().parents[2]
REPORT = ROOT / "docs" / "accuracy.md"
FIGURES = REPORT.with_suffix(".json")
PICTURES = "pictures/accuracy"


def test_the_report_is_what_the_figures_beside_it_give() -> None:
    figures = json.loads(FIGURES.read_text(encoding="utf-8"))
    assert not figures["data"]["quick"], "publish a whole run: python3 run.py bench accuracy --write"
    assert REPORT.read_text(encoding="utf-8") == as_markdown(figures, PICTURES), (
        "write it anew from the figures: python3 run.py bench accuracy --rewrite"
    )


def test_every_section_is_there_with_its_limits_and_its_pictures() -> None:
    text = REPORT.read_text(encoding="utf-8")
    headings = re.findall(r"^## (.+)$", text, re.MULTILINE)
    assert headings == ["Summary", *(section.title for section in SECTIONS), "Cost", "Layout of the labelled data"]
    assert LIMITS in text
    linked = set(re.findall(r"!\[[^\]]+\]\(([^)]+)\)", text))
    assert {path for path in linked if not (REPORT.parent / path).is_file()} == set()
    assert {f"{PICTURES}/{path.name}" for path in (REPORT.parent / PICTURES).glob("*.png")} == linked


def test_every_row_of_a_table_has_the_cells_of_its_header() -> None:
    width = 0
    for line in REPORT.read_text(encoding="utf-8").splitlines():
        cells = line.count("|") - 1 if line.startswith("|") else 0
        assert cells in {0, width} or width == 0, line
        width = cells


def test_rates_told_with_signals_are_those_of_the_report() -> None:
    figures = json.loads(FIGURES.read_text(encoding="utf-8"))
    told = {rate.kind: rate for rate in error_rates(figures)}
    assert set(load_error_rates()) == set(told)
    for kind, rate in load_error_rates().items():
        recall = told[kind].recall
        assert (rate.recall is None) == (recall is None)
        assert recall is None or rate.recall is None or rate.recall.value == recall.value
