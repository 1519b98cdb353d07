"""Identity documents drawn at test time: a page with the astronaut's portrait and a machine-readable zone."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import cv2
import matplotlib as mpl
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from tests.media.portraits import Picture, astronaut

PASSPORT = ("P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "L898902C36UTO7408122F1204159ZE184226B<<<<<10")
CARD = ("I<UTOD231458907<<<<<<<<<<<<<<<", "7408122F1204159UTO<<<<<<<<<<<6", "ERIKSSON<<ANNA<MARIA<<<<<<<<<<")
"""The specimens of ICAO Doc 9303, parts 4 and 5."""
CHARACTER_PX, PITCH_PX, LINE_STEP_PX = 26, 22, 46


def page(lines: Sequence[str], *, portrait: bool = True, face: Picture | None = None) -> Picture:
    """RGB of a page with a border, the portrait on its left and the zone at its foot.

    `face` is a square picture in place of the astronaut's.
    """
    width = PITCH_PX * len(lines[0]) + 100 if lines else 1000
    sheet = Image.new("RGB", (width, 620), (226, 232, 226))
    draw = ImageDraw.Draw(sheet)
    font = ImageFont.truetype(Path(mpl.get_data_path()) / "fonts" / "ttf" / "DejaVuSansMono.ttf", CHARACTER_PX)
    draw.text((420, 60), "UTOPIA / PASSPORT", font=font, fill=(40, 60, 90))
    for row, line in enumerate(lines):
        for place, character in enumerate(line):
            top = 600 - LINE_STEP_PX * (len(lines) - row)
            draw.text((50 + PITCH_PX * place, top), character, font=font, fill=(20, 20, 20))
    picture = np.array(sheet, np.uint8)
    if portrait:
        shown = astronaut()[0:300, 70:370] if face is None else face
        picture[60:360, 60:360] = cv2.resize(shown, (300, 300), interpolation=cv2.INTER_AREA)
    return picture


def turned(picture: Picture, angle_deg: float) -> Picture:
    """The page lying on a table, turned anticlockwise."""
    height, width = picture.shape[:2]
    side = int(np.hypot(height, width)) + 20
    transform = cv2.getRotationMatrix2D((width / 2, height / 2), angle_deg, 1.0)
    transform[:, 2] += (np.array([side, side]) - [width, height]) / 2
    return cv2.warpAffine(picture, transform, (side, side), borderValue=(96, 88, 80)).astype(np.uint8)


def as_jpeg(picture: Picture) -> bytes:
    """As the candidate's page sends it."""
    written, data = cv2.imencode(".jpg", cv2.cvtColor(picture, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, 92])
    assert written
    return data.tobytes()
