"""`python3 run.py bench calibration`: turn the similarity of faces into a false match rate.

Encodes every picture of `face_pairs/images.csv` (columns file, person_id, source; gender and ethnicity where the people
reported them) and compares each with each. With --write the result becomes the program's calibration. With --encoders
another set of encoders is measured: a JSON list as in the calibration file, of models that the manifest names.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import numpy as np

from benchmarks.accuracy.labelled import LabelledData, Row
from benchmarks.calibration.fit import Json, Mask, Scores, calibrate
from models.manifest import load_calibration
from models.registry import InstalledModels
from proctor.analyzers.faces import FaceAnalyzer
from proctor.analyzers.identity import CALIBRATION, FaceCode, IdentityAnalyzer, similarity_of
from proctor.domain.calibration import VERSION, Calibration
from proctor.domain.errors import NoUsableFaceError, ProctorError
from server.perception.recorded import read_picture

BAD_INPUT = 2
ROOT: Final = Path(__file__).resolve().parents[2]
BESIDE_THE_CHECKOUT: Final = ROOT.parent / "shared" / "data"
WRITTEN: Final = ROOT / "models" / "calibrations" / f"{CALIBRATION}.json"
IMAGES: Final = "face_pairs/images.csv"
ONE_GROUP: Final = ("ethnicity", "gender")


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; 0 when done, 2 when the data or a model is missing."""
    options = _options(arguments)
    data = LabelledData(options.data, 6 if options.quick else 1)
    try:
        rows = data.rows(IMAGES)
        installed = InstalledModels()
        calibration = _encoders(options.encoders)
        identity = IdentityAnalyzer.load(installed, FaceAnalyzer.load(installed), calibration)
        document = measured(data, rows, identity, installed)
    except (ProctorError, OSError, ValueError, KeyError) as error:
        sys.stderr.write(f"calibration: {error}\n")
        return BAD_INPUT
    text = json.dumps(document, indent=1, ensure_ascii=False)
    print(json.dumps(document) if options.json else _table(document))
    if options.write is not None:
        options.write.write_text(_compact(text) + "\n", encoding="utf-8")
    return 0


def measured(data: LabelledData, rows: Sequence[Row], identity: IdentityAnalyzer, installed: InstalledModels) -> Json:
    """The calibration as it is written."""
    known, codes = [], []
    for row in rows:
        try:
            codes.append(identity.code_of_picture(read_picture(data.folder / "face_pairs" / row["file"]))[0])
        except NoUsableFaceError:
            continue
        known.append(row)
    scores = _scores(known, codes)
    figures = calibrate(scores)
    encoders = identity.calibration.encoders
    return {
        "version": VERSION,
        "encoders": [
            {"model": one.model, "alignment": one.alignment.value, "planar": one.planar, "offset": one.offset,
             "factor": one.factor, "scale": one.scale.value}
            for one in encoders
        ],
        "versions": {one.model: installed.version(one.model) for one in encoders},
        "data": {
            "pictures": len(known),
            "pictures_without_usable_face": len(rows) - len(known),
            "people": scores.persons,
            "collections": list(scores.collections),
            "pairs_of_one_person": int(scores.same.sum()),
            "pairs_of_different_people": int((~scores.same).sum()),
            "of_these_within_a_collection": int(scores.impostors.sum()),
        },
        **figures,
        "evidence": _evidence(scores, figures),
    }  # fmt: skip


def _scores(rows: Sequence[Row], codes: Sequence[FaceCode]) -> Scores:
    left, right = np.triu_indices(len(rows), 1)
    similarity = np.array([similarity_of(codes[a], codes[b]) for a, b in zip(left, right, strict=True)])
    numbers = {name: place for place, name in enumerate(sorted({row["person_id"] for row in rows}))}
    person = np.array([numbers[row["person_id"]] for row in rows])
    source = np.array([row["source"] for row in rows])
    groups: dict[str, Mask] = {}
    collections = tuple(sorted(set(source)))
    for name in collections:
        groups[name] = (source[left] == name) & (source[right] == name)
    told = np.array(["/".join(row.get(column) or "" for column in ONE_GROUP) for row in rows])
    for name in sorted(set(told) - {"/"}):
        groups[name] = (told[left] == name) & (told[right] == name) & (source[left] == source[right])
    same = person[left] == person[right]
    return Scores(similarity, same, person[left], person[right], groups, collections, len(numbers))


def _evidence(scores: Scores, figures: Json) -> str:
    bounds, new = figures["bounds"], figures["held_out_people"]
    return (
        f"{bounds['false_matches']} false matches in {bounds['pairs']:,} pairs of different people within one "
        f"collection, {scores.persons} people. The rate is the fitted exponential tail, its upper end a bootstrap over "
        "the people; counting alone bounds it at "
        f"{bounds['rule_of_three_if_pairs_were_independent']:.1e} were the pairs independent (rule of three), which "
        "they are not. Threshold and rate come from these same pictures; with the threshold made on other people "
        f"{new['false_matches']} of {new['impostor_pairs']:,} pairs matched falsely. Other cameras, ages and origins "
        "may do worse."
    )


def _encoders(path: Path | None) -> Calibration:
    calibration = load_calibration(CALIBRATION)
    if path is None:
        return calibration
    document: dict[str, Any] = {
        "version": VERSION, "encoders": json.loads(path.read_text(encoding="utf-8")), "versions": {}, "threshold": 1.0,
        "false_match_rate": 1.0, "false_match_rate_upper": 1.0, "curve": [[0.0, 1.0], [1.0, 1.0]], "evidence": "",
    }  # fmt: skip
    return replace(calibration, encoders=Calibration.from_json(json.dumps(document)).encoders)


def _table(document: Json) -> str:
    new = document["held_out_people"]
    head = (
        f"threshold {document['threshold']}, false match rate {document['false_match_rate']:.1e} "
        f"(95 % upper end {document['false_match_rate_upper']:.1e})"
    )
    people = (
        f"people not in the fit: false match rate {new['false_match_rate']}, true accept rate "
        f"{new['true_accept_rate']}, thresholds {new['threshold'][0]} to {new['threshold'][1]}"
    )
    columns = "group | people | false matches | highest | rule of three | true accepts | lowest"
    lines = [head, document["evidence"], people, columns]
    for name, group in document["groups"].items():
        false = f"{group['false_matches']}/{group['impostor_pairs']}"
        true = f"{group['true_accepts']}/{group['genuine_pairs']}"
        cells = (name, group["people"], false, group["highest_impostor"], group["rule_of_three"], true,
                 group["lowest_genuine"])  # fmt: skip
        lines.append(" | ".join(str(cell) for cell in cells))
    for name, group in document["held_out_collections"].items():
        if group:
            false = f"{group['false_matches']}/{group['impostor_pairs']} false matches"
            true = f"{group['true_accepts']}/{group['genuine_pairs']} true accepts"
            lines.append(f"made without {name}: threshold {group['threshold']}, {false}, {true}")
    return "\n".join(lines)


def _compact(text: str) -> str:
    """Points of the curve on one line each."""
    return text.replace("[\n   ", "[").replace(",\n   ", ", ").replace("\n  ]", "]")


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench calibration", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="every sixth picture only")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of a table")
    parser.add_argument("--data", type=Path, default=BESIDE_THE_CHECKOUT, help="folder of the labelled data")
    parser.add_argument("--encoders", type=Path, help="JSON list of the encoders to measure")
    parser.add_argument(
        "--write", type=Path, nargs="?", const=WRITTEN, help="write the calibration (without a name: the program's own)"
    )
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
