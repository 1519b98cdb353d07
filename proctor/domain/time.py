"""The one time base of the core: integer nanoseconds since the sitting's start."""

from __future__ import annotations

from typing import Final, NewType

MediaTime = NewType("MediaTime", int)
"""Nanoseconds since the sitting's start; monotonic within a sitting, never a wall-clock time."""

NS_PER_MS: Final = 1_000_000
NS_PER_S: Final = 1_000_000_000

SITTING_START: Final = MediaTime(0)


def media_time_from_ms(milliseconds: float) -> MediaTime:
    """Convert milliseconds since the sitting's start, rounding to the nearest nanosecond."""
    return MediaTime(round(milliseconds * NS_PER_MS))


def media_time_from_s(seconds: float) -> MediaTime:
    """Convert seconds since the sitting's start, rounding to the nearest nanosecond."""
    return MediaTime(round(seconds * NS_PER_S))


def to_ms(at: MediaTime) -> int:
    """Whole milliseconds since the sitting's start, rounded down."""
    return at // NS_PER_MS


def to_s(at: MediaTime) -> float:
    """Seconds since the sitting's start."""
    return at / NS_PER_S
