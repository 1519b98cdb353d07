"""All analyzers of a process, loaded together.

A sense beyond faces, identity and speech is plugged in here under its name (`further` for pictures, `listening` for
sound), and in `proctor.pipeline.senses` with when it looks. One whose model is not installed is left out and named in
`absent`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from proctor.analyzers.body import BodyAnalyzer
from proctor.analyzers.faces import FaceAnalyzer
from proctor.analyzers.identity import IdentityAnalyzer
from proctor.analyzers.liveness import LivenessAnalyzer
from proctor.analyzers.objects import ObjectAnalyzer
from proctor.analyzers.repetition import RepetitionStream
from proctor.analyzers.resampling import ResamplingStream
from proctor.analyzers.screen import ScreenStream
from proctor.analyzers.sense import BeginListening, BeginLooking
from proctor.analyzers.sound import SpeechAnalyzer
from proctor.analyzers.voices import VoiceAnalyzer
from proctor.domain.errors import ModelMissingError
from proctor.ports.model_files import ModelFiles


@dataclass(frozen=True, slots=True, eq=False)
class AnalyzerSuite:
    """What a worker, or the analysis of files, needs; shared by all its sittings, for one thread."""

    faces: FaceAnalyzer
    identity: IdentityAnalyzer
    speech: SpeechAnalyzer
    voices: VoiceAnalyzer
    body: BodyAnalyzer
    objects: ObjectAnalyzer
    liveness: LivenessAnalyzer | None = None
    """None where its optional model is not installed."""
    absent: tuple[str, ...] = ()
    """Senses whose models are not installed."""

    @classmethod
    def load(cls, files: ModelFiles) -> AnalyzerSuite:
        """Load every model, about two seconds.

        Raises:
            ModelMissingError: a model file is not installed.
        """
        faces = FaceAnalyzer.load(files)
        liveness = _optional_liveness(files)
        return cls(
            faces=faces,
            identity=IdentityAnalyzer.load(files, faces),
            speech=SpeechAnalyzer.load(files),
            voices=VoiceAnalyzer.load(files),
            body=BodyAnalyzer(files),
            objects=ObjectAnalyzer.load(files, faces),
            liveness=liveness,
            absent=() if liveness is not None else ("liveness",),
        )

    @property
    def further(self) -> Mapping[str, BeginLooking]:
        """What begins to look at a sitting's pictures, by sense."""
        further: dict[str, BeginLooking] = {
            "screen": lambda _beginning: ScreenStream(),
            "body": lambda _beginning: self.body,
            "objects": lambda _beginning: self.objects,
            "repetition": lambda _beginning: RepetitionStream(),
            "resampling": lambda _beginning: ResamplingStream(),
        }
        liveness = self.liveness
        if liveness is not None:
            further["liveness"] = lambda _beginning: liveness
        return further

    @property
    def listening(self) -> Mapping[str, BeginListening]:
        """What begins to listen to a sitting's sound, by sense."""
        return {"voices": lambda _beginning: self.voices.stream()}


def _optional_liveness(files: ModelFiles) -> LivenessAnalyzer | None:
    try:
        return LivenessAnalyzer.load(files)
    except ModelMissingError:
        return None
