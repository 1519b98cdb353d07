"""Reads the labelled data: CSV files beside folders of pictures, clips and sounds."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

from models.registry import InstalledModels
from proctor.domain.media import AudioChunk
from proctor.domain.time import MediaTime
from server.cli.listen import decoded_sound
from server.perception.recorded import SoundPlacer

Row = dict[str, str]


@dataclass(frozen=True, slots=True)
class LabelledData:
    """The folder with its sub-folders; `every` above 1 takes only each n-th row, for a quick run."""

    folder: Path
    every: int = 1
    models: InstalledModels = field(default_factory=InstalledModels)

    def rows(self, name: str, *, thin: bool = True) -> list[Row]:
        """Rows of a CSV file, by its path inside the folder."""
        with (self.folder / name).open(newline="", encoding="utf-8") as stream:
            rows = list(csv.DictReader(stream))
        return rows[:: self.every] if thin else rows


def sound_chunks(path: Path) -> Iterator[AudioChunk]:
    """Sound of a file as the analyzers want it: mono, 16 kHz."""
    placer = SoundPlacer()
    for at, frame in decoded_sound(path):
        yield from placer.place(at, frame)


def speaker_of(row: Row) -> str:
    """Who is heard in a labelled recording: those of one reader belong together, others stand for themselves."""
    name = Path(row["file"]).stem
    reader = {"libri": name.split("-")[0], "vctk": "vctk_p287"}.get(name.split("_")[0])
    return reader or name


def video_pictures(path: Path, per_s: float) -> Iterator[tuple[MediaTime, NDArray[np.uint8]]]:
    """Pictures of a clip, RGB, at most `per_s` a second."""
    due_s = 0.0
    with av.open(str(path)) as container:
        for frame in container.decode(video=0):
            if frame.time is not None and frame.time >= due_s - 1e-6:
                due_s = frame.time + 1 / per_s
                yield MediaTime(round(frame.time * 1e9)), frame.to_ndarray(format="rgb24").astype(np.uint8, copy=False)
