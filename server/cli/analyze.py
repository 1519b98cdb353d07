"""`proctor analyze`: the whole line over recorded files, each exactly as live."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, TextIO

import typer

from models.registry import InstalledModels
from proctor.analyzers.identity import Enrolment
from proctor.analyzers.suite import AnalyzerSuite
from proctor.correlation.incidents import IncidentChange, IncidentUpdate
from proctor.detectors.registry import DetectorRegistry, discover
from proctor.domain.errors import MediaError, NoUsableFaceError, PolicyError, ProctorError
from proctor.domain.media import AudioChunk, Frame, TrackKind
from proctor.domain.observations import Observation, PeopleObserved
from proctor.domain.signals import Signal
from proctor.domain.time import MediaTime, to_s
from proctor.pipeline.error_rates import load_error_rates
from proctor.pipeline.line import SittingLine
from proctor.pipeline.outputs import DetectorFailed, LineOutput
from proctor.pipeline.policy import ExamPolicy, default_policy, load_policy_file
from server.cli.analysis_lines import (
    Line,
    failure_line,
    incident_line,
    observation_line,
    signal_line,
    summary_line,
)
from server.cli.progress import Advanced, file_progress
from server.perception.decode import frame_of
from server.perception.recorded import RecordedFile, RecordedPicture, read_picture

BAD_INPUT = 2
Writer = Callable[[Line], None]


def analyze(
    media: Annotated[list[Path], typer.Argument(help="Video, sound or picture files.", metavar="MEDIA")],
    reference: Annotated[
        list[Path] | None,
        typer.Option(
            help="Picture of the candidate's face; faces in the files are compared with it. Several make one reference."
        ),
    ] = None,
    policy: Annotated[Path | None, typer.Option(help="Exam policy (TOML); the default one otherwise.")] = None,
    *,
    observations: Annotated[
        bool, typer.Option("--observations", help="Write what was measured, too: people, objects, sound and others.")
    ] = False,
    jsonl: Annotated[Path | None, typer.Option(help="Write the lines to this file instead of standard output.")] = None,
) -> None:
    """Run the whole line over recorded files, each exactly as live.

    Writes JSON Lines: observations (with --observations), signals and incidents as they close, and a summary as the
    last line of each file. Senses whose optional models are not installed (`proctor models list`) are left out.

    Exit code 0 when every file was analysed, whatever was found in it; 2 when a file, the reference or the policy
    cannot be used, with one line on standard error for each.
    """
    try:
        program = Program.load(reference or [], policy)
        with _output(jsonl) as stream:
            unusable = [path for path in media if not _analyze_one(program, path, observations=observations, to=stream)]
    except (ProctorError, OSError) as error:
        _complain(str(error))
        raise typer.Exit(BAD_INPUT) from error
    if unusable:
        raise typer.Exit(BAD_INPUT)


class Program:
    """What all files of a call share."""

    def __init__(
        self, suite: AnalyzerSuite, registry: DetectorRegistry, policy: ExamPolicy, enrolment: Enrolment | None
    ) -> None:
        self._suite = suite
        self._registry = registry
        self._policy = policy
        self._enrolment = enrolment
        self._error_rates = load_error_rates()

    @classmethod
    def load(cls, references: Sequence[Path], policy: Path | None) -> Program:
        """Load models, rules, policy and the reference face, made of all the pictures given.

        Raises:
            ModelMissingError: a model is not installed.
            PolicyError: the policy is not valid.
            MediaError: a reference is no picture or holds no usable face, or they show different people.
        """
        registry = discover()
        loaded = default_policy(registry) if policy is None else _policy_of(policy, registry)
        photographs = [read_picture(path) for path in references]
        suite = AnalyzerSuite.load(InstalledModels())
        if not photographs:
            return cls(suite, registry, loaded, None)
        try:
            return cls(suite, registry, loaded, suite.identity.enrol(*photographs))
        except NoUsableFaceError as error:
            raise MediaError(f"{', '.join(map(str, references))}: {error}") from error

    def line(self) -> SittingLine:
        """A fresh line for one file."""
        detectors = self._registry.build(self._policy.detectors)
        return SittingLine(self._policy, self._suite, detectors, self._enrolment, error_rates=self._error_rates)


class FileAnalysis:
    """One file on its way through the line."""

    def __init__(self, name: str, line: SittingLine, write: Writer, *, observations: bool) -> None:
        self._name = name
        self._line = line
        self._write = write
        self._frames = 0
        self._incidents = 0
        line.observe_with(self._count)
        if observations:
            line.observe_with(self._write_observation)

    def run(self, recorded: RecordedFile, advanced: Advanced) -> None:
        """Feed the file to the line and write what comes out.

        Raises:
            MediaError: nothing in the file can be decoded.
        """
        for item in recorded.items():
            if isinstance(item, AudioChunk):
                self._take(self._line.sound(item))
            elif not isinstance(item, RecordedPicture):
                self._take(self._line.picture(Frame(TrackKind.CAMERA, MediaTime(0), item.rgb)))
            elif self._line.wants_picture(item.at):
                self._take(self._line.picture(frame_of(TrackKind.CAMERA, item.at, item.picture)))
            self._take(self._line.advance(recorded.progress))
            advanced(to_s(recorded.progress))
        self._take(self._line.finish(recorded.end))
        self._write(summary_line(self._name, recorded.end, self._frames, self._incidents))

    def _count(self, observation: Observation) -> None:
        self._frames += isinstance(observation, PeopleObserved)

    def _write_observation(self, observation: Observation) -> None:
        line = observation_line(self._name, observation)
        if line is not None:
            self._write(line)

    def _take(self, outputs: Iterable[LineOutput]) -> None:
        for output in outputs:
            if isinstance(output, Signal) and output.end is not None:
                self._write(signal_line(self._name, output))
            elif isinstance(output, IncidentUpdate) and output.change is IncidentChange.CLOSED:
                self._incidents += 1
                self._write(incident_line(self._name, output.incident))
            elif isinstance(output, DetectorFailed):
                _complain(f"{self._name}: {output.name} failed and was left out: {output.reason}")
                self._write(failure_line(self._name, output))


def _analyze_one(program: Program, path: Path, *, observations: bool, to: TextIO) -> bool:
    """Analyse one file; False, after a line on standard error, when it cannot be read."""

    def write(line: Line) -> None:
        to.write(json.dumps(line, ensure_ascii=False) + "\n")

    try:
        recorded = RecordedFile(path)
    except MediaError as error:
        _complain(str(error))
        return False
    try:
        with file_progress(path.name, recorded.announced_s) as advanced:
            FileAnalysis(str(path), program.line(), write, observations=observations).run(recorded, advanced)
    except MediaError as error:
        _complain(str(error))
        return False
    finally:
        recorded.close()
        to.flush()
    if recorded.damaged:
        _complain(f"{path}: {recorded.damaged} damaged parts were passed over")
    return True


def _policy_of(path: Path, registry: DetectorRegistry) -> ExamPolicy:
    try:
        return load_policy_file(path, registry)
    except PolicyError as error:
        raise PolicyError(f"{path}: " + "; ".join(str(error).splitlines())) from error


@contextmanager
def _output(jsonl: Path | None) -> Iterator[TextIO]:
    if jsonl is None:
        yield sys.stdout
        return
    with jsonl.open("w", encoding="utf-8") as stream:
        yield stream


def _complain(message: str) -> None:
    sys.stderr.write(f"proctor analyze: {message}\n")
