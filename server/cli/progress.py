"""A progress bar on a terminal, silence otherwise."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn, track

Item = TypeVar("Item")
Advanced = Callable[[float], None]
"""Told up to which second of a file the work has come."""


def with_progress(items: Sequence[Item], description: str) -> Iterator[Item]:
    """Yield the items; on a terminal a bar on stderr shows how many are done."""
    console = Console(stderr=True)
    if len(items) > 1 and console.is_terminal:
        yield from track(items, description, console=console, transient=True)
    else:
        yield from items


@contextmanager
def file_progress(name: str, total_s: float | None) -> Iterator[Advanced]:
    """On a terminal a bar on stderr for one file of so many seconds; None where the length is not known."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda _seconds: None
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:3.0f} %"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task(name, total=total_s)
        yield lambda seconds: bar.update(task, completed=seconds)
