"""Honest pictures and enlarged copies of them, as the camera's layer 0 arrives from a sitting's encoder.

Photographs are shown for some seconds with the small sway of somebody who sits, and with a sensor's noise; clips play
as they were filmed. A copy is made smaller by averaging, as the small original that somebody recorded, gets its noise
there, and is enlarged to the same size again. What the sources themselves did to their pictures is in both.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.accuracy.labelled import LabelledData, video_pictures
from proctor.analyzers.resampling import ResamplingStream, luma_of
from proctor.domain.media import Codec, EncodedFrame, TrackKind
from proctor.domain.observations import ResamplingObserved
from proctor.domain.time import NS_PER_S, MediaTime
from server.perception.decode import PictureDecoder, frame_of
from server.perception.recorded import read_picture
from server.rtc.media_encoding import TEMPORAL_IDS, encode_frames

WIDTH_PX, HEIGHT_PX = 640, 480
FPS: Final = 15
PICTURES: Final = 32
"""8 of layer 0."""
SWAY_PX: Final = 2.0
SENSOR_NOISE: Final = 1.5
"""Standard deviation, of 255."""
BLOCK_PX: Final = 16
LEAST_SIDE_PX: Final = 240
PORTRAITS: Final = 6
"""So many of the studio portraits, which are all alike."""
SEED: Final = 5

Rgb = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Enlargement:
    """How a copy was enlarged."""

    factor: float
    interpolation: int
    name: str


ENLARGEMENTS: Final = (
    Enlargement(1.5, cv2.INTER_LINEAR, "linear"),
    Enlargement(1.5, cv2.INTER_CUBIC, "cubic"),
    Enlargement(16 / 9, cv2.INTER_LINEAR, "linear"),
    Enlargement(4 / 3, cv2.INTER_LINEAR, "linear"),
    Enlargement(2.0, cv2.INTER_LINEAR, "linear"),
)
"""4/3 and 2 are what small recordings are usually enlarged by."""


@dataclass(frozen=True, slots=True)
class Source:
    """A photograph or a clip."""

    name: str
    path: Path
    is_clip: bool

    def pictures(self, enlargement: Enlargement | None) -> list[Rgb]:
        """Its pictures at 15 a second, with `enlargement` as the copy."""
        rng = np.random.default_rng(SEED)
        shown = _filmed(self.path) if self.is_clip else _swaying(read_picture(self.path), rng)
        noise = 0.0 if self.is_clip else SENSOR_NOISE
        return [_taken(rgb, enlargement, noise, rng) for rgb in shown]


def sources(data: LabelledData) -> list[Source]:
    """Photographs of at least 640x480 pixels, each picture and each portrayed person once, and larger clips."""
    folder = data.folder
    people: dict[str, Path] = {}
    if (folder / "face_pairs" / "images.csv").is_file():
        people = {row["person_id"]: folder / "face_pairs" / row["file"] for row in data.rows("face_pairs/images.csv")}
    scenes = [
        path
        for name in ("multi_face", "objects", "head_pose")
        for path in sorted((folder / name).rglob("*"))
        if path.suffix.lower() in {".jpg", ".png"}
    ]
    portraits = list(islice(filter(_is_large, people.values()), PORTRAITS))
    photographs = {path.stem.rpartition("_")[2]: path for path in filter(_is_large, scenes)} | {
        path.stem: path for path in portraits
    }
    found = [Source(path.stem, path, is_clip=False) for path in photographs.values()]
    for row in data.rows("video/labels.csv", thin=False):
        if min(int(row["width"]), int(row["height"])) >= LEAST_SIDE_PX:
            path = folder / "video" / row["file"]
            found.append(Source(path.stem, path, is_clip=True))
    return found[:: data.every]


def as_observed(pictures: list[Rgb], kbps: int | None) -> ResamplingObserved:
    """What the analyzer says of the pictures of layer 0 in the end; `kbps` None for those that no encoder saw.

    The bit rate is that of 640x480 pixels, and less for fewer.
    """
    stream = ResamplingStream()
    observed = ResamplingObserved(MediaTime(0), None, 0.0)
    if kbps is None:
        for number, rgb in enumerate(pictures[:: len(TEMPORAL_IDS)]):
            observed = stream.observe_luma(_at(number), np.asarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY), np.uint8))
        return observed
    decoder = PictureDecoder()
    for frame in _layer_0(pictures, kbps):
        picture = decoder.decode(frame)
        if picture is not None:
            observed = stream.observe_luma(frame.at, luma_of(frame_of(TrackKind.CAMERA, frame.at, picture)))
    return observed


def _layer_0(pictures: list[Rgb], kbps: int) -> Iterator[EncodedFrame]:
    height, width = pictures[0].shape[:2]
    bit_rate = kbps * 1000 * width * height // (WIDTH_PX * HEIGHT_PX)
    shown = (av.VideoFrame.from_ndarray(rgb, format="rgb24") for rgb in pictures)
    for number, data in enumerate(encode_frames(shown, width, height, FPS, bit_rate, len(pictures))):
        if TEMPORAL_IDS[number % len(TEMPORAL_IDS)] == 0:
            yield EncodedFrame(
                track=TrackKind.CAMERA,
                leg=1,
                at=_at(number),
                rtp_time=number,
                codec=Codec.VP8,
                data=data,
                is_key=not data[0] & 1,
                temporal_id=0,
                after_gap=False,
            )


def _at(number: int) -> MediaTime:
    return MediaTime(number * NS_PER_S)


def _is_large(path: Path) -> bool:
    height, width = read_picture(path).shape[:2]
    return width >= WIDTH_PX and height >= HEIGHT_PX


def _filmed(path: Path) -> list[Rgb]:
    """A clip's pictures at its own size, cut to whole blocks; played to and fro where it is short."""
    pictures = [rgb for _, rgb in zip(range(PICTURES), (rgb for _, rgb in video_pictures(path, FPS)), strict=False)]
    while len(pictures) < PICTURES:
        pictures += pictures[::-1]
    height, width = (side - side % BLOCK_PX for side in pictures[0].shape[:2])
    return [np.ascontiguousarray(rgb[:height, :width]) for rgb in pictures[:PICTURES]]


def _swaying(photograph: Rgb, rng: np.random.Generator) -> Iterator[Rgb]:
    """640x480 pixels from its middle, a few pixels to and fro."""
    spare = np.array(photograph.shape[:2]) - (HEIGHT_PX, WIDTH_PX)
    place = np.zeros(2)
    for _ in range(PICTURES):
        place = 0.95 * place + rng.normal(0.0, SWAY_PX / 3, 2)
        top, left = np.clip(np.round(spare / 2 + place), 0, spare).astype(int)
        yield photograph[top : top + HEIGHT_PX, left : left + WIDTH_PX]


def _taken(rgb: Rgb, enlargement: Enlargement | None, noise: float, rng: np.random.Generator) -> Rgb:
    height, width = rgb.shape[:2]
    if enlargement is None:
        return _noisy(rgb, noise, rng)
    small = (round(width / enlargement.factor), round(height / enlargement.factor))
    smaller = _noisy(np.asarray(cv2.resize(rgb, small, interpolation=cv2.INTER_AREA), np.uint8), noise, rng)
    return np.asarray(cv2.resize(smaller, (width, height), interpolation=enlargement.interpolation), np.uint8)


def _noisy(rgb: Rgb, noise: float, rng: np.random.Generator) -> Rgb:
    if not noise:
        return rgb
    grain = noise * rng.standard_normal((*rgb.shape[:2], 1), np.float32)
    return np.clip(np.round(rgb + grain), 0, 255).astype(np.uint8)
