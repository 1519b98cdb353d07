"""`proctor liveness`: is the face in a picture or a clip a person's, or a picture of one?"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final

import typer

from models.registry import InstalledModels
from proctor.analyzers.faces import FaceAnalyzer
from proctor.analyzers.geometry import Picture
from proctor.analyzers.liveness import (
    NARROW,
    WIDE,
    Judgement,
    LivenessAnalyzer,
    LivenessDecision,
    clip_bona_fide,
    decide,
)
from proctor.analyzers.repetition import RepetitionStream
from proctor.detectors.rules.virtual_camera import VirtualCameraConfig
from proctor.domain.errors import MediaError, ProctorError
from proctor.domain.media import Frame, TrackKind
from proctor.domain.time import NS_PER_S, MediaTime
from proctor.pipeline.schedule import SamplingGrid
from server.cli.progress import with_progress
from server.perception.decode import rgb_of
from server.perception.recorded import RecordedFile, RecordedPicture, StillPicture

BAD_INPUT: Final = 2
PICTURES_PER_S: Final = 2.0
NO_MODEL: Final = "no_model"
REPEATS: Final = "pictures_repeat"
REPEATS_FOR: Final = 20 * NS_PER_S
"""A clip whose pictures return in the same order for so long is taken for an attack whatever the face looks like."""


def liveness(
    media: Annotated[list[Path], typer.Argument(help="Pictures or video files.", metavar="MEDIA...")],
) -> None:
    """Judge whether the largest face is a person's or a picture of one, and whether a clip is played over and over.

    Writes a JSON line for each file: bona_fide (0 a picture of a face, 1 a person; the median over two pictures a
    second of a clip; null where nothing can be told), decision ("bona_fide", "attack" or "cannot_tell"), cue (what
    spoke for the decision, or why there is none), pictures and judged (how many of them allowed a judgement).

    The networks are an optional model (`proctor models fetch`). Without them the decision is "cannot_tell", unless the
    pictures of a clip repeat. Small evidence stands behind the threshold, see models/cards/minifasnet.md: a person
    decides.

    Exit code 0 when every file was read; 2 when one cannot be, with one line on standard error for each.
    """
    try:
        judge = FileJudge.load(InstalledModels())
    except ProctorError as error:
        _complain(str(error))
        raise typer.Exit(BAD_INPUT) from error
    if not judge.has_model:
        _complain("the optional model is not installed (`proctor models fetch`); faces are not judged")
    unusable = False
    for path in with_progress(media, "Judging"):
        try:
            line = judge.line(path)
        except MediaError as error:
            _complain(str(error))
            unusable = True
            continue
        sys.stdout.write(json.dumps(line, ensure_ascii=False) + "\n")
    if unusable:
        raise typer.Exit(BAD_INPUT)


@dataclass(slots=True)
class _Pictures:
    """What the pictures of one file came to."""

    judgements: list[Judgement]
    repeats: bool = False


class FileJudge:
    """Judges files, one after another."""

    def __init__(self, faces: FaceAnalyzer, analyzer: LivenessAnalyzer | None) -> None:
        self._faces = faces
        self._analyzer = analyzer

    @classmethod
    def load(cls, files: InstalledModels) -> FileJudge:
        """Load the models; the optional one where it is installed.

        Raises:
            ModelMissingError: the face detector is not installed, or the optional model has other bytes than pinned.
        """
        analyzer = LivenessAnalyzer.load(files) if files.has(NARROW) or files.has(WIDE) else None
        return cls(FaceAnalyzer.load(files), analyzer)

    @property
    def has_model(self) -> bool:
        """Whether faces can be judged."""
        return self._analyzer is not None

    def line(self, path: Path) -> dict[str, object]:
        """Judge one file.

        Raises:
            MediaError: it cannot be read, or holds no picture.
        """
        seen = self._seen(path)
        if not seen.judgements:
            raise MediaError(f"{path}: holds no picture")
        bona_fide = clip_bona_fide(seen.judgements)
        decision, cue = decide(bona_fide), "face"
        if decision is LivenessDecision.CANNOT_TELL:
            cue = self._reason(seen.judgements)
        if seen.repeats:
            decision, cue = LivenessDecision.ATTACK, REPEATS
        return {
            "file": str(path),
            "bona_fide": None if bona_fide is None else round(bona_fide, 4),
            "decision": decision.value,
            "cue": cue,
            "pictures": len(seen.judgements),
            "judged": sum(judgement.bona_fide is not None for judgement in seen.judgements),
        }

    def _seen(self, path: Path) -> _Pictures:
        seen = _Pictures([])
        stream, since = RepetitionStream(), None
        for at, rgb in pictures(path):
            seen.judgements.append(self._judged(rgb))
            repeating = stream.observe(Frame(TrackKind.CAMERA, at, rgb), None).repeating or 0.0
            since = None if repeating < VirtualCameraConfig().repeating else at if since is None else since
            seen.repeats = seen.repeats or (since is not None and at - since >= REPEATS_FOR)
        return seen

    def _judged(self, rgb: Picture) -> Judgement:
        if self._analyzer is None:
            return Judgement(None, None)
        return self._analyzer.judge(rgb, [face.box for face in self._faces.detect(rgb)])

    def _reason(self, judgements: list[Judgement]) -> str:
        """The most frequent reason why pictures allowed no judgement."""
        reasons = Counter(judgement.problem for judgement in judgements if judgement.problem is not None)
        return reasons.most_common(1)[0][0].value if reasons else NO_MODEL


def pictures(path: Path, per_s: float = PICTURES_PER_S) -> Iterator[tuple[MediaTime, Picture]]:
    """Pictures of a file with their times, RGB and upright: the photograph, or `per_s` a second of a clip.

    Raises:
        MediaError: the file cannot be read.
    """
    recorded = RecordedFile(path)
    grid = SamplingGrid(per_s)
    try:
        for item in recorded.items():
            if isinstance(item, StillPicture):
                yield MediaTime(0), item.rgb
            elif isinstance(item, RecordedPicture) and grid.wants(item.at):
                grid.took(item.at)
                yield item.at, rgb_of(item.picture)
    finally:
        recorded.close()


def _complain(message: str) -> None:
    sys.stderr.write(f"proctor liveness: {message}\n")
