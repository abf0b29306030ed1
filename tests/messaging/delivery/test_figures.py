"""What operators read of the engine, on both databases."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from clinic.core import clock
from clinic.core.data.db import db, transactional
from clinic.messaging.channels.call import Outcome
from clinic.messaging.delivery import figures
from clinic.messaging.models import Attempt
from tests.conftest import Stage
from tests.messaging.ledger_helpers import SENT, begun, let_lease_end, queued, settle

pytestmark = pytest.mark.usefixtures("ledger_on")


def shown(*names):
    db.session.rollback()
    found = figures.gauges()
    return [found[f"messages_{name}"] for name in names]


def test_what_waits_is_counted_with_the_age_of_the_longest_due():
    assert shown("due", "oldest_due_seconds") == [0, 0]
    queued(3, due_at=clock.now() - timedelta(seconds=90))
    due, age = shown("due", "oldest_due_seconds")
    assert due == 3
    assert 90 <= age < 120


def test_a_call_is_in_flight_from_its_begin_to_its_outcome_or_the_end_of_its_lease():
    claim = begun()
    assert shown("in_flight") == [1]
    let_lease_end(claim.id)
    assert shown("in_flight") == [0]
    settle(begun(), SENT)
    assert shown("in_flight") == [0]


def test_what_began_of_late_is_counted_and_how_long_ago_the_last_did():
    assert "messages_last_begun_seconds" not in figures.gauges()
    for _ in range(2):
        settle(begun(), Outcome("failed", error_code="21211"))
    began(begun(), ago=timedelta(seconds=61))
    count, last = shown("begun_last_minute", "last_begun_seconds")
    assert count == 2
    assert 0 <= last < 30


@transactional
def began(claim, ago):
    earlier = {"started_at": clock.now() - ago}
    db.session.execute(sa.update(Attempt).where(Attempt.message_id == claim.id).values(**earlier))


def test_ready_and_metrics_say_what_each_worker_may_do_at_once(ledger_on: Stage):
    client = ledger_on.app.test_client()
    told = client.get("/ready").json["figures"]
    assert (told["messages_batch"], told["messages_threads"]) == (100, 32)
    text = client.get("/metrics").text
    assert "messages_batch 100.0" in text
    assert "messages_in_flight 0.0" in text
