"""All analyzers of a process, loaded together."""

from __future__ import annotations

from dataclasses import dataclass

from proctor.analyzers.faces import FaceAnalyzer
from proctor.analyzers.identity import IdentityAnalyzer
from proctor.analyzers.sound import SpeechAnalyzer
from proctor.ports.model_files import ModelFiles


@dataclass(frozen=True, slots=True, eq=False)
class AnalyzerSuite:
    """What a worker, or the analysis of files, needs; shared by all its sittings, for one thread."""

    faces: FaceAnalyzer
    identity: IdentityAnalyzer
    speech: SpeechAnalyzer

    @classmethod
    def load(cls, files: ModelFiles) -> AnalyzerSuite:
        """Load every model, about 1.5 seconds.

        Raises:
            ModelMissingError: a model file is not installed.
        """
        faces = FaceAnalyzer.load(files)
        return cls(faces, IdentityAnalyzer.load(files, faces), SpeechAnalyzer.load(files))
