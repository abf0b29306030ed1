"""The product as it is run: gunicorn, worker and scheduler on a database of their own."""

import contextlib
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Self
from urllib.error import URLError
from urllib.request import urlopen

from flask_migrate import upgrade

from clinic.config import ROOT, Settings
from clinic.core.data.db import db
from clinic.factory import create_app
from tests.conftest import settings_for
from tests.ops.processes import OURS, free_port
from tests.servers import Redis, Server

FLASK = (sys.executable, "-m", "flask", "--app", "wsgi")
GUNICORN = (sys.executable, "-m", "gunicorn", "-c", "gunicorn.conf.py", "wsgi:app")
LINK_KEY = "a key of the tests, long enough to make links with"
# A developer's own: nobody is texted here, and no file leaves the machine.
PROVIDERS = ("PUBLIC_BASE_URL", "SMTP_", "TWILIO_", "S3_", "UPLOAD_DIR")


class Process(Server):
    """One process of the product, in the project's folder."""

    def __init__(
        self,
        name: str,
        words: Sequence[str],
        environment: dict[str, str],
        is_up: Callable[[], bool] = lambda: True,
    ) -> None:
        self.name = name
        self.words = words
        self.environment = environment
        self.is_up = is_up
        super().__init__()

    def command(self) -> list[str]:
        return list(self.words)

    def answers(self) -> bool:
        return self.is_up()

    def process_options(self) -> dict[str, Any]:
        return {"cwd": ROOT, "env": self.environment}


class Stack:
    """`app` is the same product inside the tests' process: what its services do, pages show."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self.running: list[Server] = [Redis()]
        try:
            settings = settings_for(folder, redis_url=self.running[0].url)
            known = {"link_key": LINK_KEY, "port": self.port}  # links work whoever made them
            self.settings = settings.model_copy(update=known)
            self.app = create_app(self.settings)
            self._start(_environment(self.settings, self.port, folder))
        except BaseException:
            self.stop()
            raise

    def _start(self, environment: dict[str, str]) -> None:
        with self.app.app_context():
            upgrade(directory=str(ROOT / "migrations"))
            db.engine.dispose()
        for name in ("worker", "scheduler"):
            self.running.append(Process(name, (*FLASK, name), environment))
        self.running.append(Process("web", GUNICORN, environment, self._is_ready))

    def _is_ready(self) -> bool:
        with contextlib.suppress(URLError, OSError):
            urlopen(f"{self.address}/ready", timeout=5).close()  # noqa: S310 - our own address
            return True
        return False

    def said(self) -> str:
        """The end of what the processes have logged."""
        return "\n".join(part.log.read_text()[-3000:] for part in self.running[1:])

    def stop(self) -> None:
        while self.running:  # Redis last, so that nobody complains about its absence
            self.running.pop().stop()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


def _environment(settings: Settings, port: int, folder: Path) -> dict[str, str]:
    """All that a developer's shell or .env could say otherwise is said here."""
    plain = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith((*OURS, *PROVIDERS))
    }
    return plain | {
        "CLINIC_DATA_DIR": str(folder),
        "DATABASE_URL": settings.database,
        "DEMO": "0",
        "ENVIRONMENT": "development",  # elsewhere there is no /dev/inbox
        "FIELD_ENCRYPTION_KEYS": settings.field_encryption_keys,
        "FLASK_SKIP_DOTENV": "1",
        "JWT_SECRET_KEY": settings.jwt_secret_key,
        "LINK_KEY": settings.link_key,
        "LOG_DIR": str(folder / "logs"),
        "LOG_LEVEL": "WARNING",
        "PASSWORD_PEPPER": settings.password_pepper,
        "PASSWORD_ROUNDS": str(settings.password_rounds),
        "PORT": str(port),
        "REDIS_URL": settings.redis_url,
        "SECRET_KEY": settings.secret_key,
        "SERVER_HOST": "127.0.0.1",
        "SERVER_WORKERS": "1",
        "TWILIO_API_BASE": "http://127.0.0.1:9",  # where a .env with an account leads: nowhere
    }
