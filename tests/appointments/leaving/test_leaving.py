"""Whoever is no more: what becomes of visits to come is said with the act, or nothing happens."""

from datetime import date, time, timedelta

import pytest
import sqlalchemy as sa

from clinic.access.actor import THE_SYSTEM
from clinic.accounts.people import users
from clinic.appointments.board.waiting import counts
from clinic.appointments.errors import DoctorLeft, SlotNotOffered
from clinic.appointments.leaving import handover, queries
from clinic.appointments.models import Appointment
from clinic.appointments.steps.sweep import mark_no_shows
from clinic.core import clock
from clinic.core.data.db import db
from clinic.core.errors import NotFound
from clinic.doctors.models import Doctor
from clinic.events import jobs as events
from clinic.events.models import EventRow
from clinic.messaging.models import Message
from clinic.organisations import service as organisations
from clinic.organisations.errors import NotThatWay, VisitsDepend
from clinic.organisations.models import Organisation
from clinic.patients.models import PatientOrganisation
from clinic.patients.records import service as records
from clinic.reminders.models import Reminder
from clinic.reminders.telling.due import queue_due
from clinic.schedules import service as schedules
from tests.cast import TODAY, at
from tests.factories import book, day_window, fresh, known_to, many_patients, scheduled, take

pytestmark = pytest.mark.usefixtures("in_app")
NEXT = TODAY + timedelta(days=1)


def heard():
    """The outbox has told everybody."""
    events.deliver_due()
    events.run_tasks()
    events.deliver_due()


def plans(visit, status="planned"):
    db.session.rollback()
    rows = sa.select(Reminder.rule).where(
        Reminder.appointment_id == visit.id, Reminder.status == status
    )
    return sorted(db.session.scalars(rows))


def doctor_leaves(cast, visits=None):
    users.deactivate(cast.dr_chandra.user_id, cast.amir.actor, visits)


def changes_role(cast, visits=None):
    users.update(cast.dr_chandra.user_id, {"role": "staff"}, cast.amir.actor, visits)


def closes(cast, visits=None):
    organisations.deactivate(cast.harbour, cast.gita.actor, visits)


def closes_by_change(cast, visits=None):
    organisations.update(cast.harbour, {"is_active": False}, cast.gita.actor, visits)


def windows(cast, visits, act):
    asked = sa.select(Appointment.schedule_id).where(Appointment.patient_id == cast.asha.patient_id)
    act(db.session.scalars(asked).first(), visits)


def hours_end(cast, visits=None):
    doctor = cast.dr_chandra.actor
    windows(cast, visits, lambda key, way: schedules.withdraw_window(key, doctor, way))


def hours_change(cast, visits=None):
    doctor, changes = cast.dr_chandra.actor, {"start": time(11)}
    windows(cast, visits, lambda key, way: schedules.update_window(key, changes, doctor, way))


def dies(cast, visits=None):
    died = {"died_on": date(2026, 11, 15)}
    records.update(cast.harbour, cast.asha.patient_id, died, cast.esha.actor, visits)


def is_discharged(cast, visits=None):
    records.deactivate(cast.harbour, cast.asha.patient_id, cast.esha.actor, visits)


OF_DOCTOR = {doctor_leaves: "doctor_left", changes_role: "doctor_left"}
OF_HOURS = {hours_end: "hours_ended", hours_change: "hours_ended"}
OF_PLACE = {closes: "organisation_closed", closes_by_change: "organisation_closed"}
OF_PATIENT = {dies: "patient_died", is_discharged: "patient_left"}
ALL = OF_DOCTOR | OF_HOURS | OF_PLACE | OF_PATIENT


def state(cast):
    db.session.rollback()
    link = db.session.get(PatientOrganisation, (cast.asha.patient_id, cast.harbour))
    return (
        db.session.get(Doctor, cast.dr_chandra.doctor_id).is_active,
        db.session.get(Organisation, cast.harbour).is_active,
        (link.is_active, link.died_on),
        db.session.scalar(sa.select(sa.func.count()).select_from(EventRow)),
    )


