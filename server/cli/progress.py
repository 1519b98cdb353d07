"""A progress bar on a terminal, silence otherwise."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeVar

from rich.console import Console
from rich.progress import track

Item = TypeVar("Item")


def with_progress(items: Sequence[Item], description: str) -> Iterator[Item]:
    """Yield the items; on a terminal a bar on stderr shows how many are done."""
    console = Console(stderr=True)
    if len(items) > 1 and console.is_terminal:
        yield from track(items, description, console=console, transient=True)
    else:
        yield from items
