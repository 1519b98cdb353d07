"""Another screen than the candidate's own is to be seen, or a person on a screen."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, ClassVar, Final

from pydantic import Field

from proctor.detectors.object_rule import LeastSize, ObjectConfig, ObjectRule, Score, is_large_enough
from proctor.detectors.rule import HowSoon, Noticed, Reading
from proctor.detectors.wording import fill, number, percent
from proctor.domain.media import TrackKind
from proctor.domain.observations import ObjectSeen, ObjectsObserved
from proctor.domain.policy import DetectorConfig
from proctor.domain.signals import Severity, SignalKind, Why
from proctor.domain.text import Text

_LAPTOP = "laptop"
_SCREENS = frozenset({_LAPTOP, "tv"})
_COUNT = "screens"
_FACE = "faces_on_screen"
_OWN_EDGE: Final = 0.02
"""A box ends at the picture's lower edge when less than this part of the height lies below it."""

_TEXTS: Final[Mapping[str, Text]] = MappingProxyType(
    {
        _COUNT: Text(
            kk=(
                "{place} {held} ішінде көрінген экран саны: {value}; бұл камера үшін шегі {threshold}. Бағасы {score} "
                "пайыздан төмен экрандар саналмайды. Қаралған кадрлардың кемінде {pictures}-інде және {share} "
                "пайызында көрініп, {dwell} секундқа созылса, белгіленеді."
            ),
            ru=(
                "{place} в течение {held} видно экранов: {value}; порог для этой камеры {threshold}. Экраны с оценкой "
                "ниже {score} % не учитываются. Отмечается, если они видны не менее чем на {pictures} просмотренных "
                "снимках и на {share} % из них и это длится {dwell} с."
            ),
            en=(
                "{place} showed {value} screens over {held}; the threshold for this camera is {threshold}. Screens "
                "with a score below {score} % do not count. Noted when at least {pictures} pictures that were looked "
                "through, and {share} % of them, show them and it lasts {dwell} s."
            ),
        ),
        _FACE: Text(
            kk=(
                "{place} {held} ішінде экраннан адамның беті көрінді: беттер саны {value}, бұл камера үшін шегі "
                "{threshold}. Қаралған кадрлардың кемінде {pictures}-інде және {share} пайызында көрініп, "
                "{dwell} секундқа созылса, белгіленеді."
            ),
            ru=(
                "{place} в течение {held} на экране видно лицо человека: лиц {value}, порог для этой камеры "
                "{threshold}. Отмечается, если оно видно не менее чем на {pictures} просмотренных снимках и на "
                "{share} % из них и это длится {dwell} с."
            ),
            en=(
                "{place} showed the face of a person on a screen over {held}: faces {value}, threshold for "
                "this camera {threshold}. Noted when at least {pictures} pictures that were looked through, and "
                "{share} % of them, show it and it lasts {dwell} s."
            ),
        ),
    }
)


class SecondScreenConfig(ObjectConfig):
    """`second_screen`: another screen than the candidate's own is to be seen, or a person on a screen.

    The camera stands above the candidate's own screen and does not see it, so that one screen in its picture is another
    one; a laptop that ends at the picture's lower edge is taken for the candidate's own and left out. The phone films
    from the side and sees the candidate's own screen, which may show the candidate, so that two screens, or two faces
    on screens, count there.
    """

    severity: HowSoon = Severity.MEDIUM
    score: Score = 0.6
    least_size: LeastSize = 0.08
    camera_screens: Annotated[
        int, Field(ge=1, le=10, description="Number of laptops, monitors and televisions in the camera's picture.")
    ] = 1
    phone_screens: Annotated[
        int, Field(ge=1, le=10, description="Number of laptops, monitors and televisions in the phone's picture.")
    ] = 2
    camera_faces: Annotated[
        int, Field(ge=1, le=10, description="Number of faces that screens show in the camera's picture.")
    ] = 1
    phone_faces: Annotated[
        int, Field(ge=1, le=10, description="Number of faces that screens show in the phone's picture.")
    ] = 2


class SecondScreen(ObjectRule[SecondScreenConfig]):
    """Notices screens beyond the candidate's own, and people who are shown by a screen.

    Confidence: score of the screen that makes the number full; for a face on a screen that of the surest screen.
    """

    id: ClassVar = SignalKind.SECOND_SCREEN
    config_type: ClassVar[type[DetectorConfig]] = SecondScreenConfig

    def look(self, observed: ObjectsObserved) -> Reading:
        """Compare the number of faces on screens, then that of screens, with the thresholds."""
        scores = sorted((seen.score for seen in observed.objects if self._counts(seen, observed)), reverse=True)
        if observed.faces_shown >= self._faces_needed(observed.track):
            sure = scores[0] if scores else self.config.score
            return self._reading(observed, _FACE, observed.faces_shown, sure, holds=True)
        needed = self._needed(observed.track)
        holds = len(scores) >= needed
        return self._reading(observed, _COUNT, len(scores), scores[needed - 1] if holds else 0.0, holds=holds)

    def explain(self, noticed: Noticed) -> Why:
        """State the number of faces or screens in most of the pictures."""
        aspect = noticed.aspect
        threshold = self._faces_needed(self.seen_by) if aspect == _FACE else self._needed(self.seen_by)
        text = fill(
            _TEXTS[aspect],
            value=number(noticed.value),
            threshold=number(threshold),
            score=percent(self.config.score),
            **self.conditions(noticed),
        )
        return Why(text, self.crossing(aspect, noticed.value, threshold), noticed.model)

    def _needed(self, track: TrackKind) -> int:
        return self.config.phone_screens if track is TrackKind.PHONE else self.config.camera_screens

    def _faces_needed(self, track: TrackKind) -> int:
        return self.config.phone_faces if track is TrackKind.PHONE else self.config.camera_faces

    def _counts(self, seen: ObjectSeen, observed: ObjectsObserved) -> bool:
        if seen.label not in _SCREENS or seen.score < self.config.score:
            return False
        bottom = seen.box[1] + seen.box[3]
        ends_at_edge = bottom >= (1 - _OWN_EDGE) * observed.height_px
        is_own = observed.track is TrackKind.CAMERA and seen.label == _LAPTOP and ends_at_edge
        return not is_own and is_large_enough(seen, observed, self.config.least_size)

    @staticmethod
    def _reading(observed: ObjectsObserved, aspect: str, value: int, confidence: float, *, holds: bool) -> Reading:
        return Reading(
            observed.at, holds=holds, value=float(value), confidence=confidence, model=observed.model, aspect=aspect
        )
