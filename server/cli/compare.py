"""`proctor compare`: do two pictures show the same person?"""

from __future__ import annotations

import csv
import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from models.registry import InstalledModels
from proctor.analyzers.identity import FaceCode, IdentityAnalyzer, UnusablePictureError, similarity_of
from proctor.analyzers.suite import AnalyzerSuite
from proctor.domain.errors import MediaError, NoUsableFaceError, ProctorError
from server.cli.progress import with_progress
from server.perception.recorded import read_picture

DIFFERENT = 1
BAD_INPUT = 2
COLUMNS = ("file_a", "file_b")


def compare(
    files: Annotated[list[Path] | None, typer.Argument(help="Two pictures.", metavar="A B")] = None,
    pairs: Annotated[
        Path | None,
        typer.Option(help="CSV with the columns file_a and file_b, paths relative to the CSV; one line out for each."),
    ] = None,
) -> None:
    """Verify two pictures, or every pair of a CSV, by the largest face of each.

    Writes a JSON line for each pair: similarity is the mean of two independent face encoders, same says whether it
    reaches the threshold, fmr_at_threshold how often different people do and fmr_at_threshold_upper_95 how often at
    most (95 %, measured as models/cards/face_verification.md tells), fmr_at_similarity how often they look at least so
    much alike. A pair with a picture without a usable face has "error" (a code) and "why" instead.

    Exit code 0 when the pictures show the same person, or every pair of the CSV was read; 1 when a single pair shows
    different people; 2 when a file cannot be read, or a single pair has no usable face.
    """
    files = files or []
    if (len(files) != 2) == (pairs is None):  # noqa: PLR2004 - two pictures make a pair
        _complain("give two pictures, or --pairs with a CSV file")
        raise typer.Exit(BAD_INPUT)
    try:
        rows = [(str(files[0]), str(files[1]))] if pairs is None else read_pairs(pairs)
        identity = AnalyzerSuite.load(InstalledModels()).identity
    except (ProctorError, OSError) as error:
        _complain(str(error))
        raise typer.Exit(BAD_INPUT) from error
    comparison = PairComparison(identity, Path() if pairs is None else pairs.parent)
    code = 0
    for name_a, name_b in with_progress(rows, "Comparing"):
        verdict = comparison.verdict(name_a, name_b)
        sys.stdout.write(json.dumps(verdict.line, ensure_ascii=False) + "\n")
        if verdict.complaint is not None:
            _complain(verdict.complaint)
        code = max(code, verdict.exit_code(single=pairs is None))
    if code:
        raise typer.Exit(code)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came out for one pair."""

    line: dict[str, object]
    complaint: str | None = None
    unreadable: bool = False

    def exit_code(self, *, single: bool) -> int:
        """0 same person, 1 different, 2 unusable; in a list only unreadable files count."""
        if self.unreadable:
            return BAD_INPUT
        if not single:
            return 0
        if self.complaint is not None:
            return BAD_INPUT
        return 0 if self.line["same"] else DIFFERENT


class PairComparison:
    """Compares pairs of files; each file is read and encoded once."""

    def __init__(self, identity: IdentityAnalyzer, folder: Path) -> None:
        self._identity = identity
        self._folder = folder
        self._known: dict[str, tuple[FaceCode, int] | NoUsableFaceError | MediaError] = {}

    def verdict(self, name_a: str, name_b: str) -> Verdict:
        """Compare one pair; never raises for what is in the files."""
        both = (self._look_up(name_a), self._look_up(name_b))
        names: dict[str, object] = {"file_a": name_a, "file_b": name_b}
        for name, found in zip((name_a, name_b), both, strict=True):
            if isinstance(found, MediaError):
                return Verdict({**names, "error": "unreadable", "why": str(found)}, str(found), unreadable=True)
            if isinstance(found, NoUsableFaceError):
                why = f"{name}: {found}"
                faces = [_faces_in(each) for each in both]
                return Verdict({**names, "error": found.reason, "why": why, "faces": faces}, why)
        (code_a, faces_a), (code_b, faces_b) = (found for found in both if isinstance(found, tuple))
        return Verdict({**names, **judgement(self._identity, code_a, code_b), "faces": [faces_a, faces_b]})

    def _look_up(self, name: str) -> tuple[FaceCode, int] | NoUsableFaceError | MediaError:
        if name not in self._known:
            try:
                self._known[name] = self._identity.code_of_picture(read_picture(self._folder / name))
            except (NoUsableFaceError, MediaError) as error:
                self._known[name] = error
        return self._known[name]


def judgement(identity: IdentityAnalyzer, first: FaceCode, second: FaceCode) -> dict[str, object]:
    """What is printed of two faces: the decision, and how often different people look so much alike."""
    similarity, calibration = similarity_of(first, second), identity.calibration
    return {
        "same": calibration.same(similarity),
        "similarity": round(similarity, 4),
        "fmr_at_similarity": float(f"{calibration.rate_at(similarity):.3g}"),
        "threshold": calibration.threshold,
        "fmr_at_threshold": calibration.false_match_rate,
        "fmr_at_threshold_upper_95": calibration.false_match_rate_upper,
    }


def read_pairs(path: Path) -> list[tuple[str, str]]:
    """Pairs of file names of a CSV with a header.

    Raises:
        MediaError: not a CSV file, or it lacks a column or a value.
        OSError: it cannot be opened.
    """
    try:
        with path.open(newline="", encoding="utf-8-sig") as stream:
            reader = csv.DictReader(stream)
            missing = [column for column in COLUMNS if column not in (reader.fieldnames or ())]
            if missing:
                raise MediaError(f"{path}: column {' and '.join(missing)} is missing")
            rows = [(row["file_a"], row["file_b"]) for row in reader]
    except (UnicodeDecodeError, csv.Error) as error:
        raise MediaError(f"{path}: not a CSV file ({error})") from error
    for line, row in enumerate(rows, start=2):
        if not all(row):
            raise MediaError(f"{path}: row {line} names no pair of files")
    return rows


def _faces_in(found: tuple[FaceCode, int] | NoUsableFaceError | MediaError) -> int | None:
    if isinstance(found, tuple):
        return found[1]
    return found.faces if isinstance(found, UnusablePictureError) else None


def _complain(message: str) -> None:
    sys.stderr.write(f"proctor compare: {message}\n")
