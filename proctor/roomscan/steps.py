"""Work in steps, so that whoever has other things to do can do them in between."""

from __future__ import annotations

from collections.abc import Generator
from typing import TypeVar

T = TypeVar("T")


def finished(steps: Generator[None, None, T]) -> T:
    """Take all steps at once; what they lead to."""
    while True:
        try:
            next(steps)
        except StopIteration as done:
            result: T = done.value
            return result
