"""Whom an organisation no longer cares for, and who died, read nothing more."""

from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from clinic.appointments.booking import move as rescheduling
from clinic.appointments.steps import take as steps
from clinic.core.data.db import db, transactional
from clinic.events import jobs as events
from clinic.messaging.models import Message
from clinic.patients.errors import PatientInactive
from clinic.patients.records import service as records
from clinic.reminders import jobs as reminders
from clinic.reminders.keeping import steps as service
from clinic.reminders.models import Reminder
from tests.cast import TODAY, at
from tests.conftest import Stage
from tests.crowd import at_once, faults
from tests.factories import book, known_to
from tests.messaging.ledger_helpers import claimed

ASHA = "+447700900000"
LATE, LATER = at("11:00"), at("11:30")
DIED = {"died_on": TODAY}
LEFT = {"is_active": False}


def work():
    events.deliver_due()
    events.run_tasks()
    events.deliver_due()
    reminders.send_due()


def leave(cast, who="asha", **changes):
    person = cast.people[who].patient_id
    records.update(cast.harbour, person, changes or LEFT, cast.esha.actor, "keep")


def planned(visit):
    rows = sa.select(Reminder.rule).where(
        Reminder.appointment_id == visit.id, Reminder.status == "planned"
    )
    db.session.rollback()
    return sorted(db.session.scalars(rows))


def told(address, status="queued"):
    db.session.rollback()
    rows = sa.select(Message.template).where(Message.address == address, Message.status == status)
    return sorted(db.session.scalars(rows))


@pytest.mark.parametrize("changes", [LEFT, DIED], ids=["left", "died"])
def test_what_is_planned_and_queued_ends_with_the_change_itself(in_app, cast, changes):
    visit = book(cast.asha, cast.dr_chandra, LATE)
    other = book(cast.bela, cast.dr_dev, LATE)
    work()
    assert (planned(visit), told(ASHA)) == (["before_3h"], ["visit_booked"])
    leave(cast, **changes)
    assert (planned(visit), told(ASHA)) == ([], [])
    assert (planned(other), told("+447700900001")) == (["before_3h"], ["visit_booked"])
    assert [claim.address for claim in claimed()] == ["+447700900001"]


def test_a_change_that_is_rolled_back_ends_nothing(in_app, cast):
    visit = book(cast.asha, cast.dr_chandra, LATE)
    work()

    @transactional
    def leave_and_fail():
        leave(cast)
        raise RuntimeError

    with pytest.raises(RuntimeError):
        leave_and_fail()
    assert (planned(visit), told(ASHA)) == (["before_3h"], ["visit_booked"])


def test_another_change_ends_nothing(in_app, cast):
    visit = book(cast.asha, cast.dr_chandra, LATE)
    work()
    leave(cast, language="hi")
    assert (planned(visit), told(ASHA)) == (["before_3h"], ["visit_booked"])


@pytest.mark.parametrize("changes", [LEFT, DIED], ids=["left", "died"])
def test_another_organisation_goes_on(in_app, cast, changes):
    far = at("09:00", TODAY + timedelta(days=1)).replace(hour=4, minute=0)  # 09:30 in Kolkata
    book(cast.asha, cast.dr_hana, far)
    book(cast.asha, cast.dr_chandra, LATE)
    work()
    assert told(ASHA) == ["visit_booked", "visit_booked"]
    leave(cast, **changes)
    assert told(ASHA) == ["visit_booked"]


@pytest.mark.parametrize("changes", [LEFT, DIED], ids=["left", "died"])
def test_nothing_new_is_queued_but_the_doctor_is_told(in_app, cast, changes):
    visit = book(cast.asha, cast.dr_chandra, LATE)
    leave(cast, **changes)
    work()
    steps.take(visit.id, "cancel", cast.esha.actor)
    work()
    assert told(ASHA) == []
    assert told("+447700900010") == ["doctor_cancelled"]


