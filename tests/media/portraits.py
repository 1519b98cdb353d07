"""Faces that packages carry under clear rights: the astronaut of scikit-image (NASA, public domain) and the official
portraits (works of the United States government) in the source distribution of face_recognition."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import tarfile
import tempfile
from functools import cache
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from skimage import data

Picture = NDArray[np.uint8]

ARCHIVE = "face_recognition-1.3.0.tar.gz"
ARCHIVE_SHA256 = "5e5efdd1686aa566af0d3cc1313b131e4b197657a8ffd03669e6d3fad92705ec"
MEMBERS = "face_recognition-1.3.0/tests/test_images"


class PortraitsMissingError(Exception):
    """The package with the portraits could not be fetched."""


@cache
def astronaut() -> Picture:
    """RGB (512, 512, 3): a woman, head and shoulders, slightly turned."""
    return np.asarray(data.astronaut(), dtype=np.uint8)


@cache
def portrait(name: str) -> Picture:
    """RGB of `obama`, `obama2` (the same man in another picture) or `biden`.

    Raises:
        PortraitsMissingError: the package index could not be reached.
    """
    with tarfile.open(_archive()) as archive:
        member = archive.extractfile(f"{MEMBERS}/{name}.jpg")
        assert member is not None
        encoded = np.frombuffer(member.read(), np.uint8)
    return np.asarray(cv2.cvtColor(cv2.imdecode(encoded, cv2.IMREAD_COLOR), cv2.COLOR_BGR2RGB), dtype=np.uint8)


def _archive() -> Path:
    cache_dir = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "proctor-tests"
    kept = cache_dir / ARCHIVE
    if kept.is_file() and _sha256(kept) == ARCHIVE_SHA256:
        return kept
    cache_dir.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache_dir) as scratch:
        fetched = _fetch(Path(scratch))
        if _sha256(fetched) != ARCHIVE_SHA256:
            raise PortraitsMissingError(f"{ARCHIVE} from the package index is not the one that is pinned")
        fetched.replace(kept)
    return kept


def _fetch(scratch: Path) -> Path:
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-binary", "face_recognition"]
    done = subprocess.run(
        [*command, "--dest", str(scratch), "face_recognition==1.3.0"], capture_output=True, text=True, check=False
    )
    fetched = scratch / ARCHIVE
    if done.returncode or not fetched.is_file():
        raise PortraitsMissingError(f"pip could not fetch {ARCHIVE}: {done.stderr.strip()[-300:]}")
    return fetched


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
