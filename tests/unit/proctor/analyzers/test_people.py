from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from models.registry import InstalledModels
from proctor.analyzers.objects import ObjectAnalyzer
from proctor.analyzers.people import PeopleStream, count_people, part_of
from proctor.analyzers.suite import AnalyzerSuite
from proctor.domain.media import Frame, TrackKind
from proctor.domain.observations import Box, Face, ObjectSeen, ObjectsObserved, PeopleObserved
from proctor.domain.time import media_time_from_s

CANDIDATE = Face((280.0, 120.0, 100.0, 130.0), 0.9)
HER_BODY = ObjectSeen("person", 0.9, (180.0, 90.0, 300.0, 390.0))
SMALL = Face((40.0, 40.0, 20.0, 26.0), 0.9)
SCREEN = ObjectSeen("tv", 0.8, (10.0, 10.0, 160.0, 110.0))
BACK = ObjectSeen("person", 0.8, (20.0, 60.0, 100.0, 300.0))


def seen(*faces: Face, at_s: float = 0.0) -> PeopleObserved:
    return PeopleObserved(TrackKind.CAMERA, media_time_from_s(at_s), len(faces), faces, "faces@1")


def looked(*objects: ObjectSeen, at_s: float = 0.0) -> ObjectsObserved:
    return ObjectsObserved(TrackKind.CAMERA, media_time_from_s(at_s), objects, 640, 480, 0, "objects@1")


def counted(people: PeopleObserved, *objects: ObjectSeen) -> tuple[int, tuple[Face, ...]]:
    count = count_people(people, objects)
    return count.people.people, count.people.faces


def test_a_candidate_with_her_body_is_one_person() -> None:
    assert counted(seen(CANDIDATE), HER_BODY) == (1, (CANDIDATE,))


def test_without_objects_the_faces_count() -> None:
    assert counted(seen(CANDIDATE, SMALL)) == (2, (CANDIDATE, SMALL))


def test_a_face_on_a_screen_is_a_picture() -> None:
    assert counted(seen(CANDIDATE, SMALL), HER_BODY, SCREEN) == (1, (CANDIDATE,))
    assert counted(seen(SMALL), SCREEN) == (0, ())


def test_an_unsure_screen_hides_nobody() -> None:
    assert counted(seen(SMALL), ObjectSeen("tv", 0.4, SCREEN.box))[0] == 1


def test_who_sits_in_front_of_a_screen_counts() -> None:
    wall: Box = (200.0, 20.0, 400.0, 300.0)
    assert counted(seen(CANDIDATE), HER_BODY, ObjectSeen("tv", 0.9, wall))[0] == 1


def test_a_body_on_a_screen_is_a_picture() -> None:
    on_screen = ObjectSeen("person", 0.9, (40.0, 30.0, 60.0, 80.0))
    assert counted(seen(CANDIDATE), HER_BODY, SCREEN, on_screen)[0] == 1


def test_a_small_face_without_a_body_beside_a_large_one_hangs_on_the_wall() -> None:
    assert counted(seen(CANDIDATE, SMALL), HER_BODY) == (1, (CANDIDATE,))


@pytest.mark.parametrize("height", [60.0, 130.0])
def test_a_face_of_a_comparable_size_counts_without_a_body(height: float) -> None:
    other = Face((520.0, 60.0, height * 0.75, height), 0.9)
    assert counted(seen(CANDIDATE, other), HER_BODY)[0] == 2


def test_small_faces_count_where_there_is_no_larger_one_and_where_they_have_a_body() -> None:
    assert counted(seen(SMALL))[0] == 1
    body = ObjectSeen("person", 0.35, (20.0, 30.0, 60.0, 140.0))
    assert counted(seen(CANDIDATE, SMALL), HER_BODY, body)[0] == 2


def test_a_person_seen_from_behind_counts_once() -> None:
    again = ObjectSeen("person", 0.7, (30.0, 70.0, 90.0, 150.0))
    assert counted(seen(CANDIDATE), HER_BODY, BACK, again)[0] == 2
    assert counted(seen(), BACK) == (1, ())


def test_an_unsure_back_and_a_part_of_the_candidate_do_not_count() -> None:
    unsure = ObjectSeen("person", 0.5, BACK.box)
    arm = ObjectSeen("person", 0.9, (400.0, 300.0, 90.0, 100.0))
    assert counted(seen(CANDIDATE), HER_BODY, unsure, arm)[0] == 1


def test_a_back_is_carried_to_the_next_pictures_for_a_while() -> None:
    stream = PeopleStream()
    assert stream.without_objects(seen(CANDIDATE)).people == 1
    assert stream.with_objects(seen(CANDIDATE, at_s=1), looked(HER_BODY, BACK, at_s=1)).people == 2
    assert stream.without_objects(seen(CANDIDATE, at_s=3)).people == 2
    assert stream.without_objects(seen(CANDIDATE, at_s=15)).people == 1


def test_a_back_that_turns_round_is_not_counted_twice() -> None:
    stream = PeopleStream()
    stream.with_objects(seen(CANDIDATE), looked(HER_BODY, BACK))
    turned = Face((50.0, 80.0, 40.0, 50.0), 0.9)
    assert stream.without_objects(seen(CANDIDATE, turned, at_s=1)).people == 2


def test_what_hung_on_the_wall_still_hangs_there_but_a_newcomer_counts() -> None:
    stream = PeopleStream()
    stream.with_objects(seen(CANDIDATE, SMALL), looked(HER_BODY))
    swaying = Face((42.0, 41.0, 20.0, 26.0), 0.85)
    newcomer = Face((560.0, 60.0, 22.0, 28.0), 0.85)
    assert stream.without_objects(seen(CANDIDATE, swaying, at_s=1)).faces == (CANDIDATE,)
    assert stream.without_objects(seen(CANDIDATE, swaying, newcomer, at_s=2)).faces == (CANDIDATE, newcomer)


def test_part_of_is_a_share_of_the_first_box() -> None:
    assert part_of((0.0, 0.0, 10.0, 10.0), (5.0, 0.0, 100.0, 100.0)) == pytest.approx(0.5)
    assert part_of((0.0, 0.0, 10.0, 10.0), (20.0, 0.0, 5.0, 5.0)) == 0.0
    assert part_of((0.0, 0.0, 0.0, 10.0), (0.0, 0.0, 5.0, 5.0)) == 0.0


@pytest.mark.shared_data
@pytest.mark.parametrize(
    ("picture", "people"),
    [
        ("multi_face/images/coco_000000386912.jpg", 1),  # film posters behind her
        ("multi_face/images/coco_000000465718.jpg", 0),  # faces on three screens
        ("multi_face/images/sf_sf_setupR.jpg", 1),  # in front of a screen
        ("objects/images/mediapipe_mps_10.jpg", 1),  # from behind
    ],
)
def test_pictures_that_faces_alone_get_wrong(
    suite: AnalyzerSuite, shared_data: Path, picture: str, people: int
) -> None:
    rgb = cv2.cvtColor(cv2.imread(str(shared_data / picture)), cv2.COLOR_BGR2RGB).astype(np.uint8)
    frame = Frame(TrackKind.CAMERA, media_time_from_s(0), rgb)
    objects = ObjectAnalyzer.load(InstalledModels(), suite.faces).observe(frame).objects
    assert count_people(suite.faces.observe(frame, thorough=True), objects).people.people == people
