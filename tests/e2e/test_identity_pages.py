"""Several identity photographs and the identity document: the candidate's steps, and what the staff sees of them."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
from playwright.sync_api import Browser, Page, Playwright, expect

from tests.e2e.candidate import Candidate
from tests.e2e.chromium import FakeMedia, launched
from tests.e2e.conftest import FPS, new_candidate
from tests.e2e.demo_server import DemoServer
from tests.e2e.test_candidate_pages import Inspector, tab_to
from tests.e2e.test_staff_pages import staff_of, words
from tests.media.documents import PASSPORT, page
from tests.media.files import write_y4m
from tests.media.portraits import Picture
from tests.media.scenes import SIZE, Scene, Shot, pictures

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(900)]

POLICY = "[steps]\nidentity_document = true\n"
SHOWN_S = 5.0
"""How long the person sits before the camera, and how long the passport fills the picture, in turns."""
PASSPORT_AWAY_MS = 1000
"""Pause before another photograph, so that a dozen of them outlast the passport before the camera."""
MOST_PICTURES = 9
"""The server reads ten in a row."""
ANSWER_MS = 100_000


@pytest.fixture(scope="module")
def showing(media_folder: Path) -> Path:
    """A person before the camera who now and again holds a passport to it."""
    path = media_folder / "showing.y4m"

    def played() -> Iterator[tuple[float, Picture]]:
        yield from pictures([Shot(Scene.OTHER_PERSON, SHOWN_S)], FPS)
        held = held_up(page(PASSPORT))
        for number in range(round(SHOWN_S * FPS)):
            yield SHOWN_S + number / FPS, held

    write_y4m(path, played(), FPS)
    return path


def held_up(sheet: Picture) -> Picture:
    """The page as it fills the camera's picture."""
    height = round(sheet.shape[0] * SIZE[0] / sheet.shape[1])
    picture = np.full((SIZE[1], SIZE[0], 3), 70, np.uint8)
    top = (SIZE[1] - height) // 2
    picture[top : top + height] = cv2.resize(sheet, (SIZE[0], height), interpolation=cv2.INTER_AREA)
    return picture


@pytest.fixture(scope="module")
def browser(playwright: Playwright, showing: Path, quiet: Path) -> Iterator[Browser]:
    with launched(playwright, FakeMedia(showing, quiet)) as browser:
        yield browser


def test_photographs_and_document_from_the_candidate_to_the_committee(
    browser: Browser, demo: DemoServer, playwright: Playwright
) -> None:
    candidate = new_candidate(browser, demo, demo.new_candidate(POLICY))
    inspector = Inspector(candidate)
    candidate.open()
    candidate.consent()
    candidate.equip()
    candidate.sees("photograph.title")
    take_photographs(candidate, words("identity", "document.title"))
    inspector.look("20-document")
    show_document(candidate, inspector)
    expect(candidate.page.get_by_text(words("identity", "add.count", number=1, most=3))).to_be_visible()
    inspector.look("22-ready")
    candidate.page.get_by_role("button", name=words("identity", "add.open")).click()
    expect(candidate.page.get_by_role("heading", level=1, name=words("identity", "add.title"))).to_be_visible()
    inspector.look("23-another-photograph")
    take_photographs(candidate, candidate.words("ready.title"))
    expect(candidate.page.get_by_text(words("identity", "add.count", number=2, most=3))).to_be_visible()
    candidate.start()
    sitting_id = candidate.sitting_id()
    with launched(playwright, None) as staff_browser:
        the_invigilator_looks(staff_browser, demo, sitting_id)
        candidate.finish()
        the_committee_reads(staff_browser, demo, sitting_id)
    assert inspector.found == {}
    assert candidate.errors == []
    candidate.context.close()


