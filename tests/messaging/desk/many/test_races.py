"""Two at once, on both databases: one turn is one message, and what was stopped is not sent."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa

from clinic.core.data.db import db
from clinic.core.errors import Conflict
from clinic.messaging.delivery import ledger
from clinic.messaging.desk import service as one_by_one
from clinic.messaging.desk.many import service
from clinic.messaging.models import Message
from tests.messaging.ledger_helpers import begin, claimed, message, queued

ROUNDS = 5


@pytest.fixture
def stage(both):
    yield both
    with both.app.app_context():
        db.session.remove()


def at_once(app, *calls):
    """What each of them returns, or the conflict it ended in."""
    start = threading.Barrier(len(calls))

    def run(call):
        with app.app_context():
            start.wait()
            try:
                return call()
            except Conflict as conflict:
                return conflict
            finally:
                db.session.remove()

    with ThreadPoolExecutor(len(calls)) as threads:
        return list(threads.map(run, calls))


def test_two_taps_are_one_turn(stage):
    cast, app = stage.cast, stage.app
    for turn in range(ROUNDS):
        with app.app_context():
            ids = [
                queued(1, organisation_id=cast.harbour, status="failed", template="code",
                       address=f"+44770091{turn:02}{number:02}")[0]
                for number in range(10)
            ]  # fmt: skip
            db.session.remove()
        both = at_once(
            app,
            lambda ids=ids, turn=turn: service.resend(ids, cast.esha.actor, f"turn {turn}"),
            lambda ids=ids, turn=turn: service.resend(ids[::-1], cast.esha.actor, f"turn {turn}"),
        )
        assert both[0].sent == both[1].sent
        with app.app_context():
            again = sa.select(sa.func.count()).where(Message.dedupe_key.like("resend:%"))
            assert db.session.scalar(again) == 10 * (turn + 1)
            db.session.remove()


def test_stopped_in_the_second_it_begins(stage):
    """It is sent or it is stopped, and whoever stopped it is told which."""
    cast, app = stage.cast, stage.app
    for _ in range(ROUNDS):
        with app.app_context():
            (key,) = queued(1, organisation_id=cast.harbour)
            (claim,) = claimed()
            db.session.remove()
        begun, stopped = at_once(
            app,
            lambda claim=claim: begin(claim),
            lambda key=key: one_by_one.cancel(key, cast.esha.actor),
        )
        with app.app_context():
            status = message(key).status
            if isinstance(stopped, Conflict):
                assert (begun, status) == (True, "sending")
            else:
                assert (begun, status) == (False, "cancelled")
            assert ledger.claim_due(10) == []
            db.session.remove()
