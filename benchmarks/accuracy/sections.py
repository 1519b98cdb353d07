"""The sections of the evaluation, in the order of the report.

A section is a module of this package with `LABELS` (the labels file that it needs, None where it can do without data),
`measure_<key>(data, suite)`, whose result has a `headline`, `report_<key>(result)`, and where there is something to
plot `draw_<key>(result, folder)`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from benchmarks.accuracy.labelled import LabelledData
from benchmarks.accuracy.tables import Json
from proctor.analyzers.suite import AnalyzerSuite

Draw = Callable[[Json, Path], dict[str, str]]
"""Writes pictures into a folder; says which, with what each shows."""

TITLES = {
    "staged": "Staged sittings",
    "honest": "Honest sittings",
    "people": "People in a picture",
    "events": "Events on video",
    "verification": "Is it the same person",
    "presentation": "Pictures of faces instead of faces",
    "injection": "Pictures that a program puts in the camera's place",
    "head_pose": "Where the head is turned",
    "scanned_head": "A scanned head, turned",
    "gaze": "Where the candidate looks",
    "dots": "Following the dot",
    "own_screen": "The candidate's own screen",
    "body": "Bodies",
    "speech": "Speech and level",
    "whisper": "Whispering",
    "voices": "Voices",
    "objects": "Objects",
    "room_scan": "Recording of the room",
    "documents": "Identity documents",
}
"""By key, in the order of the report."""


@dataclass(frozen=True, slots=True)
class Section:
    """One sense: how it is measured and how the result is told."""

    key: str
    title: str
    labels: str | None
    """The labels file that it needs; None where it can do without data."""
    measure: Callable[[Any, AnalyzerSuite], Json]
    """Gets the data (None where there is none and `labels` is None) and the analyzers."""
    report: Callable[[Json], list[str]]
    draw: Draw | None

    def can_measure(self, data: LabelledData | None) -> bool:
        """Whether the folder holds what it needs."""
        return self.labels is None or (data is not None and (data.folder / self.labels).is_file())


def _sections() -> Iterator[Section]:
    for key, title in TITLES.items():
        module = import_module(f"benchmarks.accuracy.{key}")
        yield Section(
            key=key,
            title=title,
            labels=module.LABELS,
            measure=getattr(module, f"measure_{key}"),
            report=getattr(module, f"report_{key}"),
            draw=getattr(module, f"draw_{key}", None),
        )


SECTIONS: tuple[Section, ...] = tuple(_sections())
