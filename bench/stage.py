"""The processes under measurement: the product as in production, and the base beside it."""

import contextlib
import functools
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from bench.load import HOST, Connection, request
from clinic.config import ROOT, Settings
from clinic.stack import end_with_parent
from tests.servers import Postgres, Redis

WEB_WORKERS = 2
TICKS_PER_S = os.sysconf("SC_CLK_TCK")
START_SECONDS = 60
SHARED_MEMORY = "/dev/shm"  # noqa: S108 - files made by mkstemp
SECRET = "5f0c7e2b9a41d386f0c7e2b9a41d3865"  # noqa: S105 - of a server that lives for a minute
# The bases are served exactly as gunicorn.conf.py serves the product.
BARE = (
    *(sys.executable, "-m", "gunicorn", "--worker-class", "gthread", "--preload"),
    *("--workers", str(WEB_WORKERS), "--threads", "128", "--keep-alive", "15"),
    *("--log-level", "warning"),
)
HELLO_REQUEST = request("/")
PRODUCT = (sys.executable, "-m", "gunicorn", "-c", "gunicorn.conf.py", "wsgi:app")


class DurablePostgres(Postgres):
    """As in production: a commit waits for the disk. Rows are loaded before `harden()`."""

    is_durable = False

    def command(self) -> list[str]:
        words = [*super().command(), "-c", "shared_buffers=512MB", "-c", "max_wal_size=4GB"]
        if not self.is_durable:
            return words
        durable = {"fsync=off": "fsync=on", "full_page_writes=off": "full_page_writes=on"}
        return [durable.get(word, word) for word in words]

    def harden(self) -> None:
        self.is_durable = True
        self.restart()


class Process:
    """A command and all its descendants, on a port of 127.0.0.1 if it serves one."""

    def __init__(self, command: Sequence[str], port: int, log: Path, **settings: str) -> None:
        self.port = port
        plain = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        with log.open("ab") as output:
            self.process = subprocess.Popen(
                command,
                cwd=ROOT,
                env={**plain, "FLASK_SKIP_DOTENV": "1", "FLASK_APP": "wsgi", **settings},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=functools.partial(end_with_parent, os.getpid()),
            )

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
        raise RuntimeError(f"{self.process.args!r} serves no page")

    def members(self) -> list[int]:
        """The ids of the process and of all that descend from it."""
        parents = {}
        for entry in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                parents[int(entry.name)] = _stat(int(entry.name))[1]
        found = [self.process.pid]
        for member in found:
            found += [child for child, parent in parents.items() if int(parent) == member]
        return found

    def cpu_seconds(self) -> float:
        """User and system time of all members so far."""
        return sum(sum(map(int, _stat(pid)[11:13])) for pid in self.members()) / TICKS_PER_S

    def pss_mb(self) -> float:
        """Proportional memory: a page shared by n processes counts a n-th for each."""
        total = 0
        for pid in self.members():
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


class Stage:
    """One database and what runs on it."""

    def __init__(self, folder: Path, database: str, redis: Redis) -> None:
        self.folder, self.database, self.redis = folder, database, redis
        self.log = folder / "processes.log"

    def settings(self) -> dict[str, str]:
        return {
            "ENVIRONMENT": "production",
            "DATABASE_URL": self.database,
            "REDIS_URL": self.redis.url,
            "CLINIC_DATA_DIR": str(self.folder / "data"),
            "LOG_DIR": str(self.folder / "logs"),
            "TMPDIR": str(self.folder),
            "SECRET_KEY": SECRET,
            "PASSWORD_PEPPER": SECRET[::-1],
            "LINK_KEY": SECRET.upper(),
            "JWT_SECRET_KEY": SECRET[::-1].upper(),
            "FIELD_ENCRYPTION_KEYS": SECRET[16:] + SECRET[:16],
            "PUBLIC_BASE_URL": f"https://{HOST}",
            "TRUSTED_HOSTS": HOST,
            "BEHIND_PROXIES": "1",
            "SERVER_WORKERS": str(WEB_WORKERS),
        }

    def settings_here(self) -> Settings:
        """The same for an app inside this process, which writes no log."""
        return Settings(  # type: ignore[call-arg]
            environment="testing",
            clinic_data_dir=self.folder / "data",
            database_url=self.database,
            redis_url=self.redis.url,
            secret_key=SECRET,
            password_pepper=SECRET[::-1],
            link_key=SECRET.upper(),
            jwt_secret_key=SECRET[::-1].upper(),
            field_encryption_keys=SECRET[16:] + SECRET[:16],
            public_base_url=f"https://{HOST}",
            secure_cookies=True,
            log_level="ERROR",
            rate_limits=False,  # one patient's requests are heard here, one after another
        )

    @contextlib.contextmanager
    def web(self, **other: str) -> Iterator[Process]:
        port = free_port()
        settings = {**self.settings(), "PORT": str(port), **other}
        with Process(PRODUCT, port, self.log, **settings) as web:
            web.wait_for_page("/")
            yield web

    @contextlib.contextmanager
    def jobs(self, name: str, **other: str) -> Iterator[Process]:
        """The worker or the scheduler, by `other` settings than production's if need be."""
        command = (sys.executable, "-m", "flask", name)
        with Process(command, 0, self.log, **{**self.settings(), **other}) as process:
            yield process


@contextlib.contextmanager
def bare(module: str, log: Path, **settings: str) -> Iterator[Process]:
    """A base: the Flask app of `bench.<module>`."""
    port = free_port()
    control = str(log.with_name(f"{module}.ctl"))
    words = [*BARE, "--bind", f"127.0.0.1:{port}", "--control-socket", control]
    if os.access(SHARED_MEMORY, os.W_OK):
        words += ["--worker-tmp-dir", SHARED_MEMORY]
    with Process([*words, f"bench.{module}:app"], port, log, **settings) as web:
        web.wait_for_page("/")
        yield web


def private_folder() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="bench-", ignore_cleanup_errors=True)
