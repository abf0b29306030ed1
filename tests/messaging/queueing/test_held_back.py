"""What is beyond a cap stands in the ledger as skipped, whoever asked and however many at once."""

from collections import Counter
from datetime import timedelta
from uuid import uuid4

import pytest
import sqlalchemy as sa

from clinic.core import clock
from clinic.core.data.db import db, transactional
from clinic.messaging.desk import words
from clinic.messaging.models import Message
from clinic.messaging.queueing import caps, messages
from clinic.messaging.queueing.messages import NewMessage
from clinic.messaging.senders import chosen
from tests.conftest import Stage
from tests.crowd import at_once, faults
from tests.messaging.ledger_helpers import ASHA, queued

pytestmark = pytest.mark.usefixtures("ledger_on")

queue = transactional(messages.queue_messages)


@pytest.fixture
def limited(ledger_on: Stage, monkeypatch):
    """Change the operator's limits for one test."""

    def change(**values: int) -> None:
        settings = ledger_on.app.config["SETTINGS"].model_copy(update=values)
        monkeypatch.setitem(ledger_on.app.config, "SETTINGS", settings)

    return change


def new(address=ASHA, template="visit_reminder", is_known=False, **values):
    channel = "email" if "@" in address else "sms"
    return NewMessage(None, channel, address, template, is_known=is_known, **values)


def ends() -> Counter:
    """How many rows there are of each status and reason."""
    db.session.rollback()
    rows = db.session.execute(sa.select(Message.status, Message.error_code)).all()
    return Counter((row.status, row.error_code) for row in rows)


def held_back(count: int) -> dict:
    return {("skipped", "too_many"): count} if count else {}


@pytest.mark.parametrize("address", [ASHA, "asha@cast.example"])
@pytest.mark.parametrize(("is_known", "most"), [(False, 6), (True, 50)])
@pytest.mark.parametrize("together", [True, False])
def test_one_address_in_an_hour(address, is_known, most, together):
    news = [new(address, is_known=is_known) for _ in range(most + 4)]
    done = [queue(news)] if together else [queue([one]) for one in news]
    assert sum(one.new for one in done) == most + 4
    assert [one for some in done for one in some.refused] == news[most:]
    assert ends() == {("queued", None): most, **held_back(4)}


def test_the_hour_goes_by_and_then_the_day_counts(monday_morning):
    for _ in range(5):
        queue([new() for _ in range(4)])
        monday_morning.shift(timedelta(hours=1, minutes=1))
    assert ends() == {("queued", None): 15, **held_back(5)}
    monday_morning.shift(timedelta(days=1))
    assert not queue([new()]).refused


def test_news_of_bookings_leave_room_for_a_code_and_the_reminder():
    queue([new(template="visit_rescheduled") for _ in range(9)])
    assert ends() == {("queued", None): 4, **held_back(5)}
    assert not queue([new(template="code"), new(template="visit_reminder")]).refused
    assert queue([new(template="code")]).refused


def test_what_left_counts_and_what_was_taken_back_or_skipped_does_not():
    queued(5, status="sent")
    queued(9, status="cancelled")
    queued(9, status="skipped", error_code="no_address")
    queued(9, direction="in", status="received")
    queued(9, created_at=clock.now() - timedelta(days=2), status="sent")
    assert len(queue([new(), new()]).refused) == 1
    assert queue([new(is_known=True)]).refused == ()


def test_what_was_taken_back_after_a_call_counts():
    queued(6, status="cancelled", attempts=1)
    assert queue([new()]).refused


def test_sixty_moves_in_four_seconds_leave_one_text_and_few_rows():
    """Each takes the text before it back. Nobody reads more, and the ledger does not fill up."""
    for _ in range(60):
        about = uuid4()
        queue([new(template="visit_rescheduled", about_id=about)])
        transactional(messages.void)(about)
    most = caps.STRANGERS.an_hour * caps.ROWS_A_MESSAGE
    assert ends() == {("cancelled", None): most, **held_back(caps.REFUSALS_SHOWN)}


def test_only_who_is_known_is_put_before_the_desk():
    queue([new(is_known=True) for _ in range(51)])
    queue([new("+447700900001") for _ in range(7)])
    flagged = sa.select(Message.address, Message.is_known).where(Message.needs_attention)
    assert db.session.execute(flagged).all() == [(ASHA, True)]
    assert words.reason("too_many").startswith("too many messages")


def test_strangers_have_an_hourly_budget_and_others_do_not_feel_it(limited):
    limited(unproven_messages_per_hour=3)
    strangers = [new(f"+4477009001{number:02}") for number in range(5)]
    assert queue(strangers).refused == tuple(strangers[3:])
    assert not queue([new(is_known=True)]).refused


def test_an_organisation_has_its_day_of_strangers(ledger_on: Stage, limited):
    limited(unproven_messages_per_day=4)
    here, there = ledger_on.cast.harbour, ledger_on.cast.elsewhere
    numbers = [f"+4477009001{number:02}" for number in range(6)]
    news = [NewMessage(here, "sms", one, "visit_reminder") for one in numbers]
    assert queue(news).refused == tuple(news[4:])
    assert not queue([NewMessage(there, "sms", ASHA, "visit_reminder")]).refused
    assert not queue([NewMessage(here, "sms", ASHA, "visit_reminder", is_known=True)]).refused


def test_a_clinic_that_texts_ten_thousand_patients_is_not_stopped(ledger_on: Stage):
    place = ledger_on.cast.harbour
    for first in range(0, 10_000, 500):
        numbers = range(first, first + 500)
        some = [
            NewMessage(place, "sms", f"+4477{one:08}", "visit_reminder", is_known=True)
            for one in numbers
        ]
        assert not queue(some).refused


@pytest.mark.parametrize(("is_known", "most"), [(False, 6), (True, 50)])
def test_who_queues_at_once_cannot_pass_together(ledger_on: Stage, is_known, most):
    """Eight times as many as may go, in eight transactions."""
    each = [new(is_known=is_known) for _ in range(most)]
    answers = at_once(ledger_on.app, [lambda: queue(each)] * 8)
    assert faults(answers) == []
    assert ends()["queued", None] == most


def test_the_budget_of_strangers_is_not_passed_together(ledger_on: Stage, limited):
    limited(unproven_messages_per_hour=10)
    calls = [
        lambda first=first: queue([new(f"+44770090{first}{number:03}") for number in range(4)])
        for first in range(8)
    ]
    assert faults(at_once(ledger_on.app, calls)) == []
    assert ends()["queued", None] == 10


def test_a_thousand_addresses_cost_one_statement_more(ledger_on: Stage, monkeypatch):
    news = [new(f"+4477{one:08}", is_known=True) for one in range(1000)]
    asked = []
    with db.engine.connect():  # so that the pool is warm
        monkeypatch.setattr(chosen, "GOOD_FOR_S", 60)  # read once a second, whatever is queued
        chosen.senders().forget()
        chosen.senders().all()
        sa.event.listen(db.engine, "before_cursor_execute", note := _noting(asked))
        try:
            queue(news)
        finally:
            sa.event.remove(db.engine, "before_cursor_execute", note)
    kinds = [text.split()[0] for text in asked if not text.startswith("BEGIN")]
    assert kinds == ["SELECT", "INSERT"]


def _noting(asked):
    def note(_connection, _cursor, statement, *_):
        asked.append(statement)

    return note
