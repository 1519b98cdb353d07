from __future__ import annotations

import numpy as np
import pytest

from proctor.domain.observations import Box
from proctor.domain.time import MediaTime
from proctor.roomscan.encounters import Sighting, encounters, worth_a_look
from proctor.roomscan.pictures import KeyPicture, kept

WIDTH, HEIGHT, FOCAL = 640, 480, 530.0
JPEG = kept(np.zeros((HEIGHT, WIDTH, 3), np.uint8))[0]


def picture(yaw_deg: float | None, number: int = 0) -> KeyPicture:
    rotation = None
    if yaw_deg is not None:
        yaw = np.radians(yaw_deg)
        rotation = np.array([[np.cos(yaw), 0, np.sin(yaw)], [0, 1, 0], [-np.sin(yaw), 0, np.cos(yaw)]])
    return KeyPicture(MediaTime(number), JPEG, WIDTH, HEIGHT, rotation, FOCAL)


def box_toward(aside_deg: float, width: float = 40.0) -> Box:
    return (WIDTH - 1) / 2 + FOCAL * np.tan(np.radians(aside_deg)) - width / 2, 200.0, width, 50.0


def seen(yaw_deg: float, label: str, *directions: float, score: float = 0.9) -> list[Sighting]:
    """What a picture that looks toward `yaw_deg` shows of things in these directions."""
    return [Sighting(label, score, box_toward(direction - yaw_deg)) for direction in directions]


YAWS = [10.0 * n for n in range(8)]
PICTURES = [picture(yaw, number) for number, yaw in enumerate(YAWS)]


def test_one_person_in_several_pictures_is_met_once_and_where_they_stand() -> None:
    found = encounters(PICTURES, [(n, seen(YAWS[n], "person", 25.0)) for n in range(1, 5)])
    (met,) = found
    assert (met.label, met.score) == ("person", 0.9)
    assert met.yaw_deg == pytest.approx(25.0, abs=0.5)


def test_two_people_in_one_picture_are_two_however_near() -> None:
    found = encounters(PICTURES, [(n, seen(YAWS[n], "person", 25.0, 29.0)) for n in (1, 2, 3)])
    assert [round(met.yaw_deg or 0) for met in found] == [25, 29]


def test_somebody_whom_the_edge_cuts_is_whom_the_next_pictures_show_whole() -> None:
    shoulder = Sighting("person", 0.8, (0.0, 150.0, 100.0, 300.0))  # 13 and 11 degrees to the right
    whole = [(n, seen(YAWS[n], "person", 30.0)) for n in (2, 3, 4)]
    (met,) = encounters([*PICTURES, picture(68.0, 8)], [*whole, (7, [shoulder]), (8, [shoulder])])
    assert met.yaw_deg == pytest.approx(30.0, abs=2.0)


def test_a_phone_and_a_person_in_one_direction_are_two_encounters() -> None:
    looks = [(n, [*seen(YAWS[n], "person", 30.0), *seen(YAWS[n], "cell phone", 30.0)]) for n in (2, 3)]
    assert [met.label for met in encounters(PICTURES, looks)] == ["cell phone", "person"]


def test_what_one_picture_of_many_shows_is_not_told() -> None:
    looks = [(n, seen(YAWS[n], "cell phone", 30.0) if n == 3 else []) for n in range(8)]
    assert encounters(PICTURES, looks) == ()


def test_what_only_one_picture_could_show_is_told() -> None:
    (met,) = encounters([picture(0.0)], [(0, seen(0.0, "laptop", 10.0))])
    assert met.label == "laptop"


def test_directions_meet_over_the_seam() -> None:
    pictures = [picture(-5.0, 0), picture(5.0, 1), picture(12.0, 2)]
    looks = [(0, seen(-5.0, "person", -1.0)), (1, seen(5.0, "person", 1.0)), (2, seen(12.0, "person", 0.5))]
    (met,) = encounters(pictures, looks)
    assert met.yaw_deg is not None
    assert met.yaw_deg < 2 or met.yaw_deg > 358


def test_pictures_that_could_not_be_placed_add_only_what_is_more() -> None:
    pictures = [*PICTURES, picture(None, 8)]
    looks = [(n, seen(YAWS[n], "person", 25.0)) for n in (1, 2, 3)]
    lost = [*seen(0.0, "person", -5.0, 12.0), *seen(0.0, "book", 3.0)]
    found = encounters(pictures, [*looks, (8, lost)])
    assert [(met.label, met.yaw_deg is None) for met in found] == [
        ("person", False),
        ("book", True),
        ("person", True),
    ]


def test_pictures_near_to_each_other_are_looked_through_once() -> None:
    pictures = [picture(yaw) for yaw in (0.0, 3.0, 6.0, 11.0, 14.0, 25.0)] + [picture(None)] * 30
    chosen = worth_a_look(pictures)
    assert chosen[:3] == [0, 3, 5]
    assert 0 < len(chosen) - 3 <= 8
