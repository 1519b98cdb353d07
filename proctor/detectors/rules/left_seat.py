"""The candidate was in the seat and is not there any more: gone from the picture, or standing, or elsewhere in it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, ClassVar, Final

from pydantic import Field

from proctor.detectors.rule import Dwell, HowSoon, Noticed, Reading, SampledConfig, SampledRule
from proctor.detectors.usual_place import UsualPlace, place_of
from proctor.detectors.wording import duration, fill, number, percent, seconds
from proctor.domain.media import TrackKind
from proctor.domain.observations import BodyObserved, LinkObserved, Observation, PeopleObserved, Tick, TrackRested
from proctor.domain.policy import DetectorConfig
from proctor.domain.signals import Severity, Signal, SignalKind, Why
from proctor.domain.text import Text

_MOVED: Final = "head_shift_widths"
_GONE: Final = "body_score"
_TEXTS: Final[Mapping[str, Text]] = MappingProxyType(
    {
        _MOVED: Text(
            kk=(
                "Білім алушының басы {held} бойы отырған орнынан бет енінен {value} есе алыс жерде болды. "
                "Ара қашықтық {threshold} еседен асып, {dwell} секундқа созылса, белгіленеді."
            ),
            ru=(
                "Голова обучающегося {held} была далеко от места, где он сидел: на {value} ширины лица. "
                "Отмечается, если больше {threshold} ширины лица и длится {dwell} с."
            ),
            en=(
                "For {held} the candidate's head was {value} face widths away from where it had been in the seat. "
                "Noted when it is more than {threshold} face widths away and that lasts {dwell} s."
            ),
        ),
        _GONE: Text(
            kk=(
                "Білім алушы орнында отырған еді, бірақ {held} бойы кадрда беті де, денесі де болмады: дененің "
                "сенімділігі {value} %, шегі {threshold} %. {dwell} секундқа созылса, белгіленеді."
            ),
            ru=(
                "Обучающийся сидел на месте, но {held} в кадре не было ни его лица, ни тела: уверенность для тела "
                "{value} %, порог {threshold} %. Отмечается, если длится {dwell} с."
            ),
            en=(
                "The candidate had been in the seat, but neither face nor body was in the picture for {held}: "
                "certainty of a body {value} %, threshold {threshold} %. Noted when it lasts {dwell} s."
            ),
        ),
    }
)


class LeftSeatConfig(SampledConfig):
    """`left_seat`: the candidate was in the seat and is not there any more."""

    severity: HowSoon = Severity.MEDIUM
    dwell_s: Dwell = 4.0
    release_s: Annotated[
        float, Field(ge=0, le=600, description="Seconds that the condition must be over before the interval ends.")
    ] = 2.0
    unknown_after_s: Annotated[
        float,
        Field(
            ge=2, le=600, description="Seconds without a usable measurement after which nothing is assumed any more."
        ),
    ] = 10.0
    shift_widths: Annotated[
        float, Field(gt=0, le=10, description="Distance of the head from its usual place, in face widths.")
    ] = 1.5
    body_score: Annotated[
        float, Field(gt=0, le=1, description="Certainty that the body model must reach for a body to count as seen.")
    ] = 0.5


class LeftSeat(SampledRule[LeftSeatConfig]):
    """Notices that the candidate got up or went away, once there is a usual place to be away from.

    A face hidden behind a hand, or a head turned to the wall, keeps its body in the seat and is left alone. Confidence:
    mean score of the face or body that was elsewhere; 1 minus the best certainty of a body where nobody was.
    """

    id: ClassVar = SignalKind.LEFT_SEAT
    version: ClassVar = "1"
    consumes: ClassVar = (PeopleObserved, BodyObserved, LinkObserved, Tick, TrackRested)
    config_type: ClassVar[type[DetectorConfig]] = LeftSeatConfig

    def __init__(self, config: LeftSeatConfig) -> None:
        super().__init__(config)
        self._usual = UsualPlace()

    def judge(self, observation: Observation) -> Reading | None:
        """Compare where head or body is with the usual place."""
        if isinstance(observation, PeopleObserved) and observation.track is TrackKind.CAMERA:
            return self._of_face(observation)
        if isinstance(observation, BodyObserved) and observation.track is TrackKind.CAMERA:
            return self._of_body(observation)
        return None

    def rest(self, track: TrackKind) -> list[Signal]:
        """Forget the usual place besides: camera and chair may stand elsewhere afterwards."""
        if track is TrackKind.CAMERA:
            self._usual = UsualPlace()
        return super().rest(track)

    def explain(self, noticed: Noticed) -> Why:
        """State the distance, or the best certainty of a body, whichever most of the looks show."""
        aspect, value = noticed.aspect, noticed.value
        is_gone = aspect == _GONE
        threshold = self.config.body_score if is_gone else self.config.shift_widths
        text = fill(
            _TEXTS[aspect],
            held=duration(noticed.held_s),
            value=percent(value) if is_gone else number(value, 1),
            threshold=percent(threshold) if is_gone else number(threshold, 2),
            dwell=seconds(self.config.dwell_s),
        )
        return Why(text, self.crossing(aspect, value, threshold), noticed.model)

    def _of_face(self, seen: PeopleObserved) -> Reading | None:
        usual = self._usual.known()
        self._usual.observe(seen)
        if usual is None or not seen.faces:
            return None
        nearest = min(seen.faces, key=lambda face: usual.shift(place_of(face.box).x, place_of(face.box).y))
        place = place_of(nearest.box)
        return self._moved(seen, usual.shift(place.x, place.y), nearest.score)

    def _of_body(self, seen: BodyObserved) -> Reading | None:
        usual = self._usual.known()
        if usual is None or seen.faces > 0:
            return None
        bodies = [body for body in seen.bodies if body.score >= self.config.body_score]
        if not bodies:
            best = max((body.score for body in seen.bodies), default=0.0)
            return Reading(seen.at, holds=True, value=best, confidence=1.0 - best, model=seen.model, aspect=_GONE)
        nearest = min(bodies, key=lambda body: usual.shift(*body.head))
        return self._moved(seen, usual.shift(*nearest.head), nearest.score)

    def _moved(self, seen: PeopleObserved | BodyObserved, shift: float, score: float) -> Reading:
        holds = shift > self.config.shift_widths
        return Reading(seen.at, holds, value=shift, confidence=score, model=seen.model, aspect=_MOVED)