@pytest.mark.parametrize("act", ALL)
def test_without_a_word_nothing_happens_and_their_number_is_told(cast, act):
    first = book(cast.asha, cast.dr_chandra, "09:00")
    book(cast.asha, cast.dr_chandra, at("09:30", TODAY + timedelta(days=7)))
    take(book(cast.asha, cast.dr_chandra, "10:00"), "cancel", by=cast.asha)
    before = state(cast)
    with pytest.raises(VisitsDepend) as refused:
        act(cast)
    assert (refused.value.status, refused.value.code) == (409, "visits_to_come")
    assert refused.value.members["count"] == 2
    assert refused.value.members["first"] == {
        "id": str(first.id),
        "start": "2026-11-16T09:00:00Z",
        "end": "2026-11-16T09:30:00Z",
        "doctor_id": str(cast.dr_chandra.doctor_id),
    }
    assert state(cast) == before


@pytest.mark.parametrize("act", ALL)
def test_where_no_visit_is_to_come_nothing_is_asked(cast, act):
    known_to(cast.harbour, cast.asha)
    take(book(cast.asha, cast.dr_chandra, "09:00"), "cancel", by=cast.asha)
    before = state(cast)
    act(cast)
    assert state(cast) != before


@pytest.mark.parametrize("act", ALL)
def test_cancelled_they_end_with_a_reason_of_their_own(cast, act):
    visit = book(cast.asha, cast.dr_chandra, "09:00")
    act(cast, "cancel")
    assert (fresh(visit).status, visit.cancel_reason) == ("cancelled", ALL[act])


@pytest.mark.parametrize("act", ALL)
def test_kept_they_stay_as_they_are(cast, act):
    visit = scheduled(cast.asha, cast.dr_chandra, "09:00")
    act(cast, "keep")
    assert (fresh(visit).status, visit.doctor_id) == ("scheduled", cast.dr_chandra.doctor_id)


@pytest.mark.parametrize("act", OF_DOCTOR | OF_HOURS)
def test_moved_a_colleague_who_is_free_then_has_them(cast, act):
    visit = book(cast.asha, cast.dr_chandra, "09:00")
    act(cast, "move")
    assert (fresh(visit).status, visit.cancel_reason) == ("cancelled", "rescheduled")
    new = db.session.scalars(sa.select(Appointment).filter_by(rescheduled_from_id=visit.id)).one()
    assert (new.doctor_id, new.starts_at) == (cast.dr_dev.doctor_id, at("09:00"))
    assert (new.status, new.reason) == ("scheduled", "Blood pressure")


@pytest.mark.parametrize("act", OF_PLACE | OF_PATIENT)
def test_where_nobody_could_take_them_over_that_is_no_way(cast, act):
    visit = book(cast.asha, cast.dr_chandra, "09:00")
    with pytest.raises(NotThatWay) as refused:
        act(cast, "move")
    assert (refused.value.status, refused.value.errors[0].field) == (400, "visits")
    assert fresh(visit).status == "pending"


def test_whom_no_colleague_can_see_waits_at_the_desk(cast):
    """Three places with Dr Dev, of which two are taken; and nobody works on that afternoon."""
    for one in many_patients(2):
        book(one, cast.dr_dev, "09:00")
    day_window(cast.dr_chandra, cast.quay_street, NEXT, "14:00-15:00")
    later = book(cast.bela, cast.dr_chandra, at("14:00", NEXT))
    sooner = book(cast.asha, cast.dr_chandra, "09:00")
    doctor_leaves(cast, "move")
    assert (fresh(sooner).status, fresh(later).status) == ("cancelled", "pending")
    assert [one.id for one in queries.left(cast.esha.actor)] == [later.id]
    assert counts(cast.esha.actor).undecided == 1
    assert queries.left(cast.farid.actor) == []


def test_the_desk_hands_one_over_later(cast):
    visit = scheduled(cast.asha, cast.dr_chandra, "09:00")
    with pytest.raises(NotFound):  # the doctor works
        handover.hand_over_one(visit.id, cast.esha.actor)
    doctor_leaves(cast, "keep")
    with pytest.raises(NotFound):
        handover.hand_over_one(visit.id, cast.farid.actor)
    new = handover.hand_over_one(visit.id, cast.esha.actor)
    assert fresh(visit).cancel_reason == "rescheduled"
    assert db.session.get(Appointment, new).doctor_id == cast.dr_dev.doctor_id
    assert queries.left(cast.esha.actor) == []


def test_nobody_is_told_to_come_to_a_doctor_who_left(cast):
    visit = scheduled(cast.asha, cast.dr_chandra, "10:30")
    heard()
    assert "before_3h" in plans(visit)
    doctor_leaves(cast, "keep")
    assert plans(visit) == []
    with pytest.raises(DoctorLeft):
        take(visit, "confirm", by=cast.asha)
    with pytest.raises(DoctorLeft):
        take(visit, "confirm", by=cast.esha)


