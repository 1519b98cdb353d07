"""What was measured over about ten seconds, in a few figures for the timeline."""

from __future__ import annotations

from collections import Counter
from typing import Final

from proctor.domain.observations import IdentityObserved, Observation, PeopleObserved, SoundObserved
from proctor.domain.time import NS_PER_S, MediaTime
from proctor.pipeline.figures import percentile
from proctor.pipeline.outputs import ObservationSummary, PeopleCounts

SUMMARY_SPAN: Final = 10 * NS_PER_S
SPEECH_PROBABILITY: Final = 0.5
"""A window counts as speech from here on; Silero's own default."""
MANY: Final = 3
"""From here on people are counted together."""


class SummaryWindow:
    """Collects observations and closes a summary each time media time has moved on by `SUMMARY_SPAN`."""

    def __init__(self, start: MediaTime) -> None:
        self._start = start
        self._clear()

    def _clear(self) -> None:
        self._people: Counter[int] = Counter()
        self._yaws: list[float] = []
        self._similarities: list[float] = []
        self._levels: list[float] = []
        self._speech = 0

    def add(self, observation: Observation) -> None:
        """Take one observation into account."""
        if isinstance(observation, PeopleObserved):
            self._people[min(observation.people, MANY)] += 1
            if observation.faces and observation.faces[0].pose is not None:
                self._yaws.append(observation.faces[0].pose.yaw_deg)
        elif isinstance(observation, IdentityObserved):
            if observation.similarity is not None:
                self._similarities.append(observation.similarity)
        elif isinstance(observation, SoundObserved):
            self._levels.append(observation.level_dbfs)
            self._speech += observation.speech_probability >= SPEECH_PROBABILITY

    def close_until(self, at: MediaTime) -> ObservationSummary | None:
        """The summary that is complete at `at`; None while the span still runs."""
        return self.close(at) if at - self._start >= SUMMARY_SPAN else None

    def close(self, at: MediaTime) -> ObservationSummary | None:
        """Close the summary now; None when nothing was measured. The next one starts at `at`."""
        summary = None
        if self._people or self._levels:
            summary = ObservationSummary(
                start=self._start,
                end=at,
                pictures=self._people.total(),
                people=PeopleCounts(self._people[0], self._people[1], self._people[2], self._people[MANY]),
                yaw_deg_p50=_percentile(self._yaws, 50),
                yaw_deg_p95_abs=_percentile([abs(yaw) for yaw in self._yaws], 95),
                similarity_min=min(self._similarities, default=None),
                level_dbfs_p50=_percentile(self._levels, 50),
                level_dbfs_p95=_percentile(self._levels, 95),
                speech_ratio=self._speech / len(self._levels) if self._levels else None,
            )
        self._start = at
        self._clear()
        return summary


def _percentile(values: list[float], percent: int) -> float | None:
    """The percentile, rounded to a hundredth; None of nothing."""
    return round(percentile(values, percent), 2) if values else None
