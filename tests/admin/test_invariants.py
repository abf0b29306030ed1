"""`flask verify`: each invariant sees a broken row, and a healthy clinic breaks none."""

from datetime import timedelta
from uuid import uuid4

import pytest
import sqlalchemy as sa

from clinic.admin import invariants
from clinic.appointments.models import Appointment
from clinic.appointments.steps import take as steps
from clinic.core import clock
from clinic.core.data.db import db, transactional
from clinic.events import jobs as events
from clinic.events.models import BackgroundTask, EventDelivery, EventRow
from clinic.messaging import jobs as messaging
from clinic.messaging.models import Attempt, Message
from clinic.reminders import jobs as reminders
from clinic.reminders.keeping import steps as service
from clinic.reminders.models import Reminder
from clinic.reminders.visits import planning
from tests.cast import at
from tests.conftest import Stage
from tests.factories import book
from tests.messaging.ledger_helpers import queued

pytestmark = pytest.mark.usefixtures("in_app")

PAST = timedelta(minutes=30)


@pytest.fixture
def healthy(cast):
    """Asha's visit in three hours and a half, Bela's at ten; told of, and nothing waits."""
    visit_id = book(cast.asha, cast.dr_chandra, at("11:00")).id
    other_id = book(cast.bela, cast.dr_dev, at("10:00")).id
    for _ in range(2):
        for job in (events.deliver_due, events.run_tasks, reminders.send_due):
            job()
    messaging.deliver_due()
    steps.take(other_id, "cancel", cast.esha.actor)
    events.deliver_due()
    reminders.send_due()
    messaging.deliver_due()
    return visit_id


def broken():
    """`{invariant: rows that break it}`, without those that hold."""
    db.session.rollback()
    return {finding.name: finding.count for finding in invariants.findings() if finding.count}


def change(table, **values):
    db.session.execute(sa.update(table).values(**values))


def visit_row(visit_id):
    return db.session.get_one(Appointment, visit_id)


def copied(row, **instead):
    """The row once more, under another id."""
    names = [column.key for column in type(row).__table__.columns]
    db.session.add(type(row)(**{name: getattr(row, name) for name in names} | instead))
    db.session.flush()


def sit_twice_in_a_seat(visit_id, cast):
    row = visit_row(visit_id)
    later = {"starts_at": row.starts_at + timedelta(minutes=5), "patient_id": cast.bela.patient_id}
    copied(row, id=uuid4(), code="ZZZZZ", **later)


def be_in_two_places(visit_id, cast):
    row = visit_row(visit_id)
    later = {"starts_at": row.starts_at + timedelta(minutes=5), "doctor_id": cast.dr_dev.doctor_id}
    copied(row, id=uuid4(), code="ZZZZZ", **later)


def end_the_reminder(visit_id, cast):
    """Nobody said so: the visit still stands."""
    change(Reminder, status="cancelled")
    change(Appointment, created_at=clock.now() - PAST)


def lose_the_reminder(visit_id, cast):
    db.session.execute(sa.delete(Reminder).where(Reminder.rule == "before_3h"))
    change(Appointment, created_at=clock.now() - PAST)


def leave_reminders_lying(visit_id, cast):
    change(Reminder, due_at=clock.now() - PAST, status="planned")


def leave_messages_lying(visit_id, cast):
    change(Message, due_at=clock.now() - PAST, status="queued", about_id=None)


def never_end_a_call(visit_id, cast):
    change(Message, lease_until=clock.now() - PAST, status="sending")


def send_without_a_trace(visit_id, cast):
    db.session.execute(sa.delete(Attempt))


def invite_to_a_cancelled_visit(visit_id, cast):
    cancelled = sa.select(Appointment.id).where(Appointment.status == "cancelled")
    about = Message.about_id.in_(cancelled), Message.template == "visit_booked"
    db.session.execute(sa.update(Message).where(*about).values(status="queued"))


def leave_news_lying(visit_id, cast):
    change(EventDelivery, done_at=None, due_at=clock.now() - PAST)


def give_up_on_news(visit_id, cast):
    change(EventDelivery, done_at=None, set_aside_at=clock.now())


def leave_tasks_lying(visit_id, cast):
    change(BackgroundTask, status="running", due_at=clock.now() - PAST)


def skip_a_step(visit_id, cast):
    db.session.execute(sa.update(Appointment).where(Appointment.id == visit_id).values(version=9))


def arrive_where_no_step_leads(visit_id, cast):
    db.session.execute(
        sa.update(Appointment).where(Appointment.id == visit_id).values(status="completed")
    )


