"""Every page of the candidate in three languages and two widths: accessible, and nothing sticks out."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.candidate import LANGUAGES, Candidate
from tests.e2e.conftest import NARROW, WIDE, new_candidate
from tests.e2e.demo_server import ROOT, DemoServer

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(280)]

AXE = ROOT / "web_client" / "node_modules" / "axe-core" / "axe.min.js"
LANGUAGE_NAMES = {"kk": "Қазақша", "ru": "Русский", "en": "English"}
SCHEME = "(scheme) => document.documentElement.setAttribute('data-mantine-color-scheme', scheme)"
RUN_AXE = """
() => axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) =>
  violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html.slice(0, 160)).join(' | ')}`))
"""


class Inspector:
    """Looks at a page in every language and width; keeps pictures where PROCTOR_E2E_PICTURES says."""

    def __init__(self, candidate: Candidate) -> None:
        self._candidate = candidate
        self._axe = AXE.read_text(encoding="utf-8")
        folder = os.environ.get("PROCTOR_E2E_PICTURES")
        self._folder = Path(folder) if folder else None
        self.found: dict[str, Any] = {}

    def look(self, page_name: str) -> None:
        candidate, page = self._candidate, self._candidate.page
        for language in LANGUAGES:
            if language != candidate.language:
                page.get_by_role("button", name=LANGUAGE_NAMES[language]).click()
                candidate.language = language
                expect(page.locator("html")).to_have_attribute("lang", language)
            for viewport in (NARROW, WIDE):
                page.set_viewport_size(viewport)
                page.wait_for_timeout(150)
                self._inspect(f"{page_name}-{language}-{viewport['width']}")
        page.evaluate(SCHEME, "dark")
        self._inspect(f"{page_name}-dark")
        page.evaluate(SCHEME, "light")

    def _inspect(self, name: str) -> None:
        page = self._candidate.page
        if self._folder is not None:
            self._folder.mkdir(parents=True, exist_ok=True)
            page.screenshot(path=self._folder / f"{name}.png", full_page=True)
        page.evaluate(self._axe)
        problems = page.evaluate(RUN_AXE)
        if page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
            problems.append("wider than the window")
        if problems:
            self.found[name] = problems


def test_every_step_is_accessible_in_every_language_and_width(chromium: Browser, demo: DemoServer) -> None:
    if not AXE.is_file():
        pytest.fail("axe-core is not installed. Run: python3 run.py", pytrace=False)
    candidate = new_candidate(chromium, demo)
    inspector = Inspector(candidate)
    page = candidate.page
    page.goto(f"{demo.base_url}/sit")
    expect(page.get_by_role("heading", level=2)).to_be_visible()
    inspector.look("0-list")
    candidate.open()
    candidate.page.get_by_text("2026-").wait_for()
    inspector.look("1-consent")
    candidate.consent()
    inspector.look("2-equipment")
    candidate.turn_on()
    candidate.share_screen()
    candidate.expect_check("codec", "ok")
    inspector.look("3-equipment-works")
    candidate.press("equipment.continue")
    candidate.sees("photograph.title")
    inspector.look("4-photograph")
    candidate.photograph()
    inspector.look("5-ready")
    candidate.start()
    candidate.expect_sending("camera", "on")
    candidate.answer(1, "Жауап")
    demo.send_message(candidate.state()["sitting_id"], "Камераға жақындаңызшы")
    page.evaluate("document.exitFullscreen()")
    expect(page.locator("[data-interruption=fullscreen]")).to_be_visible()
    inspector.look("6-exam")
    candidate.press("panel.more")
    inspector.look("7-exam-panel")
    candidate.finish()
    inspector.look("8-finished")
    assert inspector.found == {}
    assert candidate.errors == []
    candidate.context.close()


def test_the_way_to_the_exam_by_keyboard_alone(candidate: Candidate) -> None:
    page = candidate.page
    candidate.open()
    page.get_by_text("2026-").wait_for()
    page.get_by_role("main").get_by_role("button").first.focus()
    page.keyboard.press("Enter")
    candidate.sees("equipment.title")
    tab_to(candidate, "equipment.open_camera_microphone")
    page.keyboard.press("Enter")
    candidate.expect_check("microphone", "ok")
    tab_to(candidate, "equipment.share_screen")
    page.keyboard.press("Space")
    candidate.expect_check("codec", "ok")
    tab_to(candidate, "equipment.continue")
    page.keyboard.press("Enter")
    candidate.sees("photograph.title")
    tab_to(candidate, "photograph.take")
    page.keyboard.press("Enter")
    candidate.sees("ready.title")
    tab_to(candidate, "ready.start")
    page.keyboard.press("Enter")
    tab_to(candidate, "exam.finish")
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(candidate.button("exam.finish")).to_be_focused()
    candidate.finish()


def tab_to(candidate: Candidate, key: str) -> None:
    """Press Tab until the button has the focus, as somebody without a mouse does."""
    button = candidate.button(key)
    expect(button).to_be_visible()
    for _ in range(25):
        if button.evaluate("(element) => element === document.activeElement"):
            return
        candidate.page.keyboard.press("Tab")
    pytest.fail(f"{key} cannot be reached by Tab")
