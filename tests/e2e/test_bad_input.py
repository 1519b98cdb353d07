"""What goes wrong before and during a sitting: each has its words, and a way on."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Playwright, Route, expect

from tests.e2e.candidate import LANGUAGES, Candidate, Language
from tests.e2e.chromium import FakeMedia, launched
from tests.e2e.conftest import new_candidate
from tests.e2e.demo_server import DemoServer

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(180)]

REFUSE_SOUND = """
  const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices)
  navigator.mediaDevices.getUserMedia = (wanted) =>
    wanted.audio ? Promise.reject(new DOMException('Requested device not found', 'NotFoundError')) : ask(wanted)
"""

# A Chromium without a desktop has nothing but a whole screen to share; only its word about what was chosen is replaced.
SHARE_SURFACE = """
  const share = navigator.mediaDevices.getDisplayMedia.bind(navigator.mediaDevices)
  navigator.mediaDevices.getDisplayMedia = async (options) => {
    const stream = await share(options)
    const [track] = stream.getVideoTracks()
    const settings = track.getSettings.bind(track)
    track.getSettings = () => ({ ...settings(), displaySurface: 'SURFACE' })
    window.shared = track
    return stream
  }
"""


def expect_blocker(candidate: Candidate, check: str, blocker: str) -> None:
    candidate.expect_check(check, "blocked")
    row = candidate.check(check)
    expect(row).to_contain_text(candidate.words(f"blocker.{blocker}.title"))
    expect(row).to_contain_text(candidate.words(f"blocker.{blocker}.remedy"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_refused_camera_is_explained(playwright: Playwright, demo: DemoServer, language: Language) -> None:
    with launched(playwright, None, permit=False) as browser:
        candidate = new_candidate(browser, demo, language=language)
        candidate.open()
        candidate.consent()
        candidate.press("equipment.open_camera_microphone")
        expect_blocker(candidate, "camera", "camera_refused")
        expect(candidate.button("equipment.open_camera_microphone")).to_be_enabled()
        assert candidate.state()["state"] == "consented"
        assert candidate.errors == []


def test_a_missing_microphone_is_named_and_the_camera_still_checked(candidate: Candidate) -> None:
    candidate.page.add_init_script(REFUSE_SOUND)
    candidate.open()
    candidate.consent()
    candidate.press("equipment.open_camera_microphone")
    expect_blocker(candidate, "microphone", "microphone_missing")
    candidate.expect_check("camera", "ok")


def test_a_silent_microphone_and_a_covered_camera_are_named(
    playwright: Playwright, demo: DemoServer, covered: Path, silent: Path
) -> None:
    with launched(playwright, FakeMedia(covered, silent)) as browser:
        candidate = new_candidate(browser, demo)
        candidate.open()
        candidate.consent()
        candidate.press("equipment.open_camera_microphone")
        expect_blocker(candidate, "camera", "camera_black")
        expect_blocker(candidate, "microphone", "microphone_silent")


@pytest.mark.parametrize(("surface", "blocker"), [("window", "screen_is_window"), ("browser", "screen_is_tab")])
def test_anything_but_the_whole_screen_is_not_taken(candidate: Candidate, surface: str, blocker: str) -> None:
    candidate.page.add_init_script(SHARE_SURFACE.replace("SURFACE", surface))
    candidate.open()
    candidate.consent()
    candidate.turn_on()
    candidate.press("equipment.share_screen")
    expect_blocker(candidate, "screen", blocker)
    assert candidate.page.evaluate("shared.readyState") == "ended"
    expect(candidate.button("equipment.share_screen")).to_be_enabled()


def test_a_network_without_udp_is_named(candidate: Candidate) -> None:
    candidate.page.route("**/api/sittings/*/legs", _cut_off)
    candidate.open()
    candidate.consent()
    candidate.turn_on()
    candidate.share_screen()
    expect_blocker(candidate, "network", "udp_blocked")
    candidate.page.unroute("**/api/sittings/*/legs")
    candidate.press("equipment.check_again")
    candidate.expect_check("network", "ok")


def _cut_off(route: Route) -> None:
    """Neither side learns an address at which the other can be reached, as behind a firewall that lets no UDP pass."""
    asked = route.request.post_data_json
    asked["offer_sdp"] = re.sub(r"a=candidate:.*\r\n", "", asked["offer_sdp"])
    answer = route.fetch(post_data=asked)
    told = answer.json()
    told["answer_sdp"] = re.sub(r"a=candidate:.*\r\n", "", told["answer_sdp"])
    route.fulfill(response=answer, json=told)


def test_a_second_log_in_takes_over_only_when_asked(chromium: Browser, demo: DemoServer, candidate: Candidate) -> None:
    account = demo.new_candidate()
    candidate.log_in(account.email, account.password)
    candidate.through_to_exam()
    candidate.answer(1, "Written on the first computer.")
    second = new_candidate(chromium, demo, account, "ru")
    second.open()
    second.sees("elsewhere.title")
    candidate.expect_sending("camera", "on")
    second.press("elsewhere.here")
    candidate.sees("taken_over.title")
    second.expect_sending("camera", "on")
    expect(second.page.get_by_role("textbox").first).to_have_value("Written on the first computer.")
    second.page.locator("[data-interruption=screen]").get_by_role("button").click()
    second.expect_sending("screen", "on")
    second.finish()
    assert second.errors == []
    assert [entry["kind"] for entry in demo.timeline(second.state()["sitting_id"])].count("sitting_taken_over") == 1
    second.context.close()


def test_refused_consent_is_explained_and_recorded(demo: DemoServer, candidate: Candidate) -> None:
    candidate.open()
    candidate.page.get_by_role("main").get_by_role("button").nth(1).click()
    dialog = candidate.page.get_by_role("dialog")
    expect(dialog).to_contain_text(candidate.words("consent.refuse_text"))
    dialog.get_by_role("button", name=candidate.words("consent.refuse_confirm")).click()
    candidate.sees("refused.title")
    assert candidate.state()["state"] == "refused"
    assert "consent_refused" in [entry["kind"] for entry in demo.timeline(candidate.state()["sitting_id"])]


def test_a_picture_without_a_face_gets_a_hint(
    playwright: Playwright, demo: DemoServer, media_folder: Path, quiet: Path
) -> None:
    from tests.media.files import write_y4m  # noqa: PLC0415 - only this test looks into an empty room
    from tests.media.scenes import Scene, Shot, pictures  # noqa: PLC0415 - same

    empty = media_folder / "empty.y4m"
    write_y4m(empty, pictures([Shot(Scene.EMPTY, 1)], 15), 15)
    with launched(playwright, FakeMedia(empty, quiet)) as browser:
        candidate = new_candidate(browser, demo)
        candidate.open()
        candidate.consent()
        candidate.equip()
        candidate.sees("photograph.title")
        candidate.press("photograph.take")
        expect(candidate.page.get_by_role("alert")).to_contain_text("No face was found")
        expect(candidate.button("photograph.again")).to_be_enabled()
        assert candidate.state()["state"] == "checked"


def test_a_lost_server_is_noticed_and_found_again(demo: DemoServer, candidate: Candidate) -> None:
    """The network goes while the page opens: it says so, and goes on when asked to."""
    candidate.page.route("**/api/sittings/*/claim", lambda route: route.abort())
    candidate.open()
    candidate.sees("unreachable.title")
    candidate.page.unroute("**/api/sittings/*/claim")
    candidate.page.get_by_role("alert").get_by_role("button").click()
    candidate.consent()
    assert demo.client_events(candidate.state()["sitting_id"]) == []
