"""A real server, real browsers, and what their cameras and microphones play."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import numpy as np
import pytest
from playwright.sync_api import Browser, Playwright, ViewportSize, sync_playwright

from tests.browser_program import find_chromium
from tests.e2e.candidate import Candidate, Language
from tests.e2e.chromium import FakeMedia, launched
from tests.e2e.demo_server import Account, DemoServer, running_demo
from tests.media.files import write_wav, write_y4m
from tests.media.scenes import Scene, Shot, pictures
from tests.media.sounds import soundtrack

FPS = 15
LOOP_S = 7.0
"""One sway of the person in the scene, so that the picture does not jump when the file begins anew."""
WIDE: ViewportSize = {"width": 1280, "height": 800}
NARROW: ViewportSize = {"width": 390, "height": 844}


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoServer]:
    with running_demo(tmp_path_factory.mktemp("demo") / "data") as server:
        yield server


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    find_chromium()
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="session")
def media_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("media")


@pytest.fixture(scope="session")
def present(media_folder: Path) -> Path:
    """A person before the camera, all the time."""
    path = media_folder / "present.y4m"
    write_y4m(path, pictures([Shot(Scene.OTHER_PERSON, LOOP_S)], FPS), FPS)
    return path


@pytest.fixture(scope="session")
def covered(media_folder: Path) -> Path:
    """A camera whose shutter is closed."""
    path = media_folder / "covered.y4m"
    write_y4m(path, pictures([Shot(Scene.COVERED, 1)], FPS), FPS)
    return path


@pytest.fixture(scope="session")
def quiet(media_folder: Path) -> Path:
    """A quiet room."""
    path = media_folder / "quiet.wav"
    write_wav(path, soundtrack(20))
    return path


@pytest.fixture(scope="session")
def speaking(media_folder: Path) -> Path:
    """A quiet room in which somebody speaks for fourteen seconds out of every twenty-two."""
    path = media_folder / "speaking.wav"
    write_wav(path, soundtrack(22, {6: 14}))
    return path


@pytest.fixture(scope="session")
def silent(media_folder: Path) -> Path:
    """A microphone that is switched off: not a single bit of sound."""
    path = media_folder / "silent.wav"
    write_wav(path, np.zeros(48_000 * 5, np.float32))
    return path


@pytest.fixture(scope="session")
def chromium(playwright: Playwright, present: Path, quiet: Path) -> Iterator[Browser]:
    """The browser of an ordinary candidate: a person, a quiet room, the whole screen."""
    with launched(playwright, FakeMedia(present, quiet)) as browser:
        yield browser


def new_candidate(
    browser: Browser, demo: DemoServer, account: Account | None = None, language: Language = "en"
) -> Candidate:
    """Someone with a fresh sitting, logged in, in a browser profile of their own."""
    account = account or demo.new_candidate()
    context = browser.new_context(viewport=WIDE)
    candidate = Candidate(context, demo.base_url, language)
    candidate.log_in(account.email, account.password)
    return candidate


@pytest.fixture
def candidate(chromium: Browser, demo: DemoServer) -> Iterator[Candidate]:
    someone = new_candidate(chromium, demo)
    yield someone
    someone.context.close()
    assert someone.errors == []


@pytest.fixture(scope="session")
def exam_elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of an exam page of another origin."""
    folder = tmp_path_factory.mktemp("exam")
    (folder / "index.html").write_text(
        "<!doctype html><html lang=en><title>Exam</title><h1>Exam elsewhere</h1>"
        "<label>Answer <textarea></textarea></label></html>",
        encoding="utf-8",
    )
    handler = partial(QuietHandler, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


class QuietHandler(SimpleHTTPRequestHandler):
    """Serves files without a line for each."""

    def log_message(self, *_: object) -> None:
        """Nothing to say."""