def test_what_a_doctor_is_told_about_them_still_goes_out(in_app, cast):
    visit = book(cast.asha, cast.dr_chandra, LATE)
    work()
    steps.take(visit.id, "cancel", cast.asha.actor)
    work()
    leave(cast)
    assert told(ASHA) == []
    assert told("+447700900010") == ["doctor_cancelled"]


def test_who_comes_back_is_told_of_what_they_book_then(in_app, cast):
    book(cast.asha, cast.dr_chandra, LATE)
    leave(cast)
    leave(cast, is_active=True)
    again = book(cast.asha, cast.dr_chandra, LATER)
    work()
    assert planned(again) == ["before_3h"]


@pytest.mark.parametrize("changes", [LEFT, DIED], ids=["left", "died"])
def test_what_was_a_mistake_is_planned_again(in_app, cast, changes):
    visit = book(cast.asha, cast.dr_chandra, LATE)
    work()
    leave(cast, **changes)
    assert planned(visit) == []
    leave(cast, is_active=True, died_on=None)
    assert planned(visit) == ["before_3h"]
    leave(cast, language="hi")
    assert planned(visit) == ["before_3h"]


def test_what_was_taken_back_by_hand_stays_so(in_app, cast):
    visit = book(cast.asha, cast.dr_chandra, LATE)
    work()
    by_hand = sa.select(Reminder.id).where(Reminder.status == "planned")
    service.cancel(db.session.scalar(by_hand), cast.esha.actor)
    leave(cast, **DIED)
    leave(cast, died_on=None)
    assert planned(visit) == []


def test_what_was_due_meanwhile_is_not_told_late(in_app, cast, monday_morning):
    visit = book(cast.asha, cast.dr_chandra, LATE)
    work()
    leave(cast, **DIED)
    monday_morning.shift(timedelta(hours=2))
    leave(cast, died_on=None)
    assert planned(visit) == []


def test_nor_of_visits_that_stand_no_longer(in_app, cast):
    visit = book(cast.asha, cast.dr_chandra, LATE)
    work()
    leave(cast, **DIED)
    steps.take(visit.id, "cancel", cast.esha.actor)
    leave(cast, died_on=None)
    assert planned(visit) == []


# --- booking


@pytest.mark.parametrize("changes", [LEFT, DIED], ids=["left", "died"])
@pytest.mark.parametrize("who", ["asha", "esha", "amir", "gita"])
def test_nobody_books_for_them(in_app, cast, who, changes):
    known_to(cast.harbour, cast.asha)
    leave(cast, **changes)
    with pytest.raises(PatientInactive) as refused:
        book(cast.asha, cast.dr_chandra, LATE, by=cast.people[who])
    assert (refused.value.status, refused.value.code) == (409, "patient_inactive")


@pytest.mark.parametrize("changes", [LEFT, DIED], ids=["left", "died"])
def test_nobody_moves_a_visit_for_them(in_app, cast, changes):
    visit = book(cast.asha, cast.dr_chandra, LATE)
    leave(cast, **changes)
    for who in (cast.asha, cast.esha):
        with pytest.raises(PatientInactive):
            rescheduling.reschedule(visit.id, LATER, who.actor)


def test_a_correction_lets_them_book_again(in_app, cast):
    known_to(cast.harbour, cast.asha)
    leave(cast, died_on=date(2026, 11, 15))
    leave(cast, died_on=None)
    assert book(cast.asha, cast.dr_chandra, LATE).patient_id == cast.asha.patient_id


def test_a_strangers_error_tells_nothing_about_them(in_app, cast):
    known_to(cast.harbour, cast.asha)
    leave(cast)
    with pytest.raises(Exception, match="could not find"):
        book(cast.asha, cast.dr_chandra, LATE, by=cast.farid)


# --- at the same instant


def test_no_message_slips_through_while_somebody_leaves(both: Stage):
    cast = both.cast
    with both.app.app_context():
        book(cast.asha, cast.dr_chandra, LATE)
        events.deliver_due()
        calls = [reminders.send_due, lambda: leave(cast), reminders.send_due]
        answers = at_once(both.app, calls)
        work()
        assert faults(answers) == []
        assert told(ASHA) == []
