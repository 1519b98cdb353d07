"""The scan of a real head that a package carries, read out of the package's archive.

`james` of menpo3d (Imperial College London, BSD-3-Clause; the archive names no licence of its own for the scan): a man,
taken by a stereo scanner, in millimetres, with photographs as its texture and 68 points marked on it.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import tarfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.accuracy.rendering import Floats, TexturedMesh

ARCHIVE: Final = "menpo3d-0.8.6.tar.gz"
ARCHIVE_SHA256: Final = "96ad2c8b55b74e026cdc190cf6b1564ad7c8e6c53976cf897d6a1bf4940f084a"
MEMBERS: Final = "menpo3d-0.8.6/menpo3d/data/james"
PAIRS: Final = np.array(
    [
        (17, 26), (18, 25), (19, 24), (20, 23), (21, 28), (22, 27), (29, 47), (30, 46), (31, 45), (32, 44), (33, 43),
        (38, 42), (39, 41), (48, 54), (49, 53), (50, 52), (58, 56), (59, 55),
    ]
)  # fmt: skip
"""Marked points on the man's right and left: eyes, brows, nose, mouth; not the outline, which is no fixed place."""


@dataclass(frozen=True, slots=True, eq=False)
class HeadScan:
    """A head that faces the camera, level from side to side as its marked points are, around the middle of these."""

    mesh: TexturedMesh
    turned_deg: float
    """By how much the head was turned in the file's own axes, to the picture's right."""


def head_scan(folder: Path | None = None) -> HeadScan:
    """Read the scan.

    Args:
        folder: where the archive lies; without it, where the tests keep theirs.

    Raises:
        FileNotFoundError: it is not there, or is another; `filename` says what is wanted and how to get it.
    """
    path = (folder or _kept()) / ARCHIVE
    if not path.is_file() or hashlib.sha256(path.read_bytes()).hexdigest() != ARCHIVE_SHA256:
        raise FileNotFoundError(2, "no scan", f"{ARCHIVE} among the files that tests keep (its package's source)")
    with tarfile.open(path) as archive:
        shape, marks, picture = (_member(archive, ending) for ending in (".obj", ".ljson", ".jpg"))
    points, triangles, corners = read_shape(shape.decode("ascii"))
    marked = np.array(json.loads(marks)["groups"]["LJSON"]["landmarks"]["points"], np.float64)
    texture = cv2.cvtColor(cv2.imdecode(np.frombuffer(picture, np.uint8), cv2.IMREAD_COLOR), cv2.COLOR_BGR2RGB)
    height, width = texture.shape[:2]
    across = (marked[PAIRS[:, 1]] - marked[PAIRS[:, 0]]).sum(axis=0)
    facing = (points - marked.mean(axis=0)) @ levelled(across)
    corners = np.stack([corners[..., 0] * width, (1 - corners[..., 1]) * height], axis=2) - 0.5
    mesh = TexturedMesh(facing, triangles, corners, np.asarray(texture, np.uint8))
    return HeadScan(mesh, float(np.degrees(np.arctan2(-across[2], across[0]))))


def levelled(across: Floats) -> Floats:
    """Rotation (3, 3), for rows times it; it brings a head's lateral axis onto x and leaves up as near up as can be."""
    lateral = across / np.linalg.norm(across)
    up = np.array([0.0, 1.0, 0.0]) - lateral * lateral[1]
    up /= np.linalg.norm(up)
    return np.stack([lateral, up, np.cross(lateral, up)], axis=1)


def read_shape(text: str) -> tuple[Floats, NDArray[np.intp], Floats]:
    """Points, triangles and their corners in the texture (0 to 1, up) of a Wavefront file of triangles."""
    rows: dict[str, list[list[str]]] = {"v": [], "vt": [], "f": []}
    for line in io.StringIO(text):
        kind, _, rest = line.partition(" ")
        if kind in rows:
            rows[kind].append(rest.split())
    faces = np.array([[corner.split("/")[:2] for corner in row] for row in rows["f"]], np.intp) - 1
    places = np.array([row[:2] for row in rows["vt"]], np.float64)
    return np.array([row[:3] for row in rows["v"]], np.float64), faces[..., 0], places[faces[..., 1]]


def _member(archive: tarfile.TarFile, ending: str) -> bytes:
    member = archive.extractfile(MEMBERS + ending)
    if member is None:
        raise FileNotFoundError(2, "no scan", MEMBERS + ending)
    return member.read()


def _kept() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "proctor-tests"
