#!/usr/bin/env python3
"""Set up the project and run it; needs nothing but Python 3.11 or 3.12. `--help` says how."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON = BIN / ("python.exe" if os.name == "nt" else "python")
SUPPORTED = ((3, 11), (3, 12))
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
WEB_SOURCES = ("web_client", "hatch_build.py", "pyproject.toml")
MODEL_SOURCES = ("models", "requirements.lock")
USAGE = """\
python3 run.py                    install everything, then start the demonstration (proctor demo)
python3 run.py test               install everything, then run all tests (two lanes at once: tests/lanes.py)
python3 run.py test ARGS          install everything, then pytest with ARGS, in one process
python3 run.py bench NAME [ARGS]  run benchmarks/NAME
python3 run.py lock               write the lock file anew from pyproject.toml
python3 run.py COMMAND [ARGS]     any command of the proctor program: serve, analyze, simulate ..."""
NOT_SOURCES = {"node_modules", "dist", "__pycache__"}


def say(message: str) -> None:
    """Tell the person what goes on, on stderr, so that a passed-through command keeps its stdout."""
    print(f"run.py: {message}", file=sys.stderr, flush=True)


def fail(message: str) -> int:
    """Say one clear line and return the exit code for bad usage."""
    say(message)
    return 2


def run(command: list[str | Path], **options: object) -> None:
    """Run a set-up step with its output on stderr; stop with its exit code when it fails."""
    done = subprocess.run([str(part) for part in command], cwd=ROOT, stdout=sys.stderr, check=False, **options)  # type: ignore[call-overload]
    if done.returncode:
        say(f"this step failed (exit {done.returncode}): {' '.join(str(part) for part in command)}")
        raise SystemExit(done.returncode)


def supported_python() -> str | None:
    """Path of an interpreter of a supported version: this one, or one found on PATH."""
    if sys.version_info[:2] in SUPPORTED:
        return sys.executable
    for major, minor in SUPPORTED:
        found = shutil.which(f"python{major}.{minor}")
        if found:
            return found
    return None


def fingerprint(*names: str) -> str:
    """SHA-256 over the names and contents of the given files and folders."""
    digest = hashlib.sha256()
    for name in names:
        top = ROOT / name
        files = [top] if top.is_file() else sorted(path for path in walk(top))
        for path in files:
            digest.update(str(path.relative_to(ROOT)).encode())
            digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def walk(top: Path) -> Iterator[Path]:
    """All source files below a folder, without what is built or installed there."""
    for folder, folders, files in os.walk(top):
        folders[:] = [name for name in folders if name not in NOT_SOURCES]
        yield from (Path(folder) / name for name in files)


@contextlib.contextmanager
def one_at_a_time() -> Iterator[None]:
    """Hold a lock, so that two commands started together do not set up over each other."""
    if os.name == "nt":
        yield
        return
    import fcntl  # noqa: PLC0415 - exists on POSIX only

    with (ROOT / ".run.lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def step(name: str, wanted: str) -> bool:
    """Whether a set-up step has to run, because what it depends on has changed since it last ended well."""
    stamp = VENV / f".{name}.stamp"
    return not stamp.exists() or stamp.read_text() != wanted


def done(name: str, wanted: str) -> None:
    """Remember that a set-up step has ended well."""
    (VENV / f".{name}.stamp").write_text(wanted)


def make_venv() -> None:
    """Create the environment and put the pinned uv into it."""
    wanted = fingerprint("requirements-bootstrap.lock")
    if not step("bootstrap", wanted):
        return
    python = supported_python()
    if python is None:
        raise SystemExit(fail("Python 3.11 or 3.12 is needed; install one and run this again"))
    say("creating the environment")
    run([python, "-m", "venv", "--clear", VENV])
    run([PYTHON, "-m", "pip", "install", "--quiet", "--require-hashes", "-r", "requirements-bootstrap.lock"])
    done("bootstrap", wanted)


def uv(*arguments: str) -> list[str | Path]:
    """Command line of the environment's own uv."""
    return [PYTHON, "-m", "uv", *arguments]


