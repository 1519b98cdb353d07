"""Honest sittings: all the footage of people who do nothing but sit there, and false alarms per hour."""

from __future__ import annotations

import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.accuracy.cast import FilmedActor, PhotographedActor, carried_cast, filmed_cast
from benchmarks.accuracy.estimate import cases_needed, events_per_hour
from benchmarks.accuracy.labelled import LabelledData, sound_chunks
from benchmarks.accuracy.onsets import Stage, explains
from benchmarks.accuracy.sittings import Ran, Sittings, found_signal
from benchmarks.accuracy.staging import Sitting, made_sounds
from benchmarks.accuracy.tables import Json, Target, headline, paragraph, table
from proctor.analyzers.suite import AnalyzerSuite
from proctor.domain.errors import NoUsableFaceError
from proctor.domain.media import AUDIO_RATE_HZ
from proctor.domain.signals import Signal, SignalKind
from tests.media.files import write_clip
from tests.media.sounds import RATE_HZ, Sound

LABELS = None
"""People and sounds that packages carry do without data."""
PLAYED_S = 60.0
"""A short clip is played forth and back for so long, so that every dwell time can run out."""
AIM_PER_HOUR = 0.5
LOUD_IS_TRUE = frozenset({SignalKind.NOISE})
"""A dog or a helicopter is loud: not false."""


@dataclass(frozen=True, slots=True)
class Watched:
    """One piece of honest footage that went through the line."""

    name: str
    source: str
    footage_s: float
    """Length of what was filmed or recorded; repetitions count once."""
    ran: Ran
    true: frozenset[SignalKind] = frozenset()
    stages: tuple[Stage, ...] = ()
    """What is to be seen, and so is true."""

    def false_kinds(self) -> list[str]:
        """Incidents that should not be; the same kinds again in the repetitions of a clip count once."""
        kinds = {
            tuple(dict.fromkeys(signal.kind.value for signal in incident.signals if not self._is_true(signal)))
            for incident in self.ran.incidents
        }
        return sorted(", ".join(names) for names in kinds if names)

    def _is_true(self, signal: Signal) -> bool:
        return signal.kind in self.true or any(explains(stage, found_signal(signal)) for stage in self.stages)


def measure_honest(data: LabelledData | None, suite: AnalyzerSuite) -> Json:
    """False incidents per hour of honest footage, with the exact Poisson bound; composed calm is counted apart."""
    line = Sittings(suite)
    watched: list[Watched] = []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "honest.mkv"
        if data is not None:
            watched += _filmed(data, suite, line, path)
            watched += _heard(data, line, path)
        watched += _composed(suite, line, path, quick=data is not None and data.every > 1)
    footage = {source: [each for each in watched if each.source == source] for source in ("film", "sound", "composed")}
    rates = {
        source: events_per_hour(
            sum(len(each.false_kinds()) for each in members), sum(each.footage_s for each in members)
        )
        for source, members in footage.items()
    }
    film = rates["film"]
    return {
        "headline": [
            headline(
                "false incidents an hour, upper 95 % bound",
                film["high"],
                Target(AIM_PER_HOUR, at_most=True),
                f"{film['events']} in {float(film['hours'] or 0) * 3600:.0f} s of film" if film["hours"] else "no film",
            ),
        ],
        "rates": rates,
        "pieces": [
            {
                "name": each.name,
                "source": each.source,
                "footage_s": round(each.footage_s, 2),
                "played_s": each.ran.duration_s,
                "false": each.false_kinds(),
            }
            for each in watched
        ],
        "kinds": dict(Counter(kind for each in watched for kind in each.false_kinds())),
    }  # fmt: skip


def report_honest(result: Json) -> list[str]:
    """Rates with their bounds, what was false, and what the length cannot support."""
    names = {
        "film": "film of a person alone, facing the camera (no sound)",
        "sound": "recordings without a voice (no picture)",
        "composed": "composed calm: photographs that packages carry, moving a little, in a quiet room",
    }
    rows = [
        [names[source], len([piece for piece in result["pieces"] if piece["source"] == source]),
         f"{float(rate['hours'] or 0) * 3600:.0f} s", rate["events"], rate["per_hour"], rate["high"]]
        for source, rate in result["rates"].items()
    ]  # fmt: skip
    false = [f"{piece['name']}: {'; '.join(piece['false'])}" for piece in result["pieces"] if piece["false"]]
    hours = cases_needed(AIM_PER_HOUR / 3600) / 3600
    return [
        *table(["footage", "pieces", "length", "false incidents", "an hour", "upper 95 % bound an hour"], rows),
        *paragraph(f"False: {'; '.join(false) or 'none'}."),
        *paragraph(
            f"**The aim of {AIM_PER_HOUR:g} an hour cannot be shown on this data**: it takes about {hours:.0f} hours "
            "of honest "
            "footage without a false incident. Short clips are played forth and back for a minute, so that dwell "
            "times can "
            "run out, and count with their own length. Loud sounds may be noticed as noise, and pictures that return "
            "as a repeating camera. Where a person on a clip is labelled as looking aside, being told so is not "
            "false. "
            "Composed calm is no footage: it proves only that the line is quiet where nothing happens."
        ),
    ]


def _filmed(data: LabelledData, suite: AnalyzerSuite, line: Sittings, path: Path) -> Iterator[Watched]:
    if not (data.folder / "video" / "events.csv").is_file():
        return
    for actor in filmed_cast(data, suite.faces)[:: data.every]:
        calm = _calm(actor, suite, line, path)
        if calm is not None:
            yield Watched(actor.name, "film", actor.seconds, calm[0], stages=calm[1])


def _heard(data: LabelledData, line: Sittings, path: Path) -> Iterator[Watched]:
    if not (data.folder / "audio" / "labels.csv").is_file():
        return
    for row in data.rows("audio/labels.csv"):
        if row["speakers"] != "0":
            continue
        sound = np.concatenate([chunk.pcm for chunk in sound_chunks(data.folder / "audio" / row["file"])])
        write_clip(path, None, 1, _resampled(sound))
        ran = line.run(path, None)
        yield Watched(Path(row["file"]).stem, "sound", len(sound) / AUDIO_RATE_HZ, ran, LOUD_IS_TRUE)


def _composed(suite: AnalyzerSuite, line: Sittings, path: Path, *, quick: bool) -> Iterator[Watched]:
    cast = carried_cast(suite.faces)
    for actor in cast[:1] if quick else cast:
        calm = _calm(actor, suite, line, path)
        if calm is not None:
            yield Watched(actor.name, "composed", calm[0].duration_s, calm[0], stages=calm[1])


def _calm(
    actor: FilmedActor | PhotographedActor, suite: AnalyzerSuite, line: Sittings, path: Path
) -> tuple[Ran, tuple[Stage, ...]] | None:
    """The person present in a quiet room for `PLAYED_S`, with what is to be seen; None if the photograph is refused."""
    sys.stderr.write(f"accuracy: honest sitting of {actor.name}\n")
    try:
        enrolment = suite.identity.enrol(actor.photograph)
    except NoUsableFaceError:
        return None
    stages = Sitting(actor.name, actor, actor, made_sounds()).write(path, (("present", PLAYED_S),))
    return line.run(path, enrolment), tuple(stages)


def _resampled(sound: Sound) -> Sound:
    length = len(sound) * RATE_HZ // AUDIO_RATE_HZ
    return np.interp(np.arange(length) * AUDIO_RATE_HZ / RATE_HZ, np.arange(len(sound)), sound).astype(np.float32)
