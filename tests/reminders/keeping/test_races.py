"""Two at once, on both databases: what was taken back is never sent, what was asked twice goes
once."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from clinic.core.data.db import db
from clinic.core.errors import Conflict
from clinic.reminders.keeping import make, steps
from tests.factories import known_to
from tests.reminders.own_helpers import IN_AN_HOUR, made, row, sent, tick

ROUNDS = 8


@pytest.fixture
def stage(both):
    with both.app.app_context():
        known_to(both.cast.harbour, both.cast.asha)
        db.session.remove()
    return both


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


@pytest.mark.parametrize("recurrence", [None, "FREQ=DAILY"])
def test_cancelled_in_the_second_it_is_due(stage, recurrence):
    cast, app = stage.cast, stage.app
    for _ in range(ROUNDS):
        with app.app_context():
            key = made(cast.esha, patient_id=cast.asha.patient_id, recurrence=recurrence)
            db.session.remove()
        at_once(app, lambda: tick(IN_AN_HOUR), lambda key=key: steps.cancel(key, cast.esha.actor))
        with app.app_context():
            assert row(key).status == "cancelled"
            assert {one.status for one in sent(key)} <= {"cancelled"}
            assert tick(IN_AN_HOUR + timedelta(days=1)) == 0
            db.session.remove()


def test_moved_in_the_second_it_is_due(stage):
    """It goes at the one time or at the other."""
    cast, app, later = stage.cast, stage.app, IN_AN_HOUR + timedelta(hours=1)
    for _ in range(ROUNDS):
        with app.app_context():
            key = made(cast.esha, patient_id=cast.asha.patient_id)
            db.session.remove()
        _, moved = at_once(
            app,
            lambda: tick(IN_AN_HOUR),
            lambda key=key: make.change(key, {"delivery_time": later}, cast.esha.actor),
        )
        with app.app_context():
            was_sent = row(key).status == "sent"
            assert isinstance(moved, Conflict) is was_sent
            tick(later)
            (message,) = sent(key)
            assert message.due_at == (IN_AN_HOUR if was_sent else later)
            db.session.remove()


@pytest.mark.parametrize("recurrence", [None, "FREQ=DAILY"])
def test_sent_now_by_two(stage, recurrence):
    cast, app = stage.cast, stage.app
    for _ in range(ROUNDS):
        with app.app_context():
            key = made(cast.esha, patient_id=cast.asha.patient_id, recurrence=recurrence)
            db.session.remove()
        answers = at_once(app, *[lambda key=key: steps.send_now(key, cast.esha.actor)] * 2)
        assert [isinstance(one, Conflict) for one in answers].count(True) == 1
        with app.app_context():
            assert len(sent(key)) == 1
            db.session.remove()


def test_two_workers_tell_it_once(stage):
    cast, app = stage.cast, stage.app
    for number in range(ROUNDS):
        with app.app_context():
            key = made(cast.esha, patient_id=cast.asha.patient_id, recurrence="FREQ=DAILY")
            db.session.remove()
        at_once(app, *[lambda: tick(IN_AN_HOUR)] * 2)
        with app.app_context():
            assert len(sent(key)) == 1, number
            steps.cancel(key, cast.esha.actor)
            db.session.remove()
