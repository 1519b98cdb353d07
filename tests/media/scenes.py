"""A candidate's camera, composed at test time: real faces cut out of portraits, put into a drawn room.

A `Shot` says what happens for how long; `pictures` plays shots as a camera would: the people sway a little and the
sensor adds noise, except in a frozen shot, which repeats one picture exactly.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

from tests.media.portraits import Picture, astronaut, portrait

SIZE = (640, 480)
"""Width and height in pixels."""
SWAY_PX = 5.0
SWAY_S = 7.0
NOISE = 2.5
"""Standard deviation of the sensor noise, of 255."""
CUT_FACE_PX = 150
"""Height of the face in a cut-out before it is scaled into the scene."""


class Scene(StrEnum):
    """What the camera sees."""

    PRESENT = "present"
    EMPTY = "empty"
    TWO_PEOPLE = "two_people"
    THREE_PEOPLE = "three_people"
    PERSON_BEHIND = "person_behind"
    OTHER_PERSON = "other_person"
    PHOTO_HELD_UP = "photo_held_up"
    COVERED = "covered"
    FROZEN = "frozen"


@dataclass(frozen=True, slots=True)
class Shot:
    """One scene for some seconds."""

    scene: Scene
    seconds: float


@dataclass(frozen=True, slots=True, eq=False)
class Cutout:
    """A person without background: RGB, opacity from 0 to 1, and where the face is (x, y, width, height)."""

    rgb: Picture
    alpha: NDArray[np.float32]
    face: tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Place:
    """A person in the scene: where the face's centre is and how tall it is, in pixels."""

    who: str
    x: float
    y: float
    face_px: float


CANDIDATE = "obama"
OTHER = "astronaut"
VISITOR = "biden"
FACES = {
    "astronaut": (179.0, 63.0, 91.0, 110.0),
    "obama": (371.0, 91.0, 240.0, 329.0),
    "biden": (427.0, 175.0, 287.0, 401.0),
}
"""Where the face is in each portrait: x, y, width, height in its pixels."""

CAST: dict[Scene, tuple[Place, ...]] = {
    Scene.PRESENT: (Place(CANDIDATE, 320, 200, 150),),
    Scene.EMPTY: (),
    Scene.TWO_PEOPLE: (Place(VISITOR, 505, 190, 130), Place(CANDIDATE, 235, 210, 150)),
    Scene.THREE_PEOPLE: (Place(OTHER, 90, 190, 110), Place(VISITOR, 545, 190, 110), Place(CANDIDATE, 320, 215, 150)),
    Scene.PERSON_BEHIND: (Place(VISITOR, 545, 130, 44), Place(CANDIDATE, 290, 210, 150)),
    Scene.OTHER_PERSON: (Place(OTHER, 320, 200, 150),),
    Scene.PHOTO_HELD_UP: (),
    Scene.FROZEN: (Place(CANDIDATE, 320, 200, 150),),
}


def pictures(shots: Sequence[Shot], fps: float, *, seed: int = 7) -> Iterator[tuple[float, Picture]]:
    """Time in seconds and RGB of shape (480, 640, 3) for each picture."""
    grains = _grains(seed)
    number, begin_s = 0, 0.0
    for shot in shots:
        still: Picture | None = None
        while number / fps < begin_s + shot.seconds - 1e-9:
            at_s = number / fps
            if shot.scene is Scene.FROZEN and still is not None:
                yield at_s, still
            else:
                still = _grainy(_scene(shot.scene, at_s), grains[number * 5 % len(grains)])
                yield at_s, still
            number += 1
        begin_s += shot.seconds


def identity_photograph(who: str = CANDIDATE) -> bytes:
    """JPEG of a frontal picture of one person in the room, as the camera takes it for enrolment."""
    bgr = cv2.cvtColor(_composed((Place(who, 320, 210, 190),), 0.0), cv2.COLOR_RGB2BGR)
    return bytes(cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, 92])[1])


def _scene(scene: Scene, at_s: float) -> Picture:
    if scene is Scene.COVERED:
        return np.full((SIZE[1], SIZE[0], 3), 9, np.uint8)
    if scene is Scene.PHOTO_HELD_UP:
        return _with_print(_room().copy(), at_s)
    return _composed(CAST[scene], at_s)


def _composed(places: Sequence[Place], at_s: float) -> Picture:
    canvas = _room().copy()
    for number, place in enumerate(places):
        phase = 2 * math.pi * (at_s / SWAY_S + 0.3 * number)
        sway = SWAY_PX * place.face_px / CUT_FACE_PX
        _put(canvas, cutout(place.who), place, sway * math.sin(phase), 0.5 * sway * math.sin(2 * phase))
    return canvas


