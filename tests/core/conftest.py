"""Apps of their own for tests about what stands around the rooms."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis
from flask import Flask

from clinic.core.data.db import db
from clinic.core.web import live
from clinic.factory import create_app
from tests.conftest import Stage, settings_for
from tests.servers import Redis


@pytest.fixture
def with_redis(app: Flask, redis_server: Redis, tmp_path: Path) -> Iterator[Flask]:
    """The product on a database of its own and an empty Redis."""
    template = app.config["SETTINGS"].clinic_data_dir / "template.db"
    shutil.copy(template, tmp_path / "clinic.db")
    settings = settings_for(tmp_path, redis_url=redis_server.url)
    other = create_app(settings)
    other.config["WTF_CSRF_ENABLED"] = False
    other.extensions["redis"].flushall()
    yield other
    live.shut_down(other)
    with other.app_context():
        db.session.remove()
        db.engine.dispose()
    other.extensions["redis"].close()


@pytest.fixture
def connection(with_redis: Flask) -> redis.Redis:
    return with_redis.extensions["redis"]


@pytest.fixture
def without_database(tmp_path: Path) -> Flask:
    """The product while its PostgreSQL is away."""
    away = f"postgresql+psycopg://postgres@/clinic?host={tmp_path}"
    return create_app(settings_for(tmp_path, away))


@pytest.fixture
def open_door(both: Stage) -> Iterator[Stage]:
    """Both databases in turn, with forms that need no token."""
    before = both.app.config.get("WTF_CSRF_ENABLED", True)
    both.app.config["WTF_CSRF_ENABLED"] = False
    yield both
    both.app.config["WTF_CSRF_ENABLED"] = before
