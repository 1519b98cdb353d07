from __future__ import annotations

import numpy as np
import pytest

from proctor.analyzers.skin import skin_colour


def test_the_colour_is_that_of_the_middle_of_the_face() -> None:
    rgb = np.zeros((200, 200, 3), np.uint8)
    rgb[90:125, 70:130] = (180, 120, 90)
    assert skin_colour(rgb, (50.0, 50.0, 100.0, 100.0)) == pytest.approx((180.0, 120.0, 90.0))


@pytest.mark.parametrize("box", [(10.0, 10.0, 8.0, 8.0), (195.0, 195.0, 100.0, 100.0), (-300.0, 20.0, 100.0, 100.0)])
def test_a_face_too_small_or_outside_the_picture_has_none(box: tuple[float, float, float, float]) -> None:
    assert skin_colour(np.full((200, 200, 3), 90, np.uint8), box) is None
