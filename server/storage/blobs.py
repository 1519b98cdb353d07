"""Pictures in a local directory, by the SHA-256 of their content."""

from __future__ import annotations

import asyncio
import errno
import hashlib
import os
from pathlib import Path

from obstore.exceptions import AlreadyExistsError, BaseError
from obstore.store import LocalStore

from proctor.domain.errors import BlobMissingError, ProctorError, StorageFullError


class BlobWriteError(ProctorError):
    """The directory did not take a blob; the message says why."""


class LocalBlobs:
    """`BlobStore` in a directory; a key is written once and never again."""

    def __init__(self, directory: Path) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        self._directory = directory
        self._store = LocalStore(directory)

    async def put(self, key: str, data: bytes) -> None:
        """Store durably; a key that exists stays as it is.

        Raises:
            StorageFullError: no space is left.
            BlobWriteError: the directory refused for another reason.
        """
        try:
            await self._store.put_async(key, data, mode="create")
        except AlreadyExistsError:
            return
        except BaseError as error:
            raise _refusal(error) from error
        try:
            await asyncio.to_thread(_sync, self._directory / key)
        except OSError as error:
            raise _refusal(error) from error

    async def get(self, key: str) -> bytes:
        """Read back.

        Raises:
            BlobMissingError: nothing is stored under the key.
        """
        try:
            result = await self._store.get_async(key)
            return bytes(await result.bytes_async())
        except (FileNotFoundError, BaseError) as error:
            raise BlobMissingError(f"nothing is stored under {key}") from error


def picture_key(sha256: str) -> str:
    """Where the picture with this hash is kept."""
    return f"{sha256[:2]}/{sha256}.jpg"


def reading_key(sha256: str) -> str:
    """Where what was read of a document is kept."""
    return f"{sha256[:2]}/{sha256}.json"


def sha256_of(data: bytes) -> str:
    """Hash that names the content."""
    return hashlib.sha256(data).hexdigest()


def _sync(path: Path) -> None:
    for place in (path, path.parent):
        descriptor = os.open(place, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _refusal(error: BaseError | OSError) -> ProctorError:
    full = isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT)
    if full or "No space left" in str(error) or "StorageFull" in str(error):
        return StorageFullError("the disk that holds the pictures is full")
    return BlobWriteError(f"the picture could not be stored: {error}")
