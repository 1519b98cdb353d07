"""Enlarged copies beside what they were made from, and the paces of a recorded trace."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from benchmarks.accuracy.injection import HONEST, TRACE, captured, judged, report_injection
from benchmarks.accuracy.labelled import LabelledData
from benchmarks.accuracy.rescaled import ENLARGEMENTS, Enlargement, Source, as_observed, sources
from benchmarks.accuracy.tables import Json
from tests.media.portraits import astronaut

LINEAR = ENLARGEMENTS[0]


@pytest.fixture
def portrait(tmp_path: Path) -> Source:
    path = tmp_path / "astronaut.png"
    cv2.imwrite(str(path), cv2.cvtColor(np.tile(astronaut(), (1, 2, 1)), cv2.COLOR_RGB2BGR))
    return Source("astronaut", path, is_clip=False)


def peak(source: Source, copy: Enlargement | None, kbps: int | None) -> float:
    observed = as_observed(source.pictures(copy), kbps)
    return observed.peak or 0.0


def test_a_copy_stands_out_until_it_has_passed_a_sittings_encoder(portrait: Source) -> None:
    assert peak(portrait, None, None) < 20 < peak(portrait, LINEAR, None)
    assert peak(portrait, LINEAR, 400) < 20


def case(name: str, pictures: str, peak: float | None, *, kbps: int | None = 400, held_out: bool = True) -> Json:
    return {"source": name, "pictures": pictures, "peak": peak, "kbps": kbps, "held_out": held_out}


def test_shares_are_of_the_judged_and_headlines_of_what_was_held_out() -> None:
    cases = [
        case("one", HONEST, 5.0),
        case("two", HONEST, None),
        case("one", "enlarged", 50.0),
        case("two", "enlarged", 2.0),
        case("three", "enlarged", 50.0, held_out=False),
        case("one", HONEST, 99.0, kbps=None),
    ]
    result = judged(cases, [])
    honest, copies = (line["figure"] for line in result["headline"])
    assert (honest["hits"], honest["cases"]) == (0, 1)
    assert (copies["hits"], copies["cases"]) == (1, 2)
    report = "\n".join(report_injection(result))
    assert "VP8, 400 kbit/s" in report
    assert "held out" in report


@pytest.mark.shared_data
def test_no_picture_is_on_both_sides_and_the_trace_has_two_streams(shared_data: Path) -> None:
    names = [source.name for source in sources(LabelledData(shared_data))]
    assert len(names) == len(set(names)) > 20
    assert {name: len(stamps) for name, stamps in captured(shared_data / TRACE).items()} == {
        "Chromium's made-up camera": 1045,
        "Chromium's made-up screen": 349,
    }
