"""Processes that end together with the one that started them."""

import contextlib
import ctypes
import functools
import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence

from clinic.config import ROOT

STOPPING = ((signal.SIGTERM, 5), (signal.SIGTERM, 5), (signal.SIGKILL, 5))  # and seconds to wait
PR_SET_PDEATHSIG = 1
LIBC = ctypes.CDLL(None)  # loaded before any fork


def start(command: Sequence[str], environment: Mapping[str, str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        command,
        cwd=ROOT,
        env=environment,
        stdin=subprocess.DEVNULL,
        start_new_session=True,  # a Ctrl-C at the terminal is for the parent alone
        preexec_fn=functools.partial(end_with_parent, os.getpid()),
    )


def end_with_parent(parent: int, how: signal.Signals = signal.SIGTERM) -> None:
    """Called in a new child: have Linux stop it when the parent dies, even of a kill -9."""
    prctl = getattr(LIBC, "prctl", None)
    if prctl is None:
        return
    prctl(PR_SET_PDEATHSIG, how)
    if os.getppid() != parent:  # it died before we asked
        os._exit(1)


def end(processes: list[subprocess.Popen[bytes]]) -> None:
    # Twice politely: the worker takes the second for "do not finish your job".
    for how, seconds in STOPPING:
        left = [process for process in processes if process.poll() is None]
        for process in left:
            process.send_signal(how)
        _wait(left, seconds)
    for process in processes:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)  # what a killed process left behind


def _wait(processes: list[subprocess.Popen[bytes]], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    with contextlib.suppress(subprocess.TimeoutExpired):
        for process in processes:
            process.wait(max(0.0, deadline - time.monotonic()))
