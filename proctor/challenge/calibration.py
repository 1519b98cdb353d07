"""The calibration of the gaze: dots in the middle and on the edges of the screen, and what looks at them tell of it.

How far away a screen's edges are nobody knows: screens are small or wide and stand near or far, and the measurement
sees each person's eyes turn by another part of what they do. Both are in what is measured while somebody looks at the
edges, so a look leaves this person's screen where it goes beyond that, by more than the looks wander.

Only left and right are measured. A screen reaches half as far up and down as it does to the sides, the lids cover the
irises there and follow them, and what is measured up and down wanders by as much.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from statistics import median
from typing import Any, Final

from proctor.challenge.judgement import EYES_SETTLED, LOOK_DEG, FaceSample
from proctor.domain.guided import GuidedOutcome
from proctor.domain.observations import ScreenZone
from proctor.domain.time import NS_PER_MS, MediaTime

DOT_MS: Final = 1_800
"""Eyes have arrived after 0.7 s; what is left are four pictures of a running sitting."""
LEAST_OF_VISIT: Final = 2
"""Pictures in which the eyes were measured, for each time that a dot was shown."""
LEAST_OF_PLACE: Final = 5
"""The same for each place, which is shown twice: two of eight may be blinks."""
NEAREST_EDGE_DEG: Final = LOOK_DEG
"""An edge that looks reach with less cannot be told from the middle."""
FARTHEST_EDGE_DEG: Final = 32.0
"""Half of the widest screens, 80 cm at arm's length. Further away nobody's screen is."""
MOST_WANDER: Final = 1 / 3
"""Looks at one place may wander by this part of the way to the nearer edge."""
LEAST_MARGIN_DEG: Final = 3.0
MARGIN_OVER_WANDER: Final = 3.0
"""Margin beyond an edge, in multiples of the wandering of the looks at one place."""
NARROWEST_DEG: Final = 8.0
"""No own screen is narrower to a side: a small window or a hurried look must not make every glance one aside."""
WIDEST_DEG: Final = 36.0
"""Nor wider, whatever was looked at."""


class DotPlace(StrEnum):
    """Where a dot is. Left and right are the person's own."""

    MIDDLE = "gaze_middle"
    LEFT = "gaze_left"
    RIGHT = "gaze_right"


ORDER: Final = (
    DotPlace.MIDDLE,
    DotPlace.LEFT,
    DotPlace.RIGHT,
    DotPlace.MIDDLE,
    DotPlace.RIGHT,
    DotPlace.LEFT,
)


class Unmeasured(StrEnum):
    """Why a calibration says nothing, so that the usual limits stay."""

    NOT_FINISHED = "not_finished"
    EYES_NOT_SEEN = "eyes_not_seen"
    UNSTEADY = "unsteady"
    """Looks at the same dot differ as much as looks at different ones."""
    NOT_FOLLOWED = "not_followed"
    """The eyes did not go to the dots, or not measurably."""
    TOO_FAR = "too_far"


@dataclass(frozen=True, slots=True)
class Dot:
    """One dot, its times counted from the calibration's beginning."""

    place: DotPlace
    start: MediaTime
    end: MediaTime


@dataclass(frozen=True, slots=True)
class DotLook:
    """What was measured while a dot was shown."""

    dot: Dot
    look_deg: float | None
    """Median look to the own left, in degrees from straight ahead; None where it was not measured."""
    pictures: int
    """In which the eyes were measured."""


@dataclass(frozen=True, slots=True)
class GazeCalibration:
    """What the looks at the dots tell of the person's screen."""

    looks: tuple[DotLook, ...]
    screen: ScreenZone | None
    """None where it cannot be told; `unmeasured` then says why."""
    unmeasured: Unmeasured | None
    left_edge_deg: float | None = None
    """Look at the left edge, in degrees from that at the middle; None where it was not measured."""
    right_edge_deg: float | None = None
    wander_deg: float | None = None
    """How far looks at one place are from each other."""


DOTS: Final = tuple(
    Dot(place, MediaTime(number * DOT_MS * NS_PER_MS), MediaTime((number + 1) * DOT_MS * NS_PER_MS))
    for number, place in enumerate(ORDER)
)
END: Final = DOTS[-1].end


def dot_prompts() -> list[tuple[MediaTime, str]]:
    """Where the dot is from when on, counted from the beginning."""
    return [(dot.start, dot.place.value) for dot in DOTS]


def calibrate(samples: Sequence[FaceSample], until: MediaTime = END) -> GazeCalibration:
    """Fit the own screen to samples in order of time, counted from the beginning; `until` is when it was ended."""
    measured = [_seen(dot, samples) for dot in DOTS]
    looks = tuple(
        DotLook(dot, median(seen) if seen else None, len(seen)) for dot, seen in zip(DOTS, measured, strict=True)
    )
    if until < DOTS[-1].start + EYES_SETTLED:
        return GazeCalibration(looks, None, Unmeasured.NOT_FINISHED)
    places = {
        place: [seen for dot, seen in zip(DOTS, measured, strict=True) if dot.place is place] for place in DotPlace
    }
    if not all(_is_enough(visits) for visits in places.values()):
        return GazeCalibration(looks, None, Unmeasured.EYES_NOT_SEEN)
    middle, left_at, right_at = (median(_all(places[place])) for place in DotPlace)
    left, right = left_at - middle, middle - right_at
    wander = max(_wander(visits) for visits in places.values())
    nearer = min(left, right)
    if max(left, right) > FARTHEST_EDGE_DEG:
        unmeasured: Unmeasured | None = Unmeasured.TOO_FAR
    elif nearer < NEAREST_EDGE_DEG:
        unmeasured = Unmeasured.NOT_FOLLOWED
    else:
        unmeasured = Unmeasured.UNSTEADY if wander > MOST_WANDER * nearer else None
    screen = None if unmeasured is not None else ScreenZone(_limit(left, wander), _limit(right, wander))
    return GazeCalibration(looks, screen, unmeasured, left, right, wander)


def screen_in(ended: Mapping[str, Any]) -> ScreenZone | None:
    """The own screen that the payload of a check's end tells of; None where it tells of none."""
    result = ended.get("result")
    if ended.get("outcome") != GuidedOutcome.MEASURED.value or not isinstance(result, Mapping):
        return None
    left, right = result.get("left_deg"), result.get("right_deg")
    return ScreenZone(float(left), float(right)) if left is not None and right is not None else None


def _seen(dot: Dot, samples: Sequence[FaceSample]) -> list[float]:
    since = dot.start + EYES_SETTLED
    return [each.look.left_deg for each in samples if each.look is not None and since <= each.at < dot.end]


def _is_enough(visits: Sequence[Sequence[float]]) -> bool:
    return all(len(visit) >= LEAST_OF_VISIT for visit in visits) and len(_all(visits)) >= LEAST_OF_PLACE


def _all(visits: Sequence[Sequence[float]]) -> list[float]:
    return [look for visit in visits for look in visit]


def _wander(visits: Sequence[Sequence[float]]) -> float:
    """The larger of how far single looks are from their visit's median, and half of what two visits differ by."""
    middles = [median(visit) for visit in visits]
    apart = [abs(look - middle) for visit, middle in zip(visits, middles, strict=True) for look in visit]
    return max(median(apart), (max(middles) - min(middles)) / 2)


def _limit(edge_deg: float, wander_deg: float) -> float:
    limit_deg = edge_deg + max(LEAST_MARGIN_DEG, MARGIN_OVER_WANDER * wander_deg)
    return round(min(WIDEST_DEG, max(NARROWEST_DEG, limit_deg)), 1)
