"""Booking at the instant in which somebody leaves: it is counted, or it is refused."""

from uuid import UUID

import pytest
import sqlalchemy as sa

from clinic.accounts.people import users
from clinic.appointments.booking import move
from clinic.appointments.errors import SlotNotOffered, StepNotPossible
from clinic.appointments.leaving.handover import hand_over_one
from clinic.appointments.models import Appointment
from clinic.appointments.vocabulary import ACTIVE
from clinic.core.data.db import db
from clinic.core.errors import NotFound
from clinic.doctors.models import Doctor
from clinic.organisations import service as organisations
from clinic.organisations.errors import VisitsDepend
from clinic.organisations.models import Organisation
from clinic.patients.errors import PatientInactive
from clinic.patients.models import PatientOrganisation
from clinic.patients.records import service as records
from tests.crowd import SIZE, at_once, broken_invariants, faults
from tests.factories import book, known_to, many_patients, next_week, scheduled

pytestmark = pytest.mark.trust
WALLS = ("09:00", "09:30", "10:00", "10:30", "11:00", "11:30")


def standing(doctor):
    there = sa.select(sa.func.count()).where(
        Appointment.doctor_id == doctor.doctor_id, Appointment.status.in_(sorted(ACTIVE))
    )
    return db.session.execute(there).scalar_one()


@pytest.mark.parametrize("round_", range(2 * SIZE))
@pytest.mark.parametrize("visits", [None, "cancel", "move"])
def test_no_booking_slips_in_beside_a_doctor_who_leaves(both, visits, round_):
    cast = both.cast
    with both.app.app_context():
        people = many_patients(len(WALLS))
    calls = [
        lambda one=one, wall=wall: book(one, cast.dr_chandra, next_week(wall))
        for one, wall in zip(people, WALLS, strict=True)
    ]
    calls.insert(
        3, lambda: users.deactivate(cast.dr_chandra.user_id, cast.amir.actor, visits)
    )  # fmt: skip
    answers = at_once(both.app, calls)
    assert faults(answers, VisitsDepend, SlotNotOffered, NotFound) == []
    with both.app.app_context():
        works = db.session.get_one(Doctor, cast.dr_chandra.doctor_id).is_active
        assert works == isinstance(answers[3], VisitsDepend)
        if not works:
            assert standing(cast.dr_chandra) == 0
        assert broken_invariants() == []


@pytest.mark.parametrize("round_", range(2 * SIZE))
def test_nor_beside_a_clinic_that_closes(both, round_):
    cast = both.cast
    with both.app.app_context():
        people = many_patients(len(WALLS))
    calls = [
        lambda one=one, wall=wall: book(one, cast.dr_chandra, next_week(wall))
        for one, wall in zip(people, WALLS, strict=True)
    ]
    calls.insert(3, lambda: organisations.deactivate(cast.harbour, cast.gita.actor))
    answers = at_once(both.app, calls)
    assert faults(answers, VisitsDepend, SlotNotOffered, NotFound) == []
    with both.app.app_context():
        is_open = db.session.get_one(Organisation, cast.harbour).is_active
        assert is_open == isinstance(answers[3], VisitsDepend)
        assert is_open or standing(cast.dr_chandra) == 0


@pytest.mark.parametrize("round_", range(2 * SIZE))
def test_nor_for_a_patient_who_died(both, round_):
    cast = both.cast
    with both.app.app_context():
        known_to(cast.harbour, cast.asha)
    calls = [
        lambda wall=wall, doctor=doctor: book(cast.asha, doctor, next_week(wall))
        for wall, doctor in zip(WALLS, [cast.dr_chandra, cast.dr_dev] * 3, strict=True)
    ]
    key = cast.asha.patient_id
    calls.insert(
        3, lambda: records.deactivate(cast.harbour, key, cast.esha.actor, "cancel")
    )  # fmt: skip
    answers = at_once(both.app, calls)
    assert faults(answers, PatientInactive) == []
    with both.app.app_context():
        link = db.session.get_one(PatientOrganisation, (key, cast.harbour))
        assert link.is_active is False
        assert standing(cast.dr_chandra) + standing(cast.dr_dev) == 0
        assert broken_invariants() == []


@pytest.mark.parametrize("round_", range(2 * SIZE))
def test_of_two_desks_that_hand_over_at_once_one_does(both, round_):
    """By hand to a time of a colleague's, and at once to whoever is free."""
    cast = both.cast
    with both.app.app_context():
        visit = scheduled(cast.asha, cast.dr_chandra, next_week("09:00"))
        users.deactivate(cast.dr_chandra.user_id, cast.amir.actor, "keep")
    desk, dev = cast.esha.actor, cast.dr_dev.doctor_id
    calls = [
        lambda: hand_over_one(visit.id, desk),
        lambda: move.reschedule(visit.id, next_week("09:30"), desk, dev).id,
    ] * 3
    answers = at_once(both.app, calls)
    assert faults(answers, StepNotPossible) == []
    with both.app.app_context():
        assert standing(cast.dr_dev) == 1
        there = sa.select(Appointment.id).where(Appointment.status.in_(sorted(ACTIVE)))
        stands = db.session.scalars(there).one()
        assert {one for one in answers if isinstance(one, UUID)} == {stands}
        assert broken_invariants() == []
