"""Runs a recorded sitting through the whole line, as `proctor analyze` does, and keeps what came out."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.accuracy.onsets import FoundSignal
from proctor.analyzers.identity import Enrolment
from proctor.analyzers.suite import AnalyzerSuite
from proctor.correlation.incidents import IncidentChange, IncidentUpdate
from proctor.detectors.registry import DetectorRegistry, discover
from proctor.domain.incidents import Incident
from proctor.domain.media import AudioChunk, Frame, TrackKind
from proctor.domain.signals import Signal, SignalKind
from proctor.domain.time import MediaTime, to_s
from proctor.pipeline.line import SittingLine
from proctor.pipeline.outputs import DetectorFailed, LineOutput
from proctor.pipeline.policy import ExamPolicy, default_policy
from server.perception.decode import rgb_of
from server.perception.recorded import RecordedFile, RecordedPicture


@dataclass(frozen=True, slots=True)
class Ran:
    """What the line gave for one file."""

    signals: tuple[FoundSignal, ...]
    incidents: tuple[Incident, ...]
    failed: tuple[str, ...]
    """Parts that raised and were left out."""
    duration_s: float


@dataclass(slots=True)
class _Taken:
    signals: list[Signal] = field(default_factory=list)
    incidents: list[Incident] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)

    def take(self, outputs: list[LineOutput]) -> None:
        for output in outputs:
            if isinstance(output, Signal) and output.end is not None:
                self.signals.append(output)
            elif isinstance(output, IncidentUpdate) and output.change is IncidentChange.CLOSED:
                self.incidents.append(output.incident)
            elif isinstance(output, DetectorFailed):
                self.failed.append(f"{output.name}: {output.reason}")


class Sittings:
    """The line with the default policy, for any number of files."""

    def __init__(self, suite: AnalyzerSuite) -> None:
        self._suite = suite
        self._registry: DetectorRegistry = discover()
        self._policy: ExamPolicy = default_policy(self._registry)

    def rules(self) -> dict[SignalKind, str]:
        """Enabled rules as `id@version`, by kind."""
        detectors = self._registry.build(self._policy.detectors)
        return {detector.id: f"{detector.id}@{detector.version}" for detector in detectors}

    def run(self, path: Path, enrolment: Enrolment | None) -> Ran:
        """Play one file.

        Raises:
            MediaError: nothing in it can be decoded.
        """
        line = SittingLine(self._policy, self._suite, self._registry.build(self._policy.detectors), enrolment)
        recorded = RecordedFile(path)
        taken = _Taken()
        try:
            for item in recorded.items():
                if isinstance(item, AudioChunk):
                    taken.take(line.sound(item))
                elif not isinstance(item, RecordedPicture):
                    taken.take(line.picture(Frame(TrackKind.CAMERA, MediaTime(0), item.rgb)))
                elif line.wants_picture(item.at):
                    taken.take(line.picture(Frame(TrackKind.CAMERA, item.at, rgb_of(item.picture))))
                taken.take(line.advance(recorded.progress))
            taken.take(line.finish(recorded.end))
        finally:
            recorded.close()
        return Ran(
            signals=tuple(found_signal(signal) for signal in taken.signals),
            incidents=tuple(taken.incidents),
            failed=tuple(taken.failed),
            duration_s=to_s(recorded.end),
        )


def found_signal(signal: Signal) -> FoundSignal:
    """The times of a closed signal, in seconds."""
    end = signal.start if signal.end is None else signal.end
    dwell_s = signal.why.crossing.dwell_ms / 1000
    return FoundSignal(signal.kind, to_s(signal.start), to_s(signal.noticed), to_s(end), dwell_s)
