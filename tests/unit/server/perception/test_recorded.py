from __future__ import annotations

import itertools
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from proctor.domain.errors import MediaError
from proctor.domain.media import AudioChunk
from proctor.domain.time import media_time_from_s, to_s
from server.perception.decode import rgb_of
from server.perception.recorded import RecordedFile, RecordedPicture, StillPicture, read_picture
from tests.media.files import write_clip, write_wav
from tests.media.sounds import RATE_HZ

FPS = 10


def plain_pictures(seconds: float) -> list[tuple[float, np.ndarray]]:
    count = round(seconds * FPS)
    return [(number / FPS, np.full((480, 640, 3), 40 + number, np.uint8)) for number in range(count)]


def tone(seconds: float, channels: int = 1) -> np.ndarray:
    times = np.arange(round(seconds * RATE_HZ)) / RATE_HZ
    return np.repeat((0.2 * np.sin(2 * np.pi * 440 * times)).astype(np.float32)[None], channels, axis=0)


def items_of(path: Path) -> tuple[list[RecordedPicture], list[AudioChunk], float]:
    recorded = RecordedFile(path)
    items = list(recorded.items())
    recorded.close()
    pictures = [item for item in items if isinstance(item, RecordedPicture)]
    return pictures, [item for item in items if isinstance(item, AudioChunk)], to_s(recorded.end)


def test_a_clip_yields_its_pictures_and_its_sound(tmp_path: Path) -> None:
    path = tmp_path / "clip.webm"
    write_clip(path, plain_pictures(3), FPS, tone(3)[0])
    pictures, chunks, end_s = items_of(path)
    # Opus announces 7 ms of lead-in, by which the container shifts everything.
    times_s = [to_s(picture.at) for picture in pictures]
    assert times_s == pytest.approx([number / FPS for number in range(30)], abs=0.015)
    samples = sum(len(chunk.pcm) for chunk in chunks)
    assert samples == pytest.approx(48_000, abs=2_000)
    assert end_s == pytest.approx(3.0, abs=0.1)


def test_chunks_of_sound_are_contiguous_and_keep_their_level(tmp_path: Path) -> None:
    path = tmp_path / "stereo.wav"
    stereo = (tone(2, channels=2).T * 32_767).astype(np.int16)
    with av.open(str(path), "w") as container:
        stream = container.add_stream("pcm_s16le", rate=RATE_HZ, layout="stereo")
        frame = av.AudioFrame.from_ndarray(stereo.reshape(1, -1), format="s16", layout="stereo")
        frame.sample_rate = RATE_HZ
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    pictures, chunks, end_s = items_of(path)
    assert pictures == []
    for before, after in itertools.pairwise(chunks):
        assert after.at - before.at == pytest.approx(len(before.pcm) / 16_000 * 1e9, abs=2)
    pcm = np.concatenate([chunk.pcm for chunk in chunks])
    assert np.sqrt(np.mean(pcm[1_000:-1_000] ** 2)) == pytest.approx(0.2 / 2**0.5, rel=0.01)
    assert end_s == pytest.approx(2.0, abs=0.01)


def test_sound_alone_is_read(tmp_path: Path) -> None:
    path = tmp_path / "sound.wav"
    write_wav(path, tone(1.5)[0])
    pictures, chunks, end_s = items_of(path)
    assert pictures == []
    assert chunks[0].at == 0
    assert end_s == pytest.approx(1.5, abs=0.01)


@pytest.mark.parametrize(("turn_deg", "bright"), [(90, "left"), (-90, "right"), (180, "bottom"), (0, "top")])
def test_rotation_of_the_container_is_applied(tmp_path: Path, turn_deg: int, bright: str) -> None:
    path = tmp_path / "turned.mp4"
    half = np.zeros((48, 64, 3), np.uint8)
    half[:24] = 230
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg4", rate=5)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        stream.set_display_rotation(turn_deg)
        for number in range(3):
            frame = av.VideoFrame.from_ndarray(half, format="rgb24")
            frame.pts, frame.time_base = number, Fraction(1, 5)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    pictures, _, _ = items_of(path)
    rgb = rgb_of(pictures[0].picture)
    height, width = rgb.shape[:2]
    assert (width, height) == ((64, 48) if turn_deg in (0, 180) else (48, 64))
    sides = {
        "top": rgb[: height // 4],
        "bottom": rgb[-height // 4 :],
        "left": rgb[:, : width // 4],
        "right": rgb[:, -width // 4 :],
    }
    assert max(sides, key=lambda side: sides[side].mean()) == bright


def test_a_photograph_is_one_picture(tmp_path: Path) -> None:
    path = tmp_path / "face.png"
    cv2.imwrite(str(path), np.full((30, 40, 3), (10, 20, 200), np.uint8))
    recorded = RecordedFile(path)
    assert recorded.is_still
    (item,) = recorded.items()
    recorded.close()
    assert isinstance(item, StillPicture)
    assert item.rgb.shape == (30, 40, 3)
    assert tuple(item.rgb[0, 0]) == (200, 20, 10)
    assert read_picture(path).shape == (30, 40, 3)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("noise.mp4", b"\x12\x34" * 4_000),
        ("empty.webm", b""),
        ("words.txt", b"no picture, only words\n" * 50),
        ("half.jpg", b"\xff\xd8\xff\xe0" + b"\x00" * 40),
        ("list.m3u8", b"#EXTM3U\n#EXTINF:10,\nhttp://127.0.0.1:9/x.ts\n"),
    ],
)
def test_a_file_that_is_no_media_says_so_in_one_line(tmp_path: Path, name: str, content: bytes) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(MediaError) as caught:
        list(RecordedFile(path).items())
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_missing_file_says_so(tmp_path: Path) -> None:
    with pytest.raises(MediaError, match="no such file"):
        RecordedFile(tmp_path / "nothing.mp4")


def test_a_clip_cut_off_in_the_middle_is_read_as_far_as_it_goes(tmp_path: Path) -> None:
    whole = tmp_path / "whole.webm"
    write_clip(whole, plain_pictures(4), FPS, tone(4)[0])
    torn = tmp_path / "torn.webm"
    content = whole.read_bytes()
    torn.write_bytes(content[: len(content) // 2])
    pictures, _, end_s = items_of(torn)
    assert 5 < len(pictures) < 40
    assert 0.5 < end_s < 4.0


def test_times_begin_at_the_start_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "late.mkv"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg4", rate=FPS)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for number in range(10):
            frame = av.VideoFrame.from_ndarray(np.full((48, 64, 3), 90, np.uint8), format="rgb24")
            frame.pts, frame.time_base = 300 + number, Fraction(1, FPS)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    pictures, _, _ = items_of(path)
    assert pictures[0].at == 0
    assert pictures[-1].at == pytest.approx(media_time_from_s(0.9), abs=media_time_from_s(0.01))
