"""Someone is speaking."""

from __future__ import annotations

from collections.abc import Collection
from typing import ClassVar

from proctor.detectors.rule import Noticed
from proctor.detectors.spoken import SpokenConfig, SpokenRule
from proctor.detectors.wording import fill, percent, seconds
from proctor.domain.observations import SoundObserved
from proctor.domain.policy import DetectorConfig
from proctor.domain.signals import SignalKind, Why
from proctor.domain.text import Text

_TEXT = Text(
    kk=(
        "{window} секундтың {value} пайызында сөйлеген дауыс естілді. "
        "Сөйлеу {window} секундтың кемінде {threshold} пайызын алса, белгіленеді."
    ),
    ru=(
        "Речь звучала {value} % времени за {window} с. "
        "Отмечается, если она занимает не меньше {threshold} % от {window} с."
    ),
    en=("Speech was heard during {value} % of {window} s. Noted when it fills at least {threshold} % of {window} s."),
)


class SpeechConfig(SpokenConfig):
    """`speech`: someone is speaking."""


class Speech(SpokenRule[SpeechConfig]):
    """Notices speech that fills enough of the last seconds, whatever it is like."""

    id: ClassVar = SignalKind.SPEECH
    version: ClassVar = "1"
    config_type: ClassVar[type[DetectorConfig]] = SpeechConfig
    unspoken: ClassVar = 0.0

    def counts(self, sound: SoundObserved) -> bool:  # noqa: ARG002 - all speech counts
        """All speech."""
        return True

    def weigh(self, spoken: Collection[SoundObserved], filled: float) -> tuple[float, bool]:  # noqa: ARG002 - as above
        """The share that speech fills."""
        return min(1.0, filled), True

    def explain(self, noticed: Noticed) -> Why:
        """State the share of speech when it was noticed."""
        text = fill(
            _TEXT,
            window=seconds(self.config.dwell_s),
            value=percent(noticed.value),
            threshold=percent(self.config.ratio),
        )
        return Why(text, self.crossing("speech_ratio", noticed.value, self.config.ratio), noticed.model)
