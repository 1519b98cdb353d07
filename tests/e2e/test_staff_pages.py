"""The pages of invigilator, committee and administrator beside a candidate who really sits an exam."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Playwright, expect

from tests.e2e.candidate import Candidate
from tests.e2e.chromium import FakeMedia, launched
from tests.e2e.conftest import NARROW, WIDE, new_candidate
from tests.e2e.demo_server import ROOT, DemoServer
from tests.e2e.test_candidate_pages import AXE, LANGUAGE_NAMES, RUN_AXE

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(280)]

NOTICE_LIMIT_MS = 45_000
"""Longest wait for a first incident: ten seconds of speech, its dwell time, and a slow machine."""
SYNC_LIMIT_S = 0.25


def words(feature: str, key: str, **values: object) -> str:
    """What the pages say in English under a key of a feature."""
    node: Any = json.loads((ROOT / f"web_client/src/{feature}/locales/en.json").read_text(encoding="utf-8"))
    for part in key.split("."):
        node = node[part]
    text = str(node)
    for name, value in values.items():
        text = text.replace("{{" + name + "}}", str(value))
    return text


class Staff:
    """Somebody of the institution in a browser profile of their own; collects what the browser complains about."""

    def __init__(self, browser: Browser, demo: DemoServer) -> None:
        self.context = browser.new_context(viewport=WIDE, locale="en-GB", base_url=demo.base_url)
        self.page: Page = self.context.new_page()
        self.complaints: list[str] = []
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("console", lambda message: self._note(message.type, message.text))
        self.page.on("request", lambda request: self._check_host(request.url, demo.base_url))

    def enter(self, demo: DemoServer, role: str) -> None:
        """Press the role's door on the demonstration's first page."""
        self.page.goto("/")
        told = self.context.request.get(f"{demo.base_url}/api/config").json()
        name = next(entry["name"] for entry in told["demo"]["accounts"] if entry["role"] == role)
        self.page.get_by_role("button", name=words("entry", "doors.enter", name=name)).click()

    def inspect(self) -> list[str]:
        """What axe finds in every language, at both widths and in both appearances."""
        page = self.page
        found: list[str] = []
        for scheme, language, viewport in [
            ("light", "kk", WIDE),
            ("dark", "ru", WIDE),
            ("light", "ru", NARROW),
            ("dark", "kk", NARROW),
            ("light", "en", WIDE),
        ]:
            page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
            page.set_viewport_size(viewport)
            page.get_by_role("button", name=LANGUAGE_NAMES[language]).click()
            expect(page.locator("html")).to_have_attribute("lang", language)
            page.wait_for_timeout(300)
            expect(page.locator("h1").first).to_be_visible()  # the page is hidden while the words of a language load
            page.evaluate(AXE.read_text(encoding="utf-8"))
            found += [f"{language} {scheme} {viewport['width']}: {problem}" for problem in page.evaluate(RUN_AXE)]
            if page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
                found.append(f"{language} {viewport['width']}: wider than the window")
        return found

    def _note(self, kind: str, text: str) -> None:
        # The server names a device that this Chromium does not know; the first page asks who is logged in.
        if kind == "error" and "Permissions-Policy" not in text and "401" not in text:
            self.complaints.append(text)

    def _check_host(self, url: str, base_url: str) -> None:
        if not url.startswith((base_url, "blob:", "data:")):
            self.complaints.append(f"asked another host: {url}")


@contextmanager
def staff_of(browser: Browser, demo: DemoServer, role: str) -> Iterator[Staff]:
    """Logged in by the role's door; afterwards the browser must not have complained."""
    somebody = Staff(browser, demo)
    somebody.enter(demo, role)
    yield somebody
    somebody.context.close()
    assert somebody.complaints == []


@pytest.fixture(scope="module")
def staff_browser(playwright: Playwright) -> Iterator[Browser]:
    with launched(playwright, None) as browser:
        yield browser


@pytest.fixture(scope="module")
def talker(playwright: Playwright, demo: DemoServer, present: Path, speaking: Path) -> Iterator[Candidate]:
    """A candidate in the exam, in whose room somebody speaks."""
    with launched(playwright, FakeMedia(present, speaking)) as browser:
        someone = new_candidate(browser, demo)
        someone.through_to_exam()
        yield someone


def media_times(page: Page) -> list[float]:
    """Where the page's recorded tracks stand, in seconds; a broken one fails."""
    states = page.evaluate("[...document.querySelectorAll('video, audio')].map((m) => [m.currentTime, !!m.error])")
    assert not any(broken for _, broken in states)
    return [float(at) for at, _ in states]


def test_invigilator_watches_reviews_and_writes(staff_browser: Browser, demo: DemoServer, talker: Candidate) -> None:
    with staff_of(staff_browser, demo, "invigilator") as staff:
        page, sitting_id = staff.page, talker.sitting_id()
        page.locator(f'aside li a[href="/invigilate/{sitting_id}"]').click()
        expect(page.get_by_text(words("invigilate", "live.status.live"), exact=True)).to_be_visible()
        for track in ("camera", "screen"):
            video = page.locator(f"[data-track={track}] video")
            expect(video).to_have_js_property("paused", value=False)
            page.wait_for_function("(video) => video.videoWidth > 0", arg=video.element_handle())

        incident = page.locator("section ul button").first
        expect(incident).to_be_visible(timeout=NOTICE_LIMIT_MS)
        page.keyboard.press("j")
        expect(incident).to_have_attribute("aria-pressed", "true")
        page.keyboard.press("Enter")
        expect(page.get_by_text(re.compile("^Recording from"))).to_be_visible()
        page.wait_for_timeout(3_000)
        times = media_times(page)
        assert min(times) > 1
        assert max(times) - min(times) < SYNC_LIMIT_S

        page.keyboard.press("n")
        expect(incident).to_contain_text(words("incidents", "review.noted"))
        page.keyboard.press("u")
        expect(incident).not_to_contain_text(words("incidents", "review.noted"))
        page.keyboard.press("d")
        expect(incident).to_contain_text(words("incidents", "review.dismissed"))

        page.keyboard.press("l")
        expect(page.get_by_text(words("invigilate", "live.status.live"), exact=True)).to_be_visible()
        page.keyboard.press("m")
        page.keyboard.type("Please sit closer")
        page.get_by_role("button", name=words("invigilate", "message.send")).click()
        expect(talker.page.get_by_text("Please sit closer")).to_be_visible()
        page.keyboard.press("Escape")
        expect(page.get_by_role("dialog")).to_have_count(0)
        assert staff.inspect() == []
    reviews = [entry["kind"] for entry in demo.timeline(sitting_id) if "review" in entry["kind"]]
    assert reviews == ["incident_reviewed", "review_withdrawn", "incident_reviewed"]


