"""A Chromium whose camera and microphone play files, and whose screen is a synthetic one."""

from __future__ import annotations

import shutil
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Browser, Playwright

if TYPE_CHECKING:
    from collections.abc import Iterator

PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = (
    "--no-sandbox",
    "--use-fake-device-for-media-stream",
    # Loopback counts as no network for ICE unless this is said.
    "--allow-loopback-in-peer-connection",
    "--disable-features=WebRtcHideLocalIpsWithMdns",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
    "--autoplay-policy=no-user-gesture-required",
)


@dataclass(frozen=True, slots=True)
class FakeMedia:
    """What the camera and the microphone play, over and over."""

    camera: Path
    microphone: Path


def find_chromium() -> str:
    """Path of the browser; the test fails with what to do where there is none."""
    for program in PROGRAMS:
        path = shutil.which(program)
        if path is not None:
            return path
    pytest.fail("Chromium was not found. On Debian or Ubuntu: apt-get install chromium", pytrace=False)


@contextmanager
def launched(
    playwright: Playwright, media: FakeMedia | None, *, permit: bool = True, flags: tuple[str, ...] = ()
) -> Iterator[Browser]:
    """A browser of its own; without `permit` it refuses every device, as a person can."""
    permission = ("--use-fake-ui-for-media-stream",) if permit else ("--deny-permission-prompts",)
    files = (
        ()
        if media is None
        else (
            f"--use-file-for-fake-video-capture={media.camera}",
            f"--use-file-for-fake-audio-capture={media.microphone}",
        )
    )
    browser = playwright.chromium.launch(
        executable_path=find_chromium(), headless=True, args=[*FLAGS, *permission, *files, *flags]
    )
    try:
        yield browser
    finally:
        browser.close()
