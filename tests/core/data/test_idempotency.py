"""A key works once for one person, one route and one body."""

import hashlib
import json
from datetime import timedelta

import pytest
import sqlalchemy as sa

from clinic.core import clock
from clinic.core.data import idempotency
from clinic.core.data.db import db, must_be_writing
from clinic.core.data.idempotency import IdempotencyKey, KeyReused, KeyTooLong
from tests.cast import NOW
from tests.conftest import Stage


class Till:
    """Counts how often it was rung."""

    def __init__(self):
        self.rung = 0

    def __call__(self):
        self.rung += 1
        return f"receipt {self.rung}"


@pytest.fixture
def till():
    return Till()


@pytest.fixture
def once(both: Stage, till):
    def ring(key="k", who="asha", route="till", body=None, command=till, address="POST /till"):
        person = both.cast.people[who]
        mine = idempotency.key_of(person.user_id, route, key, body or {"a": "1"}, address)
        return idempotency.once(mine, command)

    with both.app.app_context():
        yield ring


def test_the_stored_answer_is_given_again(once, till):
    assert [once(), once(), once()] == ["receipt 1"] * 3
    assert till.rung == 1


@pytest.mark.parametrize("other", [{"who": "bela"}, {"route": "door"}, {"key": "other"}])
def test_another_person_route_or_key_is_another_matter(once, till, other):
    assert (once(), once(**other)) == ("receipt 1", "receipt 2")


@pytest.mark.parametrize("key", [None, ""])
def test_without_a_key_everything_happens_each_time(once, till, key):
    assert (once(key=key), once(key=key)) == ("receipt 1", "receipt 2")


def test_another_body_with_the_key_is_refused(once, till):
    once()
    with pytest.raises(KeyReused) as refused:
        once(body={"a": "2"})
    assert refused.value.status == 409
    assert till.rung == 1
    assert once(body={"a": "1"}) == "receipt 1"


def test_another_address_with_the_key_is_refused(once, till):
    once(address="POST /tills/1")
    for other in ("POST /tills/2", "PUT /tills/1", "POST /tills", ""):
        with pytest.raises(KeyReused):
            once(address=other)
    assert once(address="POST /tills/1") == "receipt 1"
    assert till.rung == 1


def test_rows_of_before_addresses_counted_still_answer(once, till):
    once(address="")  # as the last release wrote them
    assert once(address="POST /tills/1") == "receipt 1"
    with pytest.raises(KeyReused):
        once(address="POST /tills/1", body={"a": "2"})
    assert till.rung == 1


def test_a_command_that_raised_leaves_no_key(once, till):
    def fail():
        raise LookupError

    with pytest.raises(LookupError):
        once(command=fail)
    assert once() == "receipt 1"


def test_keys_are_forgotten_after_a_day(once, till):
    once()
    with clock.travelled(NOW + timedelta(hours=23)):
        assert idempotency.forget_old() == 0
        assert once() == "receipt 1"
    with clock.travelled(NOW + timedelta(hours=25)):
        assert idempotency.forget_old() == 1
        assert once() == "receipt 2"


def test_what_was_sent_is_not_kept(once):
    once(body={"reason": "a secret matter"})
    row = db.session.scalars(sa.select(IdempotencyKey)).one()
    assert "secret" not in f"{row.body_hash}{row.answer}{row.key}"


def test_what_is_kept_of_a_body_guesses_no_password(app, cast):
    body = {"body": '{"password":"three quiet harbours"}'}
    with app.app_context():
        mine = idempotency.key_of(cast.asha.user_id, "users.create", "k", body)
        idempotency.once(mine, lambda: "1")
        kept = db.session.scalars(sa.select(IdempotencyKey.body_hash)).one()
        db.session.remove()
    assert kept != hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()


def test_a_key_that_is_too_long_is_refused_not_cut(once, till):
    long = "k" * 80
    assert once(key=long) == "receipt 1"
    with pytest.raises(KeyTooLong) as refused:
        once(key=long + "2")
    assert (refused.value.status, till.rung) == (400, 1)


def test_without_a_key_no_transaction_waits_for_the_command(once):
    assert once(key=None, command=lambda: str(is_writing())) == "False"
    assert once(command=lambda: str(is_writing())) == "True"


def is_writing():
    try:
        must_be_writing()
    except RuntimeError:
        return False
    return True
