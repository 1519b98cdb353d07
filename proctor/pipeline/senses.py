"""The senses beside faces, identity and speech: what each looks at, and when.

A sense is one entry of `SENSES`; its analyzer stands under the same name in the suite's `further`. Schedules are asked
for every sampled picture of the sense's tracks and decide by media time and by what was seen; they know no clock.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Protocol

from proctor.analyzers.luma_plane import LumaPlane
from proctor.analyzers.sense import (
    BeginListening,
    BeginLooking,
    Beginning,
    CloserSense,
    PictureSense,
    SoundSense,
)
from proctor.domain.media import AudioChunk, Frame, TrackKind
from proctor.domain.observations import (
    LivenessObserved,
    ObjectsObserved,
    Observation,
    PeopleObserved,
    SoundObserved,
)
from proctor.domain.policy import AnalysisPolicy
from proctor.domain.time import NS_PER_S, MediaTime
from proctor.pipeline.body_schedule import BodySchedule
from proctor.pipeline.guard import Guard
from proctor.pipeline.moment import SLACK, Moment
from proctor.pipeline.object_schedule import ObjectSchedule


class SenseSchedule(Protocol):
    """Decides for one sense of one sitting."""

    def wants(self, moment: Moment) -> bool:
        """Whether to look at this picture."""
        ...

    def looked(self, moment: Moment, observed: Observation | None) -> None:
        """Take note of a look and of what it found."""
        ...


class Always:
    """Looks at every sampled picture; for what costs next to nothing."""

    def wants(self, moment: Moment) -> bool:
        """Whether to look: yes."""
        del moment
        return True

    def looked(self, moment: Moment, observed: Observation | None) -> None:
        """Nothing to remember."""


class Paced:
    """Looks at a calm pace, at a quicker one while something is odd, and rarely when it has to be thinned out.

    Args:
        calm_s: seconds between two looks while nothing is odd; None means never.
        odd_s: seconds between two looks while something is.
        odd: whether a moment is odd; being so begins, and keeps up, the quicker pace.
        odd_for_s: seconds for which the quicker pace goes on after the last odd moment.
        found: whether an observation is reason enough to look again soon.
        thinned_s: seconds between two looks, at least, when thinned out.
    """

    def __init__(  # noqa: PLR0913 - what a pace consists of
        self,
        *,
        calm_s: float | None,
        odd_s: float,
        odd: Callable[[Moment], bool],
        odd_for_s: float = 10.0,
        found: Callable[[Observation], bool] = lambda _observed: False,
        thinned_s: float,
    ) -> None:
        self._calm_ns = None if calm_s is None else round(calm_s * NS_PER_S)
        self._odd_ns = round(odd_s * NS_PER_S)
        self._odd = odd
        self._odd_for_ns = round(odd_for_s * NS_PER_S)
        self._found = found
        self._thinned_ns = round(thinned_s * NS_PER_S)
        self._odd_until: int | None = None
        self._looked_at: MediaTime | None = None

    def wants(self, moment: Moment) -> bool:
        """Whether the pace of the moment is up."""
        if self._odd(moment):
            self._odd_until = moment.at + self._odd_for_ns
        is_odd = self._odd_until is not None and moment.at <= self._odd_until
        pace_ns = self._odd_ns if is_odd else self._calm_ns
        if pace_ns is None:
            return False
        if moment.is_thinned:
            pace_ns = max(pace_ns, self._thinned_ns)
        return self._looked_at is None or moment.at - self._looked_at >= pace_ns - SLACK

    def looked(self, moment: Moment, observed: Observation | None) -> None:
        """Take note; what was found may keep the quicker pace up."""
        self._looked_at = moment.at
        if observed is not None and self._found(observed):
            self._odd_until = moment.at + self._odd_for_ns


@dataclass(frozen=True, slots=True)
class Sense:
    """One further sense of the line."""

    name: str
    """As in the suite's `further`, in `DetectorFailed` and in the policy's `thin_out`."""
    tracks: frozenset[TrackKind]
    schedule: Callable[[AnalysisPolicy], SenseSchedule]
    """Makes the schedule of one track of one sitting."""


CUT_LUMA: Final = 12.0
"""Mean luma change from which on the picture as a whole is another one, as when something is held before the camera."""
RESAMPLING_EVERY_S: Final = 5.0
"""What enlarging left is the same in every picture."""
DOUBTFUL_LIVENESS: Final = 0.75
"""A face less like a person's than this is looked at again soon; above any threshold that a policy sensibly sets."""


