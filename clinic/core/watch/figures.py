"""Where the figures of web processes lie: in files they share, whose every page is there.

prometheus_client maps a file that it lengthens by a hole. The first touch of a hole that a full
disk cannot fill ends the process (SIGBUS), whatever it is answering just then. Here each page is
written before it is mapped. Where that fails, the figures go on in the memory of the process:
/metrics may lose them, an answer may not.
"""

import contextlib
import errno
import mmap
import os
import struct
from pathlib import Path

import structlog
from prometheus_client import multiprocess, values
from prometheus_client.mmap_dict import MmapedDict

log = structlog.get_logger()

FOLDER = "PROMETHEUS_MULTIPROC_DIR"
FIRST_SIZE = 16 * 1024
LENGTH, FIGURE = struct.Struct("i"), struct.Struct("dd")  # of a key; a value and its time
ENTRIES_AT = 8
UNREADABLE = (OSError, RuntimeError, ValueError, struct.error)  # a file that was broken off, too
ADDED_UP = ("counter", "histogram")  # kinds of files whose figures outlive their process


class Pages:
    """What prometheus_client asks of its MmapedDict, in the same format. Not for two threads."""

    def __init__(self, filename: str) -> None:
        self.positions: dict[str, int] = {}
        self.used = ENTRIES_AT
        self.file: int | None = None
        try:
            self.file = os.open(filename, os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
            self.memory = _lengthened(self.file, 0, FIRST_SIZE)
        except OSError as error:
            self._leave_the_file(error)
            self.memory = mmap.mmap(-1, FIRST_SIZE)
            with contextlib.suppress(OSError):
                Path(filename).unlink()  # it is no file of figures yet
        self.memory[:4] = LENGTH.pack(self.used)

    def read_value(self, key: str) -> tuple[float, float]:
        position = self.positions.get(key) or self._add(key)  # which may take other memory
        value, at = FIGURE.unpack_from(self.memory, position)
        return value, at

    def write_value(self, key: str, value: float, timestamp: float) -> None:
        position = self.positions.get(key) or self._add(key)
        self.memory[position : position + 16] = FIGURE.pack(value, timestamp)

    def close(self) -> None:
        self.memory.close()
        self._close_file()

    def _add(self, key: str) -> int:
        word = key.encode()
        padded = word + b" " * (8 - (len(word) + LENGTH.size) % 8)
        entry = struct.pack(f"i{len(padded)}sdd", len(word), padded, 0.0, 0.0)
        while self.used + len(entry) > len(self.memory):
            self._grow()
        self.memory[self.used : self.used + len(entry)] = entry
        self.used += len(entry)
        self.memory[:4] = LENGTH.pack(self.used)
        self.positions[key] = self.used - FIGURE.size
        return self.positions[key]

    def _grow(self) -> None:
        before, size = self.memory, 2 * len(self.memory)
        if self.file is not None:
            try:
                self.memory = _lengthened(self.file, len(before), size)
                return
            except OSError as error:
                self._leave_the_file(error)
        self.memory = mmap.mmap(-1, size)
        self.memory[: len(before)] = before[:]

    def _leave_the_file(self, error: OSError) -> None:
        """What it holds stays to be read: it is better than nothing."""
        _tell(error)
        self._close_file()

    def _close_file(self) -> None:
        if self.file is not None:
            os.close(self.file)
            self.file = None


_told: list[str] = []


def _tell(error: Exception) -> None:
    """Once: a full disk is full for every file."""
    if not _told:
        _told.append(str(error))
        log.warning("figures_not_shared", error=str(error))


def _lengthened(file: int, size: int, new_size: int) -> mmap.mmap:
    """Raises OSError where there is no room for all of it."""
    if os.pwrite(file, bytes(new_size - size), size) < new_size - size:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    return mmap.mmap(file, new_size)


def lie_here() -> None:
    """Before the first figure is made."""
    values.MmapedDict = Pages  # type: ignore[assignment, misc]


_past: dict[Path, Pages] = {}


def bury(pid: int) -> None:
    """Add what a dead process has counted to that of all before it. For their common parent."""
    if FOLDER not in os.environ:
        return
    folder = Path(os.environ[FOLDER])
    try:
        for kind in ADDED_UP:
            _add_up(folder / f"{kind}_{pid}.db", folder / f"{kind}_past.db")
        multiprocess.mark_process_dead(pid)
    except UNREADABLE as error:
        _tell(error)


def _add_up(one: Path, past: Path) -> None:
    if not one.exists():
        return
    if past not in _past:
        _past[past] = Pages(str(past))
    for key, value, _at, _position in MmapedDict.read_all_values_from_file(str(one)):
        _past[past].write_value(key, _past[past].read_value(key)[0] + value, 0.0)
    one.unlink()
