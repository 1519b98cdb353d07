"""Drives the candidate's page in a real Chromium, as a person would: by what is written on the buttons."""

from __future__ import annotations

import json
import re
import time
from functools import cache
from pathlib import Path
from typing import Any, Literal

from playwright.sync_api import BrowserContext, Locator, Page, expect

Language = Literal["kk", "ru", "en"]
LANGUAGES: tuple[Language, ...] = ("kk", "ru", "en")
FEATURES = Path(__file__).resolve().parents[2] / "web_client" / "src"
STEP_LIMIT_MS = 30_000
BEFORE_AGAIN_MS = 500
MOST_PHOTOGRAPHS = 15
"""The server takes twenty in a row."""


@cache
def _words(language: Language) -> dict[str, Any]:
    """Words of the candidate's pages, those about identity in place of others with the same name."""
    words: dict[str, Any] = {}
    for feature in ("capture", "identity"):
        words |= json.loads((FEATURES / feature / "locales" / f"{language}.json").read_text(encoding="utf-8"))
    return words


class Candidate:
    """One candidate in one tab."""

    def __init__(self, context: BrowserContext, base_url: str, language: Language = "en") -> None:
        self.context = context
        self.base_url = base_url
        self.language = language
        self.page: Page = context.new_page()
        self.page.set_default_timeout(STEP_LIMIT_MS)
        self.errors: list[str] = []
        # Reloading a running exam asks first; the candidate in these tests means it.
        self.page.on("dialog", lambda dialog: dialog.accept())
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("console", lambda message: self._note(message.type, message.text))
        self.page.add_init_script(
            f"if (!localStorage.getItem('proctor.language')) localStorage.setItem('proctor.language', '{language}')"
        )

    def words(self, key: str, **values: object) -> str:
        """The page's own words under a key of its locales, in the candidate's language."""
        node: Any = _words(self.language)
        for part in key.split("."):
            node = node[part]
        text = str(node)
        for name, value in values.items():
            text = text.replace("{{" + name + "}}", str(value))
        return text

    def log_in(self, email: str, password: str) -> None:
        answer = self.context.request.post(
            f"{self.base_url}/api/login", data={"email": email, "password": password}, headers={"X-Proctor": "1"}
        )
        assert answer.ok, answer.text()

    def sitting_id(self) -> str:
        """The candidate's only sitting."""
        answer = self.context.request.get(f"{self.base_url}/api/sittings/mine")
        assert answer.ok, answer.text()
        return str(answer.json()[0]["sitting_id"])

    def state(self) -> dict[str, Any]:
        """The sitting as the server tells it to the candidate."""
        answer = self.context.request.get(f"{self.base_url}/api/sittings/{self.sitting_id()}/candidate")
        assert answer.ok, answer.text()
        told: dict[str, Any] = answer.json()
        return told

    def open(self) -> None:
        self.page.goto(f"{self.base_url}/sit/{self.sitting_id()}")

    def press(self, key: str) -> None:
        self.button(key).click()

    def button(self, key: str) -> Locator:
        return self.page.get_by_role("button", name=self.words(key), exact=True)

    def sees(self, key: str) -> None:
        """Wait for a heading of the page."""
        expect(self.page.get_by_role("heading", level=1, name=self.words(key), exact=True)).to_be_visible(
            timeout=STEP_LIMIT_MS
        )

    def consent(self) -> None:
        sheet = self.page.get_by_text(re.compile(self.words("consent.version", version="")))
        expect(sheet).to_be_visible()
        self.page.get_by_role("main").get_by_role("button").first.click()
        self.sees("equipment.title")

    def check(self, name: str) -> Locator:
        """The row of one check of the equipment."""
        return self.page.locator(f"[data-check={name}]")

    def expect_check(self, name: str, state: Literal["waiting", "running", "ok", "blocked"]) -> None:
        expect(self.check(name)).to_have_attribute("data-state", state, timeout=STEP_LIMIT_MS)

    def turn_on(self) -> None:
        self.press("equipment.open_camera_microphone")
        self.expect_check("camera", "ok")
        self.expect_check("microphone", "ok")

    def share_screen(self) -> None:
        self.press("equipment.share_screen")
        self.expect_check("screen", "ok")

    def equip(self) -> None:
        """The whole equipment check, up to the next page."""
        self.turn_on()
        self.share_screen()
        self.expect_check("network", "ok")
        self.expect_check("codec", "ok")
        self.press("equipment.continue")

    def photograph(self) -> None:
        self.sees("photograph.title")
        expect(self.page.locator("video")).to_be_visible()
        take = "photograph.take"
        for _ in range(MOST_PHOTOGRAPHS):  # the chair is empty at some moments of the camera's file
            with self.page.expect_response(re.compile(r"/enrolment\b")) as answer:
                self.press(take)
            if answer.value.ok:
                break
            self.page.wait_for_timeout(BEFORE_AGAIN_MS)
            take = "photograph.again"
        self.sees("ready.title")

    def start(self) -> None:
        self.press("ready.start")
        expect(self.button("exam.finish")).to_be_visible(timeout=STEP_LIMIT_MS)

    def through_to_exam(self) -> None:
        self.open()
        self.consent()
        self.equip()
        self.photograph()
        self.start()

    def expect_sending(self, track: str, state: Literal["on", "waiting", "off"], timeout_s: float = 20) -> None:
        expect(self.page.locator(f"[data-track={track}]")).to_have_attribute(
            "data-state", state, timeout=timeout_s * 1000
        )

    def answer(self, number: int, text: str) -> None:
        """Write an answer and wait until the page says that it is saved."""
        field = self.page.get_by_role("textbox").nth(number - 1)
        field.fill(text)
        expect(self.page.locator("[data-safety]").nth(number - 1)).to_have_attribute("data-safety", "saved")

    def finish(self) -> None:
        self.press("exam.finish")
        dialog = self.page.get_by_role("dialog")
        dialog.get_by_role("button", name=self.words("exam.finish"), exact=True).click()
        self.sees("finished.title")

    def stay(self, seconds: float) -> None:
        """Let real time pass, as a candidate who thinks."""
        self.page.wait_for_timeout(seconds * 1000)

    def wait_for_state(self, state: str, timeout_s: float = 20) -> None:
        until = time.monotonic() + timeout_s
        while self.state()["state"] != state:
            assert time.monotonic() < until, f"the sitting is {self.state()['state']}, not {state}"
            self.stay(0.2)

    def _note(self, kind: str, text: str) -> None:
        # A refused call is part of the tests; what the page itself does wrong is not.
        if kind == "error" and "Failed to load resource" not in text:
            self.errors.append(text)
