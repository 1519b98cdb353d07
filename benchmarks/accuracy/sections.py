"""The sections of the evaluation, in the order of the report."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.accuracy import (
    events,
    head_pose,
    honest,
    people,
    speech,
    staged,
    verification,
)
from benchmarks.accuracy.labelled import LabelledData
from benchmarks.accuracy.tables import Json
from proctor.analyzers.suite import AnalyzerSuite

Draw = Callable[[Json, Path], dict[str, str]]
"""Writes pictures into a folder; says which, with what each shows."""


@dataclass(frozen=True, slots=True)
class Section:
    """One sense: how it is measured and how the result is told."""

    key: str
    title: str
    labels: str | None
    """The labels file that it needs; None where it can do without data."""
    measure: Callable[[Any, AnalyzerSuite], Json]
    """Gets the data (None where there is none and `labels` is None) and the analyzers; the result has a `headline`."""
    report: Callable[[Json], list[str]]
    draw: Draw | None = None

    def can_measure(self, data: LabelledData | None) -> bool:
        """Whether the folder holds what it needs."""
        return self.labels is None or (data is not None and (data.folder / self.labels).is_file())


SECTIONS: tuple[Section, ...] = (
    Section(
        "people", "People in a picture", people.LABELS, people.measure_people, people.report_people, people.draw_people
    ),
    Section("events", "Events on video", events.LABELS, events.measure_events, events.report_events),
    Section(
        "verification",
        "Is it the same person",
        verification.LABELS,
        verification.measure_verification,
        verification.report_verification,
        verification.draw_verification,
    ),
    Section(
        "head_pose",
        "Where the head is turned",
        None,
        head_pose.measure_head_pose,
        head_pose.report_head_pose,
        head_pose.draw_head_pose,
    ),
    Section(
        "speech", "Speech and level", speech.LABELS, speech.measure_speech, speech.report_speech, speech.draw_speech
    ),
    Section("staged", "Staged sittings", None, staged.measure_staged, staged.report_staged, staged.draw_staged),
    Section("honest", "Honest sittings", None, honest.measure_honest, honest.report_honest),
)
