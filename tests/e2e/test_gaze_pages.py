"""The calibration of the gaze as people do it: left out with one click, done, and read by invigilator and committee."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from typing import Any

import cv2
import numpy as np
import pytest
from playwright.sync_api import Browser, Playwright, expect

from benchmarks.accuracy.dots import portrait_of
from models.registry import InstalledModels
from proctor.analyzers.suite import AnalyzerSuite
from tests.e2e.candidate import Candidate
from tests.e2e.chromium import launched
from tests.e2e.conftest import NARROW, WIDE, new_candidate
from tests.e2e.demo_server import DemoServer
from tests.e2e.test_candidate_pages import Inspector, tab_to
from tests.e2e.test_guided_checks import (
    ANSWER_MS,
    NO_PHOTOGRAPH,
    ended,
    entries_of,
    keep,
    keep_one,
    to_the_start,
    watch,
)
from tests.e2e.test_staff_pages import staff_of, words
from tests.media.moved_eyes import as_webcam
from tests.media.portraits import astronaut

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(420)]

OFFERED = NO_PHOTOGRAPH + "gaze_calibration = true\n"
EYE_PX = 25.0
EDGE_DEG = 10.0
ASIDE_DEG = 26.0
TURNS = {"gaze_middle": 0.0, "gaze_left": EDGE_DEG, "gaze_right": -EDGE_DEG, "aside": ASIDE_DEG}
MEASURED_MS = 40_000
ASIDE_S = 60
CALM_MS = 20_000
"""A head that hardly moves is measured about once a second, and its usual look is known after some of that."""
EDGE_PX = 12
"""How near to the window's edge the dot is."""
EYES = """
(() => {
  const looks = %s
  const pictures = Object.fromEntries(Object.entries(looks).map(([name, urls]) => [
    name, urls.map((url) => Object.assign(new Image(), { src: url })),
  ]))
  const canvas = Object.assign(document.createElement('canvas'), { width: 640, height: 480 })
  const pencil = canvas.getContext('2d')
  let shown = 'gaze_middle'
  let count = 0
  const see = () => {
    const place = window.looksAside ? 'aside' : document.querySelector('[data-prompt^=gaze]')?.dataset.prompt
    setTimeout(() => { shown = place ?? 'gaze_middle' }, 250)
    count += 1
    const copies = pictures[shown]
    pencil.drawImage(copies[count %% copies.length], 3 * Math.sin(count / 20), 0)
  }
  const real = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices)
  navigator.mediaDevices.getUserMedia = async (asked) => {
    const stream = await real(asked)
    for (const camera of stream.getVideoTracks()) {
      setInterval(see, 66)
      const eyes = canvas.captureStream(15).getVideoTracks()[0]
      Object.defineProperty(eyes, 'label', { value: camera.label })
      eyes.getSettings = () => camera.getSettings()
      stream.removeTrack(camera)
      stream.addTrack(eyes)
    }
    return stream
  }
})()
"""
"""A camera before which somebody sits whose eyes go to the dot that the page shows, a quarter of a second late."""


@pytest.fixture(scope="module")
def eyes() -> str:
    """The script of that camera, with composed pictures of every look."""
    portrait = portrait_of(astronaut(), AnalyzerSuite.load(InstalledModels()))
    assert portrait is not None
    rng = np.random.default_rng(8)
    looks = {}
    for name, left_deg in TURNS.items():
        moved = portrait.looking(left_deg)
        seen = [as_webcam(moved, EYE_PX / portrait.eye_px, rng) for _ in range(3)]
        encoded = [cv2.imencode(".jpg", rgb[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 92])[1] for rgb in seen]
        looks[name] = [f"data:image/jpeg;base64,{base64.b64encode(jpeg.tobytes()).decode()}" for jpeg in encoded]
    return EYES % json.dumps(looks)


@pytest.fixture(scope="module")
def office(playwright: Playwright) -> Iterator[Browser]:
    with launched(playwright, None) as browser:
        yield browser


def offered(candidate: Candidate) -> None:
    """Through everything up to where the calibration is offered."""
    to_the_start(candidate)
    expect(candidate.page.get_by_text(candidate.words("ready.gaze_calibration"))).to_be_visible()
    candidate.start()
    title = words("gaze", "title")
    expect(candidate.page.get_by_role("heading", name=title)).to_be_visible(timeout=ANSWER_MS)


