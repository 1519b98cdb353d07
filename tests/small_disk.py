"""A real file system of a given size, to be filled; needs the right to mount."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest


@contextlib.contextmanager
def small_disk(folder: Path, size: str) -> Iterator[Path]:
    """Mount a tmpfs of `size` (as mount understands it) on `folder`; skip the test where that is not allowed."""
    mount = shutil.which("mount")
    umount = shutil.which("umount")
    if mount is None or umount is None:
        pytest.skip("no mount command here")
    folder.mkdir(parents=True, exist_ok=True)
    done = subprocess.run(
        [mount, "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)], capture_output=True, check=False
    )
    if done.returncode != 0:
        pytest.skip("mounting a small file system is not allowed here")
    try:
        yield folder
    finally:
        subprocess.run([umount, "--lazy", str(folder)], check=True)


@contextlib.contextmanager
def filled(folder: Path, leave_bytes: int = 0) -> Iterator[None]:
    """Take all of a file system's space but `leave_bytes`, and give it back at the end."""
    ballast = folder / "ballast"
    with ballast.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while file.write(b"\0" * 4096):
            pass
    if leave_bytes:
        with ballast.open("r+b") as file:
            file.truncate(max(0, ballast.stat().st_size - leave_bytes))
    try:
        yield
    finally:
        ballast.unlink()
