from __future__ import annotations

import itertools
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, sync_playwright

from proctor.domain.media import TrackKind
from proctor.recording.segments import TrackWriter
from proctor.recording.virtual import VirtualWebm
from tests.browser_program import find_chromium
from tests.encoded_media import luma_at, opus_packets, vp8_frames
from tests.integration.recording.range_server import range_server
from tests.recorded_files import segment_files

pytestmark = pytest.mark.browser

LENGTH_S = 150.0
START_S = 0.4

OPEN = """
async (url) => {
  const video = document.querySelector('video');
  window.happened = (name) => new Promise((resolve, reject) => {
    video.addEventListener(name, resolve, {once: true});
    video.addEventListener('error', () => reject(new Error(video.error.message)), {once: true});
  });
  const loaded = happened('loadeddata');
  video.src = url;
  await loaded;
  return {duration: video.duration, at: video.currentTime, width: video.videoWidth};
}
"""
SEEK = """
async (seconds) => {
  const video = document.querySelector('video');
  const sought = happened('seeked');
  const shown = video.videoWidth ? new Promise((resolve) => video.requestVideoFrameCallback(resolve)) : null;
  video.currentTime = seconds;
  await sought;
  await shown;
  if (!video.videoWidth) return {at: video.currentTime};
  const canvas = document.createElement('canvas');
  canvas.width = video.videoWidth;
  canvas.height = video.videoHeight;
  const context = canvas.getContext('2d');
  context.drawImage(video, 0, 0);
  return {at: video.currentTime, luma: context.getImageData(50, 40, 1, 1).data[0]};
}
"""
LISTEN = """
async ([from, seconds]) => {
  const video = document.querySelector('video');
  const audio = new AudioContext();
  const analyser = audio.createAnalyser();
  audio.createMediaElementSource(video).connect(analyser).connect(audio.destination);
  const sought = happened('seeked');
  video.currentTime = from;
  await sought;
  await audio.resume();
  await video.play();
  const wave = new Float32Array(analyser.fftSize);
  const heard = [];
  while (video.currentTime < from + seconds && !video.ended) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    analyser.getFloatTimeDomainData(wave);
    heard.push([video.currentTime, Math.max(...wave.map(Math.abs))]);
  }
  video.pause();
  return heard;
}
"""


@pytest.fixture(scope="module")
def files() -> dict[str, VirtualWebm]:
    broken = itertools.chain(opus_packets(5, start_s=START_S), opus_packets(3, start_s=17, hz=880))
    made = {
        "camera": (TrackKind.CAMERA, vp8_frames(LENGTH_S, start_s=START_S)),
        "microphone": (TrackKind.MICROPHONE, opus_packets(LENGTH_S, start_s=START_S)),
        "broken": (TrackKind.MICROPHONE, broken),
    }
    return {
        f"{name}.webm": VirtualWebm(segment_files(TrackWriter(kind), frames)) for name, (kind, frames) in made.items()
    }


@pytest.fixture(scope="module")
def page(files: dict[str, VirtualWebm]) -> Iterator[Page]:
    arguments = ["--no-sandbox", "--autoplay-policy=no-user-gesture-required"]
    with range_server(files) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=arguments)
        page = browser.new_page(base_url=address)
        yield page
        browser.close()


def opened(page: Page, name: str) -> dict[str, float]:
    page.goto("/")
    told: dict[str, float] = page.evaluate(OPEN, f"/{name}.webm")
    return told


def test_pictures_have_their_duration_and_are_found_at_their_times(page: Page) -> None:
    first = opened(page, "camera")
    assert first["duration"] == pytest.approx(START_S + LENGTH_S, abs=0.1)
    assert first["at"] == pytest.approx(START_S, abs=0.01)
    assert first["width"] == 64
    for at_s in (75.03, 110.5, 149.9, 12.03, 0.5):
        sought = page.evaluate(SEEK, at_s)
        assert sought["at"] == pytest.approx(at_s, abs=0.01)
        expected = (luma_at(at_s) - 16) * 255 / 219  # video range to full range
        assert sought["luma"] == pytest.approx(expected, abs=8)


def test_the_first_picture_is_shown_for_the_time_before_it(page: Page) -> None:
    opened(page, "camera")
    page.evaluate(SEEK, 75)
    assert page.evaluate(SEEK, 0)["luma"] == pytest.approx((luma_at(START_S) - 16) * 255 / 219, abs=8)


def test_sound_alone_has_its_duration_and_seeks(page: Page) -> None:
    first = opened(page, "microphone")
    assert first["duration"] == pytest.approx(START_S + LENGTH_S, abs=0.1)
    for at_s in (75.03, 149.9, 12.03):
        assert page.evaluate(SEEK, at_s)["at"] == pytest.approx(at_s, abs=0.01)


def test_a_hole_in_sound_is_heard_as_silence_of_its_length(page: Page) -> None:
    opened(page, "broken")
    ends = page.evaluate(LISTEN, [4.5, 2.5])
    opened(page, "broken")
    returns = page.evaluate(LISTEN, [15.5, 2.5])
    assert max(at for at, level in ends if level > 0.05) == pytest.approx(5.4, abs=0.25)
    assert min(at for at, level in returns if level > 0.05) == pytest.approx(17.0, abs=0.25)
