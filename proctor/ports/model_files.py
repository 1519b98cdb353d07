"""Where analyzers get their model files from; verified by hash before they are handed out."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from proctor.domain.calibration import Calibration


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

    def calibration(self, name: str) -> Calibration:
        """What a similarity of these models is worth.

        Raises:
            ModelMissingError: there is none of that name, or it was made with other versions of the models.
        """
        ...
