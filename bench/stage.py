"""The processes under measurement: the product as in production, and the bases beside it."""

import contextlib
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg

from bench.load import HOST, request
from bench.process import Process, free_port
from bench.rows import plain
from clinic.config import Settings
from tests.servers import Postgres, Redis

WEB_WORKERS = 2
SHARED_MEMORY = "/dev/shm"  # noqa: S108 - files made by mkstemp
SECRET = "5f0c7e2b9a41d386f0c7e2b9a41d3865"  # noqa: S105 - of a server that lives for a minute
JWT_KEY = SECRET[::-1].upper()
PEERS = Path(__file__).with_name("peers")
# The bases are served exactly as gunicorn.conf.py serves the product.
BARE = (
    *(sys.executable, "-m", "gunicorn", "--worker-class", "gthread", "--preload"),
    *("--workers", str(WEB_WORKERS), "--threads", "128", "--keep-alive", "15"),
    *("--log-level", "warning"),
)
HELLO_REQUEST = request("/")
PRODUCT = (sys.executable, "-m", "gunicorn", "-c", "gunicorn.conf.py", "wsgi:app")


class DurablePostgres(Postgres):
    """As in production: by TCP, and a commit waits for the disk. Rows are loaded before `harden()`.

    Its own log says in `logged()` which statements arrived, wherever they came from.
    """

    is_durable = False

    def prepare(self) -> None:
        self.port = free_port()
        super().prepare()

    def command(self) -> list[str]:
        words = [*super().command(), "-c", "shared_buffers=512MB", "-c", "max_wal_size=4GB"]
        words += ["-c", "listen_addresses=127.0.0.1", "-c", f"port={self.port}"]
        if not self.is_durable:
            return words
        durable = {"fsync=off": "fsync=on", "full_page_writes=off": "full_page_writes=on"}
        return [durable.get(word, word) for word in words]

    def answers(self) -> bool:
        with contextlib.suppress(psycopg.OperationalError):
            self.connect().close()
            return True
        return False

    def url(self, database: str = "postgres") -> str:
        return f"postgresql+psycopg://postgres@127.0.0.1:{self.port}/{database}"

    def connect(self, database: str = "postgres") -> psycopg.Connection[tuple[Any, ...]]:
        return psycopg.connect(plain(self.url(database)), autocommit=True)

    def harden(self) -> None:
        self.is_durable = True
        self.restart()

    @property
    def pid(self) -> int:
        assert self.process
        return self.process.pid


class Stage:
    """One database and what runs on it."""

    def __init__(
        self, folder: Path, database: str, redis: Redis, postgres: DurablePostgres
    ) -> None:
        self.folder, self.database, self.redis, self.postgres = folder, database, redis, postgres
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
            "JWT_SECRET_KEY": JWT_KEY,
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
            jwt_secret_key=JWT_KEY,
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
        command = (sys.executable, "-m", "clinic", name)
        with Process(command, 0, self.log, **{**self.settings(), **other}) as process:
            yield process


@contextlib.contextmanager
def bare(module: str, log: Path, **settings: str) -> Iterator[Process]:
    """A base: the Flask app of `bench/peers/<module>.py`.

    From its own folder: in the product's, gunicorn would read the product's gunicorn.conf.py, and
    with it all that the product imports.
    """
    port = free_port()
    control = str(log.with_name(f"{module}.ctl"))
    words = [*BARE, "--bind", f"127.0.0.1:{port}", "--control-socket", control]
    if os.access(SHARED_MEMORY, os.W_OK):
        words += ["--worker-tmp-dir", SHARED_MEMORY]
    with Process([*words, f"{module}:app"], port, log, folder=PEERS, **settings) as web:
        web.wait_for_page("/")
        yield web


def private_folder() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="bench-", ignore_cleanup_errors=True)
