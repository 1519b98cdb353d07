"""A Chromium whose camera and microphone play files, and whose screen is a synthetic one."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from playwright.sync_api import Browser, Playwright

from tests.browser_program import find_chromium

if TYPE_CHECKING:
    from collections.abc import Iterator

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
