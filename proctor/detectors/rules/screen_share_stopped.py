"""The screen is no longer shared, or nothing of it is to be seen any more."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from proctor.detectors.rule import Dwell, HowSoon, SampledConfig, StateConfig, StateRule, UnknownAfter
from proctor.detectors.shared_picture import VERSION, SharedPicture
from proctor.domain.media import ClientEventKind, TrackKind
from proctor.domain.observations import ClientObserved, LinkObserved, Observation, ScreenObserved, Tick
from proctor.domain.policy import DetectorConfig
from proctor.domain.signals import Severity, Signal, SignalKind
from proctor.domain.text import Text
from proctor.domain.time import MediaTime


class ScreenShareStoppedConfig(StateConfig):
    """`screen_share_stopped`: the screen is no longer shared, or the share is blank or of something else.

    Pictures of documents, code, white pages with a line of text and desktops with a task bar leave at least 1 % of the
    picture in another brightness; a locked, switched-off or covered screen leaves none.
    """

    severity: HowSoon = Severity.HIGH
    dwell_s: Dwell = 1.0
    blank_share: Annotated[
        float,
        Field(
            ge=0.9, le=1, description="Share of the screen's picture, 0 to 1, in one brightness from which it is blank."
        ),
    ] = 0.998
    proportions: Annotated[
        float,
        Field(
            ge=0.01,
            le=1,
            description="Change of width to height, as a share of that at the start of sharing, from which something "
            "else is shared.",
        ),
    ] = 0.05
    picture_dwell_s: Annotated[
        float, Field(ge=0, le=600, description="Seconds that a blank or other picture must last before it is noted.")
    ] = 8.0
    picture_unknown_after_s: UnknownAfter = 12.0


class ScreenShareStopped(StateRule[ScreenShareStoppedConfig]):
    """Notices that the browser stopped sharing the screen, and that what it shares is blank or something else.

    Confidence: 1, these are reported facts and plain measurements.
    """

    id: ClassVar = SignalKind.SCREEN_SHARE_STOPPED
    version: ClassVar = VERSION
    consumes: ClassVar = (ClientObserved, ScreenObserved, LinkObserved, Tick)
    config_type: ClassVar[type[DetectorConfig]] = ScreenShareStoppedConfig
    text: ClassVar = Text(
        kk="Экран көрсетілімі {value} бойы тоқтап тұрды. {threshold} секундтан бастап белгіленеді.",
        ru="Показ экрана был остановлен {value}. Отмечается от {threshold} с.",
        en="The screen was not being shared for {value}. Noted from {threshold} s.",
    )

    def __init__(self, config: ScreenShareStoppedConfig) -> None:
        super().__init__(config)
        pictures = SampledConfig(
            severity=config.severity,
            dwell_s=config.picture_dwell_s,
            unknown_after_s=config.picture_unknown_after_s,
        )
        self._picture = SharedPicture(pictures, config.blank_share, config.proportions)

    def update(self, observation: Observation) -> list[Signal]:
        """Take one observation; return the signals that it opened or closed."""
        state = self.state(observation)
        signals = [] if state is None else self._picture.shares(is_shared=not state)
        if self.ends_knowledge(observation):
            signals += self._picture.shares(is_shared=True)
        if not isinstance(observation, LinkObserved):
            signals += super().update(observation)
        return signals + self._picture.update(observation)

    def finish(self, at: MediaTime) -> list[Signal]:
        """The sitting ended at `at`: close what is open."""
        return super().finish(at) + self._picture.finish(at)

    def state(self, observation: Observation) -> bool | None:
        """Whether sharing stopped or started again."""
        if not isinstance(observation, ClientObserved):
            return None
        match observation.event.kind:
            case ClientEventKind.SCREEN_SHARE_STOPPED:
                return True
            case ClientEventKind.TRACK_ENDED if observation.event.detail.get("track") == TrackKind.SCREEN:
                return True
            case ClientEventKind.SCREEN_SHARE_STARTED:
                return False
            case _:
                return None

    def ends_knowledge(self, observation: Observation) -> bool:
        """Whether the page is going away; the next one reports its own state."""
        return isinstance(observation, ClientObserved) and observation.event.kind is ClientEventKind.PAGE_CLOSING
