"""How the face template of `proctor/analyzers/head_pose.py`, its lean and its stretch were measured, to do it again.

    python -m benchmarks.accuracy.yaw_template FOLDER

Frontal portraits of `face_pairs` (one a person, of people with a stated age) are turned in space by known angles. Every
second person gives the template, the mean of the frontal meshes made symmetric; the lean, half of what a turn and that
of the mirror image differ by; and the stretch that brings the mean of both nearest to the true turns. The others are
for the report (`benchmarks/accuracy/head_pose.py`).
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.accuracy.labelled import LabelledData
from models.registry import InstalledModels
from proctor.analyzers.faces import FaceAnalyzer
from proctor.analyzers.head_pose import MIDLINE, MIRRORED, MeshPoints, mesh_yaw_deg
from proctor.domain.observations import HeadPose
from server.perception.recorded import read_picture
from tests.media.turned_head import Picture, TurnableHead

Angles = NDArray[np.float64]
PORTRAITS = "face_pairs/images.csv"
TURNS = tuple(range(-45, 46, 5))


def frontal_portraits(data: LabelledData) -> list[tuple[str, Path]]:
    """Each person with one picture of studio quality: those whose age is stated."""
    first: dict[str, Path] = {}
    for row in data.rows(PORTRAITS, thin=False):
        if row["age"]:
            first.setdefault(row["person_id"], data.folder / "face_pairs" / row["file"])
    return sorted(first.items())


def fitted_half(people: Sequence[tuple[str, Path]]) -> Sequence[tuple[str, Path]]:
    """Those that template, lean and stretch were measured on."""
    return people[::2]


def held_out_half(people: Sequence[tuple[str, Path]]) -> Sequence[tuple[str, Path]]:
    """The others."""
    return people[1::2]


def turnable(rgb: Picture, faces: FaceAnalyzer) -> TurnableHead | None:
    """The head of a portrait; None where there is no mesh.

    Its own pose is that of the picture and its mirror image, so that the truth leans to neither side.
    """
    found = faces.detect(rgb)
    if not found:
        return None
    mesh, pose = faces.mesh.points(rgb, found[0].box), faces.mesh.pose_both_ways(rgb, found[0].box)
    return None if mesh is None or pose is None else TurnableHead(rgb, mesh, pose)


def template_of(meshes: Sequence[MeshPoints]) -> NDArray[np.float64]:
    """Mean of frontal meshes, symmetric: the points of the candidate's right, then those of the middle, (25, 3).

    Axes as in `head_pose`: x to the picture's right, y up, z toward the camera; the mean distance of all points from
    their middle is 1 in the picture's plane.
    """
    order = np.concatenate([MIRRORED[:, 0], MIRRORED[:, 1], MIDLINE])
    pairs = len(MIRRORED)
    placed = []
    for mesh in meshes:
        points = mesh[order] * (1.0, -1.0, -1.0)
        points = points - points.mean(axis=0)
        placed.append(points / np.sqrt(np.square(points[:, :2]).sum(axis=1).mean()))
    mean = np.mean(placed, axis=0)
    other = np.vstack([mean[pairs : 2 * pairs], mean[:pairs], mean[2 * pairs :]]) * (-1.0, 1.0, 1.0)
    symmetric = np.round((mean + other) / 2, 3)
    return np.asarray(np.vstack([symmetric[:pairs], symmetric[2 * pairs :]]))


def lean_and_stretch(true: Angles, found: Angles, mirrored: Angles) -> tuple[float, tuple[float, ...]]:
    """The lean in degrees, and the factors of m, m |m| and m³, where m is the mean of a turn and its mirror image.

    All of one shape, in degrees; `mirrored` is what the mirror image was measured to be turned by, its sign as found.
    """
    mean = (found - mirrored) / 2
    powers = np.stack([mean, mean * np.abs(mean), mean**3], axis=1)
    factors = np.linalg.lstsq(powers, true, rcond=None)[0]
    return float((found + mirrored).mean() / 2), tuple(float(factor) for factor in factors)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print template, lean and stretch."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    data = LabelledData(parser.parse_args(arguments).folder)
    faces = FaceAnalyzer.load(InstalledModels())
    people = fitted_half(frontal_portraits(data))
    frontal, turned = [], []
    for _, path in people:
        for true_deg, mesh, mirrored in _turned(path, faces):
            turned.append((true_deg, mesh_yaw_deg(mesh), mesh_yaw_deg(mirrored)))
            if true_deg == 0:
                frontal.append(mesh)
    sys.stdout.write(f"{template_of(frontal).tolist()}\n")
    lean, stretch = lean_and_stretch(*np.array(turned).T)
    factors = ", ".join(f"{factor:.4g}" for factor in stretch)
    sys.stdout.write(f"lean {lean:.2f}, stretch {factors}, with the template in use\n")
    return 0


def _turned(path: Path, faces: FaceAnalyzer) -> Iterator[tuple[float, MeshPoints, MeshPoints]]:
    head = turnable(read_picture(path), faces)
    if head is None:
        return
    for yaw in TURNS:
        rgb = head.drawn(HeadPose(float(yaw), 0.0, 0.0))
        mesh, mirrored = _mesh(rgb, faces), _mesh(np.ascontiguousarray(rgb[:, ::-1]), faces)
        if mesh is not None and mirrored is not None:
            yield float(yaw), mesh, mirrored


def _mesh(rgb: Picture, faces: FaceAnalyzer) -> MeshPoints | None:
    found = faces.detect(rgb)
    return faces.mesh.points(rgb, found[0].box) if found else None


if __name__ == "__main__":
    sys.exit(main())
