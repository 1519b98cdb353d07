"""Where analyzers get their model files from; verified by hash before they are handed out."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol


class ModelFiles(Protocol):
    """Installed model files by manifest name."""

    def path(self, name: str) -> Path:
        """Path of the verified file.

        Raises:
            ModelMissingError: not installed, or its SHA-256 differs from the manifest.
        """
        ...

    def version(self, name: str) -> str:
        """Version as the manifest states it."""
        ...
