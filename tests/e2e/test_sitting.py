"""A sitting from consent to finish, in a real browser against the real server."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Playwright, expect

from tests.e2e.candidate import Candidate
from tests.e2e.chromium import FakeMedia, launched
from tests.e2e.conftest import WIDE, new_candidate
from tests.e2e.demo_server import DemoServer, running_demo

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(240)]

TOLERANCE_S = 0.5
PLAY = """
async (url) => {
  const video = document.createElement('video')
  video.muted = true
  video.src = url
  document.body.append(video)
  const heard = (name) => new Promise((done, fail) => {
    video.addEventListener(name, done, { once: true })
    video.addEventListener('error', () => fail(new Error(video.error?.message)), { once: true })
  })
  await heard('loadedmetadata')
  const facts = { duration: video.duration, width: video.videoWidth, height: video.videoHeight }
  const sought = heard('seeked')
  video.currentTime = video.duration / 2
  await sought
  const from = video.currentTime
  await video.play()
  await new Promise((done) => setTimeout(done, 1500))
  return { ...facts, from, to: video.currentTime }
}
"""


def test_consent_to_finish_with_a_face_and_speech(
    playwright: Playwright, demo: DemoServer, present: Path, speaking: Path
) -> None:
    with launched(playwright, FakeMedia(present, speaking)) as browser:
        candidate = new_candidate(browser, demo)
        candidate.through_to_exam()
        for track in ("camera", "microphone", "screen", "recording", "link"):
            candidate.expect_sending(track, "on")
        candidate.answer(1, "The first answer.")
        candidate.stay(40)
        candidate.finish()
        told = candidate.state()
        assert candidate.errors == []
    sitting_id = told["sitting_id"]
    assert told["state"] == "finished"
    answers = [entry["payload"] for entry in demo.timeline(sitting_id) if entry["kind"] == "answer_saved"]
    assert [answer["question_id"] for answer in answers] == ["one"]
    assert set(demo.signals(sitting_id)) == {"speech"}
    assert demo.get(f"sittings/{sitting_id}/timeline/verify")["ok"]
    recording = demo.get(f"sittings/{sitting_id}/recording")
    sitting_s = recording["duration_ms"] / 1000
    assert sitting_s > 40
    assert {track["track"] for track in recording["tracks"]} == {"camera", "microphone", "screen"}
    for track in recording["tracks"]:
        assert track["gaps"] == []
        assert track["end_ms"] / 1000 == pytest.approx(sitting_s, abs=TOLERANCE_S)
        assert track["recorded_ms"] / 1000 == pytest.approx(sitting_s, abs=2 * TOLERANCE_S)


def test_the_recording_plays_in_the_browser(chromium: Browser, demo: DemoServer, candidate: Candidate) -> None:
    candidate.through_to_exam()
    candidate.stay(8)
    candidate.finish()
    sitting_id = candidate.state()["sitting_id"]
    recording = demo.get(f"sittings/{sitting_id}/recording")
    committee = chromium.new_context(viewport=WIDE)
    account = demo.account("committee")
    answer = committee.request.post(
        f"{demo.base_url}/api/login",
        data={"email": account.email, "password": account.password},
        headers={"X-Proctor": "1"},
    )
    assert answer.ok
    page = committee.new_page()
    page.goto(f"{demo.base_url}/review")
    for track in recording["tracks"]:
        played = page.evaluate(PLAY, track["url"])
        assert played["duration"] == pytest.approx(recording["duration_ms"] / 1000, abs=TOLERANCE_S)
        assert played["to"] > played["from"] + 0.5
        if track["track"] == "camera":
            assert (played["width"], played["height"]) == (640, 480)
    committee.close()


def test_what_the_browser_notices_reaches_the_timeline(demo: DemoServer, candidate: Candidate) -> None:
    candidate.through_to_exam()
    page = candidate.page
    field = page.get_by_role("textbox").first
    field.fill("a sentence that must stay private")
    field.select_text()
    page.keyboard.press("Control+C")
    page.keyboard.press("Control+V")
    page.evaluate("document.exitFullscreen()")
    notice = page.locator("[data-interruption=fullscreen]")
    expect(notice).to_be_visible()
    candidate.stay(6)
    candidate.press("interruption.fullscreen_back")
    expect(notice).to_be_hidden()
    candidate.stay(2)
    candidate.finish()
    sitting_id = candidate.state()["sitting_id"]
    events = demo.client_events(sitting_id)
    for kind in ("clipboard_copy", "clipboard_paste", "fullscreen_left", "fullscreen_entered"):
        assert kind in events
    assert set(demo.signals(sitting_id)) == {"clipboard", "fullscreen_left"}
    clipboard = [entry for entry in demo.timeline(sitting_id) if entry["payload"].get("kind") == "clipboard_copy"]
    assert clipboard[0]["payload"]["detail"]["length"] == len("a sentence that must stay private")
    assert "must stay private" not in str(demo.timeline(sitting_id))


def test_a_reload_comes_back_to_the_running_exam(demo: DemoServer, candidate: Candidate) -> None:
    candidate.through_to_exam()
    candidate.answer(1, "Written before the reload.")
    candidate.page.reload()
    candidate.expect_sending("camera", "on")
    candidate.expect_sending("microphone", "on")
    expect(candidate.page.get_by_role("textbox").first).to_have_value("Written before the reload.")
    screen = candidate.page.locator("[data-interruption=screen]")
    expect(screen).to_be_visible()
    screen.get_by_role("button").click()
    expect(screen).to_be_hidden()
    candidate.expect_sending("screen", "on")
    candidate.finish()
    sitting_id = candidate.state()["sitting_id"]
    kinds = [entry["kind"] for entry in demo.timeline(sitting_id)]
    assert kinds.count("leg_connected") == 2
    assert "page_closing" in demo.client_events(sitting_id)


def test_leaving_a_running_exam_is_asked_for_first(candidate: Candidate) -> None:
    candidate.through_to_exam()
    page = candidate.page
    expect(page.get_by_role("banner").get_by_role("navigation")).to_be_hidden()
    expect(page.get_by_role("button", name="Log out")).to_be_hidden()
    page.get_by_role("link", name="Proctor").click()
    question = page.get_by_role("dialog", name=candidate.words("exam.leave_title"))
    expect(question).to_be_visible()
    expect(question.get_by_role("button", name=candidate.words("exam.leave_stay"))).to_be_focused()
    page.keyboard.press("Enter")
    expect(question).to_be_hidden()
    candidate.expect_sending("camera", "on")
    candidate.finish()
    expect(page.get_by_role("button", name="Log out")).to_be_visible()


def test_a_stopped_screen_share_is_asked_for_again(demo: DemoServer, candidate: Candidate) -> None:
    candidate.page.add_init_script("""
      const ask = navigator.mediaDevices.getDisplayMedia.bind(navigator.mediaDevices)
      navigator.mediaDevices.getDisplayMedia = async (options) => (window.sharedScreen = await ask(options))
    """)
    candidate.through_to_exam()
    # What the browser does when the person presses its own "Stop sharing": the track ends and says so.
    candidate.page.evaluate("""
      const [track] = sharedScreen.getVideoTracks()
      track.stop()
      track.dispatchEvent(new Event('ended'))
    """)
    notice = candidate.page.locator("[data-interruption=screen]")
    expect(notice).to_be_visible()
    candidate.expect_sending("screen", "off")
    candidate.stay(4)
    notice.get_by_role("button").click()
    expect(notice).to_be_hidden()
    candidate.expect_sending("screen", "on")
    candidate.finish()
    sitting_id = candidate.state()["sitting_id"]
    assert [kind for kind in demo.client_events(sitting_id) if kind.startswith("screen")] == [
        "screen_share_stopped",
        "screen_share_started",
    ]
    assert "screen_share_stopped" in demo.signals(sitting_id)


def test_answers_written_without_a_network_are_kept_and_saved(candidate: Candidate) -> None:
    candidate.through_to_exam()
    candidate.context.set_offline(offline=True)
    field = candidate.page.get_by_role("textbox").first
    field.fill("Written while the network was away.")
    safety = candidate.page.locator("[data-safety]").first
    expect(safety).to_have_text(candidate.words("answer_state.kept"))
    candidate.context.set_offline(offline=False)
    expect(safety).to_have_attribute("data-safety", "saved", timeout=30_000)
    assert candidate.state()["exam"]["questions"][0]["answer"] == "Written while the network was away."
    candidate.finish()


def test_a_log_in_that_ends_is_told_and_the_exam_goes_on_after_the_next(chromium: Browser, demo: DemoServer) -> None:
    account = demo.new_candidate()
    candidate = new_candidate(chromium, demo, account)
    candidate.through_to_exam()
    candidate.context.request.post(f"{demo.base_url}/api/logout", headers={"X-Proctor": "1"})
    candidate.page.get_by_role("textbox").first.fill("Written while logged out.")
    notice = candidate.page.locator("[data-interruption=logged_out]")
    expect(notice).to_be_visible(timeout=20_000)
    expect(notice.get_by_role("link")).to_have_attribute("target", "_blank")
    expect(candidate.page.locator("[data-safety]").first).to_have_text(candidate.words("answer_state.kept"))
    candidate.log_in(account.email, account.password)
    expect(candidate.page.locator("[data-safety]").first).to_have_attribute("data-safety", "saved", timeout=30_000)
    expect(notice).to_be_hidden(timeout=20_000)
    candidate.finish()
    candidate.context.close()


def test_an_exam_at_an_address_of_its_own_is_shown_inside(
    chromium: Browser, demo: DemoServer, exam_elsewhere: str
) -> None:
    candidate = new_candidate(chromium, demo, demo.new_candidate(kind="url", url=exam_elsewhere, questions=[]))
    candidate.through_to_exam()
    inside = candidate.page.frame_locator("iframe")
    inside.get_by_role("textbox").fill("Answered on the other page.")
    expect(candidate.page.get_by_role("link", name=candidate.words("exam.frame_open"))).to_have_attribute(
        "href", exam_elsewhere
    )
    candidate.stay(6)
    candidate.finish()
    assert demo.signals(candidate.state()["sitting_id"]) == []
    assert candidate.errors == []
    candidate.context.close()


def test_a_message_from_the_invigilator_is_shown(demo: DemoServer, candidate: Candidate) -> None:
    candidate.through_to_exam()
    demo.send_message(candidate.state()["sitting_id"], "Камераға жақындаңызшы")
    expect(candidate.page.get_by_text("Камераға жақындаңызшы")).to_be_visible()
    candidate.press("message.understood")
    expect(candidate.page.get_by_text("Камераға жақындаңызшы")).to_be_hidden()
    candidate.finish()


def test_a_killed_server_loses_no_answer_and_the_sitting_goes_on(
    chromium: Browser, tmp_path_factory: pytest.TempPathFactory
) -> None:
    data = tmp_path_factory.mktemp("killed") / "data"
    with running_demo(data) as server:
        candidate = new_candidate(chromium, server)
        candidate.through_to_exam()
        candidate.expect_sending("recording", "on")
        candidate.stay(6)
        server.kill()
        candidate.page.get_by_role("textbox").first.fill("Written while the server was down.")
        expect(candidate.page.locator("[data-interruption=offline]")).to_be_visible(timeout=20_000)
        assert server.port is not None
        with running_demo(data, port=server.port) as again:
            safety = candidate.page.locator("[data-safety]").first
            expect(safety).to_have_attribute("data-safety", "saved", timeout=60_000)
            candidate.expect_sending("recording", "on", timeout_s=60)
            expect(candidate.page.locator("[data-interruption=offline]")).to_be_hidden(timeout=30_000)
            candidate.stay(4)
            candidate.finish()
            sitting_id = candidate.state()["sitting_id"]
            assert again.get(f"sittings/{sitting_id}/timeline/verify")["ok"]
            recording = again.get(f"sittings/{sitting_id}/recording")
            camera = next(track for track in recording["tracks"] if track["track"] == "camera")
            assert camera["gaps"] != []
            assert camera["end_ms"] == pytest.approx(recording["duration_ms"], abs=1000 * TOLERANCE_S)
        candidate.context.close()
