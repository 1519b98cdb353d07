"""Media of a simulated candidate, made once, and a relay that spoils the way."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import av
import numpy as np
import pytest
from av.video.frame import VideoFrame
from rtc_rig import Relay

from server.rtc.pump_source import PumpSource, encode_media


@pytest.fixture(scope="session")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three seconds of a moving texture with a tone."""
    path = tmp_path_factory.mktemp("media") / "clip.mkv"
    with av.open(str(path), "w") as media:
        video = media.add_stream("libvpx", rate=15)
        video.width, video.height, video.pix_fmt, video.bit_rate = 640, 480, "yuv420p", 2_000_000
        video.options = {"deadline": "realtime", "cpu-used": "-8"}
        audio = media.add_stream("libopus", rate=48_000)
        texture = np.random.default_rng(5).integers(0, 255, (24, 32, 3), dtype=np.uint8).repeat(20, 0).repeat(20, 1)
        for number in range(46):
            media.mux(video.encode(VideoFrame.from_ndarray(np.roll(texture, number * 9, axis=1), format="rgb24")))
        media.mux(video.encode(None))
        tone = (np.sin(np.arange(3 * 48_000 + 4_800) * 0.06) * 8_000).astype(np.int16).repeat(2).reshape(1, -1)
        frame = av.AudioFrame.from_ndarray(tone, format="s16", layout="stereo")
        frame.sample_rate = 48_000
        media.mux(audio.encode(frame))
        media.mux(audio.encode(None))
    return path


@pytest.fixture(scope="session")
def source(clip: Path) -> PumpSource:
    return encode_media(clip)


@pytest.fixture
async def relay() -> AsyncIterator[Relay]:
    opened = await Relay().open()
    yield opened
    opened.close()
