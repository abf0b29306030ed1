"""Many due plans become what they become one by one, and a bad one stops nobody."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from clinic.appointments.models import Appointment
from clinic.core import clock
from clinic.core.data.db import db, transactional
from clinic.messaging.models import Message
from clinic.messaging.words import rendering
from clinic.patients.models import PatientOrganisation
from clinic.reminders import jobs
from clinic.reminders.models import Reminder
from clinic.reminders.telling import due
from clinic.reminders.visits import planning
from tests.cast import NOW, Cast
from tests.conftest import Stage
from tests.factories import book

RULES = [*planning.TEMPLATES, planning.BEFORE, "before_60m"]
STATUSES = ["pending", "scheduled", "cancelled", "no_show", "completed"]
PLAN = st.tuples(
    st.integers(0, 2),
    st.sampled_from(RULES),
    st.sampled_from(["sms", "whatsapp", "email"]),
    st.integers(-3, 3),  # minutes from now
)


@pytest.fixture
def visits(both: Stage):
    """Ids of three visits, and an app context."""
    with both.app.app_context():
        cast = both.cast
        booked = [(cast.asha, cast.dr_chandra), (cast.bela, cast.dr_dev), (cast.asha, cast.dr_dev)]
        hours = ("09:00", "10:00", "11:00")
        yield [book(*two, hour).id for two, hour in zip(booked, hours, strict=True)]


@transactional
def stands(cast: Cast, visits: list[UUID], statuses, plans, language: str) -> None:
    for model in (Message, Reminder):
        db.session.execute(sa.delete(model))
    db.session.execute(sa.update(PatientOrganisation).values(language=language))
    for visit, status in zip(visits, statuses, strict=True):
        db.session.execute(
            sa.update(Appointment).where(Appointment.id == visit).values(status=status)
        )
    for number, (which, rule, channel, minutes) in enumerate(plans):
        due_at = NOW + timedelta(minutes=minutes, seconds=number)
        there = {"organisation_id": cast.harbour, "appointment_id": visits[which]}
        db.session.execute(
            sa.insert(Reminder).values(
                id=UUID(int=number + 1), rule=rule, channel=channel, due_at=due_at,
                status="planned", created_at=NOW, **there,
            )
        )  # fmt: skip


def left() -> list[str]:
    """Every plan and every message, but for ids made by chance."""
    db.session.rollback()
    found = []
    for model in (Reminder, Message):
        columns = [
            column for column in model.__table__.c if model is Reminder or column.name != "id"
        ]
        found += [str(dict(row)) for row in db.session.execute(sa.select(*columns)).mappings()]
    return sorted(found)


def test_plans(both: Stage, visits: list[UUID]):
    @settings(max_examples=12, deadline=None)
    @given(
        st.lists(PLAN, max_size=8, unique_by=lambda plan: plan[:3]),
        st.lists(st.sampled_from(STATUSES), min_size=3, max_size=3),
        st.sampled_from(["en", "hi", "xx"]),
    )
    def check(plans, statuses, language):
        answers = []
        for limit in (due.BATCH, 1):
            stands(both.cast, visits, statuses, plans, language)
            looked_at = 0
            with clock.travelled(NOW):
                while done := due.queue_due(limit):
                    looked_at += done
            answers.append((looked_at, left()))
        assert answers[0] == answers[1]

    check()


def test_a_bad_plan_waits_alone(both: Stage, visits: list[UUID], monkeypatch):
    """Its template is broken: the others are queued, and it is once the template is whole."""
    plans = [(number % 3, rule, "sms", -1) for number, rule in enumerate(["booked", *RULES[-2:]])]
    stands(both.cast, visits, ["scheduled"] * 3, plans, "en")
    broken(monkeypatch, visits[1])
    with clock.travelled(NOW):
        assert jobs.send_due() == 3
        assert {row.about_id for row in db.session.scalars(sa.select(Message))} == {
            visits[0],
            visits[2],
        }
    bad = db.session.get_one(Reminder, UUID(int=2), populate_existing=True)
    assert (bad.status, bad.due_at) == ("planned", NOW + due.TRY_AGAIN_AFTER)
    monkeypatch.undo()
    with clock.travelled(NOW + due.TRY_AGAIN_AFTER):
        assert jobs.send_due() == 1
    assert len(db.session.scalars(sa.select(Message.id)).all()) == 3


def broken(monkeypatch, visit: UUID) -> None:
    fill = rendering._fill

    def fails(name, values):
        if str(visit) in values["link"]:
            raise KeyError(uuid4())
        return fill(name, values)

    monkeypatch.setattr(rendering, "_fill", fails)
