"""Errors that the core raises; each says what to do."""

from __future__ import annotations


class ProctorError(Exception):
    """Base of all errors that the core raises on purpose."""


class ModelMissingError(ProctorError):
    """A model file is not installed or does not match the manifest's SHA-256."""


class StorageFullError(ProctorError):
    """The storage medium refused to take more bytes."""


class BlobMissingError(ProctorError):
    """Nothing is stored under that key."""


class PolicyError(ProctorError):
    """An exam policy is not valid; the message names the field and what is expected."""


class MediaError(ProctorError):
    """A media file or stream cannot be read; the message names the file and the reason."""


class NoUsableFaceError(ProctorError):
    """A picture holds no face that can be compared; `reason` is a stable code."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


class NotCanonicalError(ProctorError):
    """A value has no canonical JSON form; the message names it."""


class TimelineWriteError(ProctorError):
    """An entry could not be made durable; nothing of it was written."""
