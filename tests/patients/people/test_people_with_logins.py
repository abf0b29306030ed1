"""A login of role patient and the person behind it are one."""

from datetime import date

import pytest
import sqlalchemy as sa

from clinic.access.actor import THE_SYSTEM
from clinic.access.roles import Role
from clinic.accounts.facts import UserUpdated
from clinic.accounts.models import User
from clinic.accounts.people import create as people_create
from clinic.core.data.db import db, transactional
from clinic.events.models import EventRow
from clinic.events.service import record
from clinic.patients.models import Patient
from clinic.patients.people import queries, service
from tests.factories import known_to

pytestmark = pytest.mark.usefixtures("in_app")


def create(role, organisation_id=None):
    return people_create.create_user(
        role, "Noor Aziz", "noor@cast.example", THE_SYSTEM, "none", organisation_id=organisation_id
    )


def people(user):
    return db.session.scalars(sa.select(Patient).where(Patient.user_id == user.id)).all()


def test_a_patients_login_is_a_person_at_once():
    user = create(Role.PATIENT)
    (person,) = people(user)
    assert (person.full_name, person.sort_name) == ("Noor Aziz", "noor aziz")


@pytest.mark.parametrize("role", [Role.STAFF, Role.DOCTOR, Role.ADMIN])
def test_other_logins_are_no_patients(cast, role):
    assert people(create(role, cast.harbour)) == []


def test_asking_for_the_person_makes_no_second_one():
    user = create(Role.PATIENT)
    for _ in range(2):
        person = service.create_for_user(user, date(1980, 1, 2))
        assert people(user) == [person]
    assert service.create_for_user(user).birth_date == date(1980, 1, 2)
    registered = sa.select(EventRow.payload).where(EventRow.name == "patient.registered")
    told = [one for one in db.session.scalars(registered) if one["patient_id"] == str(person.id)]
    assert len(told) == 1


def test_a_new_name_of_the_account_is_the_persons(cast):
    known_to(cast.harbour, cast.asha)

    @transactional
    def rename():
        db.session.get_one(User, cast.asha.user_id).full_name = "Asha Straße"
        db.session.flush()
        record(UserUpdated(organisation_id=None, user_id=cast.asha.user_id), cast.asha.actor)

    rename()
    assert [one.name for one in queries.search(cast.harbour, "strasse")] == ["Asha Straße"]
