"""Which face of a picture belongs to the document that is held to the camera."""

from __future__ import annotations

import pytest

from proctor.analyzers.documents import FoundZone
from proctor.analyzers.mrz import settle
from proctor.analyzers.text_lines import TextLine
from proctor.domain.observations import Box
from tests.media.documents import PASSPORT

ZONE = settle([[{character: 0.0} for character in line] for line in PASSPORT])
LEVEL = FoundZone(ZONE, -0.1, TextLine(x=320, y=400, length=500, height=14, angle_deg=0.0))
UPSIDE_DOWN = FoundZone(ZONE, -0.1, TextLine(x=320, y=80, length=500, height=14, angle_deg=180.0))


@pytest.mark.parametrize(
    ("found", "face", "belongs"),
    [
        (LEVEL, (110.0, 200.0, 90.0, 110.0), True),
        (LEVEL, (110.0, 430.0, 90.0, 40.0), False),
        (LEVEL, (580.0, 200.0, 50.0, 60.0), False),
        (LEVEL, (150.0, 50.0, 240.0, 300.0), False),
        (UPSIDE_DOWN, (440.0, 170.0, 90.0, 110.0), True),
        (UPSIDE_DOWN, (440.0, 5.0, 50.0, 60.0), False),
    ],
    ids=["portrait", "below the zone", "beside the page", "as large as the page", "turned portrait", "turned, below"],
)
def test_a_portrait_lies_above_its_zone_between_the_ends_of_the_lines(
    found: FoundZone, face: Box, *, belongs: bool
) -> None:
    assert found.belongs(face) is belongs
