"""A fresh database for each test costs a second on PostgreSQL; the ledger's own tables suffice."""

from collections.abc import Callable, Iterator

import pytest
import sqlalchemy as sa
from flask import Flask

from clinic.config import Settings
from clinic.core.data.db import db, transactional
from clinic.messaging.channels import twilio as provider
from clinic.messaging.channels.email import letters
from clinic.messaging.consents.models import EndedOptOut, OptOut
from clinic.messaging.conversations.models import DeskHours, DeskReply
from clinic.messaging.models import (
    Attempt,
    Callback,
    Conversation,
    HeldSender,
    Message,
    SenderBucket,
)
from tests.conftest import Stage
from tests.fakes.smtp import FakeSmtp
from tests.fakes.twilio import ACCOUNT, TOKEN, FakeTwilio


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
    for table in (
        *(Attempt, Callback, OptOut, EndedOptOut, SenderBucket, HeldSender),
        *(DeskReply, DeskHours, Conversation, Message),
    ):
        db.session.execute(sa.delete(table))


@pytest.fixture
def set_up(in_app: Flask, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Settings]:
    """Change settings for one test: `set_up(smtp_host="127.0.0.1")`."""

    def change(**values: object) -> Settings:
        changed = in_app.config["SETTINGS"].model_copy(update=values)
        monkeypatch.setitem(in_app.config, "SETTINGS", changed)
        return changed

    return change


@pytest.fixture
def twilio(
    set_up: Callable[..., Settings], monkeypatch: pytest.MonkeyPatch
) -> Iterator[FakeTwilio]:
    """The stand-in, and an app that texts through it and is not patient with it."""
    monkeypatch.setattr(provider, "CONNECT_S", 0.5)
    monkeypatch.setattr(provider, "READ_S", 0.5)
    provider._client.cache_clear()  # it keeps connections to the stand-in of the test before
    with FakeTwilio() as fake:
        set_up(
            twilio_account_sid=ACCOUNT,
            twilio_auth_token=TOKEN,
            twilio_api_base=fake.base_url,
            twilio_from="+447700900999",
            public_base_url="https://clinic.example",
        )
        yield fake
    provider._client.cache_clear()


@pytest.fixture
def post_office(
    set_up: Callable[..., Settings], monkeypatch: pytest.MonkeyPatch
) -> Iterator[FakeSmtp]:
    monkeypatch.setattr(letters, "TIMEOUT_S", 0.5)
    with FakeSmtp(hang_seconds=1) as fake:
        set_up(smtp_host="127.0.0.1", smtp_port=fake.port, mail_from="clinic@harbour.example")
        yield fake
