"""P15: whether an address is known shows neither in words nor in time."""

import time
from collections.abc import Callable, Iterator
from statistics import median

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from clinic.accounts.models import FailedTry
from clinic.core.data.db import db, transactional
from tests.conftest import Stage
from tests.trust.workshop import tell

pytestmark = pytest.mark.trust

KNOWN, UNKNOWN = "asha@cast.example", "nobody@cast.example"
WRONG = "not the password"
MOST_APART = 1.10
WAYS: dict[str, Callable[[FlaskClient, str], object]] = {
    "login page": lambda client, email: client.post(
        "/login", data={"email": email, "password": WRONG}
    ),
    "login API": lambda client, email: client.post(
        "/api/v1/auth/login", json={"email": email, "password": WRONG}
    ),
    "forgotten password": lambda client, email: client.post("/forgot", data={"email": email}),
}


@pytest.fixture
def app(postgres_stage: Stage) -> Iterator[Flask]:
    postgres_stage.put_back()
    postgres_stage.app.config["WTF_CSRF_ENABLED"] = False
    yield postgres_stage.app
    with postgres_stage.app.app_context():
        db.session.remove()
        db.engine.dispose()


@transactional
def forget_tries() -> None:
    db.session.execute(sa.delete(FailedTry))


def seconds(app: Flask, ask: Callable[[FlaskClient, str], object], email: str) -> float:
    with app.app_context():
        forget_tries()
        db.session.remove()
    started = time.perf_counter()
    ask(app.test_client(), email)
    return time.perf_counter() - started


@pytest.mark.parametrize("way", WAYS)
def test_p15_known_and_unknown_take_the_same_time(app: Flask, way: str):
    ask = WAYS[way]
    taken: dict[str, list[float]] = {KNOWN: [], UNKNOWN: []}
    for number in range(200):
        pair = (KNOWN, UNKNOWN) if number % 2 else (UNKNOWN, KNOWN)  # whoever is first warms up
        for email in pair:
            taken[email].append(seconds(app, ask, email))
    known, unknown = (median(taken[email][4:]) for email in (KNOWN, UNKNOWN))
    tell(
        f"P15 {way}",
        known_ms=round(known * 1000, 2),
        unknown_ms=round(unknown * 1000, 2),
        ratio=round(known / unknown, 3),
    )
    assert max(known / unknown, unknown / known) < MOST_APART
