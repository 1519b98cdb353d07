"""`proctor openapi`."""

from __future__ import annotations

from server.openapi import main


def openapi() -> None:
    """Print the HTTP API's OpenAPI document as JSON."""
    main()
