"""The guided check of a running sitting, from its beginning to its judgement.

While one runs, the pictures of its track are its own: they go past senses and rules, which rest meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from proctor.analyzers.sense import Beginning
from proctor.domain.guided import HINTS_FADE, RESTING_WITH, GuidedKind, GuidedOutcome, GuidedSpec
from proctor.domain.media import Frame, TrackKind
from proctor.domain.observations import RoomScanObserved, TrackRested
from proctor.domain.time import NS_PER_S, SITTING_START, MediaTime
from proctor.pipeline.analysis import Senses
from proctor.pipeline.gaze_calibration import GazeCalibrationCheck
from proctor.pipeline.guard import Guard
from proctor.pipeline.guided_checks import ChallengeCheck, GuidedCheck, Judging, RoomScanCheck
from proctor.pipeline.outputs import CheckFinished, CheckJudged, CheckProgressed, DetectorFailed
from proctor.pipeline.room_scan import RoomInspector

GuidedStep = TrackRested | RoomScanObserved | CheckProgressed | CheckJudged | CheckFinished | DetectorFailed
"""What comes out of a check: for the rules, for the person, for the record."""
COME_BACK: Final = {GuidedKind.ROOM_SCAN: 10 * NS_PER_S, GuidedKind.CHALLENGE: 0, GuidedKind.GAZE_CALIBRATION: 0}
"""How long after its end a check's track still rests: a camera that showed the room has to be put back, and whoever
turned it to sit down, before an empty picture means anything."""
OBJECTS: Final = "objects"
"""The sense that finds things in a room."""


@dataclass(slots=True)
class _Open:
    """The check that has not finished."""

    spec: GuidedSpec
    check: GuidedCheck
    guard: Guard
    """Its own: one that fails does not keep a later one from being tried."""
    is_resting: bool = False
    """Whether the rules were told."""
    stopped: MediaTime | None = None
    judging: Judging | None = None

    @property
    def is_spoken(self) -> bool:
        """Whether it says its hints aloud."""
        return bool(RESTING_WITH[self.spec.kind])


class GuidedChecks:
    """The checks of one sitting, one after the other."""

    def __init__(self, senses: Senses, beginning: Beginning) -> None:
        self._senses = senses
        self._beginning = beginning
        self._open: _Open | None = None
        self._spent: dict[TrackKind, tuple[MediaTime, MediaTime]] = {}
        """From when until when pictures of a track are its last check's, or nobody's."""
        self._spoken = (SITTING_START, SITTING_START)
        """From when until when the hints of the last check that says them could be heard."""

    @property
    def spec(self) -> GuidedSpec | None:
        """The check that has not finished."""
        return None if self._open is None else self._open.spec

    @property
    def has_work(self) -> bool:
        """Whether a judgement has steps left."""
        return self._open is not None and self._open.judging is not None

    def begin(self, spec: GuidedSpec) -> None:
        """Let a check begin.

        Raises:
            ValueError: another one has not finished.
        """
        if self._open is not None:
            raise ValueError(f"check {self._open.spec.check_id} has not finished")
        self._open = _Open(spec, self._check(spec), Guard())

    def holds(self, track: TrackKind, at: MediaTime) -> bool:
        """Whether a picture of the track belongs to a check, running or over."""
        begun, ended = self._spent.get(track, (SITTING_START, SITTING_START))
        return self._is_own(track, at) or begun <= at < ended

    def speaks(self, at: MediaTime) -> bool:
        """Whether the hints of a check, running or over, may be heard at that time."""
        held, (begun, until) = self._open, self._spoken
        runs = held is not None and held.is_spoken and held.stopped is None and at >= held.spec.begun
        return runs or begun <= at < until

    def wants(self, track: TrackKind, at: MediaTime) -> bool:
        """Whether the running check would look at a picture."""
        return self._open is not None and self._is_own(track, at) and self._open.check.wants(at)

    def picture(self, frame: Frame) -> Iterator[GuidedStep]:
        """Look at a picture of the running check's own."""
        held = self._open
        if held is None:
            return
        yield from self._rest(held)
        progress = held.guard.run(held.spec.kind, frame.at, lambda: held.check.picture(frame))
        yield from self._survived(held, frame.at)
        if progress is not None:
            yield progress
        if held.check.is_over:
            yield from self._stop(held, frame.at)

    def advance(self, at: MediaTime) -> Iterator[GuidedStep]:
        """Media time has reached `at`, and no picture before it waits any more."""
        held = self._open
        if held is None or held.stopped is not None or at < held.spec.begun:
            return
        yield from self._rest(held)
        ends_at = held.check.ends_at
        if ends_at is not None and at >= ends_at:
            yield from self._stop(held, ends_at)

    def end(self, check_id: str, at: MediaTime, outcome: GuidedOutcome | None) -> Iterator[GuidedStep]:
        """End the check, if it is still the one, with an outcome or as far as it came."""
        held = self._open
        if held is None or held.spec.check_id != check_id:
            return
        yield from self._rest(held)
        judged = self._stop(held, max(at, held.spec.begun))
        if outcome is None:
            yield from judged
        else:
            yield self._finish(held, outcome)

    def work(self) -> Iterator[GuidedStep]:
        """Do the next step of a judgement, at most about 0.1 s."""
        held = self._open
        if held is None or held.judging is None or held.stopped is None:
            return
        judging = held.judging
        step = held.guard.run(held.spec.kind, held.stopped, lambda: next(judging))
        if isinstance(step, CheckFinished):
            self._open = None
        yield CheckJudged(held.spec.check_id, held.stopped) if step is None else step
        yield from self._survived(held, held.stopped)

    def _is_own(self, track: TrackKind, at: MediaTime) -> bool:
        """Whether a picture belongs to the running check."""
        held = self._open
        return held is not None and held.stopped is None and held.spec.track is track and at >= held.spec.begun

    def _check(self, spec: GuidedSpec) -> GuidedCheck:
        if spec.kind is GuidedKind.ROOM_SCAN:
            return RoomScanCheck(spec, self._inspector)
        if spec.kind is GuidedKind.CHALLENGE:
            return ChallengeCheck(spec, self._senses.faces)
        return GazeCalibrationCheck(spec, self._senses.faces)

    def _inspector(self) -> RoomInspector:
        return RoomInspector(self._senses.faces, self._senses.further[OBJECTS](self._beginning))

    def _rest(self, held: _Open) -> Iterator[TrackRested]:
        if not held.is_resting:
            held.is_resting = True
            yield TrackRested(held.spec.track, held.spec.begun)
            if held.is_spoken:
                yield TrackRested(TrackKind.MICROPHONE, held.spec.begun)

    def _stop(self, held: _Open, at: MediaTime) -> list[CheckJudged]:
        """Look at no more pictures; what to tell of it, once."""
        if held.stopped is not None:
            return []
        held.stopped = at
        held.judging = held.check.judging(at)
        self._spent[held.spec.track] = (held.spec.begun, MediaTime(at + COME_BACK[held.spec.kind]))
        if held.is_spoken:
            self._spoken = (held.spec.begun, MediaTime(at + HINTS_FADE))
        return [CheckJudged(held.spec.check_id, at)]

    def _survived(self, held: _Open, at: MediaTime) -> Iterator[GuidedStep]:
        """Nothing, or the end of a check that failed."""
        failures = held.guard.reports()
        if failures:
            yield from failures
            self._stop(held, at)
            yield self._finish(held, GuidedOutcome.INTERRUPTED)

    def _finish(self, held: _Open, outcome: GuidedOutcome) -> CheckFinished:
        self._open = None
        at = held.spec.begun if held.stopped is None else held.stopped
        return CheckFinished(held.spec.check_id, at, held.spec.begun, outcome, None)
