"""The candidate's head is turned away from the screen."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, ClassVar, Final

from pydantic import Field

from proctor.detectors.rule import Dwell, HowSoon, Noticed, Reading, SampledConfig, SampledRule
from proctor.detectors.wording import duration, fill, number, seconds, sentences
from proctor.domain.media import TrackKind
from proctor.domain.observations import LinkObserved, Observation, PeopleObserved, Tick, TrackRested
from proctor.domain.policy import DetectorConfig
from proctor.domain.signals import Severity, SignalKind, Why
from proctor.domain.text import Text

_TEXTS: Final[Mapping[str, Text]] = MappingProxyType(
    {
        "yaw_left_deg": Text(
            kk=(
                "Білім алушының басы {held} бойы өзінің сол жағына {value} градусқа бұрылып тұрды. "
                "Бұрылу {threshold} градустан асып, {dwell} секундқа созылса, белгіленеді."
            ),
            ru=(
                "Голова обучающегося {held} была повёрнута влево от него самого на {value}°. "
                "Отмечается, если поворот больше {threshold}° и длится {dwell} с."
            ),
            en=(
                "The candidate's head was turned to the candidate's own left by {value}° for {held}. "
                "Noted when the turn exceeds {threshold}° and lasts {dwell} s."
            ),
        ),
        "yaw_right_deg": Text(
            kk=(
                "Білім алушының басы {held} бойы өзінің оң жағына {value} градусқа бұрылып тұрды. "
                "Бұрылу {threshold} градустан асып, {dwell} секундқа созылса, белгіленеді."
            ),
            ru=(
                "Голова обучающегося {held} была повёрнута вправо от него самого на {value}°. "
                "Отмечается, если поворот больше {threshold}° и длится {dwell} с."
            ),
            en=(
                "The candidate's head was turned to the candidate's own right by {value}° for {held}. "
                "Noted when the turn exceeds {threshold}° and lasts {dwell} s."
            ),
        ),
        "pitch_up_deg": Text(
            kk=(
                "Білім алушының басы {held} бойы жоғары қарай {value} градусқа көтеріліп тұрды. "
                "Көтерілуі {threshold} градустан асып, {dwell} секундқа созылса, белгіленеді."
            ),
            ru=(
                "Голова обучающегося {held} была поднята на {value}°. "
                "Отмечается, если подъём больше {threshold}° и длится {dwell} с."
            ),
            en=(
                "The candidate's head was raised by {value}° for {held}. "
                "Noted when it is raised by more than {threshold}° and that lasts {dwell} s."
            ),
        ),
        "pitch_down_deg": Text(
            kk=(
                "Білім алушының басы {held} бойы төмен қарай {value} градусқа еңкейіп тұрды. "
                "Еңкеюі {threshold} градустан асып, {dwell} секундқа созылса, белгіленеді."
            ),
            ru=(
                "Голова обучающегося {held} была опущена на {value}°. "
                "Отмечается, если наклон больше {threshold}° и длится {dwell} с."
            ),
            en=(
                "The candidate's head was lowered by {value}° for {held}. "
                "Noted when it is lowered by more than {threshold}° and that lasts {dwell} s."
            ),
        ),
    }
)


_FROM_ZERO: Final = Text(
    kk="Бұрыш білім алушының бұл емтихандағы әдеттегі бас қалпынан есептелген.",
    ru="Угол отсчитан от обычного для обучающегося на этом экзамене положения головы.",
    en="The angle is measured from how this candidate usually held the head in this sitting.",
)
_FROM_CAMERA: Final = Text(
    kk="Бұрыш камераға тура қараудан есептелген: әдеттегі бас қалпы әлі белгісіз.",
    ru="Угол отсчитан от взгляда прямо в камеру: обычное положение головы ещё не известно.",
    en="The angle is measured from facing the camera: how the candidate usually holds the head is not known yet.",
)


class HeadTurnedConfig(SampledConfig):
    """`head_turned`: the candidate's head is turned away from the screen."""

    severity: HowSoon = Severity.LOW
    dwell_s: Dwell = 3.0
    yaw_deg: Annotated[
        float, Field(gt=0, le=90, description="Turn to either side, in degrees, beyond which the head is turned.")
    ] = 35.0
    pitch_up_deg: Annotated[
        float, Field(gt=0, le=90, description="Raising of the head, in degrees, beyond which it looks away.")
    ] = 25.0
    pitch_down_deg: Annotated[
        float,
        Field(
            gt=0,
            le=90,
            description="Lowering of the head, in degrees, beyond which it looks away; wide enough for the keyboard.",
        ),
    ] = 35.0


class HeadTurned(SampledRule[HeadTurnedConfig]):
    """Notices that the largest face is turned away, by whichever angle is furthest beyond its threshold.

    Angles are those from the candidate's own zero once it is known, and from facing the camera before. A picture
    without a usable pose cannot tell: no mesh, a turn beyond what it sees, or a mirror image that does not agree with
    it. Confidence: mean score of the face.
    """

    id: ClassVar = SignalKind.HEAD_TURNED
    version: ClassVar = "2"
    consumes: ClassVar = (PeopleObserved, LinkObserved, Tick, TrackRested)
    config_type: ClassVar[type[DetectorConfig]] = HeadTurnedConfig

    def __init__(self, config: HeadTurnedConfig) -> None:
        super().__init__(config)
        self._zero_is_known = False

    def judge(self, observation: Observation) -> Reading | None:
        """Compare the head angles of the candidate's face with their thresholds."""
        if not isinstance(observation, PeopleObserved) or observation.track is not TrackKind.CAMERA:
            return None
        face = observation.faces[0] if observation.faces else None
        if face is None or face.pose is None:
            return None
        zero = observation.zero
        self._zero_is_known = zero is not None
        yaw_deg = face.pose.yaw_deg - (0.0 if zero is None else zero.pose.yaw_deg)
        pitch_deg = face.pose.pitch_deg - (0.0 if zero is None else zero.pose.pitch_deg)
        angles = {
            "yaw_left_deg": yaw_deg,
            "yaw_right_deg": -yaw_deg,
            "pitch_up_deg": pitch_deg,
            "pitch_down_deg": -pitch_deg,
        }
        aspect = max(angles, key=lambda name: angles[name] - self._threshold(name))
        return Reading(
            observation.at,
            holds=angles[aspect] > self._threshold(aspect),
            value=angles[aspect],
            confidence=face.score,
            model=observation.model,
            aspect=aspect,
        )

    def explain(self, noticed: Noticed) -> Why:
        """State the median angle in the direction that most of the pictures show."""
        aspect, value = noticed.aspect, noticed.value
        threshold = self._threshold(aspect)
        text = fill(
            _TEXTS[aspect],
            held=duration(noticed.held_s),
            value=number(value),
            threshold=number(threshold, 1),
            dwell=seconds(self.config.dwell_s),
        )
        text = sentences(text, _FROM_ZERO if self._zero_is_known else _FROM_CAMERA)
        return Why(text, self.crossing(aspect, value, threshold, "deg"), noticed.model)

    def _threshold(self, aspect: str) -> float:
        if aspect == "pitch_up_deg":
            return self.config.pitch_up_deg
        return self.config.pitch_down_deg if aspect == "pitch_down_deg" else self.config.yaw_deg
