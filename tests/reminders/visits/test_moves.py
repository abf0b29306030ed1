"""A visit moves: its people read the new time, and nothing more about the old one."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from icalendar import Calendar

from clinic.admin import invariants
from clinic.appointments.booking.move import reschedule
from clinic.appointments.models import Appointment
from clinic.core.data.db import db, transactional
from clinic.events.models import EventDelivery
from clinic.messaging.models import Message
from clinic.reminders import jobs as reminders
from tests.cast import TODAY, at
from tests.factories import book, scheduled, set_rules, take
from tests.messaging.ledger_helpers import claimed
from tests.reminders.plan_helpers import (
    ASHA,
    DR_CHANDRA,
    LATE,
    handed_over,
    messages,
    plans,
    work,
)

TOMORROW = TODAY + timedelta(days=1)
DR_DEV = "+447700900011"


@pytest.fixture
def cast(both):
    """The cast on each database in turn, with an app context pushed."""
    with both.app.app_context():
        yield both.cast


def words(visit, to=ASHA):
    rows = sa.select(Message.body).where(Message.about_id == visit.id, Message.address == to)
    return db.session.scalars(rows.order_by(Message.created_at, Message.due_at)).all()


def test_the_old_plan_and_its_words_end_with_the_move_itself(cast):
    old = book(cast.asha, cast.dr_chandra, LATE)
    work()
    reschedule(old.id, at("10:00", TOMORROW), cast.asha.actor)
    # Before any worker has looked.
    assert plans(old) == {("booked", "sms"): "queued", ("before_3h", "sms"): "cancelled"}
    assert messages(old) == [("visit_booked", "cancelled")]
    assert claimed() == []


def test_a_move_that_is_rolled_back_takes_nothing_back(cast):
    old = book(cast.asha, cast.dr_chandra, LATE)
    work()

    @transactional
    def move_and_fail():
        reschedule(old.id, at("10:00", TOMORROW), cast.asha.actor)
        raise RuntimeError

    with pytest.raises(RuntimeError):
        move_and_fail()
    assert plans(old)["before_3h", "sms"] == "planned"
    assert messages(old) == [("visit_booked", "queued")]


def test_the_patient_reads_the_new_time_and_is_reminded_of_it_alone(cast, monday_morning):
    old = scheduled(cast.asha, cast.dr_chandra, LATE)
    work()
    old = handed_over(old)
    new = reschedule(old.id, at("10:00", TOMORROW), cast.asha.actor)
    work()
    assert messages(new) == [("visit_rescheduled", "queued")]
    (said,) = words(new)
    assert said.startswith("Harbour Clinic: moved to Tue 17 Nov, 10:00, Dr Chandra")
    assert "cancelled" not in said
    assert plans(new) == {("rescheduled", "sms"): "queued", ("before_3h", "sms"): "planned"}
    monday_morning.move_to(at("07:00", TOMORROW))
    reminders.send_due()
    assert [template for template, _ in messages(new)] == ["visit_rescheduled", "visit_reminder"]
    assert [template for template, _ in messages(old)] == ["visit_booked"]


def test_moved_to_within_three_hours_there_is_nothing_to_remind_of(cast):
    old = scheduled(cast.asha, cast.dr_chandra, LATE)
    new = reschedule(old.id, at("09:00"), cast.asha.actor)
    work()
    assert plans(new) == {("rescheduled", "sms"): "queued"}


def test_only_the_last_of_two_moves_is_told_when_the_worker_was_away(cast):
    first = book(cast.asha, cast.dr_chandra, LATE)
    second = reschedule(first.id, at("10:00", TOMORROW), cast.asha.actor)
    third = reschedule(second.id, at("10:30", TOMORROW), cast.asha.actor)
    work()
    assert messages(first) == messages(second) == []
    assert messages(third) == [("visit_rescheduled", "queued")]


@pytest.mark.parametrize(
    ("who", "is_told"), [("asha", True), ("esha", True), ("dr_chandra", False)]
)
def test_the_doctor_is_told_whose_time_became_free_but_not_of_what_they_did(cast, who, is_told):
    old = scheduled(cast.asha, cast.dr_chandra, LATE)
    new = reschedule(old.id, LATE, cast.people[who].actor, cast.dr_dev.doctor_id)
    work()
    told = [("doctor_rescheduled", "queued")] if is_told else []
    assert messages(old, to=DR_CHANDRA) == told
    assert messages(old, to=DR_DEV) == messages(new, to=DR_DEV) == []
    if is_told:
        (said,) = words(old, DR_CHANDRA)
        assert f"Mon 16 Nov, 11:00, Quay Street ({old.code}) moved to another time" in said


def test_nobody_reads_that_anything_was_cancelled(cast):
    old = scheduled(cast.asha, cast.dr_chandra, LATE)
    reschedule(old.id, at("10:00", TOMORROW), cast.esha.actor)
    work()
    templates = set(db.session.scalars(sa.select(Message.template)))
    assert templates == {"visit_rescheduled", "doctor_rescheduled"}


def test_a_request_for_another_time_is_answered_as_one(cast):
    old = scheduled(cast.asha, cast.dr_chandra, LATE)
    set_rules(cast.harbour, approval_required=True)
    new = reschedule(old.id, at("10:00", TOMORROW), cast.asha.actor)
    work()
    assert messages(new) == [("visit_requested", "queued")]
    take(new, "accept", by=cast.esha)
    work()
    assert [template for template, _ in messages(new)] == ["visit_requested", "visit_booked"]


def test_a_letter_brings_the_same_entry_for_the_calendar_again(cast):
    @transactional
    def by_letter():
        book(cast.asha, cast.dr_chandra, LATE).channel = "email"

    by_letter()
    (old,) = db.session.scalars(sa.select(Appointment)).all()
    work()
    middle = reschedule(old.id, at("10:00", TOMORROW), cast.asha.actor)
    new = reschedule(middle.id, at("10:30", TOMORROW), cast.asha.actor)
    work()
    entries = [
        Calendar.from_ical(text).walk("VEVENT")[0]
        for text in db.session.scalars(
            sa.select(Message.calendar)
            .where(Message.calendar.is_not(None), Message.address == cast.asha.email)
            .order_by(Message.created_at)
        )
    ]
    assert [entry["uid"] for entry in entries] == [f"{old.id}@clinic"] * 2
    assert [entry["sequence"] for entry in entries] == [0, 2]
    assert entries[1]["dtstart"].dt == new.starts_at


def test_everything_is_harmless_twice_and_breaks_no_invariant(cast):
    old = scheduled(cast.asha, cast.dr_chandra, LATE)
    new = reschedule(old.id, at("10:00", TOMORROW), cast.asha.actor)
    work()
    once = (plans(old), plans(new), messages(old, DR_CHANDRA), messages(new))
    for _ in range(2):
        deliver_all_again()
        work()
    assert (plans(old), plans(new), messages(old, DR_CHANDRA), messages(new)) == once
    assert [one.name for one in invariants.findings() if one.count] == []


@transactional
def deliver_all_again():
    db.session.execute(sa.update(EventDelivery).values(done_at=None))
