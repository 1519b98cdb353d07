"""Pieces of the report: tables, shares with their intervals, and the lines of the summary."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Target:
    """What a figure must reach: at least, or at most, a value."""

    value: float
    at_most: bool = False

    def met(self, measured: float | None) -> bool | None:
        """Whether the figure reaches it; None without a figure."""
        if measured is None:
            return None
        return measured <= self.value if self.at_most else measured >= self.value

    def __str__(self) -> str:
        """Like `≥ 0.94`."""
        return f"{'≤' if self.at_most else '≥'} {self.value:g}"


def headline(measure: str, figure: Json | float | None, target: Target | None = None, note: str = "") -> Json:
    """One line of the summary.

    Args:
        measure: what was measured, in a few words.
        figure: an estimate's JSON, a bare number, or None where it could not be measured.
        target: what it must reach.
        note: how many cases there are, for a bare number, or why there is no figure.
    """
    measured = figure.get("share") if isinstance(figure, dict) else figure
    return {
        "measure": measure,
        "figure": figure,
        "target": None if target is None else str(target),
        "met": None if target is None else target.met(measured),
        "note": note,
    }


def headline_row(section: str, line: Json) -> list[str]:
    """The cells of a line of the summary: sense, measure, figure with interval, target, whether it is met."""
    figure = line["figure"]
    text = "not measured" if figure is None else share_text(figure) if isinstance(figure, dict) else f"{figure:g}"
    if line["note"]:
        text = f"{text} ({line['note']})" if figure is not None else f"{text}: {line['note']}"
    met = {True: "yes", False: "**no**", None: "-"}[line["met"]]
    return [section, line["measure"], text, line["target"] or "-", met]


def table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> list[str]:
    """A Markdown table with an empty line before it; nothing but the header where there are no rows."""
    lines = ["", _row(header), "|" + "---|" * len(header)]
    return lines + [_row([_cell(cell) for cell in row]) for row in rows]


def share_text(estimate: Json) -> str:
    """Like `31/33 = 0.939 (0.85 to 1.00, 33 clusters)`."""
    share = estimate.get("share")
    if share is None:
        return "no cases"
    counts = f"{estimate['hits']:g}/{estimate['cases']:g} = " if "hits" in estimate else ""
    interval = estimate.get("interval_95")
    sure = "no interval" if interval is None else f"{interval[0]:.3f} to {interval[1]:.3f}"
    return f"{counts}{share:.3f} ({sure}; n = {estimate['clusters']})"


def paragraph(*sentences: str) -> list[str]:
    """Sentences as a paragraph of their own."""
    return ["", " ".join(sentences)]


def _row(cells: Sequence[object]) -> str:
    return "| " + " | ".join(str(cell).replace("|", "/") for cell in cells) + " |"


def _cell(cell: object) -> str:
    if cell is None:
        return "-"
    if isinstance(cell, dict):
        return share_text(cell)
    return f"{cell:g}" if isinstance(cell, float) else str(cell)
