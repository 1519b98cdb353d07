"""Guided checks as people do them: an invigilator or the policy asks, a candidate answers, the committee reads."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import pytest
from playwright.sync_api import Browser, Locator, Page, Playwright, ViewportSize, expect

from tests.e2e.candidate import Candidate
from tests.e2e.chromium import FakeMedia, launched
from tests.e2e.conftest import FPS, NARROW, WIDE, new_candidate
from tests.e2e.demo_server import DemoServer
from tests.e2e.test_candidate_pages import LANGUAGE_NAMES
from tests.e2e.test_phone_pages import Telephone, invitation
from tests.e2e.test_staff_pages import SYNC_LIMIT_S, Staff, media_times, staff_of, words
from tests.media.files import write_y4m
from tests.media.portraits import astronaut
from tests.media.rooms import Camera, Room, furnished, turn

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(560)]

ROUND_S = 30
"""One turn of the camera, after which its file begins anew in the direction in which it began."""
REPEATED = 3
"""How often each picture is shown: five a second are enough for a slow turn, and drawing them takes its time."""
ANSWER_MS = 20_000
SCAN_MS = 240_000
"""Longest wait for a room's result: a turn or two, then the search for people and things, which waits for pictures."""
CHALLENGE_MS = 90_000
EDGE_PX = 20
LATE_MS = 2_000
"""Somebody must read, scan and allow before a telephone's first picture arrives."""
NO_PHOTOGRAPH = "[steps]\nidentity_photograph = false\n"
DOT_PLACE = """() => {
  const part = document.querySelector('dialog[open] [data-prompt^=dot]')
  const dot = part?.querySelector('svg')?.getBoundingClientRect()
  if (!dot) return null
  const right_px = innerWidth - dot.right
  const down = (dot.top + dot.height / 2) / innerHeight
  return { kind: part.dataset.prompt, left_px: dot.left, right_px, down, over: document.body.scrollWidth > innerWidth }
}"""
"""Where the dot of a challenge is while there is one; it stays for 2.5 s."""
ABOUT_FACES = {"face_absent", "multiple_faces", "head_turned", "gaze_away", "camera_blocked", "camera_frozen"}


@pytest.fixture(scope="module")
def circling(media_folder: Path) -> Path:
    """A camera that turns round a room, over and over; somebody's portrait in life size hangs on one wall."""
    walls = [wall.copy() for wall in furnished()]
    walls[2][150:400, 380:630] = cv2.resize(astronaut(), (250, 250), interpolation=cv2.INTER_AREA)
    camera = Camera(view_deg=66, size=(640, 480), sway_deg=0.5, noise=1.0)
    count = ROUND_S * FPS // REPEATED
    seen = turn(Room(walls=walls), camera, [360 * number / count for number in range(count)])
    path = media_folder / "circling.y4m"
    write_y4m(path, ((0.0, picture) for picture in seen for _ in range(REPEATED)), FPS)
    return path


@pytest.fixture(scope="module")
def office(playwright: Playwright) -> Iterator[Browser]:
    with launched(playwright, None) as browser:
        yield browser


@pytest.fixture(scope="module")
def room(playwright: Playwright, circling: Path, quiet: Path) -> Iterator[Browser]:
    """The browser of a candidate whose camera goes round the room."""
    with launched(playwright, FakeMedia(circling, quiet)) as browser:
        yield browser


def to_the_start(candidate: Candidate) -> None:
    """Through the steps of a sitting without a photograph, up to the last page before it begins."""
    candidate.open()
    candidate.consent()
    candidate.equip()
    candidate.sees("ready.title")


def through_without_photograph(candidate: Candidate) -> None:
    to_the_start(candidate)
    candidate.start()


def watch(staff: Staff, sitting_id: str) -> Locator:
    """Open a sitting at the invigilator's; the part of its page about checks."""
    staff.page.locator(f'aside li a[href="/invigilate/{sitting_id}"]').click()
    part = staff.page.get_by_role("region", name=words("invigilate", "checks.title"))
    expect(part).to_be_visible()
    return part


