"""The very commands of docker-compose.yml and the image, in production, on PostgreSQL and Redis."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from clinic.config import ROOT
from tests.ops.processes import Product, free_port, started
from tests.servers import Postgres, Redis

pytestmark = pytest.mark.whole_product

TOOLS = Path(sys.executable).parent
HOST = "clinic.example.org"


def command(service: str) -> list[str]:
    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
    program, *arguments = compose["services"][service]["command"]
    return [str(TOOLS / program), *arguments]


def health_check() -> list[str]:
    dockerfile = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    found = re.search(r"HEALTHCHECK .*\\\n\s+CMD (\[.*\])", dockerfile)
    assert found
    program, *arguments = json.loads(found[1])
    return [str(TOOLS / program), *arguments]


@pytest.fixture(scope="module")
def settings(
    postgres_server: Postgres, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, str]]:
    """What .env and docker-compose.yml give a container."""
    folder = str(tmp_path_factory.mktemp("data"))
    database = postgres_server.create_database("production")
    with Redis() as redis:
        yield {
            "ENVIRONMENT": "production",
            "DATABASE_URL": database.replace("+psycopg", ""),
            "REDIS_URL": redis.url,
            "SECRET_KEY": os.urandom(32).hex(),
            "PASSWORD_PEPPER": os.urandom(32).hex(),
            "LINK_KEY": os.urandom(32).hex(),
            "JWT_SECRET_KEY": os.urandom(32).hex(),
            "FIELD_ENCRYPTION_KEYS": f"{os.urandom(32).hex()},{os.urandom(32).hex()}",
            "PUBLIC_BASE_URL": f"https://{HOST}",
            "TRUSTED_HOSTS": HOST,
            "PORT": str(free_port()),
            "CLINIC_DATA_DIR": folder,
            "LOG_DIR": folder,
            "FLASK_SKIP_DOTENV": "1",
        }


@pytest.fixture(scope="module")
def migrated(settings: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    log = tmp_path_factory.mktemp("migrate") / "log.txt"
    with started(command("migrate"), ROOT, log, **settings) as migration:
        assert migration.wait(60) == 0, migration.said
    return settings


def is_healthy(product: Product, settings: dict[str, str]) -> bool:
    return subprocess.run(health_check(), cwd=ROOT, env=settings, check=False).returncode == 0


def test_the_services_run_and_stop_as_compose_runs_them(
    migrated: dict[str, str], tmp_path: Path
) -> None:
    with (
        started(command("web"), ROOT, tmp_path / "web.txt", **migrated) as web,
        started(command("worker"), ROOT, tmp_path / "worker.txt", **migrated) as worker,
        started(command("scheduler"), ROOT, tmp_path / "scheduler.txt", **migrated) as scheduler,
    ):
        web.wait_until_ready(host=HOST)
        assert is_healthy(web, migrated)
        for part in (scheduler, worker, web):
            part.process.terminate()
            part.wait(15)
            assert part.nothing_is_left(), part.left()
            assert list(part.temporary.iterdir()) == []
        assert not is_healthy(web, migrated)
        for part in (scheduler, worker, web):
            assert "Traceback" not in part.said, part.said


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SECRET_KEY", ""),
        ("SECRET_KEY", "change-me"),
        ("PASSWORD_PEPPER", "hunter2"),
        ("LINK_KEY", ""),
        ("JWT_SECRET_KEY", ""),
        ("FIELD_ENCRYPTION_KEYS", "short"),
        ("CORS_ORIGINS", "*"),
        ("S3_ENDPOINT_URL", "http://127.0.0.1:9999"),
        ("TWILIO_API_BASE", "http://127.0.0.1:9999"),
        ("DATABASE_URL", "sqlite:///clinic.db"),
        ("REDIS_URL", ""),
        ("PUBLIC_BASE_URL", "http://clinic.example.org"),
        ("TRUSTED_HOSTS", ""),
        ("DEBUG", "1"),
        ("PORT", "many"),
    ],
)
def test_a_wrong_setting_stops_the_start_and_is_named(
    settings: dict[str, str], name: str, value: str
) -> None:
    wrong = {**settings, "PATH": os.environ["PATH"], name: value}
    done = subprocess.run(
        command("web"), cwd=ROOT, env=wrong, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode != 0
    assert f"- {name}: " in done.stderr
    assert "Traceback" not in done.stderr
    if name in ("SECRET_KEY", "PASSWORD_PEPPER"):
        assert not value or value not in done.stderr
