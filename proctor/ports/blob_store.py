"""Content-addressed storage of pictures and sealed files."""

from __future__ import annotations

from typing import Protocol


class BlobStore(Protocol):
    """Whole objects under a key; a key is written once."""

    async def put(self, key: str, data: bytes) -> None:
        """Store durably.

        Raises:
            StorageFullError: the medium refused the bytes.
        """
        ...

    async def get(self, key: str) -> bytes:
        """Read back.

        Raises:
            BlobMissingError: nothing is stored under the key.
        """
        ...
