"""The telephone's page at a telephone's width: scanned, sending, led round the room, refused, sent away."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, Playwright, expect

from tests.e2e.candidate import LANGUAGES, Candidate, Language
from tests.e2e.chromium import launched
from tests.e2e.conftest import NARROW, new_candidate
from tests.e2e.demo_server import ROOT, DemoServer
from tests.e2e.test_candidate_pages import Inspector

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(280)]

LOCALES = ROOT / "web_client" / "src" / "phone" / "locales"
LIMIT_MS = 30_000
WORKER_LIMIT_S = 90.0
POLICY = "[steps]\nidentity_photograph = false\nscreen = false\nfullscreen = false\n"


class Telephone:
    """A telephone's browser, which nobody is logged in at."""

    def __init__(self, context: BrowserContext, language: Language = "en") -> None:
        self.context = context
        self.language = language
        self.page: Page = context.new_page()
        self.page.set_default_timeout(LIMIT_MS)
        self.errors: list[str] = []
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.add_init_script(
            f"if (!localStorage.getItem('proctor.language')) localStorage.setItem('proctor.language', '{language}')"
        )

    def words(self, key: str, **values: str) -> str:
        node: Any = json.loads((LOCALES / f"{self.language}.json").read_text(encoding="utf-8"))
        for part in key.split("."):
            node = node[part]
        text = str(node)
        for name, value in values.items():
            text = text.replace("{{" + name + "}}", value)
        return text

    def sees(self, key: str, limit_ms: float = LIMIT_MS) -> None:
        expect(self.page.get_by_text(self.words(key), exact=True)).to_be_visible(timeout=limit_ms)

    def button(self, key: str) -> Locator:
        return self.page.get_by_role("button", name=self.words(key), exact=True)

    def start(self) -> None:
        self.button("start").click()
        self.is_arriving()

    def is_arriving(self) -> None:
        expect(self.page.locator("[data-state]")).to_have_attribute("data-state", "arriving", timeout=LIMIT_MS)


@pytest.fixture
def sitter(chromium: Browser, demo: DemoServer) -> Iterator[Candidate]:
    """A candidate whose sitting runs."""
    someone = new_candidate(chromium, demo, demo.new_candidate(POLICY))
    someone.open()
    someone.consent()
    someone.turn_on()
    someone.expect_check("network", "ok")
    someone.expect_check("codec", "ok")
    someone.press("equipment.continue")
    someone.sees("ready.title")
    someone.start()
    yield someone
    someone.context.close()
    assert someone.errors == []


@pytest.fixture
def telephone(chromium: Browser) -> Iterator[Telephone]:
    one = Telephone(chromium.new_context(viewport=NARROW))
    yield one
    one.context.close()
    assert one.errors == []


def call(candidate: Candidate, method: str, path: str, body: dict[str, object] | None = None) -> dict[str, Any]:
    """What the candidate's own tab would ask of its sitting."""
    tab = candidate.page.evaluate("sessionStorage.getItem('proctor.client')")
    address = f"{candidate.base_url}/api/sittings/{candidate.sitting_id()}/{path}"
    if method == "DELETE":
        answer = candidate.context.request.delete(f"{address}?client_id={tab}", headers={"X-Proctor": "1"})
    else:
        data = {"client_id": tab, **(body or {})}
        answer = candidate.context.request.post(address, data=data, headers={"X-Proctor": "1"})
    assert answer.ok, answer.text()
    told: dict[str, Any] = answer.json() if answer.body() else {}
    return told


def begin(candidate: Candidate, check_id: str) -> None:
    """Begin a check before the telephone, as soon as a worker has taken the sitting up."""
    tab = candidate.page.evaluate("sessionStorage.getItem('proctor.client')")
    address = f"{candidate.base_url}/api/sittings/{candidate.sitting_id()}/checks/{check_id}/begin"
    until = time.monotonic() + WORKER_LIMIT_S
    while True:
        data = {"client_id": tab, "track": "phone"}
        answer = candidate.context.request.post(address, data=data, headers={"X-Proctor": "1"})
        if answer.status != 503 or time.monotonic() > until:
            assert answer.ok, answer.text()
            return
        candidate.stay(0.5)