def test_the_last_picture_of_somebody_who_is_gone_is_not_shown_as_live(
    playwright: Playwright, staff_browser: Browser, demo: DemoServer, present: Path, speaking: Path
) -> None:
    with launched(playwright, FakeMedia(present, speaking)) as browser:
        someone = new_candidate(browser, demo)
        someone.through_to_exam()
        with staff_of(staff_browser, demo, "invigilator") as staff:
            page = staff.page
            page.locator(f'aside li a[href="/invigilate/{someone.sitting_id()}"]').click()
            expect(page.get_by_text(words("invigilate", "live.status.live"), exact=True)).to_be_visible()
            someone.page.close()
            expect(page.get_by_text(words("invigilate", "live.link_lost"))).to_have_count(2)
            expect(page.get_by_text(words("invigilate", "live.status.waiting"), exact=True)).to_be_visible()
            assert staff.inspect() == []


def test_committee_reads_a_finished_sitting(staff_browser: Browser, demo: DemoServer, talker: Candidate) -> None:
    sitting_id = talker.sitting_id()
    talker.press("exam.finish")
    talker.page.get_by_role("dialog").get_by_role("button", name=talker.words("exam.finish"), exact=True).click()
    talker.page.wait_for_function(
        "async (id) => (await (await fetch(`/api/sittings/${id}/candidate`)).json()).state === 'finished'",
        arg=sitting_id,
    )
    with staff_of(staff_browser, demo, "committee") as staff:
        page = staff.page
        page.locator(f'tbody a[href="/review/{sitting_id}"]').click()
        expect(page.get_by_text(re.compile("chain of entries is intact"))).to_be_visible()
        page.locator("article button").first.click()
        page.wait_for_timeout(3_000)
        times = media_times(page)
        assert len(times) == len(("camera", "screen", "microphone"))
        assert max(times) - min(times) < SYNC_LIMIT_S
        page.get_by_role("button", name=words("review", "timeline.open", seq=1), exact=True).click()
        expect(page.get_by_role("dialog")).to_contain_text("0" * 64)
        page.keyboard.press("Escape")
        assert staff.inspect() == []
        page.goto("/admin")
        expect(page.get_by_text(words("shell", "forbidden.title"), exact=True).last).to_be_visible()
    views = [entry for entry in demo.timeline(sitting_id) if entry["kind"] == "viewed"]
    assert {entry["payload"]["what"] for entry in views} >= {"live", "recording"}


def test_administrator_makes_account_exam_and_assignment(staff_browser: Browser, demo: DemoServer) -> None:
    with staff_of(staff_browser, demo, "admin") as staff:
        page = staff.page
        page.get_by_role("button", name=words("admin", "exams.new")).click()
        for language in ("kk", "ru", "en"):
            page.get_by_label(words("admin", f"form.title.{language}")).fill("Астрономия")
        page.get_by_role("button", name=words("admin", "form.add_question")).click()
        for language in ("kk", "ru", "en"):
            page.get_by_label(words("admin", f"form.question_in.{language}"), exact=True).fill("?")
        policy = page.get_by_label(words("admin", "form.policy"))
        policy.fill("[steps]\ncamra = true\n")
        page.get_by_role("button", name=words("admin", "form.policy_line", line=2)).click()
        assert policy.evaluate("(area) => area.value.slice(area.selectionStart, area.selectionEnd)") == "camra = true"
        assert staff.inspect() == []
        policy.fill("[steps]\ncamera = true\n")
        expect(page.get_by_text(words("admin", "form.policy_ok"))).to_be_visible()
        page.get_by_role("button", name=words("admin", "form.save")).click()
        expect(page.get_by_role("rowheader", name="Астрономия")).to_be_visible()

        page.get_by_role("link", name=words("admin", "part.accounts")).click()
        page.get_by_label(words("admin", "accounts.name")).fill("Гүлім Өтеген")
        page.get_by_label(words("admin", "accounts.email")).fill("gulim@e2e.local")
        page.locator("input[name=password]").fill("long-enough-password")
        page.get_by_role("button", name=words("admin", "accounts.create")).click()
        expect(page.get_by_role("rowheader", name=re.compile("Гүлім"))).to_be_visible()
        assert staff.inspect() == []

        page.get_by_role("link", name=words("admin", "part.sittings")).click()
        page.get_by_label(words("admin", "sittings.exam"), exact=True).select_option("Астрономия")
        page.get_by_label(words("admin", "sittings.candidate"), exact=True).select_option(
            "Гүлім Өтеген · gulim@e2e.local"
        )
        page.get_by_role("button", name=words("admin", "sittings.assign"), exact=True).click()
        expect(page.get_by_role("rowheader", name=re.compile("Гүлім"))).to_be_visible()
        assert staff.inspect() == []
