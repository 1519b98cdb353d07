from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from models.registry import InstalledModels
from proctor.analyzers.coco import CLASSES, IDENTIFIERS
from proctor.analyzers.faces import FaceAnalyzer
from proctor.analyzers.objects import LABELS, LEAST_SCORE, ObjectAnalyzer, named_once, paired
from proctor.analyzers.people import part_of
from proctor.domain.media import Frame, TrackKind
from proctor.domain.observations import Box, ObjectSeen
from proctor.domain.time import media_time_from_s
from tests.media.portraits import Picture, astronaut

HERE: Box = (100.0, 100.0, 80.0, 60.0)
NEARLY_HERE: Box = (104.0, 102.0, 80.0, 60.0)
ELSEWHERE: Box = (300.0, 100.0, 80.0, 60.0)


@pytest.fixture(scope="module")
def analyzer() -> ObjectAnalyzer:
    files = InstalledModels()
    return ObjectAnalyzer.load(files, FaceAnalyzer.load(files))


def frame_of(rgb: Picture, track: TrackKind = TrackKind.CAMERA) -> Frame:
    return Frame(track, media_time_from_s(2), rgb)


def read(path: Path) -> Picture:
    return cv2.cvtColor(cv2.imread(str(path)), cv2.COLOR_BGR2RGB).astype(np.uint8)


def test_the_data_set_has_eighty_classes_among_ninety_identifiers() -> None:
    assert (len(CLASSES), len(IDENTIFIERS)) == (80, 90)
    assert (IDENTIFIERS[0], IDENTIFIERS[76], IDENTIFIERS[83]) == ("person", "cell phone", "book")
    assert set(LABELS) <= set(CLASSES)


def test_an_astronaut_is_one_person_and_her_box_reaches_over_her_face(analyzer: ObjectAnalyzer) -> None:
    observed = analyzer.observe(frame_of(astronaut(), TrackKind.PHONE))
    assert (observed.track, observed.at) == (TrackKind.PHONE, media_time_from_s(2))
    assert observed.model == "nanodet@416+coco_ssd@ssdlite-mobilenet-v2"
    (person,) = [seen for seen in observed.objects if seen.label == "person"]
    assert person.score > 0.8
    x, y, width, height = person.box
    assert x < 179
    assert y < 63
    assert x + width > 270
    assert y + height > 400


def test_nothing_is_seen_in_an_empty_picture_of_any_size(analyzer: ObjectAnalyzer) -> None:
    for height, width in ((480, 640), (1080, 1920), (640, 362), (1, 1), (7, 900)):
        assert analyzer.observe(frame_of(np.full((height, width, 3), 90, np.uint8))).objects == ()


def test_pictures_judged_together_come_out_as_alone(analyzer: ObjectAnalyzer) -> None:
    pictures = [astronaut(), np.ascontiguousarray(astronaut()[:, ::-1]), np.zeros((90, 160, 3), np.uint8)]
    together = analyzer.observe_all([frame_of(rgb) for rgb in pictures])
    for rgb, observed in zip(pictures, together, strict=True):
        alone = analyzer.observe(frame_of(rgb))
        assert [seen.label for seen in observed.objects] == [seen.label for seen in alone.objects]
        for first, second in zip(observed.objects, alone.objects, strict=True):
            assert first.score == pytest.approx(second.score, abs=1e-4)
            assert first.box == pytest.approx(second.box, abs=0.1)
    assert analyzer.observe_all([]) == []


def test_what_both_detectors_see_is_surer_and_keeps_the_surer_box() -> None:
    (phone,) = paired([ObjectSeen("cell phone", 0.5, HERE)], [ObjectSeen("cell phone", 0.6, NEARLY_HERE)])
    assert phone == ObjectSeen("cell phone", pytest.approx(0.8), NEARLY_HERE)


def test_what_one_detector_sees_stays_as_sure_as_it_was() -> None:
    first, second = paired([ObjectSeen("book", 0.4, HERE)], [ObjectSeen("book", 0.7, ELSEWHERE)])
    assert [first.score, second.score] == [0.7, 0.4]


