"""Identity documents: the machine-readable zone letter for letter, its check digits, and the portrait."""

from __future__ import annotations

from benchmarks.accuracy.estimate import share_of
from benchmarks.accuracy.labelled import LabelledData, Row
from benchmarks.accuracy.tables import Json, Target, headline, paragraph, table
from proctor.analyzers.documents import DocumentAnalyzer
from proctor.analyzers.suite import AnalyzerSuite
from server.perception.recorded import read_picture

LABELS = "id_documents/labels.csv"
READ_TARGET = Target(0.75)
LINES = ("mrz_1", "mrz_2", "mrz_3")


def measure_documents(data: LabelledData, suite: AnalyzerSuite) -> Json:
    """Zones read exactly as transcribed; zones said to be valid though a letter is wrong; portraits found."""
    reader = DocumentAnalyzer(data.models, suite.faces)
    exact: list[tuple[str, bool]] = []
    valid_but_wrong: list[tuple[str, bool]] = []
    portraits: list[tuple[str, bool]] = []
    wrong: list[Json] = []
    by_format: dict[str, list[tuple[str, bool]]] = {}
    for row in data.rows(LABELS):
        read = reader.read(read_picture(data.folder / "id_documents" / row["file"]))
        if row["portrait"] == "yes":
            portraits.append((row["file"], read.portrait is not None))
        truth = transcribed(row)
        if not truth:
            continue
        lines = [] if read.zone is None else list(read.zone.lines)
        hit = lines == truth
        exact.append((row["file"], hit))
        by_format.setdefault(row["mrz_format"], []).append((row["file"], hit))
        if read.zone is not None and read.zone.valid:
            valid_but_wrong.append((row["file"], not hit))
        if not hit:
            wrong.append({"file": row["file"], "read": lines})
    read_right = share_of(exact).as_json()
    return {
        "headline": [headline("MRZ read right, letter for letter", read_right, READ_TARGET)],
        "read_right": read_right,
        "valid_but_wrong": share_of(valid_but_wrong).as_json(),
        "by_format": {name: share_of(cases).as_json() for name, cases in sorted(by_format.items())},
        "portraits": share_of(portraits).as_json(),
        "wrong": wrong,
    }


def report_documents(result: Json) -> list[str]:
    """Table by format, and what was wrong."""
    rows = [["all transcribed", result["read_right"]]]
    rows += [[f"format {name}", share] for name, share in result["by_format"].items()]
    rows += [
        ["all check digits agree, but a letter is wrong", result["valid_but_wrong"]],
        ["portrait found where there is one", result["portraits"]],
    ]
    wrong = ", ".join(f"{case['file']}{'' if case['read'] else ' (nothing read)'}" for case in result["wrong"])
    return [
        *table(["", "share"], rows),
        *paragraph(
            f"Wrong: {wrong or 'none'}. Specimens published by issuers, mostly scans: photographs by a webcam are "
            "harder. "
            "The reader was made with these pictures at hand: not held out."
        ),
    ]


def transcribed(row: Row) -> list[str]:
    """The lines of the label; none where it is not transcribed."""
    return [row[name] for name in LINES if row.get(name)]
