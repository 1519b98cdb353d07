"""Something was copied, cut or pasted on the exam page."""

from __future__ import annotations

from collections import Counter, deque
from typing import Annotated, ClassVar

from pydantic import Field

from proctor.detectors.interval import HeldInterval
from proctor.detectors.rule import HowSoon, IntervalRule, Noticed, Reading
from proctor.detectors.wording import fill, seconds
from proctor.domain.media import ClientEventKind
from proctor.domain.observations import ClientObserved, Observation, Tick
from proctor.domain.policy import DetectorConfig
from proctor.domain.signals import Crossing, Severity, Signal, SignalKind, Why
from proctor.domain.text import Text
from proctor.domain.time import NS_PER_S, MediaTime

_TEXT = Text(
    kk=(
        "Емтихан парақшасында алмасу буфері қолданылды: көшіру — {copied}, қиып алу — {cut}, қою — {pasted}, барлығы "
        "{value}. {window} секунд ішінде {threshold} әрекеттен бастап белгіленеді. Буфердің мазмұны оқылмайды."
    ),
    ru=(
        "На странице экзамена использован буфер обмена: копирование — {copied}, вырезание — {cut}, вставка — {pasted}, "
        "всего {value}. Отмечается, если действий не меньше {threshold} за {window} с. Содержимое буфера не читается."
    ),
    en=(
        "The clipboard was used on the exam page: copied {copied}, cut {cut}, pasted {pasted}, {value} in all. "
        "Noted from {threshold} within {window} s. The content of the clipboard is not read."
    ),
)

_ACTIONS = frozenset({ClientEventKind.CLIPBOARD_COPY, ClientEventKind.CLIPBOARD_CUT, ClientEventKind.CLIPBOARD_PASTE})


class ClipboardConfig(DetectorConfig):
    """`clipboard`: something was copied, cut or pasted on the exam page."""

    severity: HowSoon = Severity.LOW
    actions: Annotated[
        int, Field(ge=1, le=100, description="Number of copy, cut and paste actions from which they are noted.")
    ] = 1
    window_s: Annotated[
        float,
        Field(
            gt=0,
            le=600,
            description="Seconds within which the actions must lie; after as many without one the interval ends.",
        ),
    ] = 10.0


class Clipboard(IntervalRule[ClipboardConfig]):
    """Notices use of the clipboard, one interval for actions in quick succession.

    The count is stated when the interval opens and again, in full, when it closes. Confidence: 1, a reported fact.
    """

    id: ClassVar = SignalKind.CLIPBOARD
    version: ClassVar = "1"
    consumes: ClassVar = (ClientObserved, Tick)
    config_type: ClassVar[type[DetectorConfig]] = ClipboardConfig

    def __init__(self, config: ClipboardConfig) -> None:
        super().__init__(config)
        self._interval = HeldInterval[Reading](dwell_s=0.0, release_s=config.window_s)
        self._recent: deque[ClientObserved] = deque()
        self._counts: Counter[ClientEventKind] = Counter()

    def update(self, observation: Observation) -> list[Signal]:
        """Count an action; return the signal when it opens or closes."""
        at = observation.at
        signals = self.signals_of(self._interval.tick(at))
        if not isinstance(observation, ClientObserved) or observation.event.kind not in _ACTIONS:
            return signals
        onset = at
        if self._interval.is_open:
            self._counts[observation.event.kind] += 1
        else:
            self._recent.append(observation)
            while at - self._recent[0].at > self.config.window_s * NS_PER_S:
                self._recent.popleft()
            if len(self._recent) < self.config.actions:
                return signals
            onset = self._recent[0].at
            self._counts = Counter(action.event.kind for action in self._recent)
            self._recent.clear()
        reading = Reading(onset, holds=True, value=float(self._counts.total()))
        changes = [*self._interval.begin(onset, reading), *self._interval.cease(at)]
        return signals + self.signals_of(changes)

    def finish(self, at: MediaTime) -> list[Signal]:
        """The sitting ended at `at`: close what is open, at the last action."""
        return self.signals_of(self._interval.forget(at))

    def explain(self, noticed: Noticed) -> Why:
        """State the number of actions so far."""
        del noticed
        counts = self._counts
        text = fill(
            _TEXT,
            copied=counts[ClientEventKind.CLIPBOARD_COPY],
            cut=counts[ClientEventKind.CLIPBOARD_CUT],
            pasted=counts[ClientEventKind.CLIPBOARD_PASTE],
            value=counts.total(),
            threshold=self.config.actions,
            window=seconds(self.config.window_s),
        )
        return Why(text, Crossing("clipboard_actions", counts.total(), self.config.actions, "", dwell_ms=0), None)
