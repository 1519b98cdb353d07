"""One process at a time on a data directory: the database allows one writer."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from proctor.domain.errors import ProctorError

_NAME: Final = "proctor.lock"


class DataInUseError(ProctorError):
    """Another process works on the data directory."""


class DataUnusableError(ProctorError):
    """The data directory cannot be written."""


@contextmanager
def hold(data: Path) -> Iterator[None]:
    """Hold the directory's lock, which the system gives back even when the process is killed. Blocking.

    What the process makes meanwhile is for its own user alone: faces, voices, screens, password hashes.

    Raises:
        DataInUseError: another process holds it.
        DataUnusableError: the directory cannot be made or written.
    """
    former = os.umask(0o077)
    try:
        with _locked(data):
            yield
    finally:
        os.umask(former)


@contextmanager
def _locked(data: Path) -> Iterator[None]:
    try:
        data.mkdir(parents=True, exist_ok=True)
        handle = (data / _NAME).open("a")
    except OSError as error:
        raise DataUnusableError(f"{data}: {error.strerror or error}") from error
    with handle:
        if os.name != "nt":
            import fcntl  # noqa: PLC0415 - exists on POSIX only

            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                raise DataInUseError(f"another proctor process works on {data}; stop it first") from error
        yield