def noticed(candidate: Candidate, demo: DemoServer, sitting_id: str) -> dict[str, Any]:
    """The look aside, once the timeline has it."""
    for _ in range(ASIDE_S):
        opened = [entry["payload"] for entry in entries_of(demo, sitting_id, "signal_opened")]
        aside = [payload for payload in opened if payload["kind"] == "gaze_away"]
        if aside:
            return aside[0]
        candidate.page.wait_for_timeout(1_000)
    told = [entry["payload"] for entry in entries_of(demo, sitting_id, "observation_summary")]
    pytest.fail(f"no look aside was noticed; measured: {told}")


def test_it_is_left_out_with_one_click_by_keyboard(chromium: Browser, demo: DemoServer) -> None:
    candidate = new_candidate(chromium, demo, demo.new_candidate(OFFERED))
    inspector, page = Inspector(candidate), candidate.page
    offered(candidate)
    inspector.look("13-gaze-offered")
    page.set_viewport_size(WIDE)
    page.get_by_role("heading", name=words("gaze", "title")).focus()
    leave = page.get_by_role("button", name=words("gaze", "leave"), exact=True)
    for _ in range(30):
        page.keyboard.press("Tab")
        if leave.evaluate("(button) => button === document.activeElement"):
            break
    page.keyboard.press("Enter")
    expect(page.locator("[data-outcome=left_out]")).to_contain_text(words("gaze", "after.usual"), timeout=ANSWER_MS)
    expect(page.get_by_role("textbox").first).to_be_visible(timeout=ANSWER_MS)
    inspector.look("14-gaze-left-out")
    assert inspector.found == {}
    sitting_id = candidate.sitting_id()
    (entry,) = entries_of(demo, sitting_id, "check_ended")
    assert (entry["payload"]["check"], entry["payload"]["outcome"]) == ("gaze_calibration", "left_out")
    assert candidate.errors == []
    candidate.context.close()


def test_eyes_that_follow_the_dots_give_the_own_screen_and_looks_are_judged_by_it(
    chromium: Browser, office: Browser, demo: DemoServer, eyes: str
) -> None:
    candidate = new_candidate(chromium, demo, demo.new_candidate(OFFERED))
    page = candidate.page
    page.emulate_media(reduced_motion="reduce")
    page.add_init_script(eyes)
    offered(candidate)
    tab_to(candidate, "guided.begin")
    page.keyboard.press("Enter")
    stage = page.locator("dialog[open]")
    for place in ("gaze_left", "gaze_right"):
        dot = stage.locator(f"[data-prompt={place}] svg")
        expect(dot).to_be_visible(timeout=ANSWER_MS)
        box = dot.bounding_box()
        assert box is not None
        edge_px = box["x"] if place == "gaze_left" else WIDE["width"] - box["x"] - box["width"]
        assert edge_px <= EDGE_PX
        keep_one(page, f"dot-{place}")
    expect(page.locator("[data-outcome=measured]")).to_be_visible(timeout=MEASURED_MS)
    expect(page.get_by_role("textbox").first).to_be_visible(timeout=ANSWER_MS)
    sitting_id = candidate.sitting_id()
    (end,) = entries_of(demo, sitting_id, "check_ended")
    result = end["payload"]["result"]
    assert result["cannot_tell"] is None
    page.wait_for_timeout(CALM_MS)
    page.evaluate("window.looksAside = true")
    with staff_of(office, demo, "invigilator") as staff:
        row = ended(watch(staff, sitting_id), "measured")
        row.locator("summary").click()
        expect(row).to_contain_text(words("gaze", "found.limit"))
        keep(staff.page, "invigilator-gaze")
        assert staff.inspect() == []
    aside = noticed(candidate, demo, sitting_id)
    assert aside["why"]["crossing"]["threshold"] == result["left_deg"]
    assert "the candidate's own screen" in aside["why"]["text"]["en"]
    page.set_viewport_size(NARROW)
    candidate.finish()
    candidate.context.close()
    assert candidate.errors == []
    with staff_of(office, demo, "committee") as staff:
        staff.page.locator(f'tbody a[href="/review/{sitting_id}"]').click()
        article = staff.page.get_by_role("article").filter(has_text=words("checks", "kind.gaze_calibration")).first
        expect(article).to_contain_text(words("checks", "outcome.measured"))
        expect(article).to_contain_text(words("gaze", "found.limit"))
        keep(staff.page, "committee-gaze")
        assert staff.inspect() == []
