"""Where the browser is that all browser tests drive."""

from __future__ import annotations

import os
import shutil

PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


class NoChromiumError(Exception):
    """There is none; the message says what to do."""


def find_chromium() -> str:
    """Path of the program that PROCTOR_CHROMIUM names, else of the first one found.

    Raises:
        NoChromiumError: there is none.
    """
    named = os.environ.get("PROCTOR_CHROMIUM")
    found = shutil.which(named) if named else next(filter(None, map(shutil.which, PROGRAMS)), None)
    if found is None:
        raise NoChromiumError("Chromium was not found. On Debian or Ubuntu: apt-get install chromium")
    return found
