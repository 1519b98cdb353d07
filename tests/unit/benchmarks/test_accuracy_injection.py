"""Enlarged copies beside what they were made from, and the paces of a recorded trace."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from benchmarks.accuracy.injection import HONEST, TRACE, captured, judged, paces, report_injection
from benchmarks.accuracy.labelled import LabelledData
from benchmarks.accuracy.rescaled import ENLARGEMENTS, Enlargement, Source, as_observed, sources
from benchmarks.accuracy.tables import Json

LINEAR = ENLARGEMENTS[0]


@pytest.fixture
def taken(tmp_path: Path) -> Source:
    rng = np.random.default_rng(3)
    soft = cv2.resize(rng.uniform(60, 190, (25, 33, 3)).astype(np.float32), (660, 500), interpolation=cv2.INTER_CUBIC)
    path = tmp_path / "taken.png"
    cv2.imwrite(str(path), np.clip(soft + rng.normal(0, 4, soft.shape), 0, 255).astype(np.uint8))
    return Source("taken", path, is_clip=False)


def peak(source: Source, copy: Enlargement | None, kbps: int | None) -> float:
    observed = as_observed(source.pictures(copy), kbps)
    return observed.peak or 0.0


def test_a_copy_stands_out_until_it_has_passed_a_sittings_encoder(taken: Source) -> None:
    assert peak(taken, None, None) < 20 < peak(taken, LINEAR, None)
    assert peak(taken, LINEAR, 400) < 20


def kind(pictures: str, kbps: int | None, development: list[float | None], held_out: list[float | None]) -> Json:
    return {"pictures": pictures, "kbps": kbps, "development": development, "held_out": held_out}


def test_shares_are_of_the_judged_and_headlines_of_what_was_held_out() -> None:
    kinds = [
        kind(HONEST, 400, [7.0, 8.0], [5.0, None]),
        kind("enlarged", 400, [50.0, 50.0], [50.0, 2.0]),
        kind(HONEST, None, [9.5, None], [99.0, 1.0]),
    ]
    result = judged(kinds, [])
    taken, copies = (line["figure"] for line in result["headline"])
    assert (taken["hits"], taken["cases"]) == (0, 1)
    assert (copies["hits"], copies["cases"]) == (1, 2)
    report = "\n".join(report_injection(result))
    assert "VP8, 400 kbit/s" in report
    assert "4 photographs and clips" in report
    assert "as taken is 9.5." in report


@pytest.mark.shared_data
def test_no_picture_is_on_both_sides(shared_data: Path) -> None:
    names = [source.name for source in sources(LabelledData(shared_data))]
    assert len(names) == len(set(names)) > 20


@pytest.mark.shared_data
def test_a_browsers_made_up_camera_is_less_even_than_its_made_up_screen(shared_data: Path) -> None:
    assert {name: len(stamps) for name, stamps in captured(shared_data / TRACE).items()} == {
        "Chromium's made-up camera": 1045,
        "Chromium's made-up screen": 349,
    }
    _, camera, screen, _ = paces(shared_data / TRACE)
    assert (camera["stream"], screen["stream"]) == (
        "Chromium's made-up camera, one in 4",
        "Chromium's made-up screen, every picture",
    )
    assert camera["even"] < 0.7
    assert screen["even"] > 0.95
