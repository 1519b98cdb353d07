"""Which senses look less often while the machine cannot keep up, in the order of the policy."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from proctor.domain.time import NS_PER_S, MediaTime

FURTHER_AFTER: Final = 2 * NS_PER_S
"""Pressure that lasts so long after a sense was thinned out takes the next one."""
EASED_AFTER: Final = 20 * NS_PER_S
"""Without pressure for so long, the last one thinned out looks as before again; much longer than it took, so that a
machine at its limit does not swing."""


class ThinningOut:
    """Takes one sense after another while pressed, and gives them back one after another."""

    def __init__(self, order: Sequence[str]) -> None:
        self._order = tuple(order)
        self._level = 0
        self._thinned_at: MediaTime | None = None
        self._pressed_at: MediaTime | None = None

    @property
    def senses(self) -> tuple[str, ...]:
        """Senses that are thinned out now, the first one first."""
        return self._order[: self._level]

    def is_thinned(self, sense: str) -> bool:
        """Whether the sense is to look less often."""
        return sense in self.senses

    def feel(self, at: MediaTime, *, pressed: bool) -> bool:
        """Take note of whether the machine keeps up; True when `senses` changed."""
        before = self._level
        if pressed:
            self._pressed_at = at
            if self._level < len(self._order) and (
                self._thinned_at is None or self._level == 0 or at - self._thinned_at >= FURTHER_AFTER
            ):
                self._level += 1
                self._thinned_at = at
        elif self._level > 0 and self._pressed_at is not None and at - self._pressed_at >= EASED_AFTER:
            self._level -= 1
            self._pressed_at = at
        return self._level != before
