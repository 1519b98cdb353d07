"""Recordings of a room with known truth: a box-shaped room hung with pictures that a package carries, seen by a camera.

The room is three-dimensional, so that a camera that turns on an arm sees parallax as in life. `turn` plays a list of
directions as a camera would take them: with sway, a roll, noise of the sensor, and a gain that adapts.
"""

from __future__ import annotations

import io
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache

import av
import cv2
import numpy as np
from numpy.typing import NDArray
from skimage import data
from sklearn.datasets import load_sample_image

Picture = NDArray[np.uint8]

WALL_PX = (1000, 520)
"""Width and height of a wall's texture."""
HALF_M = (2.5, 1.3, 2.0)
"""Half of a room's width, height and depth."""
FPS = 6.0


def plain(width: int, height: int, level: int) -> Picture:
    """An even surface with soft shades."""
    y, x = np.mgrid[0:height, 0:width]
    shade = level - 14 * ((x / width - 0.5) ** 2 + y / height * 0.4)
    return np.repeat(np.rint(shade)[..., None], 3, axis=2).astype(np.uint8)


@cache
def furnished(seed: int = 3) -> tuple[Picture, ...]:
    """Four walls, each with pictures and plain furniture; what stands where is drawn from `seed`."""
    chance = np.random.default_rng(seed)
    hangings = _some_pictures()
    chance.shuffle(hangings)
    return hung(chance, hangings)


@cache
def furnished_otherwise(seed: int) -> tuple[Picture, ...]:
    """Four walls with eight pictures that `furnished` has none of, drawn from `seed` as what stands there."""
    chance = np.random.default_rng(seed)
    hangings = _other_pictures()
    chance.shuffle(hangings)
    return hung(chance, hangings[:8])


@cache
def furnished_upside_down(seed: int) -> tuple[Picture, ...]:
    """Four walls with eight of all the pictures upside down, drawn from `seed` as what stands there."""
    chance = np.random.default_rng(seed)
    hangings = [one[::-1].copy() for one in (*_some_pictures(), *_other_pictures())]
    chance.shuffle(hangings)
    return hung(chance, hangings[:8])


def _some_pictures() -> list[Picture]:
    hangings = [data.coffee(), data.chelsea(), data.rocket(), data.astronaut()[160:, :]]
    hangings += [np.repeat(one[..., None], 3, axis=2) for one in (data.brick(), data.coins(), data.page(), data.moon())]
    return hangings


def _other_pictures() -> list[Picture]:
    hangings = [data.immunohistochemistry(), data.hubble_deep_field(), data.retina(), data.stereo_motorcycle()[0]]
    hangings += [load_sample_image("china.jpg"), load_sample_image("flower.jpg")]
    grey = (data.camera(), data.cell(), data.clock(), data.gravel(), data.text(), data.microaneurysms())
    hangings += [np.repeat(one[..., None], 3, axis=2) for one in grey]
    return hangings


def hung(chance: np.random.Generator, hangings: Sequence[Picture]) -> tuple[Picture, ...]:
    """Four walls with two pictures each, and plain furniture."""
    return tuple(_wall(chance, hangings[2 * number : 2 * number + 2]) for number in range(4))


def _wall(chance: np.random.Generator, hangings: Sequence[Picture]) -> Picture:
    width, height = WALL_PX
    wall = plain(width, height, int(chance.integers(170, 225)))
    for number, hanging in enumerate(hangings):
        size = (int(chance.integers(120, 220)), int(chance.integers(100, 180)))
        left = int(chance.integers(60, 200)) + number * 480
        top = int(chance.integers(60, 160))
        wall[top : top + size[1], left : left + size[0]] = cv2.resize(hanging, size, interpolation=cv2.INTER_AREA)
        cv2.rectangle(wall, (left, top), (left + size[0], top + size[1]), (60, 40, 30), 5)
    for _ in range(3):
        left, tall = int(chance.integers(0, width - 200)), int(chance.integers(60, 200))
        colour = tuple(int(part) for part in chance.integers(40, 160, 3))
        wide = int(chance.integers(60, 200))
        cv2.rectangle(wall, (left, height - tall), (left + wide, height), colour, -1)
        for shelf in range(height - tall + 14, height, 28):
            cv2.line(wall, (left + 6, shelf), (left + wide - 6, shelf), (20, 20, 20), 2)
    return wall


@dataclass(frozen=True, slots=True)
class Camera:
    """A camera and the hand that holds it."""

    view_deg: float = 62.0
    """Angle over the longer side."""
    size: tuple[int, int] = (480, 360)
    arm_m: float = 0.0
    """Distance from the axis of the turn."""
    sway_deg: float = 1.5
    tilt_deg: float = 0.0
    """Upwards."""
    noise: float = 2.0
    """Standard deviation, of 255 grey levels."""
    light: float = 1.0

    @property
    def focal_px(self) -> float:
        """Focal length in pixels."""
        return max(self.size) / 2 / math.tan(math.radians(self.view_deg) / 2)


