"""Random identifiers that nobody guesses."""

from __future__ import annotations

import secrets

_BYTES = 10


def new_identifier() -> str:
    """Twenty lower-case hexadecimal digits."""
    return secrets.token_hex(_BYTES)
