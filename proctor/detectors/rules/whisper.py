"""Somebody whispers: speech in which the voice does not sound."""

from __future__ import annotations

from collections.abc import Collection
from statistics import fmean
from typing import Annotated, ClassVar

from pydantic import Field

from proctor.detectors.rule import Noticed
from proctor.detectors.spoken import SpokenConfig, SpokenRule
from proctor.detectors.wording import fill, percent, seconds
from proctor.domain.observations import SoundObserved
from proctor.domain.policy import DetectorConfig
from proctor.domain.signals import SignalKind, Why
from proctor.domain.text import Text

_TEXT = Text(
    kk=(
        "Сөйлеген естілді, бірақ оның {value} пайызында ғана дауыс шықты, сыбырлағанда осылай болады. "
        "Сөйлеу {window} секундтың кемінде {ratio} пайызын алып, дауыс оның {threshold} пайызынан аспаса, белгіленеді."
    ),
    ru=(
        "Звучала речь, но голос был слышен только в {value} % её, как при шёпоте. "
        "Отмечается, если речь занимает не меньше {ratio} % от {window} с, а голос слышен не более чем "
        "в {threshold} % речи."
    ),
    en=(
        "Speech was heard in which the voice sounded for only {value} %, as in whispering. Noted when speech fills at "
        "least {ratio} % of {window} s and the voice sounds in at most {threshold} % of it."
    ),
)


class WhisperConfig(SpokenConfig):
    """`whisper`: somebody speaks without voice."""

    voiced_share: Annotated[
        float, Field(ge=0, lt=1, description="Share of that speech in which the voice may sound at most.")
    ] = 0.3


class Whisper(SpokenRule[WhisperConfig]):
    """Notices speech without voice that fills enough of the last seconds; whispered words among spoken ones do not."""

    id: ClassVar = SignalKind.WHISPER
    version: ClassVar = "1"
    config_type: ClassVar[type[DetectorConfig]] = WhisperConfig
    unspoken: ClassVar = 1.0

    def counts(self, sound: SoundObserved) -> bool:
        """Only speech of which it can be told whether the voice sounds."""
        return sound.voiced_share is not None

    def weigh(self, spoken: Collection[SoundObserved], filled: float) -> tuple[float, bool]:  # noqa: ARG002 - the base asks
        """The mean share of voice."""
        share = fmean(sound.voiced_share for sound in spoken if sound.voiced_share is not None)
        return share, share <= self.config.voiced_share

    def explain(self, noticed: Noticed) -> Why:
        """State the share of voice when it was noticed."""
        text = fill(
            _TEXT,
            window=seconds(self.config.dwell_s),
            ratio=percent(self.config.ratio),
            value=percent(noticed.value),
            threshold=percent(self.config.voiced_share),
        )
        return Why(text, self.crossing("voiced_share", noticed.value, self.config.voiced_share), noticed.model)
