"""Opening checks on the candidate's page: accessible in every language and width, done and declined without a mouse."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.conftest import WIDE, new_candidate
from tests.e2e.demo_server import DemoServer
from tests.e2e.test_candidate_pages import Inspector, tab_to

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(420)]

OPENING = "[steps]\nidentity_photograph = false\nroom_scan_at_start = true\nchallenge_at_start = true\n"
ANSWER_MS = 20_000


def test_opening_checks_by_keyboard(chromium: Browser, demo: DemoServer) -> None:
    candidate = new_candidate(chromium, demo, demo.new_candidate(OPENING))
    inspector, page = Inspector(candidate), candidate.page
    stage = page.locator("dialog[open]")
    candidate.open()
    candidate.consent()
    candidate.equip()
    candidate.sees("ready.title")
    inspector.look("8-ready")
    candidate.start()
    candidate.expect_sending("camera", "on")
    expect(page.get_by_text(candidate.words("exam.not_begun"), exact=True)).to_be_visible()
    expect(page.get_by_role("textbox")).to_have_count(0)
    inspector.look("9-room-scan-asked")
    page.get_by_role("radio").first.focus()
    page.keyboard.press("ArrowDown")
    expect(candidate.button("guided.begin")).to_be_disabled()
    tab_to(candidate, "guided.phone.invite")
    page.keyboard.press("Enter")
    expect(page.get_by_role("img", name=candidate.words("guided.phone.code"))).to_be_visible()
    inspector.look("10-telephone-invited")

    tab_to(candidate, "guided.decline")
    page.keyboard.press("Enter")
    tab_to(candidate, "guided.decline_confirm")
    page.keyboard.press("Enter")
    expect(page.locator("[data-outcome=declined]")).to_be_visible(timeout=ANSWER_MS)
    expect(page.locator("[data-check=challenge]")).to_be_visible(timeout=ANSWER_MS)
    inspector.look("11-challenge-asked")
    page.set_viewport_size(WIDE)

    tab_to(candidate, "guided.begin")
    page.keyboard.press("Enter")
    expect(stage.locator("[data-prompt=countdown]")).to_be_visible()
    tab_to(candidate, "guided.not_yet")
    page.keyboard.press("Enter")
    expect(stage).to_have_count(0)
    tab_to(candidate, "guided.begin")
    page.keyboard.press("Enter")
    expect(stage.locator("[data-prompt^=turn], [data-prompt^=flash], [data-prompt^=dot]")).to_be_visible(
        timeout=ANSWER_MS
    )
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    expect(stage).to_be_visible()
    tab_to(candidate, "guided.stop")
    page.keyboard.press("Enter")
    expect(page.locator("[data-outcome=cannot_tell]")).to_be_visible(timeout=ANSWER_MS)
    expect(page.get_by_role("textbox").first).to_be_visible(timeout=ANSWER_MS)
    inspector.look("12-questions-open")
    candidate.answer(1, "Жауап")
    assert inspector.found == {}
    assert candidate.errors == []
    candidate.context.close()