def test_a_document_can_be_left_to_a_person_by_keyboard(browser: Browser, demo: DemoServer) -> None:
    candidate = new_candidate(
        browser, demo, demo.new_candidate(POLICY.replace("[steps]\n", "[steps]\nidentity_photograph = false\n"))
    )
    candidate.open()
    candidate.consent()
    candidate.equip()
    title = words("identity", "document.title")
    expect(candidate.page.get_by_role("heading", level=1, name=title)).to_be_visible()
    leave = candidate.page.get_by_role("button", name=words("identity", "document.leave"))
    for _ in range(25):
        if leave.evaluate("(element) => element === document.activeElement"):
            break
        candidate.page.keyboard.press("Tab")
    candidate.page.keyboard.press("Enter")
    candidate.sees("ready.title")
    tab_to(candidate, "ready.start")
    candidate.page.keyboard.press("Enter")
    expect(candidate.button("exam.finish")).to_be_visible()
    candidate.finish()
    kinds = [entry["kind"] for entry in demo.timeline(candidate.sitting_id())]
    assert "document_left" in kinds
    assert "document_read" not in kinds
    candidate.context.close()


def take_photographs(candidate: Candidate, then: str) -> None:
    """Take photographs until one is accepted and the page with that heading comes."""
    page = candidate.page
    for _ in range(12):  # half of the time the passport is in the picture
        with page.expect_response(re.compile(r"/enrolment\b"), timeout=ANSWER_MS) as answer:
            page.get_by_role("main").get_by_role("button").first.click()
        if answer.value.ok:
            break
        page.wait_for_timeout(PASSPORT_AWAY_MS)
    expect(page.get_by_role("heading", level=1, name=then)).to_be_visible(timeout=ANSWER_MS)


def show_document(candidate: Candidate, inspector: Inspector) -> None:
    """Take pictures until the passport is in one; look at the page that asks for another one."""
    page, looked = candidate.page, False
    for _ in range(MOST_PICTURES):
        with page.expect_response(re.compile(r"/document\b"), timeout=ANSWER_MS) as answer:
            page.get_by_role("main").get_by_role("button").first.click()
        if answer.value.json().get("clear"):
            break
        if not looked:
            expect(page.get_by_role("status").filter(has_text=re.compile(r"\S"))).to_be_visible()
            inspector.look("21-document-again")
            looked = True
    candidate.sees("ready.title")


def the_invigilator_looks(browser: Browser, demo: DemoServer, sitting_id: str) -> None:
    with staff_of(browser, demo, "invigilator") as staff:
        page = staff.page
        page.wait_for_url("**/invigilate**")
        page.goto(f"/invigilate/{sitting_id}")
        fold = page.locator("details", has=page.get_by_text(words("invigilate", "identity.title"), exact=True))
        expect(fold.get_by_text(words("invigilate", "identity.document.clear"))).to_be_visible()
        fold.locator("summary").focus()
        page.keyboard.press("Enter")
        expect(fold.get_by_role("list", name=words("identity", "photographs.title")).get_by_role("img")).to_have_count(
            2
        )
        expect(fold.get_by_text("ERIKSSON", exact=True)).to_be_visible()
        expect(fold.get_by_text(words("identity", "read.same"))).to_be_visible()
        keep(page, "24-invigilator")
        assert staff.inspect() == []


def the_committee_reads(browser: Browser, demo: DemoServer, sitting_id: str) -> None:
    with staff_of(browser, demo, "committee") as staff:
        page = staff.page
        page.wait_for_url("**/review**")
        page.goto(f"/review/{sitting_id}")
        expect(page.get_by_role("list", name=words("identity", "photographs.title")).get_by_role("img")).to_have_count(
            2
        )
        expect(page.get_by_text("ERIKSSON", exact=True)).to_be_visible()
        keep(page, "25-committee")
        assert staff.inspect() == []


def keep(page: Page, name: str) -> None:
    """Keep a picture of the page where PROCTOR_E2E_PICTURES says."""
    folder = os.environ.get("PROCTOR_E2E_PICTURES")
    if folder:
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)
