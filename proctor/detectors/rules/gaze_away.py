"""The candidate looks past the screen, with head and eyes together."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, ClassVar, Final

from pydantic import Field

from proctor.detectors.rule import Dwell, HowSoon, Noticed, Reading, SampledConfig, SampledRule
from proctor.detectors.wording import duration, fill, number, percent, seconds, sentences
from proctor.domain.media import TrackKind
from proctor.domain.observations import LinkObserved, Observation, PeopleObserved, ScreenZone, Tick, TrackRested
from proctor.domain.policy import DetectorConfig
from proctor.domain.signals import Severity, SignalKind, Why
from proctor.domain.text import Text

_WHERE: Final[Mapping[str, Text]] = MappingProxyType(
    {
        "look_left_deg": Text(
            kk="экраннан өзінің сол жағына қарай", ru="мимо экрана, влево от себя", en="past the screen to the own left"
        ),
        "look_right_deg": Text(
            kk="экраннан өзінің оң жағына қарай",
            ru="мимо экрана, вправо от себя",
            en="past the screen to the own right",
        ),
        "look_up_deg": Text(kk="экраннан жоғары", ru="выше экрана", en="above the screen"),
        "look_down_deg": Text(kk="экраннан төмен", ru="ниже экрана", en="below the screen"),
    }
)
_TEXT: Final = Text(
    kk=(
        "Білім алушы {held} бойы {where} қарады: әдеттегі көзқарасынан {value} градус ауытқыған (басы мен көзі бірге). "
        "Ауытқу {threshold} градустан асып, {dwell} секундтың кемінде {share} % бойы созылса, белгіленеді."
    ),
    ru=(
        "Обучающийся {held} смотрел {where}: на {value}° в сторону от своего обычного взгляда (голова и глаза вместе). "
        "Отмечается, если отклонение больше {threshold}° не менее {share} % времени за {dwell} с."
    ),
    en=(
        "The candidate looked {where} for {held}: {value}° off the candidate's own usual look, head and eyes together. "
        "Noted when it is more than {threshold}° off for at least {share} % of {dwell} s."
    ),
)
_OWN_SCREEN: Final = Text(
    kk="Шек білім алушының өз экраны бойынша алынған: емтихан басында ол экран шеттеріндегі нүктелерге қараған.",
    ru="Предел взят по собственному экрану обучающегося: в начале экзамена он смотрел на точки по краям экрана.",
    en="The limit is that of the candidate's own screen, from looking at dots on its edges when the exam began.",
)
_USUAL: Final = Text(
    kk="Шек жалпыға бірдей: бұл бағыт үшін білім алушының өз экраны өлшенбеген.",
    ru="Предел общий для всех: в этом направлении собственный экран обучающегося не измерен.",
    en="The limit is the same for everybody: this candidate's own screen was not measured in that direction.",
)


class GazeAwayConfig(SampledConfig):
    """`gaze_away`: the candidate looks past the screen."""

    severity: HowSoon = Severity.INFO
    dwell_s: Dwell = 3.0
    side_deg: Annotated[
        float,
        Field(
            gt=0,
            le=90,
            description="Look to either side, in degrees from the usual look, that leaves the screen. Where the "
            "candidate's gaze was calibrated (`steps.gaze_calibration`), the limits of the own screen hold instead.",
        ),
    ] = 15.0
    up_deg: Annotated[
        float, Field(gt=0, le=90, description="Look upward, in degrees from the usual look, that leaves the screen.")
    ] = 20.0
    down_deg: Annotated[
        float,
        Field(
            gt=0,
            le=90,
            description="Look downward, in degrees from the usual look, that leaves the screen; wide enough for the "
            "keyboard.",
        ),
    ] = 30.0
    share: Annotated[
        float,
        Field(gt=0, le=1, description="Share of the measured pictures since the onset that must show the look aside."),
    ] = 0.8


class GazeAway(SampledRule[GazeAwayConfig]):
    """Notices a look past the screen, by whichever angle is furthest beyond its threshold.

    It is only for information by default: on the little data at hand it also noticed people who did nothing, and eyes
    wander while one thinks. Angles are those from the candidate's own zero. Where eyes cannot be seen, or no zero is
    known yet, the picture cannot tell: it neither holds nor clears. Where the gaze was calibrated, the limits to the
    sides are those of the candidate's own screen. Confidence: mean score of the face.
    """

    id: ClassVar = SignalKind.GAZE_AWAY
    version: ClassVar = "2"
    consumes: ClassVar = (PeopleObserved, LinkObserved, Tick, TrackRested)
    config_type: ClassVar[type[DetectorConfig]] = GazeAwayConfig

    def __init__(self, config: GazeAwayConfig) -> None:
        super().__init__(config, share=config.share)
        self._screen: ScreenZone | None = None

    def judge(self, observation: Observation) -> Reading | None:
        """Compare the candidate's look with the thresholds."""
        if not isinstance(observation, PeopleObserved) or observation.track is not TrackKind.CAMERA:
            return None
        face = observation.faces[0] if observation.faces else None
        if face is None or face.gaze_angles is None:
            return None
        look = face.gaze_angles
        # A calibration comes with `TrackRested`, which ends what is open, so one signal has one screen.
        self._screen = None if observation.zero is None else observation.zero.screen
        angles = {
            "look_left_deg": look.left_deg,
            "look_right_deg": -look.left_deg,
            "look_up_deg": look.up_deg,
            "look_down_deg": -look.up_deg,
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
            _TEXT,
            where=_WHERE[aspect],
            held=duration(noticed.held_s),
            value=number(value),
            threshold=number(threshold, 1),
            share=percent(self.config.share),
            dwell=seconds(self.config.dwell_s),
        )
        limit = _OWN_SCREEN if self._own_limit(aspect) is not None else _USUAL
        crossing = self.crossing(aspect, value, threshold, "deg")
        return Why(sentences(text, limit), crossing, noticed.model)

    def _own_limit(self, aspect: str) -> float | None:
        """The limit of the own screen, where it was measured in that direction."""
        if self._screen is None:
            return None
        return {"look_left_deg": self._screen.left_deg, "look_right_deg": self._screen.right_deg}.get(aspect)

    def _threshold(self, aspect: str) -> float:
        own = self._own_limit(aspect)
        if own is not None:
            return own
        if aspect == "look_up_deg":
            return self.config.up_deg
        return self.config.down_deg if aspect == "look_down_deg" else self.config.side_deg
