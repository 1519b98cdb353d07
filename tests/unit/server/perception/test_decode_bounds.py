"""A picture that is larger than any camera's is refused before memory is taken for it."""

from __future__ import annotations

import pytest

from server.perception.decode import PictureDecoder
from tests.encoded_media import vp8_frames


@pytest.mark.parametrize(("size", "decoded"), [((1920, 1080), True), ((3840, 2160), True), ((4096, 2304), False)])
def test_only_pictures_up_to_ultra_high_definition_are_unpacked(size: tuple[int, int], *, decoded: bool) -> None:
    (picture,) = vp8_frames(1, fps=1, size=size)
    decoder = PictureDecoder()

    assert (decoder.decode(picture) is not None) is decoded
    assert decoder.undecodable == (0 if decoded else 1)
