"""No face is to be seen in the camera picture."""

from __future__ import annotations

from collections import deque
from typing import Annotated, ClassVar, Final

from pydantic import Field

from proctor.detectors.rule import Dwell, HowSoon, Noticed, Reading, SampledConfig, SampledRule
from proctor.detectors.wording import duration, fill, number, percent, seconds, sentences
from proctor.domain.media import TrackKind
from proctor.domain.observations import BodyObserved, LinkObserved, Observation, PeopleObserved, Tick, TrackRested
from proctor.domain.policy import DetectorConfig
from proctor.domain.signals import Severity, SignalKind, Why
from proctor.domain.text import Text
from proctor.domain.time import MediaTime

_TEXT = Text(
    kk=(
        "Камера кадрында {held} бойы бет көрінбеді: ең жоғары сенімділік {value} %, шегі {threshold} %. "
        "{dwell} секундқа созылса, белгіленеді."
    ),
    ru=(
        "В кадре камеры {held} не было видно лица: наибольшая уверенность {value} %, порог {threshold} %. "
        "Отмечается, если длится {dwell} с."
    ),
    en=(
        "No face was visible to the camera for {held}: highest certainty {value} %, threshold {threshold} %. "
        "Noted when it lasts {dwell} s."
    ),
)


_LOOKED: Final = Text(
    kk="Осы уақытта дене {looks} рет ізделіп, {seen} рет көрінді.",
    ru="За это время тело искали {looks} раз и видели {seen} раз.",
    en="Meanwhile a body was looked for {looks} times and seen {seen} times.",
)
_IS_HIDDEN: Final = Text(
    kk="Орын бос болған жоқ: бет жасырын не теріс қаратылған.",
    ru="Место не пустовало: лицо было скрыто или отвёрнуто.",
    en="The seat was not empty: the face was hidden or averted.",
)
_IS_EMPTY: Final = Text(
    kk="Орын бос болған сияқты.", ru="Место, видимо, пустовало.", en="The seat seems to have been empty."
)
REMEMBERED_LOOKS: Final = 600
"""Looks for bodies that an explanation can go back over."""


class FaceAbsentConfig(SampledConfig):
    """`face_absent`: no face is to be seen in the camera picture."""

    severity: HowSoon = Severity.MEDIUM
    dwell_s: Dwell = 3.0
    face_score: Annotated[
        float,
        Field(ge=0, le=1, description="Score that the face model must reach for a face to count as seen."),
    ] = 0.6


class FaceAbsent(SampledRule[FaceAbsentConfig]):
    """Notices that no face is in the camera picture.

    Whether a body was seen meanwhile decides nothing here but is told: a head on the desk is no empty chair.
    Confidence: 1 minus the mean of the best score of any face that stayed below the threshold.
    """

    id: ClassVar = SignalKind.FACE_ABSENT
    version: ClassVar = "2"
    consumes: ClassVar = (PeopleObserved, BodyObserved, LinkObserved, Tick, TrackRested)
    config_type: ClassVar[type[DetectorConfig]] = FaceAbsentConfig

    def __init__(self, config: FaceAbsentConfig) -> None:
        super().__init__(config)
        self._looks: deque[tuple[MediaTime, bool]] = deque(maxlen=REMEMBERED_LOOKS)

    def judge(self, observation: Observation) -> Reading | None:
        """Compare the best face score of a camera picture with the threshold."""
        if isinstance(observation, BodyObserved) and observation.track is TrackKind.CAMERA:
            self._looks.append((observation.at, bool(observation.bodies)))
            return None
        if not isinstance(observation, PeopleObserved) or observation.track is not TrackKind.CAMERA:
            return None
        best = max((face.score for face in observation.faces), default=0.0)
        holds = best < self.config.face_score
        return Reading(observation.at, holds, value=best, confidence=1.0 - best, model=observation.model)

    def explain(self, noticed: Noticed) -> Why:
        """State the best score among the pictures."""
        best = max(reading.value for reading in noticed.readings)
        text = fill(
            _TEXT,
            held=duration(noticed.held_s),
            value=percent(best),
            threshold=percent(self.config.face_score),
            dwell=seconds(self.config.dwell_s),
        )
        text = sentences(text, *self._bodies_between(noticed))
        return Why(text, self.crossing("face_score", best, self.config.face_score), noticed.model)

    def _bodies_between(self, noticed: Noticed) -> list[Text]:
        """What the looks for a body found meanwhile; nothing where nobody looked."""
        end = noticed.noticed if noticed.end is None else noticed.end
        seen = [found for at, found in self._looks if noticed.start <= at < end]
        if not seen:
            return []
        texts = [fill(_LOOKED, looks=number(len(seen)), seen=number(sum(seen)))]
        if all(seen) or not any(seen):
            texts.append(_IS_HIDDEN if seen[0] else _IS_EMPTY)
        return texts
