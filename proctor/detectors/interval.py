"""Dwell and release: from a condition that comes and goes to intervals that a person can look at.

Both classes keep the same promises: an interval opens once the condition has held for the dwell time, its start is when
the condition began, its end is when the condition stopped, and the intervals of one object never overlap.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

from proctor.domain.time import NS_PER_MS, NS_PER_S, SITTING_START, MediaTime

E = TypeVar("E")


@dataclass(frozen=True, slots=True)
class Opened(Generic[E]):
    """The condition has held for the dwell time."""

    start: MediaTime
    noticed: MediaTime
    evidence: tuple[E, ...]
    """What was measured from `start` to `noticed` while the condition held, oldest first."""


@dataclass(frozen=True, slots=True)
class Closed:
    """The condition stopped at `end`, or nothing has been known about it since."""

    end: MediaTime


Change = Opened[E] | Closed


@dataclass(frozen=True, slots=True)
class _Sample(Generic[E]):
    at: MediaTime
    evidence: E | None
    """None where the condition did not hold."""


def _ns(seconds: float) -> int:
    return round(seconds * NS_PER_S)


def _floor_after(start: MediaTime, end: MediaTime) -> MediaTime:
    """Earliest start of the next interval: never inside this one, never the same start twice."""
    return MediaTime(max(end, start + 1))


class SampledInterval(Generic[E]):
    """Intervals of a condition that is measured now and again, in pictures or windows of sound.

    Where nothing was measured for longer than `unknown_after_s` nobody knows: a dwell that was running is forgotten and
    an open interval ends at the last measurement. With `share` below 1 the condition may be missing in some of the
    samples. Samples must come in order of time; one that is not later than the last is ignored.
    """

    def __init__(
        self, *, dwell_s: float, release_s: float, unknown_after_s: float, share: float = 1.0, samples: int = 1
    ) -> None:
        """Configure.

        Args:
            dwell_s: seconds that the condition must have held.
            release_s: seconds that it must have been absent before the interval ends.
            unknown_after_s: longest gap between samples, in seconds, across which the last one still counts.
            share: least share of the samples since the onset in which it held, above 0 up to 1.
            samples: least number of samples in which it held.
        """
        self._dwell_ns = _ns(dwell_s)
        self._release_ns = _ns(release_s)
        self._unknown_after_ns = _ns(unknown_after_s)
        self._share = share
        self._samples = samples
        self._run: list[_Sample[E]] = []
        self._start: MediaTime | None = None
        self._absent_since: MediaTime | None = None
        self._last: MediaTime | None = None
        self._known_until: MediaTime | None = None
        self._floor = SITTING_START

    @property
    def is_open(self) -> bool:
        """Whether an interval has opened and not yet closed."""
        return self._start is not None

    def hold(
        self, at: MediaTime, evidence: E, *, until: MediaTime | None = None, since: MediaTime | None = None
    ) -> list[Change[E]]:
        """The condition held in the sample that reaches from `at` to `until`.

        `since` puts the onset before this sample, for a rule that looks back over a window of its own.
        """
        changes = self._lapse(at)
        if not self._take(at, until):
            return changes
        if self.is_open:
            self._absent_since = None
            return changes
        self._run.append(_Sample(at, evidence))
        self._drop_old(at)
        known_until = at if until is None else until
        found = self._ripe(known_until)
        if found is None:
            return changes
        onset, held = found
        start = MediaTime(max(onset if since is None else since, self._floor))
        self._start = start
        self._run.clear()
        return [*changes, Opened(start, MediaTime(max(known_until, start)), held)]

    def absent(self, at: MediaTime, *, until: MediaTime | None = None) -> list[Change[E]]:
        """The condition did not hold in the sample that reaches from `at` to `until`."""
        changes = self._lapse(at)
        if not self._take(at, until):
            return changes
        if not self.is_open:
            if self._share >= 1:
                self._run.clear()
            elif self._run:
                self._run.append(_Sample(at, None))
                self._drop_old(at)
            return changes
        if self._absent_since is None:
            self._absent_since = at
        if (until if until is not None else at) - self._absent_since >= self._release_ns:
            changes.extend(self.forget())
        return changes

    def tick(self, at: MediaTime) -> list[Change[E]]:
        """Time has reached `at`: an open interval may have gone without measurement for too long.

        A dwell that is running is left to the next sample, which may arrive late but carries its own time.
        """
        return self._lapse(at) if self.is_open else []

    def forget(self) -> list[Change[E]]:
        """Nothing more can be known: end what is open at the last measurement."""
        changes: list[Change[E]] = []
        if self._start is not None and self._known_until is not None:
            end = self._known_until if self._absent_since is None else self._absent_since
            changes.append(self._close(self._start, end))
        self._run.clear()
        self._known_until = None
        return changes

    def finish(self, at: MediaTime) -> list[Change[E]]:
        """Nothing comes after `at`: close what is open, there if it was still known to hold."""
        changes = self.tick(at)
        if self._start is not None and self._absent_since is None:
            changes.append(self._close(self._start, at))
        return [*changes, *self.forget()]

    def _lapse(self, at: MediaTime) -> list[Change[E]]:
        if self._known_until is not None and at - self._known_until > self._unknown_after_ns:
            return self.forget()
        return []

    def _close(self, start: MediaTime, end: MediaTime) -> Closed:
        end = MediaTime(max(start, end))
        self._start = self._absent_since = None
        self._floor = _floor_after(start, end)
        return Closed(end)

    def _take(self, at: MediaTime, until: MediaTime | None) -> bool:
        if self._last is not None and at <= self._last:
            return False
        self._last = at
        self._known_until = at if until is None else max(at, until)
        return True

    def _drop_old(self, at: MediaTime) -> None:
        """Keep a run with gaps short: only what a dwell that ends now can need."""
        if self._share >= 1:
            return
        while len(self._run) > self._samples and at - self._run[0].at > 2 * self._dwell_ns:
            del self._run[0]

    def _ripe(self, until: MediaTime) -> tuple[MediaTime, tuple[E, ...]] | None:
        """Earliest onset from which dwell, share and number of samples are all reached, with the evidence since."""
        if until - self._run[0].at < self._dwell_ns:
            return None
        onset: int | None = None
        held = 0
        for index in range(len(self._run) - 1, -1, -1):
            sample = self._run[index]
            if sample.evidence is None:
                continue
            held += 1
            share_is_reached = held >= self._share * (len(self._run) - index)
            if share_is_reached and held >= self._samples and until - sample.at >= self._dwell_ns:
                onset = index
        if onset is None:
            return None
        evidence = tuple(sample.evidence for sample in self._run[onset:] if sample.evidence is not None)
        return self._run[onset].at, evidence


class HeldInterval(Generic[E]):
    """Intervals of a state that someone reports when it begins and when it ends; between the two it holds.

    A report may arrive a little late (its time lies before a tick); it then counts from its own time on.
    """

    def __init__(self, *, dwell_s: float, release_s: float = 0.0) -> None:
        """Configure.

        Args:
            dwell_s: seconds that the state must have lasted.
            release_s: seconds that it must have been over before the interval ends.
        """
        self._dwell_ns = _ns(dwell_s)
        self._release_ns = _ns(release_s)
        self._onset: MediaTime | None = None
        self._evidence: E | None = None
        self._is_open = False
        self._over_since: MediaTime | None = None
        self._floor = SITTING_START

    @property
    def is_open(self) -> bool:
        """Whether an interval has opened and not yet closed."""
        return self._is_open

    def begin(self, at: MediaTime, evidence: E) -> list[Change[E]]:
        """The state began at `at`; said again while it lasts, it changes nothing."""
        changes = self.tick(at)
        self._over_since = None
        if self._onset is None:
            self._onset = MediaTime(max(at, self._floor))
            self._evidence = evidence
        return [*changes, *self.tick(at)]

    def cease(self, at: MediaTime) -> list[Change[E]]:
        """The state was over at `at`."""
        changes = self.tick(at)
        if not self._is_open:
            self._onset = None
        elif self._over_since is None:
            self._over_since = at
        return [*changes, *self.tick(at)]

    def tick(self, at: MediaTime) -> list[Change[E]]:
        """Time has reached `at`: dwell and release run out."""
        onset = self._onset
        if onset is None:
            return []
        if not self._is_open:
            if at - onset < self._dwell_ns or self._evidence is None:
                return []
            self._is_open = True
            return [Opened(onset, MediaTime(max(at, onset)), (self._evidence,))]
        if self._over_since is None or at - self._over_since < self._release_ns:
            return []
        return [self._close(onset, self._over_since)]

    def forget(self, at: MediaTime) -> list[Change[E]]:
        """Nobody reports any more from `at` on: end what is open there."""
        changes = self.tick(at)
        if self._is_open and self._onset is not None:
            changes.append(self._close(self._onset, at if self._over_since is None else self._over_since))
        self._onset = None
        return changes

    def _close(self, start: MediaTime, end: MediaTime) -> Closed:
        end = MediaTime(max(start, end))
        self._onset = self._over_since = None
        self._is_open = False
        self._floor = _floor_after(start, end)
        return Closed(end)


def dwell_ms(seconds: float) -> int:
    """Whole milliseconds of a dwell time given in seconds."""
    return _ns(seconds) // NS_PER_MS