@dataclass(frozen=True, slots=True, eq=False)
class Room:
    """Textures of the walls (ahead, right, behind, left), of the floor and of the ceiling."""

    walls: Sequence[Picture] = field(default_factory=furnished)
    floor: Picture = field(default_factory=lambda: plain(1000, 800, 120))
    ceiling: Picture = field(default_factory=lambda: plain(1000, 800, 235))
    half_m: tuple[float, float, float] = HALF_M

    def seen(self, camera: Camera, yaw_deg: float, at_s: float, grain: np.random.Generator) -> Picture:
        """What the camera sees at a time, looking so many degrees to the right; RGB."""
        width, height = camera.size
        x, y = np.meshgrid(np.arange(width) - (width - 1) / 2, np.arange(height) - (height - 1) / 2)
        through = np.stack([x, y, np.full_like(x, camera.focal_px)], axis=-1).astype(np.float32)
        directions = through @ _pose(camera, yaw_deg, at_s).T.astype(np.float32)
        ahead = np.array([math.sin(math.radians(yaw_deg)), 0.0, math.cos(math.radians(yaw_deg))], np.float32)
        eye = camera.arm_m * ahead
        picture = self._cast(directions, eye) * camera.light
        picture += camera.noise * grain.standard_normal((height, width, 1), np.float32)
        return np.clip(np.rint(picture), 0, 255).astype(np.uint8)

    def _cast(self, directions: NDArray[np.float32], eye: NDArray[np.float32]) -> NDArray[np.float32]:
        half = np.array(self.half_m, np.float32)
        with np.errstate(divide="ignore"):
            reach = (np.copysign(half, directions) - eye) / directions
        axis = np.argmin(reach, axis=-1)
        far = np.take_along_axis(reach, axis[..., None], axis=-1)
        hit = (eye + far * directions) / half
        forward = np.take_along_axis(directions, axis[..., None], axis=-1)[..., 0] > 0
        across = {0: hit[..., 2], 1: hit[..., 0], 2: hit[..., 0]}
        along = {0: hit[..., 1], 1: hit[..., 2], 2: hit[..., 1]}
        surfaces = [
            (2, True, 1, self.walls[0]),
            (0, True, -1, self.walls[1]),
            (2, False, -1, self.walls[2]),
            (0, False, 1, self.walls[3]),
            (1, True, 1, self.floor),
            (1, False, 1, self.ceiling),
        ]
        picture = np.zeros((*axis.shape, 3), np.float32)
        for number, ahead, sense, texture in surfaces:
            here = (axis == number) & (forward == ahead)
            if not here.any():
                continue
            rows, columns = np.flatnonzero(here.any(axis=1)), np.flatnonzero(here.any(axis=0))
            part = slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)
            u = ((sense * across[number][part] + 1) / 2 * (texture.shape[1] - 1)).astype(np.float32)
            v = ((along[number][part] + 1) / 2 * (texture.shape[0] - 1)).astype(np.float32)
            shown = cv2.remap(texture, u, v, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
            picture[part][here[part]] = shown[here[part]]
        return picture


def _pose(camera: Camera, yaw_deg: float, at_s: float) -> NDArray[np.float64]:
    sway = math.radians(camera.sway_deg)
    yaw = math.radians(yaw_deg)
    pitch = math.radians(camera.tilt_deg) + sway * math.sin(2.1 * at_s)
    roll = 0.7 * sway * math.sin(1.3 * at_s + 1.0)
    around = np.array([[math.cos(yaw), 0, math.sin(yaw)], [0, 1, 0], [-math.sin(yaw), 0, math.cos(yaw)]])
    up = np.array([[1, 0, 0], [0, math.cos(pitch), -math.sin(pitch)], [0, math.sin(pitch), math.cos(pitch)]])
    aside = np.array([[math.cos(roll), -math.sin(roll), 0], [math.sin(roll), math.cos(roll), 0], [0, 0, 1]])
    return np.asarray(around @ up @ aside, dtype=np.float64)


def there(*turns: tuple[float, float], start_deg: float = 0.0) -> list[float]:
    """Directions at 6 a second for turns of (degrees to the right, seconds), with eased ends."""
    directions = [start_deg]
    for degrees, seconds in turns:
        steps = max(1, round(seconds * FPS))
        begin = directions[-1]
        directions += [begin + degrees * (1 - math.cos(math.pi * (n + 1) / steps)) / 2 for n in range(steps)]
    return directions


def turn(room: Room, camera: Camera, directions: Sequence[float], *, seed: int = 5) -> Iterator[Picture]:
    """Pictures of a camera that looks in these directions one after the other."""
    grain = np.random.default_rng(seed)
    for number, direction in enumerate(directions):
        yield room.seen(camera, direction, number / FPS, grain)


def encoded(
    pictures: Sequence[Picture], *, fps: float = FPS, codec: str = "libvpx", bit_rate: int = 400_000, form: str = "webm"
) -> bytes:
    """A video file of the pictures."""
    file = io.BytesIO()
    with av.open(file, "w", format=form) as container:
        stream = container.add_stream(codec, rate=round(fps))
        stream.height, stream.width = pictures[0].shape[:2]
        stream.pix_fmt, stream.bit_rate = "yuv420p", bit_rate
        if codec == "libvpx":
            stream.options = {"deadline": "realtime", "cpu-used": "-8"}
        for picture in pictures:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode(None))
    return file.getvalue()


def through_vp8(pictures: Iterable[Picture], bit_rate: int = 400_000) -> list[Picture]:
    """The pictures as they arrive through the encoder that browsers use."""
    with av.open(io.BytesIO(encoded(list(pictures), bit_rate=bit_rate))) as container:
        return [np.asarray(frame.to_ndarray(format="rgb24"), np.uint8) for frame in container.decode(video=0)]