def test_a_plan_that_comes_late_is_not_told_either(cast):
    visit = scheduled(cast.asha, cast.dr_chandra, "10:30")
    doctor_leaves(cast, "keep")
    heard()
    queue_due()
    told = sa.select(Message.template).where(Message.about_id == visit.id)
    assert db.session.scalars(told).all() == []


def test_nobody_missed_a_visit_to_a_doctor_who_left(cast):
    visit = scheduled(cast.asha, cast.dr_chandra, "09:00")
    doctor_leaves(cast, "keep")
    with clock.travelled(at("11:00")):
        assert mark_no_shows() == 0
    assert fresh(visit).status == "scheduled"


def test_who_comes_back_finds_their_visits_as_they_were(cast):
    visit = scheduled(cast.asha, cast.dr_chandra, "10:30")
    heard()
    planned = plans(visit)
    doctor_leaves(cast, "keep")
    users.reactivate(cast.dr_chandra.user_id, cast.amir.actor)
    assert "before_3h" in plans(visit)
    assert set(plans(visit)) <= set(planned)
    assert queries.left(cast.esha.actor) == []
    assert take(visit, "confirm", by=cast.asha).status == "confirmed"


def test_nor_are_the_dead_reminded_when_a_doctor_comes_back(cast):
    visit = scheduled(cast.asha, cast.dr_chandra, "10:30")
    heard()
    dies(cast, "keep")
    doctor_leaves(cast, "keep")
    users.reactivate(cast.dr_chandra.user_id, cast.amir.actor)
    assert plans(visit) == []


@pytest.mark.parametrize("act", OF_PATIENT)
def test_of_who_died_or_left_the_doctor_alone_is_told_and_the_seat_is_free(cast, act):
    visit = scheduled(cast.asha, cast.dr_chandra, "10:30")
    heard()
    act(cast, "cancel")
    heard()
    assert plans(visit) == ["doctor_cancelled"]
    assert book(cast.bela, cast.dr_chandra, "10:30").seat == 1


def test_both_sides_are_told_of_the_others(cast):
    visit = scheduled(cast.asha, cast.dr_chandra, "10:30")
    heard()
    closes(cast, "cancel")
    heard()
    assert plans(visit) == ["cancelled", "doctor_cancelled"]


def test_at_other_organisations_nothing_changes(cast):
    there = book(cast.asha, cast.dr_hana, at("09:00", NEXT).replace(hour=4, minute=0))
    known_to(cast.harbour, cast.asha)
    dies(cast)
    assert fresh(there).status == "pending"


def test_beyond_fewer_places_the_later_ones_are_affected_and_counted(cast):
    people = many_patients(3)
    visits = [book(one, cast.dr_dev, "09:00") for one in people]
    window = visits[0].schedule_id
    with pytest.raises(VisitsDepend) as refused:
        schedules.update_window(window, {"capacity": 1}, cast.dr_dev.actor)
    assert refused.value.count == 2
    changed = schedules.update_window(window, {"capacity": 1}, cast.dr_dev.actor, "keep")
    assert [one.id for one in changed.affected] == [visits[1].id, visits[2].id]
    changed = schedules.update_window(window, {"capacity": 2}, cast.dr_dev.actor, "cancel")
    assert changed.affected == []
    assert [fresh(one).status for one in visits] == ["pending", "pending", "cancelled"]


def test_fewer_patients_in_a_window_too(cast):
    first, second = (
        book(one, cast.dr_dev, wall)
        for one, wall in zip(many_patients(2), ("09:00", "10:00"), strict=True)
    )
    changed = schedules.update_window(
        first.schedule_id, {"max_patients": 1}, cast.dr_dev.actor, "keep"
    )
    assert [one.id for one in changed.affected] == [second.id]


def test_of_who_left_no_time_is_offered_by_whichever_way(cast):
    book(cast.asha, cast.dr_chandra, "09:00")
    doctor_leaves(cast, "keep")
    for by in (cast.bela, cast.esha):
        with pytest.raises((SlotNotOffered, NotFound)):
            known_to(cast.harbour, cast.bela)
            book(cast.bela, cast.dr_chandra, "10:00", by=by)


def test_the_system_asks_the_same(cast):
    visit = book(cast.asha, cast.dr_chandra, "09:00")
    with pytest.raises(VisitsDepend):
        schedules.withdraw_window(visit.schedule_id, THE_SYSTEM)
