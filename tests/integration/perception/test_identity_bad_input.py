"""Pictures that are no good portrait get a defined answer from enrolment and comparison, never a crash."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from proctor.analyzers.suite import AnalyzerSuite
from proctor.domain.errors import NoUsableFaceError
from server.perception.photographs import decode_jpeg
from tests.media.portraits import Picture, astronaut

REASONS = {
    "no_face",
    "several_faces",
    "face_too_small",
    "too_dark",
    "too_blurred",
    "face_turned",
    "eyes_closed",
}


def cartoon() -> Picture:
    picture = np.full((480, 640, 3), 235, np.uint8)
    cv2.circle(picture, (320, 240), 130, (255, 220, 180), -1)
    for x in (275, 365):
        cv2.circle(picture, (x, 210), 16, (20, 20, 20), -1)
    cv2.ellipse(picture, (320, 280), (60, 35), 0, 0, 180, (160, 30, 30), 5)
    return picture


def enlarged() -> Picture:
    return cv2.resize(astronaut(), (3840, 3840), interpolation=cv2.INTER_CUBIC).astype(np.uint8)


@pytest.mark.parametrize(
    "picture",
    [
        cartoon(),
        np.zeros((480, 640, 3), np.uint8),
        np.full((480, 640, 3), 255, np.uint8),
        np.zeros((1, 1, 3), np.uint8),
        np.zeros((2000, 3, 3), np.uint8),
        np.random.default_rng(3).integers(0, 255, (480, 640, 3)).astype(np.uint8),
    ],
    ids=["cartoon", "black", "white", "pixel", "strip", "noise"],
)
def test_what_is_no_face_is_refused_with_a_reason(suite: AnalyzerSuite, picture: Picture) -> None:
    with pytest.raises(NoUsableFaceError) as refused:
        suite.identity.enrol(picture)
    assert refused.value.reason in REASONS
    with pytest.raises(NoUsableFaceError):
        suite.identity.compare(picture, picture)


def test_a_very_large_picture_is_compared(suite: AnalyzerSuite) -> None:
    assert suite.identity.compare(enlarged(), astronaut()).same


def test_a_truncated_photograph_is_none() -> None:
    bgr = cv2.cvtColor(astronaut(), cv2.COLOR_RGB2BGR)
    whole = cv2.imencode(".jpg", bgr)[1].tobytes()
    assert decode_jpeg(whole[:400]) is None
    assert decode_jpeg(b"") is None


def test_a_photograph_is_turned_as_its_orientation_says(suite: AnalyzerSuite) -> None:
    bgr = cv2.cvtColor(np.ascontiguousarray(np.rot90(astronaut())), cv2.COLOR_RGB2BGR)
    plain = cv2.imencode(".jpg", bgr)[1].tobytes()
    # APP1 with a big-endian TIFF header and one entry: orientation 6, "turn a quarter clockwise".
    entry = bytes.fromhex("011200030000000100060000")
    tiff = b"MM\x00\x2a\x00\x00\x00\x08\x00\x01" + entry + bytes(4)
    exif = b"Exif\x00\x00" + tiff
    turned = plain[:2] + b"\xff\xe1" + (len(exif) + 2).to_bytes(2, "big") + exif + plain[2:]
    rgb = decode_jpeg(turned)
    assert rgb is not None
    assert suite.identity.enrol(rgb).pictures == 1
