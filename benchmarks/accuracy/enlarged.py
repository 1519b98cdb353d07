"""The enlarged look for telephones, where there is none: round places beside faces in all pictures without one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks.accuracy.estimate import share_of
from benchmarks.accuracy.tables import Json, share_text
from proctor.analyzers.suite import AnalyzerSuite
from proctor.detectors.rules.phone import PhoneConfig
from proctor.domain.media import Frame, TrackKind
from proctor.domain.observations import Box, ObjectsObserved
from proctor.domain.time import MediaTime
from server.perception.recorded import read_picture

PHONE = "cell phone"
BESIDE = ((-1.3, 0.6), (1.3, 0.6), (0.0, 1.5))
"""Where hands hold something, from the middle of the forehead, in widths and heights of the face."""
LENGTH = 0.8
"""Of what is held there, in heights of the face; a telephone has 0.8 of it."""
WITHOUT_FACE = ((0.3, 0.6), (0.7, 0.6))
WITHOUT_FACE_LENGTH = 0.4
"""In a picture without a face: places in its widths and heights, and the length in its shorter sides."""


def measure_enlarged(pictures: Sequence[tuple[str, Path]], suite: AnalyzerSuite) -> Json:
    """Of named pictures that show no telephone, those in which an enlarged look takes something for one."""
    threshold = PhoneConfig().score
    highest: dict[str, float] = {}
    looks = 0
    for name, path in pictures:
        frame = Frame(TrackKind.CAMERA, MediaTime(0), read_picture(path))
        width, height = frame.size
        nothing = ObjectsObserved(TrackKind.CAMERA, frame.at, (), width, height, 0, "")
        scores = [0.0]
        for place in _places(frame, suite):
            looks += 1
            scores += [seen.score for seen in suite.objects.look_closer(frame, nothing, place).objects]
        highest[name] = max(scores)
    return {
        "looks": looks,
        "false": share_of((name, score >= threshold) for name, score in highest.items()).as_json(),
        "false_in": [name for name, score in highest.items() if score >= threshold],
        "highest": round(max(highest.values(), default=0.0), 2),
    }


def enlarged_told(result: Json) -> str:
    """What came of it, in words."""
    return (
        "Something new beside the face is also looked at enlarged, as it is, turned by half a turn and mirrored. With "
        f"such looks beside and below the face ({result['looks']} in all) a telephone is seen in "
        f"{share_text(result['false'])} of the labelled and other pictures that show none"
        + (f": {', '.join(result['false_in'])}" if result["false_in"] else "")
        + f"; the highest score there is {result['highest']:g}."
    )


def _places(frame: Frame, suite: AnalyzerSuite) -> Iterator[Box]:
    """Squares of the size of something held, in pixels."""
    width, height = frame.size
    faces = suite.faces.detect(frame.rgb)
    if faces:
        x, y, face_width, face_height = faces[0].box
        side = LENGTH * face_height
        centres = [(x + (0.5 + across) * face_width, y + down * face_height) for across, down in BESIDE]
    else:
        side = WITHOUT_FACE_LENGTH * min(width, height)
        centres = [(across * width, down * height) for across, down in WITHOUT_FACE]
    for x, y in centres:
        if 0 <= x < width and 0 <= y < height:
            yield x - side / 2, y - side / 2, side, side
