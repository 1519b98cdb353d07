from __future__ import annotations

import json
from typing import Any

import pytest

from proctor.domain.calibration import Alignment, Calibration, Scale

DOCUMENT: dict[str, Any] = {
    "version": 1,
    "encoders": [
        {
            "model": "stronger",
            "alignment": "arcface_112",
            "planar": True,
            "offset": 127.5,
            "factor": 0.0078431,
            "scale": "cosine",
        }
    ],
    "versions": {"stronger": "1"},
    "threshold": 0.4,
    "false_match_rate": 1e-4,
    "false_match_rate_upper": 1e-3,
    "curve": [[0.0, 1.0], [0.2, 0.01], [0.4, 0.0001]],
    "evidence": "two people",
}


def test_a_calibration_is_read_back() -> None:
    calibration = Calibration.from_json(json.dumps(DOCUMENT))
    assert (calibration.threshold, calibration.evidence) == (0.4, "two people")
    (encoder,) = calibration.encoders
    assert (encoder.alignment, encoder.scale, encoder.offset) == (Alignment.ARCFACE_112, Scale.COSINE, 127.5)


@pytest.mark.parametrize(
    ("similarity", "rate"), [(-0.5, 1.0), (0.0, 1.0), (0.1, 0.1), (0.2, 0.01), (0.3, 0.001), (0.4, 1e-4), (0.9, 1e-4)]
)
def test_rates_are_interpolated_by_their_logarithm_and_the_ends_hold(similarity: float, rate: float) -> None:
    assert Calibration.from_json(json.dumps(DOCUMENT)).rate_at(similarity) == pytest.approx(rate)


def test_the_threshold_itself_counts_as_the_same_person() -> None:
    calibration = Calibration.from_json(json.dumps(DOCUMENT))
    assert calibration.same(0.4)
    assert not calibration.same(0.3999)


@pytest.mark.parametrize(
    "change",
    [
        {"version": 2},
        {"encoders": []},
        {"encoders": [{"model": "x"}]},
        {"curve": [[0.2, 0.1]]},
        {"curve": [[0.4, 0.1], [0.2, 0.2]]},
        {"threshold": None},
    ],
    ids=["version", "no encoder", "half an encoder", "a point", "falling", "no threshold"],
)
def test_anything_else_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="calibration"):
        Calibration.from_json(json.dumps(DOCUMENT | change))
