"""Pictures of faces instead of faces: errors by type of attack (ISO/IEC 30107-3), with their few cases."""

from __future__ import annotations

from benchmarks.accuracy.estimate import share_of
from benchmarks.accuracy.labelled import LabelledData
from benchmarks.accuracy.operating import Scored, detection_at
from benchmarks.accuracy.presentation_wider import measure_loops, measure_wider, report_loops, report_wider
from benchmarks.accuracy.tables import Json, Target, headline, paragraph, table
from proctor.analyzers.liveness import LivenessDecision
from proctor.analyzers.suite import AnalyzerSuite
from server.cli.liveness import FileJudge

LABELS = "presentation_attack/labels.csv"
BPCER_TARGET, APCER_TARGET = Target(0.15, at_most=True), Target(0.0, at_most=True)
NO_MODEL = "the optional model is not installed (`proctor models fetch`)"


def measure_presentation(data: LabelledData, suite: AnalyzerSuite) -> Json:
    """APCER by type of attack and BPCER of `proctor liveness`; "cannot tell" passes nobody and refuses nobody."""
    del suite
    judge = FileJudge.load(data.models)
    if not judge.has_model:
        return {
            "headline": [headline("attacks passed (APCER)", None, APCER_TARGET, NO_MODEL)],
            "model": None,
            "files": [],
            "loops": measure_loops(data),
        }
    files: list[Json] = []
    for row in data.rows(LABELS, thin=False):
        line = judge.line(data.folder / "presentation_attack" / row["file"])
        files.append(
            {
                "file": row["file"],
                "label": row["label"],
                "attack_type": row["attack_type"],
                "bona_fide": line["bona_fide"],
                "decision": line["decision"],
                "cue": line["cue"],
            }
        )
    attacks = [file for file in files if file["label"] == "attack"]
    honest = [file for file in files if file["label"] == "real"]
    passed = {
        kind: share_of(
            (file["file"], file["decision"] == LivenessDecision.BONA_FIDE)
            for file in attacks
            if file["attack_type"] == kind
        ).as_json()
        for kind in sorted({file["attack_type"] for file in attacks})
    }
    all_passed = share_of((file["file"], file["decision"] == LivenessDecision.BONA_FIDE) for file in attacks).as_json()
    refused = share_of((file["file"], file["decision"] == LivenessDecision.ATTACK) for file in honest).as_json()
    scored = Scored.of(
        [
            (file["file"], file["label"] == "attack", 1.0 - float(file["bona_fide"]))
            for file in files
            if file["bona_fide"] is not None
        ]
    )
    return {
        "headline": [
            headline("attacks passed (APCER)", all_passed, APCER_TARGET),
            headline("honest faces refused (BPCER)", refused, BPCER_TARGET),
        ],
        "model": "minifasnet",
        "apcer": passed,
        "apcer_all": all_passed,
        "bpcer": refused,
        "at_bpcer_15": detection_at(scored, BPCER_TARGET.value)
        if len(scored.positive) and len(scored.negative)
        else None,
        "files": files,
        "wider": measure_wider(data, judge),
        "loops": measure_loops(data),
    }


def report_presentation(result: Json) -> list[str]:
    """Table by type of attack and of every picture."""
    if result["model"] is None:
        return [
            *paragraph(
                f'Not measured: {NO_MODEL}. Without it `proctor liveness` answers "cannot tell" for every still '
                "picture."
            ),
            *report_loops(result["loops"]),
        ]
    rows = [[f"APCER, {kind}", share] for kind, share in result["apcer"].items()]
    rows += [["APCER, all types", result["apcer_all"]], ["BPCER", result["bpcer"]]]
    shown = ("file", "label", "attack_type", "bona_fide", "decision", "cue")
    files = [[file[name] or None for name in shown] for file in result["files"]]
    at = result["at_bpcer_15"]
    found = "" if at is None else f" At BPCER ≤ 0.15 {at['share']} of the {at['positives']} judged attacks are found."
    return [
        *table(["", "share"], rows),
        *table(["picture", "label", "type", "bona fide", "decision", "cue"], files),
        *paragraph(
            f"{len(result['files'])} pictures, three types with one or two each: **this supports no claim about a "
            "type**; "
            'the intervals say how little. "Cannot tell" counts as neither passed nor refused; a person looks. The '
            f"threshold was chosen on these pictures: not held out.{found}"
        ),
        *report_wider(result["wider"]),
        *report_loops(result["loops"]),
    ]