def asked(candidate: Candidate, check: str) -> None:
    """Wait until the candidate's page asks for the check."""
    title = candidate.words(f"guided.{check}.title")
    expect(candidate.page.get_by_role("heading", name=title)).to_be_visible(timeout=ANSWER_MS)


def ended(part: Locator, outcome: str, timeout_ms: int = ANSWER_MS) -> Locator:
    """The row of the check that ended so, once it has."""
    row = part.get_by_role("listitem").filter(has_text=words("checks", f"outcome.{outcome}")).first
    expect(row).to_be_visible(timeout=timeout_ms)
    return row


def entries_of(demo: DemoServer, sitting_id: str, kind: str) -> list[dict[str, Any]]:
    return [entry for entry in demo.timeline(sitting_id) if entry["kind"] == kind]


def clock(ms: int) -> str:
    """A time within the first hour as the pages write it."""
    return f"{ms // 60_000}:{ms // 1000 % 60:02}"


def see_the_dot(candidate: Candidate, size: ViewportSize) -> None:
    """Wait for the dot: at the edge that is asked for, about half-way down; then for the rest after it."""
    page = candidate.page
    page.set_viewport_size(size)
    place = page.wait_for_function(DOT_PLACE, timeout=CHALLENGE_MS).json_value()
    near, far = ("left_px", "right_px") if place["kind"] == "dot_left" else ("right_px", "left_px")
    assert place[near] <= EDGE_PX, place
    assert place[far] > size["width"] / 2, place
    assert 0.35 <= place["down"] <= 0.65, place
    assert not place["over"], "the page does not scroll aside"
    keep_one(page, f"dot-{size['width']}")
    expect(page.locator("dialog[open] [data-prompt=rest]")).to_be_visible(timeout=ANSWER_MS)


def keep_one(page: Page, name: str) -> None:
    """Keep a picture of what passes by, in the language and width that it has, where PROCTOR_E2E_PICTURES says."""
    folder = os.environ.get("PROCTOR_E2E_PICTURES")
    if folder:
        page.screenshot(path=Path(folder) / f"{name}.png")


def keep(page: Page, name: str) -> None:
    """Keep pictures of a page in three languages and two widths where PROCTOR_E2E_PICTURES says."""
    folder = os.environ.get("PROCTOR_E2E_PICTURES")
    if not folder:
        return
    Path(folder).mkdir(parents=True, exist_ok=True)
    for viewport in (WIDE, NARROW):
        page.set_viewport_size(viewport)
        for language in ("kk", "ru", "en"):
            page.get_by_role("button", name=LANGUAGE_NAMES[language]).click()
            page.wait_for_timeout(300)
            page.screenshot(path=Path(folder) / f"{name}-{language}-{viewport['width']}.png", full_page=True)
    page.set_viewport_size(WIDE)


