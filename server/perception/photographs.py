"""Identity photographs in a worker: decoded, judged, made into the reference."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from proctor.analyzers.identity import Enrolment
from proctor.analyzers.suite import AnalyzerSuite
from proctor.domain.errors import NoUsableFaceError
from server.perception.protocol import CheckEnrolment, EnrolmentChecked


def check_enrolment(suite: AnalyzerSuite, message: CheckEnrolment) -> EnrolmentChecked:
    """Judge an identity photograph."""
    rgb = decode_jpeg(message.jpeg)
    if rgb is None:
        return EnrolmentChecked(message.request, accepted=False, reason="bad_image", face=None)
    try:
        enrolment = suite.identity.enrol(rgb, *_decoded(message.known))
    except NoUsableFaceError as error:
        return EnrolmentChecked(message.request, accepted=False, reason=error.reason, face=None)
    return EnrolmentChecked(message.request, accepted=True, reason=None, face=enrolment.face.box)


def enrol(suite: AnalyzerSuite, jpegs: tuple[bytes, ...]) -> tuple[Enrolment | None, str | None]:
    """The candidate's face and, where photographs were given but are of no use, the reason."""
    if not jpegs:
        return None, None
    photographs = _decoded(jpegs)
    if not photographs:
        return None, "the identity photograph cannot be decoded"
    try:
        return suite.identity.enrol(*photographs), None
    except NoUsableFaceError as error:
        return None, str(error)


def decode_jpeg(jpeg: bytes) -> NDArray[np.uint8] | None:
    """RGB of shape (height, width, 3), turned as its EXIF orientation says; None when it is no picture."""
    try:
        bgr = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)
    except cv2.error:
        return None
    if bgr is None:
        return None
    return np.asarray(cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB), dtype=np.uint8)


def _decoded(jpegs: tuple[bytes, ...]) -> list[NDArray[np.uint8]]:
    """What can be decoded of them."""
    return [rgb for rgb in map(decode_jpeg, jpegs) if rgb is not None]
