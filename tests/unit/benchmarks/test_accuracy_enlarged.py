from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from benchmarks.accuracy.enlarged import enlarged_told, measure_enlarged
from models.registry import InstalledModels
from proctor.analyzers.suite import AnalyzerSuite
from tests.media.portraits import astronaut


@pytest.fixture(scope="module")
def suite() -> AnalyzerSuite:
    return AnalyzerSuite.load(InstalledModels())


def test_places_beside_a_face_and_in_a_picture_without_one_are_looked_at(suite: AnalyzerSuite, tmp_path: Path) -> None:
    pictures = []
    for name, rgb in (("face.png", astronaut()), ("wall.png", np.full((480, 640, 3), 90, np.uint8))):
        cv2.imwrite(str(tmp_path / name), rgb[..., ::-1])
        pictures.append((name, tmp_path / name))
    result = measure_enlarged(pictures, suite)
    assert result["looks"] == 3 + 2
    assert (result["false"]["hits"], result["false"]["cases"], result["false_in"]) == (0, 2, [])
    assert "(5 in all) a telephone is seen in 0/2" in enlarged_told(result)
