"""`proctor document`: what is on an identity document?"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated, Final

import typer

from models.registry import InstalledModels
from proctor.analyzers.documents import DocumentAnalyzer, DocumentRead
from proctor.analyzers.identity import FaceCode, IdentityAnalyzer
from proctor.analyzers.suite import AnalyzerSuite
from proctor.domain.errors import MediaError, NoUsableFaceError, ProctorError
from server.cli.compare import judgement
from server.cli.progress import with_progress
from server.perception.recorded import read_picture

NOT_VALID: Final = 1
BAD_INPUT: Final = 2
PORTRAIT_MISSING: Final = "the document shows no portrait to compare"


def document(
    files: Annotated[list[Path], typer.Argument(help="Photographs of documents.", metavar="IMAGE...")],
    face: Annotated[
        Path | None, typer.Option(help="Photograph of a person, compared with each portrait by the largest face.")
    ] = None,
) -> None:
    """Read the machine-readable zone and find the portrait of identity documents, whichever way they lie.

    Writes a JSON line for each picture: mrz has the lines of the zone (none where there is none), valid says whether
    every check digit of ICAO Doc 9303 agrees and checks which ones do, fields are taken from the zone (dates as year,
    month, day of two digits each), portrait is x, y, width, height. Agreeing check digits are no sign that a document
    is genuine. With --face, comparison says whether the portrait shows the same person. A file that cannot be read has
    "error" and "why" instead.

    Exit code 0 when every zone is valid (and every comparison says the same person), 1 when one is not, 2 when a file
    cannot be read or the face cannot be used.
    """
    try:
        installed = InstalledModels()
        suite = AnalyzerSuite.load(installed)
        reader = DocumentAnalyzer(installed, suite.faces)
        person = None if face is None else suite.identity.code_of_picture(read_picture(face))[0]
    except NoUsableFaceError as error:
        _complain(f"{face}: {error}")
        raise typer.Exit(BAD_INPUT) from error
    except (ProctorError, OSError) as error:
        _complain(str(error))
        raise typer.Exit(BAD_INPUT) from error
    code = 0
    for path in with_progress(files, "Reading"):
        line, worst = _line(path, reader, suite.identity, person)
        sys.stdout.write(json.dumps(line, ensure_ascii=False) + "\n")
        if "why" in line:
            _complain(str(line["why"]))
        code = max(code, worst)
    if code:
        raise typer.Exit(code)


def _line(
    path: Path, reader: DocumentAnalyzer, identity: IdentityAnalyzer, person: FaceCode | None
) -> tuple[dict[str, object], int]:
    """What is printed for a file, and the exit code that it asks for."""
    try:
        read = reader.read(read_picture(path))
    except MediaError as error:
        return {"file": str(path), "error": "unreadable", "why": str(error)}, BAD_INPUT
    zone = read.zone
    line: dict[str, object] = {
        "file": str(path),
        "mrz": [] if zone is None else list(zone.lines),
        "valid": zone is not None and zone.valid,
        "fields": {} if zone is None else dict(zone.fields),
        "checks": {} if zone is None else dict(zone.checks),
        "portrait": None if read.portrait is None else [round(value, 1) for value in read.portrait],
    }
    fine = line["valid"]
    if person is not None:
        comparison = _comparison(read, identity, person)
        line["comparison"] = comparison
        fine = fine and comparison.get("same")
    return line, 0 if fine else NOT_VALID


def _comparison(read: DocumentRead, identity: IdentityAnalyzer, person: FaceCode) -> dict[str, object]:
    if read.portrait_picture is None:
        return {"error": "no_face", "why": PORTRAIT_MISSING}
    try:
        portrait, _ = identity.code_of_picture(read.portrait_picture)
    except NoUsableFaceError as error:
        return {"error": error.reason, "why": str(error)}
    return judgement(identity, portrait, person)


def _complain(message: str) -> None:
    sys.stderr.write(f"proctor document: {message}\n")
