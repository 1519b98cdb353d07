"""Face verification by group, beside plain YuNet and SFace at the published threshold."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.accuracy.estimate import (
    Weights,
    bootstrap,
    cases_needed,
    pair_weights,
    rule_of_three,
)
from benchmarks.accuracy.labelled import LabelledData
from benchmarks.accuracy.operating import equal_error_rate, weighted_detection
from benchmarks.accuracy.people import PlainYunet
from benchmarks.accuracy.plots import intervals, spread, trade_off
from benchmarks.accuracy.tables import Json, Target, headline, paragraph, share_text, table
from models.manifest import load_calibration, load_manifest
from models.registry import package_file
from proctor.analyzers.identity import FaceCode, IdentityAnalyzer, similarity_of
from proctor.analyzers.suite import AnalyzerSuite
from proctor.domain.errors import NoUsableFaceError
from server.perception.recorded import read_picture

LABELS = "face_pairs/pairs.csv"
PUBLISHED_SFACE_THRESHOLD = 0.363
ASKED_FMR = 1e-2
WANTED_FMR = 1e-4
NEVER = -2.0
"""Similarity of a pair with a picture in which no face was found: below anything."""
TAR_TARGET, FALSE_MATCH_TARGET = Target(0.99), Target(1, at_most=True)
SELF_REPORTED = ("gender", "ethnicity")


@dataclass(frozen=True, slots=True)
class ScoredPair:
    """One pair of pictures and its similarity; persons are numbered."""

    same: bool
    group: str
    similarity: float
    person_a: int
    person_b: int


@dataclass(frozen=True, slots=True)
class Persons:
    """Who is in which picture, and what the persons say of themselves."""

    number: dict[str, int]
    """Of the person, by picture."""
    said: dict[str, dict[str, str]]
    """Columns of `SELF_REPORTED` that are filled, by picture."""

    @property
    def count(self) -> int:
        """Number of persons."""
        return len(set(self.number.values()))


def measure_verification(data: LabelledData, suite: AnalyzerSuite) -> Json:
    """True acceptance at a false match rate of 1e-2, errors at the decision threshold; all, by group, and all pairs."""
    rows = data.rows(LABELS)
    folder = data.folder / "face_pairs"
    names = sorted({row[column] for row in rows for column in ("file_a", "file_b")})
    persons = _persons(data, names)
    ours = {name: _code(suite.identity, folder / name) for name in names}
    plain = PlainSface()
    theirs = {name: plain.vector(folder / name) for name in names}
    scored, baseline = [], []
    for row in rows:
        a, b = row["file_a"], row["file_b"]
        who = persons.number[a], persons.number[b]
        scored.append(ScoredPair(row["same"] == "1", row["group"], _fused(ours[a], ours[b]), *who))
        baseline.append(ScoredPair(row["same"] == "1", row["group"], _cosine(theirs[a], theirs[b]), *who))
    threshold = load_calibration("face_verification").threshold
    result = _report(scored, threshold, persons.count)
    every = _every_pair(names, persons, lambda a, b: _fused(ours[a], ours[b]), threshold)
    false = result["all"]["false_match"]
    return {
        "headline": [
            headline("TAR at FMR 1e-2", result["tar_at_fmr_1e-2"], TAR_TARGET),
            headline(
                "false matches at the default threshold",
                false["hits"],
                FALSE_MATCH_TARGET,
                f"of {false['cases']} pairs",
            ),
        ],
        "ours": result,
        "plain_sface": _report(baseline, PUBLISHED_SFACE_THRESHOLD, persons.count),
        "every_pair": every,
        "persons": persons.count,
        "scores": {
            "same": [round(pair.similarity, 4) for pair in scored if pair.same],
            "different": [round(pair.similarity, 4) for pair in scored if not pair.same],
            "plain_same": [round(pair.similarity, 4) for pair in baseline if pair.same],
            "plain_different": [round(pair.similarity, 4) for pair in baseline if not pair.same],
        },
        "pictures_without_face": {
            "ours": sum(code is None for code in ours.values()),
            "plain_sface": sum(vector is None for vector in theirs.values()),
        },
    }


def acceptance_at(pairs: Sequence[ScoredPair], false_match_rate: float, persons: int) -> Json:
    """Pairs of one person above the threshold that lets through at most that share of the others; interval by person.

    The threshold is that of these pairs, and is chosen anew in each resampling.
    """
    same, different = [pair for pair in pairs if pair.same], [pair for pair in pairs if not pair.same]
    positive = np.array([pair.similarity for pair in same], np.float64)
    negative = np.array([pair.similarity for pair in different], np.float64)

    def share(weights: Weights) -> tuple[float | None, float | None]:
        return weighted_detection(
            positive, _weights(same, weights), negative, _weights(different, weights), false_match_rate
        )

    accepted, threshold = share(np.ones(persons))
    interval = bootstrap(persons, lambda weights: share(weights)[0])
    return {
        "hits": None if accepted is None else round(accepted * len(same)),
        "cases": len(same),
        "share": None if accepted is None else round(accepted, 4),
        "clusters": _persons_in(pairs),
        "interval_95": None
        if interval is None
        else [round(edge, 4) for edge in _never_certain(interval, _persons_in(same))],
        "threshold": None if threshold is None else round(threshold, 4),
    }


def report_verification(result: Json) -> list[str]:
    """Tables of the ways, of the groups, and of all pairs; what the data cannot say."""
    ways = [
        [name, way["tar_at_fmr_1e-2"], way["tar_at_fmr_1e-2"]["threshold"], way["eer"], way["threshold"],
         way["all"]["true_accept"], way["all"]["false_match"]]
        for name, way in (("ours", result["ours"]), ("plain SFace", result["plain_sface"]))
    ]  # fmt: skip
    groups = [
        [name, group["tar_at_fmr_1e-2"], group["true_accept"], group["false_match"], group["lowest_genuine"],
         group["highest_impostor"], _plain_false(result, name)]
        for name, group in result["ours"]["groups"].items()
    ]  # fmt: skip
    every = result["every_pair"]
    said = [[name, line["persons"], line["false_match"], line["highest"], line["true_accept"], line["lowest"]]
            for name, line in every["groups"].items()]  # fmt: skip
    return [
        *table(
            ["", "TAR at FMR 1e-2", "its threshold", "EER", "decision threshold", "true accept", "false match"],
            ways,
        ),
        *table(
            ["group of pairs", "TAR at FMR 1e-2", "true accept at the decision threshold", "false match there",
             "lowest same", "highest different", "plain SFace: false match"],
            groups,
        ),
        *paragraph(
            "TAR of a group uses the group's own impostors; with fewer than 100 of them FMR 1e-2 means none at all. "
            "Intervals "
            "are bootstraps by person (a pair counts as often as both its persons were drawn), n is the number of "
            "persons."
        ),
        *table(
            ["every pair within", "persons", "false match at the decision threshold", "highest different",
             "true accept", "lowest same"],
            said,
        ),
        *paragraph(*_limits(result)),
    ]  # fmt: skip


def draw_verification(result: Json, folder: Path) -> dict[str, str]:
    """Error trade-off, and true acceptance by group."""
    scores = {name: np.array(values) for name, values in result["scores"].items()}
    curves = {
        "ours": (scores["same"], scores["different"]),
        "plain SFace": (scores["plain_same"], scores["plain_different"]),
    }
    trade_off(folder / "verification-det.png", curves, "Is it the same person", "pairs of one person")
    pairs = {"one person": scores["same"], "different people": scores["different"]}
    threshold = result["ours"]["threshold"]
    spread(folder / "verification-scores.png", pairs, "Similarity of pairs", "similarity", threshold)
    rows = [
        (name, group["true_accept"]["share"], *group["true_accept"]["interval_95"])
        for name, group in result["ours"]["groups"].items()
        if group["true_accept"]["interval_95"] is not None
    ]
    intervals(folder / "verification-groups.png", rows, "True accept at the decision threshold", TAR_TARGET.value)
    return {
        "verification-det.png": "Errors of face verification at every threshold; no error is drawn at the edge",
        "verification-scores.png": "Similarity of the labelled pairs, and the decision threshold",
        "verification-groups.png": "True accept at the decision threshold, 95 % by person",
    }


def _limits(result: Json) -> list[str]:
    persons, every = result["persons"], result["every_pair"]["groups"]["all"]["false_match"]
    cannot = (
        f"**FMR 1e-4 cannot be shown on this data.** It takes {cases_needed(WANTED_FMR):,} independent impostor pairs "
        f"without a false match; {persons} persons give {persons // 2} pairs that share nobody, hence at most a bound "
        "of "
        f"{rule_of_three(persons // 2):.3f} (rule of three) that owes nothing to independence."
    )
    between = (
        f"Taken for independent, the {every['cases']:,} pairs of different people ({every['hits']} false matches) "
        "would "
        f"bound it at {rule_of_three(every['cases']):.1e} if none matched; the truth lies between."
    )
    chosen = "The decision threshold was chosen on these same pictures: nothing in this section is held out."
    said = (
        "Ethnicity and gender are given only where persons reported them (London set); most groups hold fewer than ten "
        "persons and bound nothing useful."
    )
    return [cannot, between, chosen, said]


def _persons(data: LabelledData, names: Sequence[str]) -> Persons:
    rows = {row["file"]: row for row in data.rows("face_pairs/images.csv", thin=False)}
    ids = {name: rows[name]["person_id"] if name in rows else name for name in names}
    numbers = {person: number for number, person in enumerate(sorted(set(ids.values())))}
    said = {
        name: {
            column: rows[name].get(column, "")
            for column in SELF_REPORTED
            if rows[name].get(column, "") not in {"", "NA"}
        }
        for name in names
        if name in rows
    }
    return Persons({name: numbers[person] for name, person in ids.items()}, said)


def _report(pairs: Sequence[ScoredPair], threshold: float, persons: int) -> Json:
    groups = sorted({pair.group for pair in pairs})
    positive = np.array([pair.similarity for pair in pairs if pair.same], np.float64)
    negative = np.array([pair.similarity for pair in pairs if not pair.same], np.float64)
    by_group = {group: [pair for pair in pairs if pair.group == group] for group in groups}
    return {
        "tar_at_fmr_1e-2": acceptance_at(pairs, ASKED_FMR, persons),
        "eer": equal_error_rate(positive, negative),
        "threshold": threshold,
        "all": _errors(pairs, threshold, persons),
        "groups": {
            group: {
                **_errors(members, threshold, persons),
                "tar_at_fmr_1e-2": acceptance_at(members, ASKED_FMR, persons),
            }
            for group, members in by_group.items()
        },
    }


def _errors(pairs: Sequence[ScoredPair], threshold: float, persons: int) -> Json:
    same, different = [pair for pair in pairs if pair.same], [pair for pair in pairs if not pair.same]
    return {
        "true_accept": _above(same, threshold, persons),
        "false_match": _above(different, threshold, persons),
        "lowest_genuine": round(min(pair.similarity for pair in same), 3) if same else None,
        "highest_impostor": round(max(pair.similarity for pair in different), 3) if different else None,
    }


def _above(pairs: Sequence[ScoredPair], threshold: float, persons: int) -> Json:
    """Share of pairs at or above the threshold; interval by person, a bound where it is none or all."""
    above = np.array([pair.similarity >= threshold for pair in pairs], np.float64)
    hits = int(above.sum())

    def share(weights: Weights) -> float | None:
        drawn = _weights(pairs, weights)
        return float(drawn @ above / drawn.sum()) if drawn.sum() else None

    clusters = _persons_in(pairs)
    if not pairs:
        interval = None
    elif hits in {0, len(pairs)}:
        # Pairs of different people that share nobody are at most half as many as the people.
        independent = clusters if pairs[0].same else max(1, clusters // 2)
        interval = (0.0, rule_of_three(independent)) if not hits else (1 - rule_of_three(independent), 1.0)
    else:
        interval = bootstrap(persons, share)
    return {
        "hits": hits,
        "cases": len(pairs),
        "share": round(hits / len(pairs), 4) if pairs else None,
        "clusters": clusters,
        "interval_95": None if interval is None else [round(edge, 4) for edge in interval],
    }


def _never_certain(interval: tuple[float, float], persons: int) -> tuple[float, float]:
    """An interval from 1 to 1 says only that resampling found no error; the persons bound it instead."""
    return interval if interval[0] < 1 else (1 - rule_of_three(persons), 1.0)


def _every_pair(
    names: Sequence[str], persons: Persons, similarity: Callable[[str, str], float], threshold: float
) -> Json:
    """All pairs of all pictures, whole and within what persons report of themselves."""
    pairs = [
        (ScoredPair(persons.number[a] == persons.number[b], "", similarity(a, b), persons.number[a], persons.number[b]),
         _common(persons, a, b))
        for a, b in combinations(names, 2)
    ]  # fmt: skip
    kinds = ["all", *sorted({name for _, common in pairs for name in common})]
    groups = {}
    for kind in kinds:
        members = [pair for pair, common in pairs if kind == "all" or kind in common]
        if _persons_in(members) > 1:
            errors = _errors(members, threshold, persons.count)
            groups[kind] = {
                "persons": _persons_in(members),
                "false_match": errors["false_match"],
                "highest": errors["highest_impostor"],
                "true_accept": errors["true_accept"],
                "lowest": errors["lowest_genuine"],
            }
    return {"threshold": threshold, "groups": groups}


def _common(persons: Persons, first: str, second: str) -> set[str]:
    said_a, said_b = persons.said.get(first, {}), persons.said.get(second, {})
    return {f"{column} {value}" for column, value in said_a.items() if said_b.get(column) == value}


def _plain_false(result: Json, group: str) -> str:
    return share_text(result["plain_sface"]["groups"][group]["false_match"])


def _persons_in(pairs: Sequence[ScoredPair]) -> int:
    return len({person for pair in pairs for person in (pair.person_a, pair.person_b)})


def _weights(pairs: Sequence[ScoredPair], weights: Weights) -> Weights:
    return pair_weights([pair.person_a for pair in pairs], [pair.person_b for pair in pairs], weights)


def _code(identity: IdentityAnalyzer, path: Path) -> FaceCode | None:
    try:
        return identity.code_of_picture(read_picture(path))[0]
    except NoUsableFaceError:
        return None


def _fused(first: FaceCode | None, second: FaceCode | None) -> float:
    return NEVER if first is None or second is None else similarity_of(first, second)


class PlainSface:
    """OpenCV's own alignment and the package's int8 SFace file on the largest face of plain YuNet: the baseline."""

    def __init__(self) -> None:
        entry = load_manifest()["sface"]
        self._encoder = cv2.FaceRecognizerSF.create(str(package_file(entry.package, entry.source)), "")
        self._detector = PlainYunet()

    def vector(self, path: Path) -> NDArray[np.float32] | None:
        """Vector of unit length; None when no face is found."""
        rgb = read_picture(path)
        rows = self._detector.faces(rgb)
        if not len(rows):
            return None
        largest = rows[int(np.argmax(rows[:, 2] * rows[:, 3]))]
        chip = self._encoder.alignCrop(cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR), largest)
        vector = self._encoder.feature(chip).reshape(-1).astype(np.float32)
        return (vector / np.linalg.norm(vector)).astype(np.float32)


def _cosine(first: NDArray[np.float32] | None, second: NDArray[np.float32] | None) -> float:
    return NEVER if first is None or second is None else float(first @ second)
