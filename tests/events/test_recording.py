"""Many facts are recorded with one INSERT a table, and are the same rows as one by one."""

import pytest
import sqlalchemy as sa
from flask import current_app

from clinic.access.actor import THE_SYSTEM
from clinic.appointments.facts import AppointmentAccepted
from clinic.core.data.db import db, transactional
from clinic.events.models import EventDelivery, EventRow
from clinic.events.service import record, record_all
from tests.factories import book

IGNORED = ("id", "at", "event_id", "due_at")


@pytest.fixture
def cast(both):
    """The cast on each database in turn, with an app context pushed."""
    with both.app.app_context():
        yield both.cast


@pytest.fixture
def heard(monkeypatch):
    """Facts as a NOW handler hears them, with how many events stand there by then."""
    heard = []
    known = current_app.extensions["subscriptions"].now
    monkeypatch.setitem(known, AppointmentAccepted, [lambda fact: heard.append((fact, events()))])
    return heard


def events():
    return db.session.scalar(sa.select(sa.func.count()).select_from(EventRow))


def facts_about(visit, many):
    about = {"appointment_id": visit.id, "doctor_id": visit.doctor_id}
    return [
        AppointmentAccepted(
            organisation_id=visit.organisation_id,
            patient_id=visit.patient_id,
            status=f"pending {number}",
            **about,
        )
        for number in range(many)
    ]


def rows_of(facts):
    """Events and deliveries without what differs by nature, as the database has them."""
    ids = [fact.id for fact in facts]
    found = []
    for model, key in ((EventRow, EventRow.id), (EventDelivery, EventDelivery.event_id)):
        table = sa.inspect(model).local_table
        columns = [column for column in table.c if column.name not in IGNORED]
        rows = db.session.execute(sa.select(*columns).where(key.in_(ids))).mappings()
        found.append(sorted(str(dict(row)) for row in rows))
    return found


def test_many_facts_are_the_same_rows_as_one_by_one(cast):
    visit = book(cast.asha, cast.dr_chandra)
    together, alone = facts_about(visit, 3), facts_about(visit, 3)
    transactional(record_all)(together, THE_SYSTEM)
    for fact in alone:
        transactional(record)(fact, THE_SYSTEM)
    assert rows_of(together) == rows_of(alone)
    events, waiting = rows_of(together)
    assert len(events) == 3
    assert len(waiting) > 0


def test_now_handlers_hear_each_fact_in_order_when_all_rows_are_there(cast, heard):
    visit = book(cast.asha, cast.dr_chandra)
    heard.clear()
    before = events()
    facts = facts_about(visit, 3)
    transactional(record_all)(facts, THE_SYSTEM)
    assert heard == [(fact, before + 3) for fact in facts]


def test_no_facts_are_no_rows(cast):
    before = events()
    transactional(record_all)([], THE_SYSTEM)
    assert events() == before


def test_facts_are_recorded_inside_a_command_only(cast):
    with pytest.raises(RuntimeError):
        record_all([], THE_SYSTEM)
