"""A fresh database for each test costs a second on PostgreSQL; the ledger's own tables suffice."""

from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from clinic.core.db import db, transactional
from clinic.messaging.models import Attempt, Callback, Message, OptOut, SenderBucket
from tests.conftest import Stage


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def _stage(request: pytest.FixtureRequest) -> Iterator[Stage]:
    stage: Stage = request.getfixturevalue(f"{request.param}_stage")
    stage.put_back()
    yield stage
    with stage.app.app_context():
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def ledger_on(_stage: Stage) -> Iterator[Stage]:
    """An empty ledger on each database in turn, with a context pushed."""
    with _stage.app.app_context():
        _empty()
        yield _stage
        db.session.rollback()


@transactional
def _empty() -> None:
    for table in (Attempt, Callback, OptOut, SenderBucket, Message):
        db.session.execute(sa.delete(table))