def invitation(candidate: Candidate) -> str:
    return str(call(candidate, "POST", "phone")["url"])


def test_a_telephone_is_scanned_sends_and_is_led_round_the_room(
    sitter: Candidate, telephone: Telephone, demo: DemoServer
) -> None:
    url = invitation(sitter)
    inspector = Inspector(telephone)  # type: ignore[arg-type]
    telephone.page.goto(url)
    telephone.sees("about.what")
    assert telephone.page.url == f"{demo.base_url}/phone", "the secret stays in no address bar"
    inspector.look("phone-1-ready")
    telephone.start()
    assert sitter.state()["phone"]["state"] == "joined"
    telephone.sees("check.none")

    asked = demo._post(f"sittings/{sitter.sitting_id()}/checks", {"check": "room_scan"})
    telephone.sees("check.asked")
    inspector.look("phone-2-sending")
    begin(sitter, asked["check_id"])
    hint = telephone.page.locator("[data-hint]")
    expect(hint).to_be_visible(timeout=LIMIT_MS)
    expect(hint).not_to_have_attribute("data-hint", "none", timeout=LIMIT_MS)
    expect(telephone.page.get_by_role("progressbar")).to_be_visible()
    inspector.look("phone-3-room-scan")
    heard = telephone.page.get_by_role("button", name=telephone.words("voice.tone"))
    heard.click()
    expect(heard).to_have_attribute("aria-pressed", "false")
    call(sitter, "POST", f"checks/{asked['check_id']}/stop")
    telephone.sees("check.ended", WORKER_LIMIT_S * 1000)
    assert inspector.found == {}

    telephone.page.reload()
    telephone.start()
    call(sitter, "DELETE", "phone")
    telephone.sees("over.title")
    kinds = [entry["kind"] for entry in demo.timeline(sitter.sitting_id()) if "phone_" in entry["kind"]]
    assert kinds == ["phone_invited", "phone_joined", "phone_left", "phone_joined", "phone_left"]


def test_a_used_code_and_no_code_are_explained(sitter: Candidate, telephone: Telephone, chromium: Browser) -> None:
    url = invitation(sitter)
    telephone.page.goto(url)
    telephone.start()
    late = Telephone(chromium.new_context(viewport=NARROW))
    late.page.goto(f"{sitter.base_url}/phone")
    late.sees("uninvited.title")
    late.page.goto(url)
    late.sees("refused.title")
    inspector = Inspector(late)  # type: ignore[arg-type]
    inspector.look("phone-4-refused")
    assert inspector.found == {}
    assert late.errors == []
    late.context.close()

    telephone.button("stop").click()
    expect(telephone.button("start")).to_be_visible()
    sitter.page.wait_for_timeout(1_000)
    assert sitter.state()["phone"]["state"] == "none"
    telephone.page.goto(url)
    telephone.start()  # the same telephone scans the same code again


def test_what_keeps_the_camera_away_is_explained(playwright: Playwright, sitter: Candidate) -> None:
    url = invitation(sitter)
    with launched(playwright, None, permit=False) as browser:
        refusing = Telephone(browser.new_context(viewport=NARROW))
        refusing.page.goto(url)
        refusing.button("start").click()
        refusing.sees("blocker.camera_refused.title")
        insecure = Telephone(browser.new_context(viewport=NARROW))
        insecure.page.add_init_script("Object.defineProperty(navigator, 'mediaDevices', { value: undefined })")
        insecure.page.goto(url)
        insecure.sees("insecure.title")
        expect(insecure.button("start")).to_have_count(0)
        inspector = Inspector(insecure)  # type: ignore[arg-type]
        inspector.look("phone-5-insecure")
        assert inspector.found == {}


def test_the_page_speaks_the_telephones_language(chromium: Browser, demo: DemoServer) -> None:
    for language in LANGUAGES:
        context = chromium.new_context(viewport=NARROW, locale=language)
        page = context.new_page()
        page.goto(f"{demo.base_url}/phone")
        expect(page.locator("html")).to_have_attribute("lang", re.compile(language))
        one = Telephone(context, language)
        expect(page.get_by_text(one.words("uninvited.title"))).to_be_visible()
        context.close()
