"""Plots as PNG files: detection error trade-off, confusion, and shares with their intervals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from numpy.typing import NDArray

from benchmarks.accuracy.operating import error_curve

Scores = NDArray[np.float64]
DPI = 110
SMALLEST_RATE = 1e-4
"""Lower end of the logarithmic axes; no error at all is drawn there."""
DARK, GREY, LIGHT = "#1f4e79", "#767676", "#d9e4ef"
LINES = ("-", "--", ":", "-.")
DARK_CELL = 0.8
"""Share from which a cell is dark enough for white figures."""


def trade_off(path: Path, scores: Mapping[str, tuple[Scores, Scores]], title: str, positives: str) -> None:
    """Detection error trade-off of each name's scores of positives and negatives, both axes logarithmic."""
    figure, axes = _figure(5.2, 4.2)
    for number, (name, (positive, negative)) in enumerate(scores.items()):
        false_alarms, misses = error_curve(positive, negative)
        label = f"{name} ({len(positive)} and {len(negative)})"
        x, y = np.maximum(false_alarms, SMALLEST_RATE), np.maximum(misses, SMALLEST_RATE)
        axes.plot(x, y, LINES[number % len(LINES)], label=label, linewidth=1.6)
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_xlim(SMALLEST_RATE, 1)
    axes.set_ylim(SMALLEST_RATE, 1)
    axes.set_xlabel("false alarm rate")
    axes.set_ylabel(f"share of {positives} missed")
    axes.set_title(title)
    axes.grid(visible=True, which="major", color=LIGHT)
    axes.legend(frameon=False, fontsize=8)
    _save(figure, path)


def spread(path: Path, scores: Mapping[str, Scores], title: str, measure: str, threshold: float) -> None:
    """How the scores of several kinds of cases lie, as shares of each, and the threshold between them."""
    figure, axes = _figure(5.2, 3.4)
    every = np.concatenate(list(scores.values()))
    bins = [float(edge) for edge in np.linspace(every.min(), every.max(), 41)]
    for colour, hatch, (name, values) in zip((DARK, GREY), ("", "///"), scores.items(), strict=False):
        weights = np.full(len(values), 1 / max(1, len(values)))
        axes.hist(values, bins, weights=weights, label=f"{name} ({len(values)})", color=colour, hatch=hatch, alpha=0.6)
    axes.axvline(threshold, color="black", linestyle=":", linewidth=1.2)
    axes.set_xlabel(measure)
    axes.set_ylabel("share")
    axes.set_title(title)
    axes.legend(frameon=False, fontsize=8)
    _save(figure, path)


def confusion(path: Path, matrix: Sequence[Sequence[int]], names: Sequence[str], title: str) -> None:
    """Confusion matrix with its counts; rows are labelled, columns measured."""
    side = 2.2 + 0.55 * len(names)
    figure, axes = _figure(side, side * 0.85)
    counts = np.asarray(matrix, np.float64)
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1.3)
    for (row, column), count in np.ndenumerate(counts):
        axes.text(
            column,
            row,
            f"{count:g}",
            ha="center",
            va="center",
            color="white" if shares[row, column] > DARK_CELL else "black",
        )
    axes.set_xticks(range(len(names)), names, rotation=30 if len("".join(names)) > 3 * len(names) else 0)
    axes.set_yticks(range(len(names)), names)
    axes.set_xlabel("measured")
    axes.set_ylabel("labelled")
    axes.set_title(title)
    _save(figure, path)


def intervals(path: Path, rows: Sequence[tuple[str, float, float, float]], title: str, target: float | None) -> None:
    """Shares with their 95 % intervals, one below the other: name, share, lower and upper edge."""
    figure, axes = _figure(6.4, 1.1 + 0.32 * len(rows))
    places = list(range(len(rows)))[::-1]
    for place, (_, share, low, high) in zip(places, rows, strict=True):
        axes.plot([low, high], [place, place], color=GREY, linewidth=2.2)
        axes.plot([share], [place], "o", color=DARK)
    axes.set_yticks(places, [name for name, *_ in rows])
    axes.set_xlim(0, 1.02)
    if target is not None:
        axes.axvline(target, color=GREY, linestyle=":", linewidth=1)
    axes.grid(visible=True, axis="x", color=LIGHT)
    axes.set_title(title)
    _save(figure, path)


def points(
    path: Path, series: Mapping[str, Sequence[tuple[float, float]]], title: str, axes_names: Sequence[str]
) -> None:
    """Measured against true values, with the line on which they would agree."""
    figure, axes = _figure(4.8, 4.4)
    every = np.array([point for values in series.values() for point in values])
    low, high = float(every.min()) - 5, float(every.max()) + 5
    axes.plot([low, high], [low, high], color=GREY, linewidth=1)
    for marker, (name, values) in zip("os^Dv", series.items(), strict=False):
        x, y = zip(*values, strict=True)
        axes.plot(x, y, marker, label=name, markersize=5, alpha=0.8)
    axes.set_xlabel(axes_names[0])
    axes.set_ylabel(axes_names[1])
    axes.set_title(title)
    axes.grid(visible=True, color=LIGHT)
    axes.legend(frameon=False, fontsize=8)
    _save(figure, path)


def _figure(width_in: float, height_in: float) -> tuple[Figure, Axes]:
    figure = Figure(figsize=(width_in, height_in), dpi=DPI, layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    axes.spines[["top", "right"]].set_visible(False)
    axes.title.set_fontsize(10)
    return figure, axes


def _save(figure: Figure, path: Path) -> None:
    """Write without the library's version, so that the same figures give the same file."""
    figure.savefig(path, metadata={"Software": None})