def test_one_rectangle_has_one_name_and_a_person_may_lie_over_it() -> None:
    found = named_once(
        paired(
            [ObjectSeen("laptop", 0.5, HERE), ObjectSeen("person", 0.4, HERE), ObjectSeen("zebra", 0.9, HERE)],
            [ObjectSeen("tv", 0.9, NEARLY_HERE)],
        )
    )
    assert [seen.label for seen in found] == ["tv", "person"]


@pytest.mark.shared_data
@pytest.mark.parametrize(
    ("picture", "labels"),
    [
        ("coco_000000465718", {"cell phone", "laptop", "tv", "keyboard"}),
        ("coco_000000343706", {"cell phone", "person"}),
        ("mediapipe_mps_10", {"cell phone", "laptop", "person"}),
        ("coco_000000386912", {"book", "person", "tv"}),
    ],
)
def test_labelled_objects_are_seen(analyzer: ObjectAnalyzer, shared_data: Path, picture: str, labels: set[str]) -> None:
    observed = analyzer.observe(frame_of(read(shared_data / "objects" / "images" / f"{picture}.jpg")))
    assert labels <= {seen.label for seen in observed.objects if seen.score >= 0.5}
    assert all(seen.score >= LEAST_SCORE for seen in observed.objects)


@pytest.mark.shared_data
@pytest.mark.parametrize(("picture", "faces"), [("coco_000000465718", 1), ("speakingfaces_sf_setupL", 0)])
def test_faces_on_screens_are_told_from_who_is_there(
    analyzer: ObjectAnalyzer, shared_data: Path, picture: str, faces: int
) -> None:
    observed = analyzer.observe(frame_of(read(shared_data / "objects" / "images" / f"{picture}.jpg")))
    assert (observed.faces_shown >= 1) == (faces >= 1)


@pytest.mark.shared_data
@pytest.mark.parametrize("size", [80, 110])
def test_a_small_phone_is_seen_by_its_second_look(analyzer: ObjectAnalyzer, shared_data: Path, size: int) -> None:
    held = read(shared_data / "objects" / "images" / "coco_000000343706.jpg")[306:390, 179:319]
    scale = size / max(held.shape[:2])
    small = cv2.resize(held, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    picture = astronaut()
    picture[380 : 380 + small.shape[0], 30 : 30 + small.shape[1]] = small
    scores = [seen.score for seen in analyzer.observe(frame_of(picture)).objects if seen.label == "cell phone"]
    assert max(scores, default=0.0) >= 0.5


@pytest.mark.shared_data
@pytest.mark.parametrize(("down", "across"), [(1, 1), (-1, -1), (-1, 1), (1, -1)])
def test_a_telephone_in_a_cover_is_seen_enlarged_however_it_is_held(
    analyzer: ObjectAnalyzer, shared_data: Path, down: int, across: int
) -> None:
    covered = read(shared_data / "objects" / "images" / "coco_000000343706.jpg")[150:396, 180:448]
    small = cv2.resize(covered, (140, 129), interpolation=cv2.INTER_AREA)[::down, ::across]
    picture = astronaut()
    place = (20.0, 340.0, 140.0, 129.0)
    picture[340:469, 20:160] = small
    frame = frame_of(picture)
    observed = analyzer.observe(frame)
    closer = analyzer.look_closer(frame, observed, place)
    surest = max((seen for seen in closer.objects if seen.label == "cell phone"), key=lambda seen: seen.score)
    assert surest.score >= 0.5
    assert part_of(surest.box, place) > 0.8
    plainly = max((seen.score for seen in observed.objects if seen.label == "cell phone"), default=0.0)
    assert surest.score >= plainly


def test_nothing_new_is_seen_enlarged_where_there_is_nothing(analyzer: ObjectAnalyzer) -> None:
    frame = frame_of(astronaut())
    observed = analyzer.observe(frame)
    for place in ((0.0, 0.0, 90.0, 140.0), (380.0, 300.0, 60.0, 90.0), (-30.0, 500.0, 40.0, 40.0)):
        assert analyzer.look_closer(frame, observed, place) == observed
    speck = frame_of(np.full((1, 1, 3), 90, np.uint8))
    assert analyzer.look_closer(speck, analyzer.observe(speck), (0.0, 0.0, 1.0, 1.0)).objects == ()
