"""The candidate leans out of the usual place: to a side, toward the camera or back."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, ClassVar, Final

from pydantic import Field

from proctor.detectors.rule import Dwell, HowSoon, Noticed, Reading, SampledConfig, SampledRule
from proctor.detectors.usual_place import UsualPlace, place_of
from proctor.detectors.wording import duration, fill, number, seconds
from proctor.domain.media import TrackKind
from proctor.domain.observations import LinkObserved, Observation, PeopleObserved, Tick, TrackRested
from proctor.domain.policy import DetectorConfig
from proctor.domain.signals import Severity, Signal, SignalKind, Why
from proctor.domain.text import Text

_TEXTS: Final[Mapping[str, Text]] = MappingProxyType(
    {
        "shift_widths": Text(
            kk=(
                "Білім алушының басы {held} бойы әдеттегі орнынан бет енінен {value} есе қашықтыққа ауытқып тұрды. "
                "Ауытқу {threshold} еседен асып, {dwell} секундқа созылса, белгіленеді."
            ),
            ru=(
                "Голова обучающегося {held} была в стороне от обычного места: на {value} ширины лица. "
                "Отмечается, если сдвиг больше {threshold} ширины лица и длится {dwell} с."
            ),
            en=(
                "The candidate's head was {value} face widths away from its usual place for {held}. "
                "Noted when it is more than {threshold} face widths away and that lasts {dwell} s."
            ),
        ),
        "nearer_times": Text(
            kk=(
                "Білім алушының беті {held} бойы камераға әдеттегіден {value} есе жақын болды. "
                "{threshold} еседен асып, {dwell} секундқа созылса, белгіленеді."
            ),
            ru=(
                "Лицо обучающегося {held} было к камере ближе обычного: крупнее в {value} раза. "
                "Отмечается, если крупнее более чем в {threshold} раза и длится {dwell} с."
            ),
            en=(
                "The candidate's face was nearer to the camera than usual for {held}: {value} times as large. "
                "Noted when it is more than {threshold} times as large and that lasts {dwell} s."
            ),
        ),
        "farther_times": Text(
            kk=(
                "Білім алушының беті {held} бойы камерадан әдеттегіден {value} есе алыс болды. "
                "{threshold} еседен асып, {dwell} секундқа созылса, белгіленеді."
            ),
            ru=(
                "Лицо обучающегося {held} было от камеры дальше обычного: мельче в {value} раза. "
                "Отмечается, если мельче более чем в {threshold} раза и длится {dwell} с."
            ),
            en=(
                "The candidate's face was farther from the camera than usual for {held}: {value} times smaller. "
                "Noted when it is more than {threshold} times smaller and that lasts {dwell} s."
            ),
        ),
    }
)


class LeaningConfig(SampledConfig):
    """`leaning`: the candidate leans out of the usual place."""

    severity: HowSoon = Severity.INFO
    dwell_s: Dwell = 6.0
    shift_widths: Annotated[
        float, Field(gt=0, le=10, description="Distance of the face from its usual place, in face widths.")
    ] = 0.9
    nearer_times: Annotated[
        float, Field(gt=1, le=10, description="How many times its usual width the face must exceed to count as nearer.")
    ] = 1.6
    farther_times: Annotated[
        float,
        Field(gt=1, le=10, description="How many times smaller than usual the face must be to count as farther away."),
    ] = 1.7


class Leaning(SampledRule[LeaningConfig]):
    """Notices a face away from its usual place, by whichever measure exceeds its threshold most.

    The usual place is the median of the last two minutes, so sitting differently for good is noticed once at most.
    Confidence: mean score of the face.
    """

    id: ClassVar = SignalKind.LEANING
    version: ClassVar = "1"
    consumes: ClassVar = (PeopleObserved, LinkObserved, Tick, TrackRested)
    config_type: ClassVar[type[DetectorConfig]] = LeaningConfig

    def __init__(self, config: LeaningConfig) -> None:
        super().__init__(config)
        self._usual = UsualPlace()

    def judge(self, observation: Observation) -> Reading | None:
        """Compare place and size of the only face with the usual ones."""
        if not isinstance(observation, PeopleObserved) or observation.track is not TrackKind.CAMERA:
            return None
        usual = self._usual.known()
        self._usual.observe(observation)
        if usual is None or observation.people != 1 or len(observation.faces) != 1:
            return None
        face = observation.faces[0]
        place = place_of(face.box)
        measures = {
            "shift_widths": usual.shift(place.x, place.y),
            "nearer_times": place.width / max(usual.width, 1.0),
            "farther_times": usual.width / max(place.width, 1.0),
        }
        aspect = max(measures, key=lambda name: measures[name] / self._threshold(name))
        return Reading(
            observation.at,
            holds=measures[aspect] > self._threshold(aspect),
            value=measures[aspect],
            confidence=face.score,
            model=observation.model,
            aspect=aspect,
        )

    def rest(self, track: TrackKind) -> list[Signal]:
        """Forget the usual place besides: camera and chair may stand elsewhere afterwards."""
        if track is TrackKind.CAMERA:
            self._usual = UsualPlace()
        return super().rest(track)

    def explain(self, noticed: Noticed) -> Why:
        """State the median of the measure that most of the pictures show."""
        aspect, value = noticed.aspect, noticed.value
        threshold = self._threshold(aspect)
        text = fill(
            _TEXTS[aspect],
            held=duration(noticed.held_s),
            value=number(value, 1),
            threshold=number(threshold, 2),
            dwell=seconds(self.config.dwell_s),
        )
        return Why(text, self.crossing(aspect, value, threshold), noticed.model)

    def _threshold(self, aspect: str) -> float:
        if aspect == "shift_widths":
            return self.config.shift_widths
        return self.config.nearer_times if aspect == "nearer_times" else self.config.farther_times