def move_to_nowhere(visit_id, cast):
    off = Appointment.status == "cancelled"
    db.session.execute(sa.update(Appointment).where(off).values(cancel_reason="rescheduled"))


def move_and_stay(visit_id, cast):
    off = Appointment.status == "cancelled"
    db.session.execute(sa.update(Appointment).where(off).values(rescheduled_from_id=visit_id))


CASES = [
    (sit_twice_in_a_seat, "double bookings", 2),
    (be_in_two_places, "patients in two places at once", 2),
    (lose_the_reminder, "three-hour reminders missing", 1),
    (end_the_reminder, "three-hour reminders missing", 1),
    (leave_reminders_lying, "reminders late", None),
    (leave_messages_lying, "messages stuck", None),
    (never_end_a_call, "messages stuck", None),
    (send_without_a_trace, "messages sent without an attempt", None),
    (invite_to_a_cancelled_visit, "messages about cancelled visits", 1),
    (leave_news_lying, "events stuck", None),
    (give_up_on_news, "events set aside", None),
    (leave_tasks_lying, "background tasks stuck", 2),
    (skip_a_step, "visits that skipped a step", 1),
    (move_to_nowhere, "moves that lead nowhere or to two times", 1),
    (move_and_stay, "moves that lead nowhere or to two times", 1),
    (arrive_where_no_step_leads, "visits that skipped a step", 1),
]


def test_a_healthy_clinic_breaks_nothing(healthy):
    assert broken() == {}
    assert len(invariants.findings()) == len(invariants.INVARIANTS)
    assert db.session.scalar(sa.select(sa.func.count()).select_from(EventRow)) > 5
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Attempt)) >= 2


@pytest.mark.parametrize(
    ("damage", "name", "count"), CASES, ids=[damage.__name__ for damage, *_ in CASES]
)
def test_each_damage_is_found_under_its_name(healthy, cast, damage, name, count):
    transactional(damage)(healthy, cast)
    found = broken()
    assert name in found
    assert found[name] == (count or found[name]) >= 1


@pytest.mark.parametrize(("waits", "is_found"), [(100, False), (130, True)])
def test_what_a_worker_does_at_once_is_overdue_after_two_minutes(healthy, client, waits, is_found):
    """K4: 791 deliveries and 148 reminders waited for three minutes, and nobody was told."""

    @transactional
    def leave_lying() -> None:
        moment = clock.now() - timedelta(seconds=waits)
        change(Reminder, due_at=moment, status="planned")
        change(EventDelivery, done_at=None, due_at=moment)

    leave_lying()
    found = broken()
    assert ("reminders late" in found, "events stuck" in found) == (is_found, is_found)
    figures = client.get("/ready").json["figures"]
    assert figures["reminders_overdue"] == found.get("reminders late", figures["reminders_overdue"])
    for age in ("reminders_oldest_overdue_seconds", "event_deliveries_oldest_seconds"):
        assert waits <= figures[age] < waits + 60
        assert f"{age} {waits}" in client.get("/metrics").text


def test_one_reminder_as_two_messages_is_found(postgres_stage: Stage):
    """The constraints forbid it, so they are taken away first."""
    postgres_stage.put_back()
    with postgres_stage.app.app_context():
        transactional(allow_twins)()
        queued(2, dedupe_key="reminder:7")
        queued(2, provider_id="SM7")
        assert broken() == {"messages doubled": 2}
        db.session.remove()
        db.engine.dispose()


def allow_twins():
    for name in ("dedupe_key", "provider_id"):
        db.session.execute(sa.text(f"ALTER TABLE messages DROP CONSTRAINT uq_messages_{name}"))


def test_every_invariant_is_shown_to_catch_something():
    shown = {name for _, name, _ in CASES} | {"messages doubled"}
    assert shown == set(invariants.INVARIANTS)


def test_the_command_says_what_is_broken_and_fails(app, healthy):
    runner = app.test_cli_runner()
    assert runner.invoke(args=["verify"]).exit_code == 0
    transactional(skip_a_step)(healthy, None)
    done = runner.invoke(args=["verify"])
    assert done.exit_code == 1
    assert f"1  visits that skipped a step  ({healthy})" in done.output


def test_a_reminder_that_a_person_cancelled_is_not_missed(healthy, cast):
    (planned,) = db.session.scalars(
        sa.select(Reminder.id).where(
            Reminder.appointment_id == healthy, Reminder.rule == planning.BEFORE
        )
    )
    service.cancel(planned, cast.esha.actor)
    assert broken() == {}
