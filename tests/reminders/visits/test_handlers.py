"""From a step of a visit to the words about it: planned, queued, taken back."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from clinic.access.actor import Actor
from clinic.appointments.steps import sweep
from clinic.appointments.steps import take as steps
from clinic.core.data.db import db, transactional
from clinic.events import jobs as events
from clinic.events.models import EventDelivery
from clinic.messaging.channels.call import Outcome
from clinic.messaging.models import Message
from clinic.messaging.queueing import refusals
from clinic.patients.people import service as patients
from clinic.reminders import jobs as reminders
from clinic.reminders.keeping import steps as service
from clinic.reminders.models import Reminder, ReminderRule
from clinic.reminders.visits import planning
from tests.cast import TODAY, Person, at
from tests.factories import book, known_to, scheduled, set_rules, take
from tests.messaging.ledger_helpers import begin, claimed, settle
from tests.reminders.plan_helpers import (
    ASHA,
    DR_CHANDRA,
    LATE,
    handed_over,
    messages,
    plans,
    work,
)

pytestmark = pytest.mark.usefixtures("in_app")


@transactional
def known_at_desk(cast, **contact):
    """A patient without a login, of whom the organisation knows only this."""
    known = patients.Contact(**contact)
    patient = patients.register(cast.harbour, "Ines", known, cast.esha.actor)
    return Person("Ines", "patient", None, "", patient_id=patient.id)


@transactional
def add_rule(organisation_id, minutes, channel, is_active=True):
    rule = ReminderRule(
        organisation_id=organisation_id,
        minutes_before=minutes,
        channel=channel,
        is_active=is_active,
    )
    db.session.add(rule)


# --- a booking


def test_a_booking_is_confirmed_at_once_and_reminded_three_hours_before(cast, monday_morning):
    visit = book(cast.asha, cast.dr_chandra, LATE)
    work()
    assert plans(visit) == {("booked", "sms"): "queued", ("before_3h", "sms"): "planned"}
    assert messages(visit) == [("visit_booked", "queued")]
    monday_morning.move_to(LATE - timedelta(hours=3))
    reminders.send_due()
    assert messages(visit)[1:] == [("visit_reminder", "queued")]


def test_who_books_within_three_hours_is_not_reminded(cast):
    visit = book(cast.asha, cast.dr_chandra, "09:00")
    work()
    assert plans(visit) == {("booked", "sms"): "queued"}


def test_an_organisation_adds_reminders_of_its_own(cast):
    add_rule(cast.harbour, 120, "email")
    add_rule(cast.harbour, 60, "sms", is_active=False)
    add_rule(cast.elsewhere, 90, "sms")
    visit = book(cast.asha, cast.dr_chandra, LATE)
    work()
    assert plans(visit)["before_120m", "email"] == "planned"
    assert len(plans(visit)) == 3


def test_everything_is_harmless_twice(cast):
    visit = book(cast.asha, cast.dr_chandra, LATE)
    work()
    once = (plans(visit), messages(visit))
    for _ in range(2):
        deliver_all_again()
        work()
    assert (plans(visit), messages(visit)) == once


@transactional
def deliver_all_again():
    db.session.execute(sa.update(EventDelivery).values(done_at=None))


def test_what_is_approved_by_people_is_a_request_first(cast):
    set_rules(cast.harbour, approval_required=True)
    visit = book(cast.asha, cast.dr_chandra, LATE)
    work()
    assert messages(visit) == [("visit_requested", "queued")]
    take(visit, "accept", by=cast.esha)
    work()
    assert [template for template, _ in messages(visit)] == ["visit_requested", "visit_booked"]


def test_nobody_is_reminded_of_a_request_that_is_not_accepted(cast, monday_morning):
    set_rules(cast.harbour, approval_required=True)
    visit = book(cast.asha, cast.dr_chandra, LATE)
    work()
    monday_morning.move_to(LATE - timedelta(hours=2))
    work()
    assert plans(visit)["before_3h", "sms"] == "skipped"
    assert [template for template, _ in messages(visit)] == ["visit_requested"]


def test_a_patient_without_a_telephone_gets_a_letter(cast):
    ines = known_at_desk(cast, email="ines@cast.example")
    visit = book(ines, cast.dr_chandra, LATE, by=cast.esha)
    work()
    assert messages(visit, to="ines@cast.example") == [("visit_booked", "queued")]


def test_the_letter_carries_the_appointment_for_the_calendar(cast):
    book(known_at_desk(cast, email="ines@cast.example"), cast.dr_chandra, LATE, by=cast.esha)
    work()
    assert "BEGIN:VEVENT" in db.session.scalars(sa.select(Message.calendar)).one()


def test_without_any_address_the_message_is_skipped_visibly(cast):
    visit = book(known_at_desk(cast), cast.dr_chandra, LATE, by=cast.esha)
    work()
    row = db.session.scalars(sa.select(Message).where(Message.about_id == visit.id)).one()
    assert (row.status, row.error_code) == ("skipped", "no_address")


# --- a cancellation


def test_a_cancel_ends_what_is_planned_and_voids_what_waits_in_one_transaction(cast):
    visit = book(cast.asha, cast.dr_chandra, LATE)
    work()
    steps.take(visit.id, "cancel", cast.asha.actor)
    # Before any worker has looked.
    assert plans(visit)["before_3h", "sms"] == "cancelled"
    assert messages(visit) == [("visit_booked", "cancelled")]
    assert claimed() == []


def test_a_cancel_that_is_rolled_back_takes_nothing_back(cast):
    visit = book(cast.asha, cast.dr_chandra, LATE)
    work()

    @transactional
    def cancel_and_fail():
        steps.take(visit.id, "cancel", cast.asha.actor)
        raise RuntimeError

    with pytest.raises(RuntimeError):
        cancel_and_fail()
    assert plans(visit)["before_3h", "sms"] == "planned"
    assert messages(visit) == [("visit_booked", "queued")]


@pytest.mark.parametrize(
    ("who", "patient_reads", "doctor_reads"),
    [
        ("asha", ["visit_cancelled"], ["doctor_cancelled"]),
        ("asha by reply", [], ["doctor_cancelled"]),
        ("esha", ["visit_cancelled"], ["doctor_cancelled"]),
        ("dr_chandra", ["visit_cancelled"], []),
    ],
)
def test_both_sides_are_told_but_nobody_of_what_they_did_and_saw_done(
    cast, who, patient_reads, doctor_reads
):
    visit = scheduled(cast.asha, cast.dr_chandra, LATE)
    work()
    actor = cast.people[who.split()[0]].actor
    if "reply" in who:
        actor = Actor(actor.role, patient_id=actor.patient_id, via="reply")
    steps.take(visit.id, "cancel", actor)
    work()
    told = [template for template, status in messages(visit) if status == "queued"]
    assert told == patient_reads
    assert [template for template, _ in messages(visit, to=DR_CHANDRA)] == doctor_reads


def test_a_booking_that_is_cancelled_before_any_worker_looked_is_not_confirmed(cast):
    visit = book(cast.asha, cast.dr_chandra, LATE)
    steps.take(visit.id, "cancel", cast.asha.actor)
    work()
    assert messages(visit) == [("visit_cancelled", "queued")]


def test_a_request_nobody_accepted_is_answered(cast, monday_morning):
    set_rules(cast.harbour, approval_required=True)
    visit = book(cast.asha, cast.dr_chandra, LATE)
    monday_morning.move_to(LATE)
    assert sweep.cancel_not_accepted() == 1
    work()
    assert ("visit_not_accepted", "queued") in messages(visit)
    assert messages(visit, to=DR_CHANDRA) == []


# --- a missed visit


def missed(cast, monday_morning):
    visit = scheduled(cast.asha, cast.dr_chandra, LATE)
    work()
    visit = handed_over(visit)
    monday_morning.move_to(LATE + timedelta(minutes=20))
    take(visit, "no_show", by=cast.esha)
    work()
    assert plans(visit)["missed", "sms"] == "planned"
    return visit


def test_who_did_not_come_reads_so_after_ten_minutes(cast, monday_morning):
    visit = missed(cast, monday_morning)
    monday_morning.shift(timedelta(minutes=11))
    reminders.send_due()
    assert ("visit_missed", "queued") in messages(visit)
    assert messages(visit, to=DR_CHANDRA) == [("doctor_missed", "queued")]


@pytest.mark.parametrize("already_queued", [False, True])
def test_an_undo_takes_back_the_text_about_the_absence(cast, monday_morning, already_queued):
    visit = missed(cast, monday_morning)
    if already_queued:
        monday_morning.shift(timedelta(minutes=11))
        reminders.send_due()
    take(visit, "undo_no_show", by=cast.esha)
    monday_morning.shift(timedelta(minutes=30))
    work()
    assert ("visit_missed", "queued") not in messages(visit)
    assert messages(visit, to=DR_CHANDRA) in ([], [("doctor_missed", "cancelled")])


def test_who_is_here_is_told_nothing_more(cast, monday_morning):
    visit = scheduled(cast.asha, cast.dr_chandra, LATE)
    work()
    take(visit, "check_in", by=cast.esha)
    monday_morning.move_to(LATE - timedelta(hours=1))
    work()
    assert messages(visit) == [("visit_booked", "cancelled")]


# --- when things go wrong


def test_after_an_outage_the_stale_is_skipped_visibly_and_the_useful_is_sent(cast, monday_morning):
    over = scheduled(cast.asha, cast.dr_chandra, "09:00")
    soon = scheduled(cast.bela, cast.dr_dev, "10:00")
    events.deliver_due()
    monday_morning.move_to(at("09:30", TODAY))
    work()
    assert messages(over) == [("visit_booked", "skipped")]
    assert messages(soon, to="+447700900001") == [
        ("visit_booked", "queued"),
        ("visit_reminder", "queued"),
    ]
    row = db.session.scalars(sa.select(Message).where(Message.about_id == over.id)).one()
    assert (row.error_code, row.settled_at is not None) == ("stale", True)


def fail_first_text(code):
    """The longest waiting text cannot arrive."""
    claim = next(one for one in claimed() if one.channel == "sms")
    assert begin(claim)
    settle(claim, Outcome("unreachable", error_code=code))
    return claim


@pytest.mark.parametrize("code", ["30003", "21610"])
def test_a_text_that_cannot_arrive_is_said_by_letter(cast, code):
    visit = book(cast.asha, cast.dr_chandra, LATE)
    work()
    failed = fail_first_text(code)
    for _ in range(2):
        work()
        deliver_all_again()
    assert messages(visit) == [("visit_booked", "failed")]
    assert messages(visit, to=cast.asha.email) == [("visit_booked", "queued")]
    assert db.session.get(Message, failed.id).needs_attention


def test_after_a_number_proved_dead_the_reminders_come_by_letter(cast, monday_morning):
    visit = book(cast.asha, cast.dr_chandra, LATE)
    work()
    fail_first_text("30003")
    work()
    monday_morning.move_to(LATE - timedelta(hours=3))
    work()
    letters = messages(visit, to=cast.asha.email)
    assert letters == [("visit_booked", "queued"), ("visit_reminder", "queued")]
    assert messages(visit) == [("visit_booked", "failed")]


def test_without_a_mail_address_there_is_no_letter_and_people_see_the_failure(cast):
    ines = known_at_desk(cast, phone="+447700900055")
    visit = book(ines, cast.dr_chandra, LATE, by=cast.esha)
    work()
    failed = fail_first_text("30003")
    work()
    assert len(plans(visit)) == 2
    assert db.session.get(Message, failed.id).needs_attention


def test_a_text_to_a_doctor_that_fails_is_not_said_to_somebody_else(cast):
    visit = scheduled(cast.asha, cast.dr_chandra, LATE)
    steps.take(visit.id, "cancel", Actor("patient", patient_id=cast.asha.patient_id, via="reply"))
    work()
    assert fail_first_text("30003").address == DR_CHANDRA
    work()
    told = {("doctor_cancelled", "sms"), ("doctor_cancelled", "email"), ("cancelled", "email")}
    assert set(plans(visit)) == told
    assert [name for name, _ in messages(visit, to=cast.asha.email)] == ["visit_cancelled"]


def test_an_opt_out_skips_what_waits_and_all_of_it_comes_by_letter(cast, monday_morning):
    visit = book(cast.asha, cast.dr_chandra, LATE)
    work()
    transactional(refusals.remember_refusal)(ASHA, "opted_out", "stop_word")
    work()
    monday_morning.move_to(LATE - timedelta(hours=3))
    work()
    assert messages(visit) == [("visit_booked", "skipped")]
    letters = messages(visit, to=cast.asha.email)
    assert letters == [("visit_booked", "queued"), ("visit_reminder", "queued")]


def test_a_booking_by_the_front_desk_is_told_to_the_patient_as_well(cast):
    known_to(cast.harbour, cast.asha)
    visit = book(cast.asha, cast.dr_chandra, LATE, by=cast.esha)
    work()
    assert messages(visit) == [("visit_booked", "queued")]


# --- an undone check-in


def test_whose_check_in_is_undone_is_reminded_as_before(cast, monday_morning):
    add_rule(cast.harbour, 120, "email")
    visit = book(cast.asha, cast.dr_chandra, LATE)
    work()
    before = plans(visit)
    take(visit, "check_in", by=cast.esha)
    assert plans(visit)["before_3h", "sms"] == "cancelled"
    take(visit, "undo_check_in", by=cast.esha)
    assert plans(visit) == before
    monday_morning.move_to(LATE - timedelta(hours=3))
    reminders.send_due()
    assert ("visit_reminder", "queued") in messages(visit)


def test_a_reminder_whose_time_has_passed_is_not_planned_anew(cast, monday_morning):
    visit = book(cast.asha, cast.dr_chandra, LATE)
    work()
    take(visit, "check_in", by=cast.esha)
    monday_morning.move_to(LATE - timedelta(hours=2))
    take(visit, "undo_check_in", by=cast.esha)
    assert plans(visit)["before_3h", "sms"] == "cancelled"


def test_a_reminder_that_a_person_cancelled_stays_cancelled(cast):
    visit = book(cast.asha, cast.dr_chandra, LATE)
    work()
    (planned,) = db.session.scalars(
        sa.select(Reminder.id).where(
            Reminder.appointment_id == visit.id, Reminder.rule == planning.BEFORE
        )
    )
    service.cancel(planned, cast.esha.actor)
    take(visit, "check_in", "undo_check_in", by=cast.esha)
    assert plans(visit)["before_3h", "sms"] == "cancelled"


def test_an_undone_start_tells_nobody_anything(cast):
    visit = book(cast.asha, cast.dr_chandra, LATE)
    work()
    take(visit, "check_in", "start", "undo_start", by=cast.esha)
    assert plans(visit)["before_3h", "sms"] == "cancelled"
