"""The straight line of one sitting, the same live and over a recording: inputs in, signals and incidents out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from proctor.analyzers.identity import Enrolment
from proctor.analyzers.sense import Beginning
from proctor.correlation.incidents import Correlator, IncidentUpdate
from proctor.detectors.base import Detector
from proctor.domain.documents import DocumentObserved
from proctor.domain.guided import GuidedOutcome, GuidedSpec
from proctor.domain.media import AudioChunk, ClientEvent, EncodedFrame, Frame, LinkEvent, TrackKind
from proctor.domain.observations import (
    ClientObserved,
    LinkObserved,
    Observation,
    RoomScanObserved,
    ScreenZone,
    Tick,
    TrackRested,
)
from proctor.domain.signals import ErrorRate, SignalKind
from proctor.domain.time import NS_PER_MS, SITTING_START, MediaTime
from proctor.pipeline.analysis import Senses, SittingAnalysis
from proctor.pipeline.guard import Guard
from proctor.pipeline.guided import GuidedChecks, GuidedStep
from proctor.pipeline.onset import OnsetPictures
from proctor.pipeline.outputs import AnalysisThinned, CheckFinished, IncidentPicture, LineOutput
from proctor.pipeline.policy import ExamPolicy
from proctor.pipeline.rules import SittingRules
from proctor.pipeline.summary import SummaryWindow

TICK_STEP: Final = 500 * NS_PER_MS
"""Media time between two ticks; ticks stand on whole multiples of it."""

Observer = Callable[[Observation], None]
"""Sees every observation but ticks, in the order in which the rules see them."""


@dataclass(frozen=True, slots=True)
class Continuation:
    """Where a line takes over from an earlier one of the same sitting."""

    start: MediaTime = SITTING_START
    id_prefix: str = ""
    """Put before the ids of signals, so that they do not repeat the earlier line's."""
    screen: ScreenZone | None = None
    """The candidate's own screen, where the gaze was calibrated before."""


FROM_THE_START: Final = Continuation()
NOTHING_PUBLISHED: Final[Mapping[SignalKind, ErrorRate]] = MappingProxyType({})


