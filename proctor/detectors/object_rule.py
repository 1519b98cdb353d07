"""What rules about objects share: a vote over several pictures, and one camera that answers for what it saw."""

from __future__ import annotations

from abc import abstractmethod
from typing import Annotated, ClassVar, TypeVar

from pydantic import Field

from proctor.detectors.rule import Dwell, Noticed, Reading, Release, SampledConfig, SampledRule, UnknownAfter
from proctor.detectors.wording import duration, number, percent, seconds
from proctor.domain.media import TrackKind
from proctor.domain.observations import LinkObserved, ObjectSeen, ObjectsObserved, Observation, Tick, TrackRested
from proctor.domain.signals import Signal
from proctor.domain.text import Text
from proctor.domain.time import NS_PER_S, MediaTime

Score = Annotated[float, Field(ge=0.3, le=1, description="Score that the object models together must reach, 0.3 to 1.")]
LeastSize = Annotated[
    float,
    Field(ge=0, le=1, description="Least longer side of the object, as a part of the picture's longer side."),
]

_PLACES = {
    TrackKind.CAMERA: Text(kk="Камера кадрында", ru="В кадре камеры", en="The camera picture"),
    TrackKind.PHONE: Text(kk="Телефон камерасының кадрында", ru="В кадре камеры телефона", en="The phone's picture"),
}


class ObjectConfig(SampledConfig):
    """How many of the looks, which come more often once something was seen, must agree."""

    dwell_s: Dwell = 2.5
    release_s: Release = 8.0
    unknown_after_s: UnknownAfter = 40.0
    pictures: Annotated[
        int, Field(ge=1, le=20, description="Least number of pictures looked through that must show it.")
    ] = 3
    share: Annotated[
        float,
        Field(gt=0, le=1, description="Least share of the pictures looked through since the onset that must show it."),
    ] = 0.6


ObjectConfigT = TypeVar("ObjectConfigT", bound=ObjectConfig)


class ObjectRule(SampledRule[ObjectConfigT]):
    """Notices something among the objects of the camera's or the phone's pictures.

    The two cameras see different parts of the room: once one of them has seen the thing, only that one can say that it
    is gone. Confidence: mean score of what was seen.
    """

    version: ClassVar = "1"
    consumes: ClassVar = (ObjectsObserved, LinkObserved, Tick, TrackRested)

    def __init__(self, config: ObjectConfigT) -> None:
        super().__init__(config, share=config.share, samples=config.pictures)
        self._seen_by: tuple[TrackKind, MediaTime] | None = None

    @abstractmethod
    def look(self, observed: ObjectsObserved) -> Reading:
        """Read one picture."""

    def judge(self, observation: Observation) -> Reading | None:
        """Read a picture of a camera that can tell."""
        if not isinstance(observation, ObjectsObserved):
            return None
        reading = self.look(observation)
        if reading.holds:
            self._seen_by = observation.track, observation.at
            return reading
        return reading if self._can_tell(observation.track, observation.at) else None

    def rest(self, track: TrackKind) -> list[Signal]:
        """End what the track's camera saw; what the other one sees goes on."""
        if track is not self.seen_by:
            return []
        self._seen_by = None
        return self.signals_of(self.interval.forget())

    def _can_tell(self, track: TrackKind, at: MediaTime) -> bool:
        if self._seen_by is None:
            return True
        seen_by, seen_at = self._seen_by
        return track is seen_by or at - seen_at > self.config.unknown_after_s * NS_PER_S

    @property
    def seen_by(self) -> TrackKind:
        """The camera that saw it last."""
        return TrackKind.CAMERA if self._seen_by is None else self._seen_by[0]

    def conditions(self, noticed: Noticed) -> dict[str, Text | int]:
        """Values that every sentence about objects has places for."""
        return {
            "place": _PLACES[self.seen_by],
            "held": duration(noticed.held_s),
            "pictures": number(self.config.pictures),
            "share": percent(self.config.share),
            "dwell": seconds(self.config.dwell_s),
        }


def is_large_enough(seen: ObjectSeen, observed: ObjectsObserved, least_size: float) -> bool:
    """Whether the longer side of an object reaches that part of the picture's longer side."""
    return max(seen.box[2:]) >= least_size * max(observed.width_px, observed.height_px)


def surest(observed: ObjectsObserved, label: str, least_size: float) -> float:
    """Score of the surest object of a class that is large enough; 0 where there is none."""
    return max(
        (
            seen.score
            for seen in observed.objects
            if seen.label == label and is_large_enough(seen, observed, least_size)
        ),
        default=0.0,
    )