def set_up() -> None:
    """Install whatever is missing or has changed: packages, the project with its web client, the models."""
    with one_at_a_time():
        make_venv()
        packages = fingerprint("requirements.lock")
        if step("packages", packages):
            say("installing the locked packages")
            run(
                uv(
                    "pip",
                    "install",
                    "--quiet",
                    "--no-deps",
                    "--require-hashes",
                    "-r",
                    "requirements.lock",
                    "--python",
                    str(PYTHON),
                )
            )
            done("packages", packages)
        web = fingerprint(*WEB_SOURCES)
        if step("web", web):
            say("building the web client")
            run(uv("pip", "install", "--quiet", "--no-deps", "--no-build-isolation", "--reinstall", "--python",
                   str(PYTHON), "--editable", "."))  # fmt: skip
            done("web", web)
        models = fingerprint(*MODEL_SOURCES)
        if step("models", models):
            say("installing and checking the models")
            run([PYTHON, "-m", "models.install"])
            done("models", models)


def find_chromium() -> str | None:
    """Path of a Chromium: what PROCTOR_CHROMIUM names, or the first found on PATH."""
    named = os.environ.get("PROCTOR_CHROMIUM")
    if named:
        return named if Path(named).exists() else None
    return next((found for name in CHROMIUM_NAMES if (found := shutil.which(name))), None)


def ensure_chromium() -> str:
    """Find Chromium, or install it by the system's package manager when this user may."""
    found = find_chromium()
    if found:
        return found
    advice = "the browser tests need Chromium: install it (Debian: apt-get install chromium) or set PROCTOR_CHROMIUM"
    if os.environ.get("PROCTOR_CHROMIUM") or not shutil.which("apt-get"):
        raise SystemExit(fail(advice))
    may = os.name != "nt" and os.geteuid() == 0
    prefix = [] if may else ["sudo", "-n"]
    if not may and (not shutil.which("sudo") or subprocess.run(["sudo", "-n", "true"], check=False).returncode):  # noqa: S607
        raise SystemExit(fail(advice))
    say("installing Chromium with apt-get")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    run([*prefix, "apt-get", "update", "-q"], env=environment)
    run([*prefix, "apt-get", "install", "-q", "-y", "--no-install-recommends", "chromium"], env=environment)
    found = find_chromium()
    if not found:
        raise SystemExit(fail(advice))
    return found


def become(command: list[str | Path], environment: dict[str, str] | None = None) -> int:
    """Hand over to a command: same terminal, same signals, its exit code."""
    words = [str(part) for part in command]
    surroundings = {**os.environ, **(environment or {})}
    if os.name != "nt":
        os.execve(words[0], words, surroundings)  # noqa: S606
    return subprocess.run(words, check=False, env=surroundings).returncode


def lock() -> int:
    """Write the lock file anew: names, versions and hashes, no addresses."""
    with one_at_a_time():
        make_venv()
    run(uv("pip", "compile", "--quiet", "--universal", "--generate-hashes", "--no-emit-index-url", "--python-version",
           "3.11", "--override", "overrides.txt", "--extra", "dev", "--custom-compile-command",
           "python3 run.py lock", "pyproject.toml", "-o", "requirements.lock"))  # fmt: skip
    return 0


def test(arguments: list[str]) -> int:
    """Run all tests, the browser's included; with arguments, what they say to pytest."""
    chromium = ensure_chromium()
    os.chdir(ROOT)
    command = ["pytest", *arguments] if arguments else ["tests.lanes"]
    return become([PYTHON, "-m", *command], {"PROCTOR_CHROMIUM": chromium})


def bench(arguments: list[str]) -> int:
    """Run one benchmark by name."""
    names = sorted(path.parent.name for path in ROOT.glob("benchmarks/*/__main__.py"))
    if not arguments or arguments[0] not in names:
        return fail(f"name a benchmark: {', '.join(names)}")
    os.chdir(ROOT)
    return become([PYTHON, "-m", f"benchmarks.{arguments[0]}", *arguments[1:]])


def main(arguments: list[str]) -> int:
    """Set up, then do what the first argument says."""
    command, *rest = arguments or ["demo"]
    if command in {"-h", "--help"}:
        print(USAGE)
        return 0
    if command == "lock":
        return lock()
    set_up()
    own = {"test": test, "bench": bench}.get(command)
    return own(rest) if own else become([BIN / "proctor", command, *rest])


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
