"""The Chromium that the browser tests drive: the installed one, or one fetched for them."""

import contextlib
import fcntl
import functools
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path


class NoBrowser(RuntimeError):
    """There is no Chromium and none could be installed; the message says what to do."""


@functools.cache
def chromium_path() -> str:
    """Return a Chromium; download or install one if there is none. Raises NoBrowser."""
    lock = Path(tempfile.gettempdir()) / f"clinic-chromium-{os.getuid()}.lock"
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)  # two test processes must not install at once
        for find in (_installed, _downloaded, _download, _from_packages):
            found = find()
            if found:
                return found
    raise NoBrowser(
        "No Chromium: install the package `chromium`, or `python -m playwright install chromium`."
    )


def _installed() -> str | None:
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    return next(filter(None, map(shutil.which, names)), None)


def _downloaded() -> str | None:
    home = os.environ.get("PLAYWRIGHT_BROWSERS_PATH")
    folders = [Path(home)] if home else [
        Path.home() / ".cache/ms-playwright",
        Path.home() / "Library/Caches/ms-playwright",
    ]  # fmt: skip
    patterns = ("chromium-*/chrome-linux*/chrome", "chromium-*/chrome-mac*/*.app/Contents/MacOS/*")
    found = [path for folder in folders for pattern in patterns for path in folder.glob(pattern)]
    return str(max(found)) if found else None


def _download() -> str | None:
    command = [sys.executable, "-m", "playwright", "install", "chromium"]
    _attempt(command, seconds=600)
    return _downloaded()


def _from_packages() -> str | None:
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return None
    _attempt(["apt-get", "-qq", "update"], seconds=300)
    packages = ["chromium", "fonts-liberation"]
    _attempt(["apt-get", "-qq", "install", "-y", "--no-install-recommends", *packages], seconds=900)
    return _installed()


def _attempt(command: list[str], seconds: int) -> None:
    """Run an installer whose failure the caller sees by what is still missing."""
    print(f"$ {' '.join(command)}", file=sys.stderr, flush=True)  # noqa: T201 - minutes of silence look like a hang
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    with contextlib.suppress(subprocess.TimeoutExpired, OSError):
        subprocess.run(
            command, env=environment, stdin=subprocess.DEVNULL, timeout=seconds, check=False
        )
