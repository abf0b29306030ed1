"""A command and all that descends from it: on a port, weighed, and its processor time read."""

import contextlib
import functools
import os
import signal
import socket
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

from bench.load import Connection, request
from clinic.config import ROOT
from clinic.stack import end_with_parent

TICKS_PER_S = os.sysconf("SC_CLK_TCK")
START_SECONDS = 180
CPU_TIMES = slice(11, 15)  # user and system time, and those of the children that have ended


class Process:
    """A command and all its descendants, on a port of 127.0.0.1 if it serves one."""

    def __init__(
        self,
        command: Sequence[str],
        port: int,
        log: Path,
        *,
        folder: Path = ROOT,
        **settings: str,
    ) -> None:
        self.port, self.log = port, log
        plain = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        with log.open("ab") as output:
            self.process = subprocess.Popen(
                command,
                cwd=folder,
                env={**plain, "FLASK_SKIP_DOTENV": "1", "FLASK_APP": "wsgi", **settings},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=functools.partial(end_with_parent, os.getpid()),
            )

    @property
    def pid(self) -> int:
        return self.process.pid

    def wait_for_page(self, path: str) -> float:
        """Seconds until the first whole page from now on."""
        began = time.monotonic()
        while time.monotonic() - began < START_SECONDS and self.process.poll() is None:
            with contextlib.suppress(OSError):
                connection = Connection(self.port)
                status, _ = connection.ask(request(path))
                connection.close()
                if status == 200:
                    return time.monotonic() - began
            time.sleep(0.02)
        said = self.log.read_text(errors="replace")[-2000:]
        raise RuntimeError(f"{self.process.args!r} serves no page:\n{said}")

    def cpu_seconds(self) -> float:
        return cpu_seconds(self.pid)

    def pss_mb(self) -> float:
        """Proportional memory: a page shared by n processes counts a n-th for each."""
        total = 0
        for pid in members(self.pid):
            with contextlib.suppress(OSError):  # a work horse that has just ended
                lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
                total += sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
        return total / 1024

    def stop(self) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait(20)

    def __enter__(self) -> "Process":
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


def members(root: int) -> list[int]:
    """The ids of the process and of all that descend from it."""
    parents = {}
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            parents[int(entry.name)] = int(_stat(int(entry.name))[1])
    found = [root]
    for member in found:
        found += [child for child, parent in parents.items() if parent == member]
    return found


def cpu_seconds(root: int) -> float:
    """User and system time of a process and its descendants so far, those that ended included.

    The kernel adds what a child took to its parent's "children" when the parent has waited for it,
    so nothing is lost when a backend of PostgreSQL or a work horse ends, and nothing counts twice.
    """
    total = 0
    for pid in members(root):
        with contextlib.suppress(OSError):
            total += sum(map(int, _stat(pid)[CPU_TIMES]))
    return total / TICKS_PER_S


def _stat(pid: int) -> list[str]:
    """The fields of /proc/<pid>/stat after the name, which may hold spaces."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()


def free_port() -> int:
    """Below the ports that clients are given, so that none of them takes it meanwhile."""
    for port in range(21000 + os.getpid() % 5000, 32000):
        with contextlib.suppress(OSError), socket.socket() as probe:
            probe.bind(("127.0.0.1", port))
            return port
    raise RuntimeError("no free port")
