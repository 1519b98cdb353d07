"""Somebody speaks whose voice is not the candidate's."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from proctor.detectors.rule import HowSoon, Noticed, Reading, SampledConfig, SampledRule
from proctor.detectors.wording import fill, number
from proctor.domain.media import TrackKind
from proctor.domain.observations import LinkObserved, Observation, Tick, TrackRested, VoiceObserved
from proctor.domain.policy import DetectorConfig
from proctor.domain.signals import Severity, SignalKind, Why
from proctor.domain.text import Text
from proctor.domain.time import NS_PER_MS, MediaTime

_TEXT = Text(
    kk=(
        "Емтихан басында естілген дауысқа ұқсамайтын дауыс естілді: ұқсастығы {value}, шегі {threshold}. "
        "Ұзақтығы 2 секундтай {stretches} сөйлеу үзіндісі осындай болса, белгіленеді. Теледидардағы дауыс та "
        "осылай естіледі."
    ),
    ru=(
        "Звучал голос, не похожий на тот, что звучал первым: сходство {value}, порог {threshold}. "
        "Отмечается, если таких отрезков речи примерно по 2 с набралось {stretches}. Голос из телевизора "
        "звучит так же."
    ),
    en=(
        "A voice was heard that is unlike the one that was heard first: similarity {value}, threshold {threshold}. "
        "Noted when {stretches} stretches of speech of about 2 s are like that. A voice from a television sounds "
        "the same."
    ),
)


class SecondVoiceConfig(SampledConfig):
    """`second_voice`: somebody speaks whose voice is not the candidate's."""

    severity: HowSoon = Severity.HIGH
    dwell_s: Annotated[
        float,
        Field(ge=0, le=600, description="Seconds from the first such stretch of speech to the end of the last one."),
    ] = 3.0
    release_s: Annotated[
        float,
        Field(
            ge=0,
            le=600,
            description="Seconds for which only the candidate's voice must have been heard before the interval ends.",
        ),
    ] = 10.0
    unknown_after_s: Annotated[
        float,
        Field(ge=2, le=600, description="Seconds without comparable speech after which nothing is assumed any more."),
    ] = 60.0
    similarity: Annotated[
        float,
        Field(
            ge=-1,
            le=1,
            description="Similarity to the candidate's voice (cosine, -1 to 1) below which a voice counts as another.",
        ),
    ] = 0.65
    stretches: Annotated[
        int, Field(ge=1, le=20, description="Stretches of about 2 s in which another voice must have spoken.")
    ] = 2
    share: Annotated[
        float,
        Field(
            gt=0, le=1, description="Share of the comparable stretches since the first in which it must have spoken."
        ),
    ] = 0.4


class SecondVoice(SampledRule[SecondVoiceConfig]):
    """Notices speech that is unlike the voice that was heard first; candidate and other may take turns.

    Speech that cannot be compared (short, noisy, or before the first voice is known) says nothing.
    Confidence: how far the similarity is below the threshold, as a share of 0.3; at least 0.5.
    """

    id: ClassVar = SignalKind.SECOND_VOICE
    version: ClassVar = "1"
    consumes: ClassVar = (VoiceObserved, LinkObserved, Tick, TrackRested)
    rests_with: ClassVar = TrackKind.MICROPHONE
    config_type: ClassVar[type[DetectorConfig]] = SecondVoiceConfig

    def __init__(self, config: SecondVoiceConfig) -> None:
        super().__init__(config, share=config.share, samples=config.stretches)

    def judge(self, observation: Observation) -> Reading | None:
        """Compare the similarity of one stretch with the threshold."""
        if not isinstance(observation, VoiceObserved) or observation.similarity is None:
            return None
        below = self.config.similarity - observation.similarity
        return Reading(
            observation.at,
            holds=below > 0,
            value=observation.similarity,
            confidence=0.5 + min(0.5, max(0.0, below) / 0.6),
            model=observation.model,
            until=MediaTime(observation.at + observation.duration_ms * NS_PER_MS),
        )

    def explain(self, noticed: Noticed) -> Why:
        """State the median similarity of the stretches."""
        threshold = self.config.similarity
        text = fill(
            _TEXT,
            value=number(noticed.value, 2),
            threshold=number(threshold, 2),
            stretches=self.config.stretches,
        )
        return Why(text, self.crossing("voice_similarity", noticed.value, threshold), noticed.model)
