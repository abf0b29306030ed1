"""What a cap holds back is told by the plan behind it, and what is waited for still goes."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from clinic.appointments.booking.move import reschedule
from clinic.core import clock
from clinic.core.data.db import db, transactional
from clinic.messaging.models import Message
from clinic.patients.models import Patient, PatientOrganisation
from clinic.reminders.models import Reminder
from tests.cast import TODAY, at
from tests.conftest import Stage
from tests.factories import scheduled, take, unproven
from tests.reminders.plan_helpers import ASHA, handed_over, work

HOURS = ("09:00", "09:30", "10:00", "10:30", "11:00", "11:30")


@pytest.fixture
def cast(both: Stage):
    """The cast on each database in turn, with an app context pushed."""
    with both.app.app_context():
        yield both.cast


def move_about(visit, cast, times: int):
    """The desk moves it to and fro, and each text leaves before the next move."""
    day = TODAY + timedelta(days=1)
    for number in range(times):
        visit = reschedule(visit.id, at(HOURS[number % 6], day), cast.esha.actor)
        work()
        visit = handed_over(visit)
    return visit


def texts(to=ASHA):
    """(template, status, reason) of all that was to go there, in order."""
    db.session.rollback()
    rows = sa.select(Message).where(Message.address == to).order_by(Message.created_at)
    return [(row.template, row.status, row.error_code) for row in db.session.scalars(rows)]


def plans(*statuses):
    query = sa.select(Reminder).where(Reminder.rule == "rescheduled")
    return [row for row in db.session.scalars(query) if row.status in statuses]


def test_moves_to_a_stranger_stop_and_the_plan_says_so(cast, monday_morning):
    visit = scheduled(cast.asha, cast.dr_chandra, "11:00")
    unproven(cast.asha)
    work()
    visit = move_about(handed_over(visit), cast, 10)
    assert texts() == [
        ("visit_booked", "delivered", None),
        *[("visit_rescheduled", "delivered", None)] * 3,
        *[("visit_rescheduled", "skipped", "too_many")] * 7,
    ]
    assert (len(plans("queued")), len(plans("skipped"))) == (3, 7)
    monday_morning.move_to(visit.starts_at - timedelta(hours=3))
    with clock.travelled(visit.starts_at - timedelta(hours=3)):
        work()
    assert texts()[-1] == ("visit_reminder", "queued", None)


def test_who_has_proven_the_number_reads_all_of_it(cast):
    visit = scheduled(cast.asha, cast.dr_chandra, "11:00")
    work()
    move_about(handed_over(visit), cast, 10)
    assert {status for _, status, _ in texts()} == {"delivered"}


@transactional
def without_login(person):
    """As the desk registers people: the organisation's own record has the number."""
    db.session.execute(
        sa.update(Patient).where(Patient.id == person.patient_id).values(user_id=None)
    )
    db.session.execute(
        sa.update(PatientOrganisation)
        .where(PatientOrganisation.patient_id == person.patient_id)
        .values(phone=ASHA)
    )


def test_who_was_registered_by_the_desk_is_known(cast):
    visit = scheduled(cast.asha, cast.dr_chandra, "11:00")
    without_login(cast.asha)
    work()
    move_about(handed_over(visit), cast, 6)
    assert {status for _, status, _ in texts()} == {"delivered"}


def test_who_has_been_here_is_known_though_no_code_ever_came_back(cast, monday_morning):
    visit = scheduled(cast.asha, cast.dr_chandra, "09:00")
    unproven(cast.asha)
    monday_morning.move_to(at("08:55"))
    take(visit, "check_in", by=cast.esha)
    take(visit, "start", "complete", by=cast.dr_chandra)
    visit = scheduled(cast.asha, cast.dr_chandra, at("09:00", TODAY + timedelta(days=1)))
    work()
    move_about(handed_over(visit), cast, 6)
    assert {status for _, status, _ in texts()} == {"delivered"}
