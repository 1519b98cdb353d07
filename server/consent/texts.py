"""The consent texts: one file a version, the last one is in force."""

from __future__ import annotations

import hashlib
import tomllib
from pathlib import Path
from typing import Final

import rfc8785

from server.consent.schemas import Consent, ConsentTexts

_VERSIONS: Final = Path(__file__).parent / "versions"


def load_consent() -> Consent:
    """The consent text in force. Blocking."""
    path = max(_VERSIONS.glob("*.toml"))
    texts = ConsentTexts.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    digest = hashlib.sha256(rfc8785.dumps(texts.model_dump())).hexdigest()
    return Consent(version=path.stem, sha256=digest, texts=texts)
