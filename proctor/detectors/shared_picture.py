"""What pictures show of the shared screen: nothing, or something of other proportions than at the start."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import ClassVar, Final

from proctor.detectors.rule import Noticed, Reading, SampledConfig, SampledRule
from proctor.detectors.wording import duration, fill, number, percent, seconds
from proctor.domain.observations import LinkObserved, Observation, ScreenObserved, Tick
from proctor.domain.policy import DetectorConfig
from proctor.domain.signals import Signal, SignalKind, Why
from proctor.domain.text import Text
from proctor.domain.time import MediaTime

VERSION: Final = "2"
"""Of the whole rule."""
_BLANK: Final = "blank_share"
_REPLACED: Final = "proportions"
_TEXTS: Final[Mapping[str, Text]] = MappingProxyType(
    {
        _BLANK: Text(
            kk=(
                "Көрсетілген экран {held} бойы бос болды: кескіннің {value} %-ы бір түсті, шегі {threshold} %. "
                "{dwell} секундқа созылса, белгіленеді."
            ),
            ru=(
                "Показываемый экран {held} был пустым: {value} % изображения одного цвета, порог {threshold} %. "
                "Отмечается, если длится {dwell} с."
            ),
            en=(
                "The shared screen was blank for {held}: {value} % of the picture had one colour, threshold "
                "{threshold} %. Noted when it lasts {dwell} s."
            ),
        ),
        _REPLACED: Text(
            kk=(
                "{held} бойы басқа бет көрсетілді: кескін пішіні бастапқыдан {value} %-ға өзгеше, шегі {threshold} %. "
                "{dwell} секундқа созылса, белгіленеді."
            ),
            ru=(
                "{held} показывалось другое: стороны изображения отличаются от начальных на {value} %, порог "
                "{threshold} %. Отмечается, если длится {dwell} с."
            ),
            en=(
                "Something else was shared for {held}: the proportions of the picture differ from those at the "
                "start by {value} %, threshold {threshold} %. Noted when it lasts {dwell} s."
            ),
        ),
    }
)


class SharedPicture(SampledRule[SampledConfig]):
    """A part of `screen_share_stopped`: judges the pictures of one share; a new one may have other proportions."""

    id: ClassVar = SignalKind.SCREEN_SHARE_STOPPED
    version: ClassVar = VERSION
    consumes: ClassVar = (ScreenObserved, LinkObserved, Tick)
    config_type: ClassVar[type[DetectorConfig]] = SampledConfig

    def __init__(self, config: SampledConfig, blank_share: float, proportions: float) -> None:
        super().__init__(config)
        self._thresholds = {_BLANK: blank_share, _REPLACED: proportions}
        self._is_shared = True
        self._proportions: float | None = None

    def shares(self, *, is_shared: bool) -> list[Signal]:
        """Sharing starts anew, or stops; what was noticed of the former share ends."""
        self._is_shared = is_shared
        self._proportions = None
        return self._marked(self.signals_of(self.interval.forget()))

    def update(self, observation: Observation) -> list[Signal]:
        """Take one observation; return the signals that it opened or closed."""
        return self._marked(super().update(observation))

    def finish(self, at: MediaTime) -> list[Signal]:
        """The sitting ended at `at`: close what is open."""
        return self._marked(super().finish(at))

    def judge(self, observation: Observation) -> Reading | None:
        """Compare one picture with both thresholds."""
        if not isinstance(observation, ScreenObserved) or not self._is_shared:
            return None
        proportions = observation.width_px / observation.height_px
        if self._proportions is None:
            self._proportions = proportions
        apart = abs(proportions / self._proportions - 1)
        is_replaced = apart > self._thresholds[_REPLACED]
        is_blank = observation.blank_share >= self._thresholds[_BLANK]
        return Reading(
            observation.at,
            holds=is_blank or is_replaced,
            value=observation.blank_share if is_blank else apart,
            aspect=_BLANK if is_blank else _REPLACED,
        )

    def explain(self, noticed: Noticed) -> Why:
        """State the measure that crossed in most of the pictures."""
        aspect, threshold = noticed.aspect, self._thresholds[noticed.aspect]
        text = fill(
            _TEXTS[aspect],
            held=duration(noticed.held_s),
            value=percent(noticed.value),
            threshold=number(100 * threshold, 1),
            dwell=seconds(self.config.dwell_s),
        )
        return Why(text, self.crossing(aspect, noticed.value, threshold), None)

    @staticmethod
    def _marked(signals: list[Signal]) -> list[Signal]:
        """Keep the ids apart from those of a stopped share that begins in the same instant."""
        return [replace(signal, signal_id=f"{signal.signal_id}:picture") for signal in signals]