def test_a_room_recording_is_asked_for_done_and_read(room: Browser, office: Browser, demo: DemoServer) -> None:
    candidate = new_candidate(room, demo, demo.new_candidate(NO_PHOTOGRAPH))
    through_without_photograph(candidate)
    sitting_id = candidate.sitting_id()
    with staff_of(office, demo, "invigilator") as staff:
        part = watch(staff, sitting_id)
        part.get_by_role("button", name=words("invigilate", "checks.ask.room_scan")).click()
        expect(part.get_by_role("status")).to_contain_text(words("checks", "state.asked"))
        in_list = staff.page.locator(f'aside li a[href="/invigilate/{sitting_id}"] [data-check]')
        what = words("invigilate", "row.check.room_scan")
        expect(in_list).to_have_text(words("invigilate", "row.check_asked", what=what))
        asked(candidate, "room_scan")
        candidate.press("guided.begin")
        expect(part.get_by_role("status")).to_contain_text(words("checks", "state.begun"), timeout=ANSWER_MS)
        expect(part.get_by_role("progressbar")).to_be_visible(timeout=ANSWER_MS)
        expect(in_list).to_contain_text("°", timeout=ANSWER_MS)
        row = ended(part, "complete", SCAN_MS)
        expect(in_list).to_have_count(0)
        expect(candidate.page.locator("[data-outcome=complete]")).to_be_visible()
        panorama = row.get_by_role("img", name=words("checks", "panorama.description", shown="").split(":")[0])
        panorama.scroll_into_view_if_needed()
        staff.page.wait_for_function("(img) => img.naturalWidth > 1000", arg=panorama.element_handle())
        keep(staff.page, "invigilator-room")
        assert staff.inspect() == []
        staff.page.set_viewport_size(WIDE)
        staff.page.get_by_role("button", name=LANGUAGE_NAMES["en"]).click()
        met = row.get_by_role("listitem").filter(has_text=words("checks", "label.person")).first
        met.get_by_role("button").click()
        expect(staff.page.get_by_text("Recording from")).to_be_visible()
    told = [entries_of(demo, sitting_id, f"check_{step}")[0] for step in ("asked", "begun", "ended")]
    result = told[2]["payload"]["result"]
    assert (told[2]["payload"]["outcome"], result["is_complete"], len(result["people"])) == ("complete", True, 1)
    assert result["coverage_deg"] >= result["required_deg"]
    during = range(told[1]["payload"].get("start_ms") or told[1]["media_time_ms"], told[2]["payload"]["end_ms"])
    opened = entries_of(demo, sitting_id, "signal_opened")
    noticed = {entry["payload"]["kind"] for entry in opened if entry["payload"]["start_ms"] in during}
    assert not noticed & ABOUT_FACES
    candidate.finish()
    candidate.context.close()
    assert candidate.errors == []
    with staff_of(office, demo, "committee") as staff:
        staff.page.locator(f'tbody a[href="/review/{sitting_id}"]').click()
        article = staff.page.get_by_role("article").filter(has_text=words("checks", "kind.room_scan")).first
        expect(article).to_contain_text(words("checks", "outcome.complete"))
        expect(article).to_contain_text(words("checks", "label.person"))
        expect(staff.page.get_by_text(words("review", "entry.check_ended"))).to_be_visible()
        keep(staff.page, "committee-room")
        assert staff.inspect() == []


def test_a_check_is_declined_taken_back_and_done_in_front_of_a_still_head(
    chromium: Browser, office: Browser, demo: DemoServer
) -> None:
    candidate = new_candidate(chromium, demo, demo.new_candidate(NO_PHOTOGRAPH))
    through_without_photograph(candidate)
    sitting_id = candidate.sitting_id()
    with staff_of(office, demo, "invigilator") as staff:
        part = watch(staff, sitting_id)
        ask = part.get_by_role("button", name=words("invigilate", "checks.ask.challenge"))
        ask.click()
        asked(candidate, "challenge")
        candidate.press("guided.decline")
        candidate.press("guided.decline_confirm")
        ended(part, "declined")

        part.get_by_role("button", name=words("invigilate", "checks.ask.room_scan")).click()
        asked(candidate, "room_scan")
        part.get_by_role("button", name=words("invigilate", "checks.withdraw")).click()
        ended(part, "withdrawn")
        expect(candidate.page.locator("[data-outcome=withdrawn]")).to_be_visible(timeout=ANSWER_MS)

        ask.click()
        asked(candidate, "challenge")
        candidate.press("guided.begin")
        for size in (WIDE, NARROW):
            see_the_dot(candidate, size)
        table = part.get_by_role("table")
        expect(table).to_be_visible(timeout=CHALLENGE_MS)
        expect(table.get_by_role("rowheader")).to_have_count(7)
        keep(staff.page, "invigilator-challenge")
        assert staff.inspect() == []
    outcomes = [entry["payload"]["outcome"] for entry in entries_of(demo, sitting_id, "check_ended")]
    assert outcomes[:2] == ["declined", "withdrawn"]
    # A head that never turns does not pass; a slow machine may measure too little to say more.
    assert outcomes[2] in {"failed", "cannot_tell"}
    candidate.finish()
    candidate.context.close()
    assert candidate.errors == []
    with staff_of(office, demo, "committee") as staff:
        staff.page.locator(f'tbody a[href="/review/{sitting_id}"]').click()
        for outcome in ("declined", "withdrawn"):
            expect(staff.page.get_by_role("article").get_by_text(words("checks", f"outcome.{outcome}"))).to_be_visible()
        keep(staff.page, "committee-declined")
        assert staff.inspect() == []


