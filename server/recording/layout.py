"""Where recordings lie: `recordings/<sitting>/<track>/<leg>-<index>.webm` under the data folder."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Final

from proctor.domain.media import TrackKind
from proctor.recording.segments import SegmentName

SEALED_MARK: Final = "sealed"
"""Empty file in a sitting's folder: all segments are sealed and their entries are on the timeline."""
_SITTING: Final = re.compile(r"[0-9A-Za-z_-]{1,64}")


def recordings_folder(data_dir: Path) -> Path:
    """Folder of all recordings."""
    return data_dir / "recordings"


def sitting_folder(data_dir: Path, sitting_id: str) -> Path:
    """Folder of one sitting's recordings.

    Raises:
        ValueError: the identifier could lead elsewhere.
    """
    if not _SITTING.fullmatch(sitting_id):
        raise ValueError(f"not an identifier of a sitting: {sitting_id!r}")
    return recordings_folder(data_dir) / sitting_id


def track_folder(data_dir: Path, sitting_id: str, track: TrackKind) -> Path:
    """Folder of one track's segments."""
    return sitting_folder(data_dir, sitting_id) / track.value


def segments_in(folder: Path) -> list[tuple[SegmentName, Path]]:
    """The segments of a track's folder in the order of recording; none when the folder is missing."""
    try:
        paths = list(folder.iterdir())
    except FileNotFoundError:
        return []
    found = [(SegmentName.of_file(path.name), path) for path in paths]
    return sorted((name, path) for name, path in found if name is not None)


def sync_folder(folder: Path) -> None:
    """Make the names inside a folder durable.

    Raises:
        OSError: the medium refused.
    """
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