def _put(canvas: Picture, person: Cutout, place: Place, dx: float, dy: float) -> None:
    x, y, width, height = person.face
    scale = place.face_px / height
    left, top = place.x + dx - scale * (x + width / 2), place.y + dy - scale * (y + height / 2)
    # Only the part of the scene that the person covers is worked on.
    x0, y0 = max(0, math.floor(left)), max(0, math.floor(top))
    x1 = min(SIZE[0], math.ceil(left + scale * person.rgb.shape[1]))
    y1 = min(SIZE[1], math.ceil(top + scale * person.rgb.shape[0]))
    to_part = np.array([[scale, 0, left - x0], [0, scale, top - y0]])
    size = (x1 - x0, y1 - y0)
    rgb = cv2.warpAffine(person.rgb, to_part, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    alpha = cv2.warpAffine(person.alpha, to_part, size, flags=cv2.INTER_LINEAR)
    part = canvas[y0:y1, x0:x1]
    canvas[y0:y1, x0:x1] = cv2.blendLinear(rgb, part, alpha, 1 - alpha)


def _with_print(room: Picture, at_s: float) -> Picture:
    """A printed portrait of the candidate with a white edge, held into the camera and shaking a little."""
    print_px = 300
    photograph = cv2.resize(_crop_around_face(CANDIDATE, 2.0), (print_px - 24, print_px - 24))
    sheet = cv2.copyMakeBorder(photograph, 12, 12, 12, 12, cv2.BORDER_CONSTANT, value=(244, 244, 240))
    tilt = math.radians(4 + 2 * math.sin(at_s))
    cos, sin = math.cos(tilt), math.sin(tilt)
    left, top = 170 + 6 * math.sin(at_s * 1.7), 70 + 4 * math.cos(at_s * 1.3)
    to_scene = np.array([[cos, -sin, left], [sin, cos, top]])
    cv2.warpAffine(sheet, to_scene, SIZE, dst=room, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_TRANSPARENT)
    return room


@cache
def _grains(seed: int) -> list[NDArray[np.int16]]:
    """Sensor noise of some pictures; a camera repeats none of them, but nothing here looks that far back."""
    noise = np.random.default_rng(seed)
    grains = [np.rint(noise.normal(0, NOISE, (SIZE[1], SIZE[0], 1))).astype(np.int16) for _ in range(12)]
    return [np.repeat(grain, 3, axis=2) for grain in grains]


def _grainy(picture: Picture, grain: NDArray[np.int16]) -> Picture:
    return np.asarray(cv2.add(picture, grain, dtype=cv2.CV_8U), dtype=np.uint8)


@cache
def cutout(who: str) -> Cutout:
    """A person of `FACES` without background, the face `CUT_FACE_PX` tall."""
    picture = _source(who)
    x, y, width, height = FACES[who]
    scale = CUT_FACE_PX / height
    small = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    face = (x * scale, y * scale, width * scale, height * scale)
    small = small[: round(face[1] + face[3] * 3.2)]
    return Cutout(rgb=np.ascontiguousarray(small), alpha=_person_mask(small, face), face=face)


def _person_mask(picture: Picture, face: tuple[float, float, float, float]) -> NDArray[np.float32]:
    """Opacity of head and shoulders: GrabCut that starts from an oval head on a trunk."""
    x, y, width, height = (round(value) for value in face)
    centre = (x + width // 2, y + height // 2)
    mask = np.full(picture.shape[:2], cv2.GC_BGD, np.uint8)
    cv2.ellipse(mask, centre, (round(width * 0.95), round(height * 0.85)), 0, 0, 360, cv2.GC_PR_FGD, -1)
    trunk = (round(width * 1.7), round(height * 2.2))
    cv2.ellipse(mask, (centre[0], y + round(height * 3.0)), trunk, 0, 0, 360, cv2.GC_PR_FGD, -1)
    cv2.ellipse(mask, centre, (round(width * 0.45), round(height * 0.5)), 0, 0, 360, cv2.GC_FGD, -1)
    chest = (centre[0] - round(width * 0.6), y + round(height * 1.6))
    cv2.rectangle(mask, chest, (centre[0] + round(width * 0.6), mask.shape[0]), cv2.GC_FGD, -1)
    cv2.setRNGSeed(1)
    models = np.zeros((1, 65)), np.zeros((1, 65))
    cv2.grabCut(picture, mask, None, *models, 4, cv2.GC_INIT_WITH_MASK)
    person = np.isin(mask, (cv2.GC_FGD, cv2.GC_PR_FGD)).astype(np.float32)
    return np.asarray(cv2.GaussianBlur(cv2.medianBlur(person, 5), (5, 5), 0), dtype=np.float32)


def _crop_around_face(who: str, times: float) -> Picture:
    x, y, width, height = FACES[who]
    half = height * times / 2
    centre_x, centre_y = x + width / 2, y + height / 2
    top, left = max(0, round(centre_y - half)), max(0, round(centre_x - half))
    return _source(who)[top : round(centre_y + half), left : round(centre_x + half)]


def _source(who: str) -> Picture:
    return astronaut() if who == OTHER else portrait(who)


@cache
def _room() -> Picture:
    """A wall with a window, a shelf with books, and soft light from the left."""
    width, height = SIZE
    light = np.linspace(1.08, 0.86, width, dtype=np.float32)[None, :, None]
    wall = np.full((height, width, 3), (186, 190, 182), np.float32) * light
    canvas = np.clip(wall, 0, 255).astype(np.uint8)
    cv2.rectangle(canvas, (24, 40), (150, 230), (214, 226, 236), -1)
    cv2.rectangle(canvas, (24, 40), (150, 230), (240, 240, 236), 6)
    cv2.line(canvas, (87, 40), (87, 230), (240, 240, 236), 4)
    cv2.rectangle(canvas, (440, 250), (640, 258), (112, 84, 60), -1)
    spines = np.random.default_rng(3)
    left = 446
    while left < width - 10:
        thick, tall = int(spines.integers(8, 18)), int(spines.integers(44, 76))
        colour = tuple(int(value) for value in spines.integers(50, 170, 3))
        cv2.rectangle(canvas, (left, 250 - tall), (left + thick - 2, 250), colour, -1)
        left += thick
    return cv2.GaussianBlur(canvas, (3, 3), 0)


def face_of(who: str) -> Picture:
    """A square picture of that person's face with some of what is around it, as on a document."""
    x, y, width, height = FACES[who]
    side = 1.6 * max(width, height)
    left, top = max(0, round(x + width / 2 - side / 2)), max(0, round(y + height / 2 - side / 2))
    return (astronaut() if who == OTHER else portrait(who))[top : top + round(side), left : left + round(side)]
