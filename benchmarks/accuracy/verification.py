"""Face verification by group, beside plain YuNet and SFace at the published threshold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.accuracy.labelled import LabelledData
from benchmarks.accuracy.people import PlainYunet
from benchmarks.accuracy.proportion import Proportion
from models.manifest import load_calibration, load_manifest
from models.registry import package_file
from proctor.analyzers.identity import FaceCode, IdentityAnalyzer, similarity_of
from proctor.domain.errors import NoUsableFaceError
from server.perception.recorded import read_picture

PUBLISHED_SFACE_THRESHOLD = 0.363
ASKED_FMR = 1e-2
NEVER = -2.0
"""Similarity of a pair with a picture in which no face was found: below anything."""


@dataclass(frozen=True, slots=True)
class ScoredPair:
    """One labelled pair and its similarity."""

    same: bool
    group: str
    similarity: float


def measure_verification(data: LabelledData, identity: IdentityAnalyzer) -> dict[str, object]:
    """True acceptance at a false match rate of 1e-2, errors at the decision threshold, all and by group."""
    rows = data.rows("face_pairs/pairs.csv")
    folder = data.folder / "face_pairs"
    names = sorted({row[column] for row in rows for column in ("file_a", "file_b")})
    ours = {name: _code(identity, folder / name) for name in names}
    plain = PlainSface()
    theirs = {name: plain.vector(folder / name) for name in names}
    scored, baseline = [], []
    for row in rows:
        same, a, b = row["same"] == "1", row["file_a"], row["file_b"]
        scored.append(ScoredPair(same, row["group"], _fused(ours[a], ours[b])))
        baseline.append(ScoredPair(same, row["group"], _cosine(theirs[a], theirs[b])))
    return {
        "ours": _report(scored, load_calibration("face_verification").threshold),
        "plain_sface": _report(baseline, PUBLISHED_SFACE_THRESHOLD),
        "pictures_without_face": {
            "ours": sum(code is None for code in ours.values()),
            "plain_sface": sum(vector is None for vector in theirs.values()),
        },
    }


def true_acceptance(pairs: Sequence[ScoredPair], false_match_rate: float) -> tuple[Proportion, float]:
    """Pairs of one person above the lowest threshold that lets through at most that share of the others."""
    impostors = sorted((pair.similarity for pair in pairs if not pair.same), reverse=True)
    threshold = impostors[int(len(impostors) * false_match_rate)] if impostors else NEVER
    genuine = [pair.similarity for pair in pairs if pair.same]
    return Proportion(sum(similarity > threshold for similarity in genuine), len(genuine)), threshold


def _report(pairs: Sequence[ScoredPair], threshold: float) -> dict[str, object]:
    acceptance, at = true_acceptance(pairs, ASKED_FMR)
    groups = sorted({pair.group for pair in pairs})
    return {
        "tar_at_fmr_1e-2": {**acceptance.as_json(), "threshold": round(at, 4)},
        "threshold": threshold,
        "all": _errors(pairs, threshold),
        "groups": {group: _errors([pair for pair in pairs if pair.group == group], threshold) for group in groups},
    }


def _errors(pairs: Sequence[ScoredPair], threshold: float) -> dict[str, object]:
    genuine = [pair.similarity for pair in pairs if pair.same]
    impostors = [pair.similarity for pair in pairs if not pair.same]
    return {
        "true_accept": Proportion(sum(value >= threshold for value in genuine), len(genuine)).as_json(),
        "false_match": Proportion(sum(value >= threshold for value in impostors), len(impostors)).as_json(),
        "lowest_genuine": round(min(genuine), 3) if genuine else None,
        "highest_impostor": round(max(impostors), 3) if impostors else None,
    }


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
