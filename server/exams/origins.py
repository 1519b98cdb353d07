"""Where an exam's own page comes from, as a page's security policy names it."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import urlsplit

_HOST: Final = re.compile(r"[a-z0-9]([a-z0-9._-]*[a-z0-9])?|\[[0-9a-f:.]+\]")
"""Addresses may hold more in their host: `;`, `,`, `*` and quotes, which a Content-Security-Policy reads as its own."""


def origin_of(url: str) -> str | None:
    """Scheme, host and port of a normalised http(s) address; None where no policy can name its host.

    Who logs in, which an address may hold as well, is no part of it: the policy goes to everybody.
    """
    parts = urlsplit(url)
    place = parts.netloc.rpartition("@")[2]
    host = place if parts.port is None else place.rpartition(":")[0]
    return f"{parts.scheme}://{place}" if _HOST.fullmatch(host) else None
