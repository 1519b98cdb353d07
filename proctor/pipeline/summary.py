"""What was measured over about ten seconds, in a few figures for the timeline."""

from __future__ import annotations

from collections import Counter, defaultdict
from statistics import fmean
from typing import Final

from proctor.domain.observations import (
    BodyObserved,
    GazeZone,
    IdentityObserved,
    LivenessObserved,
    ObjectsObserved,
    Observation,
    PaceObserved,
    PeopleObserved,
    ResamplingObserved,
    ScreenObserved,
    SoundObserved,
    StreamObserved,
    VoiceObserved,
)
from proctor.domain.time import NS_PER_S, MediaTime
from proctor.pipeline.figures import percentile
from proctor.pipeline.outputs import ObservationSummary, PeopleCounts

SUMMARY_SPAN: Final = 10 * NS_PER_S
SPEECH_PROBABILITY: Final = 0.5
"""A window counts as speech from here on; Silero's own default."""
PERSON: Final = "person"
MANY: Final = 3
"""From here on people are counted together."""


class SummaryWindow:
    """Collects observations and closes a summary each time media time has moved on by `SUMMARY_SPAN`.

    `absent` names the senses that do not run.
    """

    def __init__(self, start: MediaTime, absent: tuple[str, ...] = ()) -> None:
        self._start = start
        self._absent = absent
        self._clear()

    def _clear(self) -> None:
        self._people: Counter[int] = Counter()
        self._values: dict[str, list[float]] = defaultdict(list)
        self._objects: dict[str, None] = {}
        self._voices: int | None = None

    def add(self, observation: Observation) -> None:
        """Take one observation into account."""
        values = self._values
        match observation:
            case PeopleObserved():
                self._add_people(observation)
            case SoundObserved():
                self._add_sound(observation)
            case IdentityObserved():
                self._keep("similarity", observation.similarity)
            case LivenessObserved() | StreamObserved() | ResamplingObserved() | PaceObserved():
                self._add_source(observation)
            case BodyObserved():
                values["bodies"].append(len(observation.bodies))
            case ScreenObserved():
                values["changed"].append(observation.changed_share)
                values["blank"].append(observation.blank_share)
            case ObjectsObserved():
                self._objects |= dict.fromkeys(seen.label for seen in observation.objects if seen.label != PERSON)
            case VoiceObserved():
                self._voices = observation.voices if observation.voices is not None else self._voices
            case _:
                pass

    def _add_people(self, observation: PeopleObserved) -> None:
        self._people[min(observation.people, MANY)] += 1
        face = observation.faces[0] if observation.faces else None
        if face is None:
            return
        if face.pose is not None:
            self._values["yaw"].append(face.pose.yaw_deg)
        if face.gaze is not GazeZone.UNKNOWN:
            self._values["gaze_off"].append(face.gaze is not GazeZone.SCREEN)

    def _add_sound(self, observation: SoundObserved) -> None:
        self._values["level"].append(observation.level_dbfs)
        self._keep("lufs", observation.lufs)
        if not observation.is_guided:
            self._values["speech"].append(observation.speech_probability >= SPEECH_PROBABILITY)

    def _add_source(self, observation: LivenessObserved | StreamObserved | ResamplingObserved | PaceObserved) -> None:
        """What speaks for a person before a camera, or for something in their place."""
        match observation:
            case LivenessObserved():
                self._keep("bona_fide", observation.bona_fide)
            case StreamObserved():
                self._keep("repeating", observation.repeating)
            case ResamplingObserved():
                self._keep("peak", observation.peak)
            case PaceObserved():
                self._keep("even", observation.even)

    def _keep(self, name: str, value: float | None) -> None:
        if value is not None:
            self._values[name].append(value)

    def close_until(self, at: MediaTime) -> ObservationSummary | None:
        """The summary that is complete at `at`; None while the span still runs."""
        return self.close(at) if at - self._start >= SUMMARY_SPAN else None

    def close(self, at: MediaTime) -> ObservationSummary | None:
        """Close the summary now; None when nothing was measured. The next one starts at `at`."""
        summary = self._summary(at) if self._people or self._values else None
        self._start = at
        self._clear()
        return summary

    def _summary(self, at: MediaTime) -> ObservationSummary:
        values, people = self._values, self._people
        bodies = values["bodies"]
        return ObservationSummary(
            start=self._start,
            end=at,
            pictures=people.total(),
            people=PeopleCounts(people[0], people[1], people[2], people[MANY]),
            yaw_deg_p50=_percentile(values["yaw"], 50),
            yaw_deg_p95_abs=_percentile([abs(yaw) for yaw in values["yaw"]], 95),
            similarity_min=min(values["similarity"], default=None),
            level_dbfs_p50=_percentile(values["level"], 50),
            level_dbfs_p95=_percentile(values["level"], 95),
            speech_ratio=fmean(values["speech"]) if values["speech"] else None,
            gaze_off_ratio=_mean(values["gaze_off"]),
            bodies_max=round(max(bodies)) if bodies else None,
            objects=tuple(self._objects),
            bona_fide_min=min(values["bona_fide"], default=None),
            repeating_max=max(values["repeating"], default=None),
            enlarged_peak_max=_highest(values["peak"]),
            even_pace_max=_highest(values["even"]),
            lufs_p50=_percentile(values["lufs"], 50),
            voices=self._voices,
            screen_changed_share=_mean(values["changed"], 4),
            screen_blank_share=max(values["blank"], default=None),
            absent=self._absent,
        )


def _percentile(values: list[float], percent: int) -> float | None:
    """The percentile, rounded to a hundredth; None of nothing."""
    return round(percentile(values, percent), 2) if values else None


def _highest(values: list[float]) -> float | None:
    """The highest, rounded to a hundredth; None of nothing."""
    return round(max(values), 2) if values else None


def _mean(values: list[float], places: int = 2) -> float | None:
    """The mean, rounded; None of nothing."""
    return round(fmean(values), places) if values else None