def test_a_telephone_goes_round_the_room_while_the_camera_watches_on(
    chromium: Browser, room: Browser, office: Browser, demo: DemoServer
) -> None:
    candidate = new_candidate(chromium, demo)
    candidate.through_to_exam()
    sitting_id = candidate.sitting_id()
    telephone = Telephone(room.new_context(viewport=NARROW))
    with staff_of(office, demo, "invigilator") as staff:
        part = watch(staff, sitting_id)
        part.get_by_role("button", name=words("invigilate", "checks.ask.room_scan")).click()
        asked(candidate, "room_scan")
        candidate.page.get_by_role("radio", name=candidate.words("guided.track.phone.name")).check()
        telephone.page.goto(invitation(candidate))
        telephone.start()
        picture = staff.page.locator("[data-track=phone] video")
        expect(picture).to_be_visible(timeout=ANSWER_MS)
        staff.page.wait_for_function("(video) => video.videoWidth > 0", arg=picture.element_handle())
        candidate.press("guided.begin")
        row = ended(part, "complete", SCAN_MS)
        expect(row).to_contain_text(words("ui", "track.phone"))
        keep(staff.page, "invigilator-telephone")
        assert staff.inspect() == []
    candidate.finish()
    candidate.context.close()
    telephone.context.close()
    assert (candidate.errors, telephone.errors) == ([], [])
    assert "face_absent" not in demo.signals(sitting_id)
    recording = demo.get(f"sittings/{sitting_id}/recording")
    phone = next(track for track in recording["tracks"] if track["track"] == "phone")
    assert phone["start_ms"] > LATE_MS
    with staff_of(office, demo, "committee") as staff:
        page = staff.page
        page.locator(f'tbody a[href="/review/{sitting_id}"]').click()
        expect(page.locator("[data-track=phone]")).to_contain_text(
            words("playback", "gap", **{"from": "0:00", "to": clock(phone["start_ms"])})
        )
        article = page.get_by_role("article").filter(has_text=words("checks", "kind.room_scan")).first
        article.get_by_role("button", name=re.compile(f"^{words('checks', 'play', at='')}")).click()
        page.wait_for_timeout(3_000)
        times = media_times(page)
        assert min(times) > phone["start_ms"] / 1000
        assert max(times) - min(times) < SYNC_LIMIT_S
        keep(page, "committee-telephone")


def test_questions_stay_closed_until_the_policys_check_has_ended(room: Browser, demo: DemoServer) -> None:
    account = demo.new_candidate(NO_PHOTOGRAPH + "room_scan_at_start = true\n")
    candidate = new_candidate(room, demo, account)
    through_without_photograph(candidate)
    asked(candidate, "room_scan")
    keep(candidate.page, "candidate-opening")
    candidate.page.get_by_role("button", name=LANGUAGE_NAMES["en"]).click()
    assert candidate.page.get_by_role("textbox").count() == 0
    told = candidate.state()
    assert (told["opening"], told["opened_at"], told["exam"]["questions"], told["check"]["by_policy"]) == (
        True,
        None,
        [],
        True,
    )
    candidate.press("guided.begin")
    expect(candidate.page.locator("[data-outcome=complete]")).to_be_visible(timeout=SCAN_MS)
    candidate.answer(1, "Written after the room was shown.")
    told = candidate.state()
    assert told["opening"] is False
    assert told["opened_at"] > told["started_at"]
    candidate.finish()
    sitting_id = told["sitting_id"]
    kinds = [entry["kind"] for entry in demo.timeline(sitting_id)]
    story = ["sitting_started", "check_asked", "check_begun", "check_ended", "questions_opened", "answer_saved"]
    assert [kind for kind in kinds if kind in story] == story
    assert entries_of(demo, sitting_id, "check_asked")[0]["payload"]["asked_by"] is None
    assert candidate.errors == []
    candidate.context.close()