def _liveness_pace() -> Paced:
    return Paced(
        calm_s=10.0,
        odd_s=2.0,
        odd=lambda moment: moment.change is not None and moment.change > CUT_LUMA,
        found=lambda seen: (
            isinstance(seen, LivenessObserved) and seen.bona_fide is not None and seen.bona_fide < DOUBTFUL_LIVENESS
        ),
        thinned_s=30.0,
    )


def _resampling_pace() -> Paced:
    return Paced(calm_s=RESAMPLING_EVERY_S, odd_s=RESAMPLING_EVERY_S, odd=lambda _moment: False, thinned_s=30.0)


SENSES: Final = (
    Sense("screen", frozenset({TrackKind.SCREEN}), lambda _policy: Always()),
    Sense("body", frozenset({TrackKind.CAMERA}), lambda _policy: BodySchedule()),
    Sense("repetition", frozenset({TrackKind.CAMERA}), lambda _policy: Always()),
    Sense("resampling", frozenset({TrackKind.CAMERA}), lambda _policy: _resampling_pace()),
    Sense("liveness", frozenset({TrackKind.CAMERA}), lambda _policy: _liveness_pace()),
    Sense("objects", frozenset({TrackKind.CAMERA, TrackKind.PHONE}), lambda _policy: ObjectSchedule()),
)


class FurtherSenses:
    """The further senses of one sitting; one that fails is left out, as its guard says.

    Args:
        further: what begins to look, by sense; those that are not installed are simply not there.
        listening: what begins to listen, by sense.
        beginning: what is known of the sitting.
        guard: outlives their failures.
        is_thinned: whether a sense, by its name, is to look less often just now.
    """

    def __init__(
        self,
        further: Mapping[str, BeginLooking],
        listening: Mapping[str, BeginListening],
        beginning: Beginning,
        guard: Guard,
        is_thinned: Callable[[str], bool],
    ) -> None:
        self._beginning = beginning
        self._guard = guard
        self._is_thinned = is_thinned
        self._senses = [sense for sense in SENSES if sense.name in further]
        self._begin = dict(further)
        self._listening = dict(listening)
        self._looking: dict[tuple[str, TrackKind], tuple[PictureSense, SenseSchedule]] = {}
        self._sounds: dict[str, SoundSense] = {}

    def picture(
        self,
        frame: Frame,
        *,
        people: PeopleObserved | None,
        change: float | None,
        is_calm: bool,
        plane: LumaPlane | None = None,
    ) -> Iterator[Observation]:
        """Let every sense of the picture's track look at it that wants to; `plane` is the picture averaged down."""
        for sense in self._senses:
            if frame.track not in sense.tracks or not self._guard.runs(sense.name):
                continue
            is_thinned = self._is_thinned(sense.name)
            moment = Moment(frame.track, frame.at, change, people, is_calm, is_thinned, plane, frame.size)
            observed = self._guard.run(sense.name, frame.at, lambda: self._look(sense, frame, moment))  # noqa: B023 - called at once
            if observed is not None:
                yield observed

    def restart(self, track: TrackKind) -> None:
        """Look at the track afresh from its next picture on."""
        self._looking = {key: looking for key, looking in self._looking.items() if key[1] is not track}

    def sound(self, chunk: AudioChunk, heard: list[SoundObserved]) -> Iterator[Observation]:
        """Let every sense listen that is there."""
        for name in self._listening:
            yield from self._guard.run(name, chunk.at, lambda: self._ear(name).observe(chunk, heard)) or ()  # noqa: B023 - called at once

    def finish(self, at: MediaTime) -> Iterator[Observation]:
        """Return what those that listen still hold."""
        for name, ear in self._sounds.items():
            yield from self._guard.run(name, at, ear.finish) or ()

    def _look(self, sense: Sense, frame: Frame, moment: Moment) -> Observation | None:
        key = (sense.name, frame.track)
        if key not in self._looking:
            self._looking[key] = self._begin[sense.name](self._beginning), sense.schedule(self._beginning.policy)
        eye, schedule = self._looking[key]
        if not schedule.wants(moment):
            return None
        observed = eye.observe(frame, moment.people)
        if isinstance(schedule, ObjectSchedule) and isinstance(eye, CloserSense):
            place = schedule.doubtful_place(observed)
            if place is not None and isinstance(observed, ObjectsObserved):
                observed = eye.look_closer(frame, observed, place)
        schedule.looked(moment, observed)
        return observed

    def _ear(self, name: str) -> SoundSense:
        if name not in self._sounds:
            self._sounds[name] = self._listening[name](self._beginning)
        return self._sounds[name]