class SittingLine:
    """Analyzers, rules and correlation of one sitting, driven by media time alone.

    Each method returns what came out of that input, in order. Times of one kind of input must not go back; between
    kinds they may differ, as pictures are analysed later than sound. Nothing that a model or a rule raises gets out:
    the part is left out for the rest of the sitting and a `DetectorFailed` says so.

    Args:
        policy: what the exam demands.
        senses: the analyzers, shared by all sittings of a process (which analyses in one thread).
        detectors: this sitting's own instances.
        enrolment: the candidate's face; None means that nobody is compared.
        continuation: where this line takes over from an earlier one of the same sitting.
        error_rates: how often each rule errs, as published; told with every signal.
    """

    def __init__(  # noqa: PLR0913 - what a line is composed of
        self,
        policy: ExamPolicy,
        senses: Senses,
        detectors: Sequence[Detector],
        enrolment: Enrolment | None = None,
        continuation: Continuation = FROM_THE_START,
        *,
        error_rates: Mapping[SignalKind, ErrorRate] = NOTHING_PUBLISHED,
    ) -> None:
        self._guard = Guard()
        self._analysis = SittingAnalysis(policy.analysis, senses, enrolment, self._guard)
        if continuation.screen is not None:
            self._analysis.calibrate(continuation.screen)
        self._guided = GuidedChecks(senses, Beginning(policy.analysis, enrolment))
        correlator = Correlator(policy.correlation, policy.severities)
        self._rules = SittingRules(detectors, correlator, self._guard, continuation.id_prefix, error_rates)
        self._summary = SummaryWindow(continuation.start, senses.absent)
        self._onset = OnsetPictures()
        self._pictured: set[str] = set()
        self._pictureless: dict[str, MediaTime] = {}
        """Onset of the incidents that began before any picture had come; the first one that comes is theirs."""
        self._observers: list[Observer] = []
        self._next_tick = (continuation.start // TICK_STEP + 1) * TICK_STEP

    def observe_with(self, observer: Observer) -> None:
        """Call `observer` with every observation from now on."""
        self._observers.append(observer)

    def wants_picture(self, at: MediaTime, track: TrackKind = TrackKind.CAMERA) -> bool:
        """Whether `picture` would analyse a picture of that track and time; ask before converting it to RGB."""
        if self._guided.holds(track, at):
            return self._guided.wants(track, at)
        return self._analysis.wants_picture(track, at)

    def is_held(self, at: MediaTime, track: TrackKind) -> bool:
        """Whether pictures of that track and time belong to a guided check, and not to the sampling grid."""
        return self._guided.holds(track, at)

    @property
    def check(self) -> GuidedSpec | None:
        """The guided check that has begun and not finished."""
        return self._guided.spec

    @property
    def has_work(self) -> bool:
        """Whether `work` has something to do."""
        return self._guided.has_work

    def begin_check(self, spec: GuidedSpec) -> list[LineOutput]:
        """Let a guided check begin: pictures of its track are its own from `spec.begun` on.

        Raises:
            ValueError: another one has not finished.
        """
        self._guided.begin(spec)
        return []

    def end_check(self, check_id: str, at: MediaTime, outcome: GuidedOutcome | None = None) -> list[LineOutput]:
        """End a guided check at `at`, with an outcome or judged as far as it came; one that has ended is left alone.

        The judgement takes its time: call `work` while `has_work`.
        """
        return list(self._guided_out(self._guided.end(check_id, at, outcome)))

    def work(self) -> list[LineOutput]:
        """Do one step of what a guided check leaves to be done, at most about 0.1 s."""
        return list(self._guided_out(self._guided.work()))

    def picture(self, frame: Frame, *, pressed: bool = False) -> list[LineOutput]:
        """Take a picture of the camera, the screen or the phone; those that the schedule does not want are passed over.

        `pressed` says that the machine cannot keep up and that what matters least may be measured less often, in the
        order of the policy's `analysis.thin_out`; what is thinned out is told as `AnalysisThinned`.
        """
        if not self.wants_picture(frame.at, frame.track):
            return []
        outputs: list[LineOutput] = []
        if self._guided.holds(frame.track, frame.at):
            return self._held_picture(frame)
        if frame.track is TrackKind.CAMERA:
            if self._analysis.thinning.feel(frame.at, pressed=pressed):
                outputs.append(AnalysisThinned(self._analysis.thinning.senses, frame.at))
            self._onset.keep(frame)
            outputs += self._late_pictures()
        return outputs + list(self._observed(self._analysis.picture(frame)))

    def _held_picture(self, frame: Frame) -> list[LineOutput]:
        """A picture of a guided check; an incident that the other senses notice meanwhile shows it, too."""
        outputs: list[LineOutput] = []
        if frame.track is TrackKind.CAMERA:
            self._onset.keep(frame)
            outputs += self._late_pictures()
        return outputs + list(self._guided_out(self._guided.picture(frame)))

    def arrived(self, frame: EncodedFrame) -> None:
        """Note when an encoded picture was captured, by its sender's time stamp; files have none and skip this."""
        self._analysis.arrived(frame)

    def sound(self, chunk: AudioChunk) -> list[LineOutput]:
        """Take the microphone's next stretch of sound."""
        return list(self._observed(self._analysis.sound(chunk, is_guided=self._guided.speaks)))

    def event(self, event: ClientEvent) -> list[LineOutput]:
        """Take what the browser reported."""
        return list(self._observed([ClientObserved(event)]))

    def link(self, event: LinkEvent) -> list[LineOutput]:
        """Take a change of the media connection."""
        return list(self._observed([LinkObserved(event)]))

    def document(self, seen: DocumentObserved) -> list[LineOutput]:
        """Take what the candidate's identity document gave before the start."""
        return list(self._observed([seen]))

    def advance(self, at: MediaTime) -> list[LineOutput]:
        """Media time has reached `at`: dwell times run, quiet incidents close, a summary may be due."""
        outputs = list(self._guided_out(self._guided.advance(at)))
        while self._next_tick <= at:
            tick = MediaTime(self._next_tick)
            self._next_tick += TICK_STEP
            outputs += self._out(self._rules.observe(Tick(tick)))
            summary = self._summary.close_until(tick)
            if summary is not None:
                outputs.append(summary)
        return outputs

    def finish(self, at: MediaTime) -> list[LineOutput]:
        """The sitting ended at `at`: close what is open. The line takes nothing afterwards."""
        outputs: list[LineOutput] = []
        if self.check is not None:
            outputs += self.end_check(self.check.check_id, at)
        while self.has_work:
            outputs += self.work()
        outputs += self._observed(self._analysis.finish(at))
        outputs += self.advance(at)
        outputs += self._out(self._rules.finish(at))
        summary = self._summary.close(at)
        return outputs if summary is None else [*outputs, summary]

    def _guided_out(self, steps: Iterable[GuidedStep]) -> Iterator[LineOutput]:
        for step in steps:
            if isinstance(step, TrackRested):
                self._analysis.restart(step.track)
            elif isinstance(step, CheckFinished) and step.screen is not None:
                self._analysis.calibrate(step.screen)
            if isinstance(step, TrackRested | RoomScanObserved):
                yield from self._observed([step])
            else:
                yield step

    def _observed(self, observations: Iterable[Observation]) -> Iterator[LineOutput]:
        for observation in observations:
            self._summary.add(observation)
            for observer in self._observers:
                observer(observation)
            yield from self._out(self._rules.observe(observation))
        yield from self._guard.reports()

    def _out(self, outputs: Iterable[LineOutput]) -> Iterator[LineOutput]:
        for output in outputs:
            yield output
            if isinstance(output, IncidentUpdate):
                yield from self._picture_of(output)
        yield from self._guard.reports()

    def _picture_of(self, update: IncidentUpdate) -> Iterator[IncidentPicture]:
        incident = update.incident
        if incident.incident_id in self._pictured:
            return
        self._pictured.add(incident.incident_id)
        yield from self._onset_picture(incident.incident_id, incident.start)

    def _late_pictures(self) -> Iterator[IncidentPicture]:
        waiting, self._pictureless = self._pictureless, {}
        for incident_id, start in waiting.items():
            yield from self._onset_picture(incident_id, start)

    def _onset_picture(self, incident_id: str, start: MediaTime) -> Iterator[IncidentPicture]:
        if not self._onset:
            self._pictureless[incident_id] = start
            return
        nearest = self._guard.run("incident_picture", start, lambda: self._onset.nearest(start))
        if nearest is not None:
            yield IncidentPicture(incident_id, *nearest)
