"""The folder in which web processes share their figures: in memory, where the machine has some."""

import atexit
import contextlib
import fcntl
import os
import shutil
import tempfile
from pathlib import Path

FOLDER = "PROMETHEUS_MULTIPROC_DIR"
MEMORY = Path("/dev/shm")  # noqa: S108 - folders made by mkdtemp
PREFIX, OWNER = "clinic-figures-", "owner"


def share_figures() -> None:
    """Before anything imports prometheus_client, which decides then whether to share.

    Somebody may have named a folder. Where none can be made each process counts for itself.
    """
    if FOLDER in os.environ:
        return
    folder = _in_memory() or _on_disk()
    if folder is None:
        return
    owner = os.getpid()

    def remove() -> None:
        if os.getpid() == owner:  # the workers inherit this, and end earlier
            shutil.rmtree(folder, ignore_errors=True)

    atexit.register(remove)
    os.environ[FOLDER] = str(folder)


def _in_memory() -> Path | None:
    try:
        clear_away(MEMORY)
        folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=MEMORY))
    except OSError:  # there is none, or not for us
        return None
    own(folder)
    return folder


def _on_disk() -> Path | None:
    try:
        return Path(tempfile.mkdtemp(prefix=PREFIX))
    except OSError:
        return None


_owned: list[int] = []  # descriptors that hold locks, as long as this process or a fork of it lives


def own(folder: Path) -> None:
    """Held by this process and its children; the system lets go of it, however they end."""
    file = os.open(folder / OWNER, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    fcntl.flock(file, fcntl.LOCK_EX)
    _owned.append(file)


def clear_away(place: Path) -> None:
    """Folders whose owners were killed: nobody else frees that memory."""
    for folder in place.glob(f"{PREFIX}*"):
        with contextlib.suppress(OSError), (folder / OWNER).open("rb") as owner:
            fcntl.flock(owner, fcntl.LOCK_EX | fcntl.LOCK_NB)  # an error: somebody lives there
            shutil.rmtree(folder, ignore_errors=True)
