"""What patients with a login keep about themselves."""

from datetime import date

import pytest
import sqlalchemy as sa

from clinic.accounts.models import User
from clinic.core.data.db import db, transactional
from clinic.core.errors import NotFound
from clinic.events.models import EventRow
from clinic.patients.errors import InvalidDetails
from clinic.patients.people import profile

pytestmark = pytest.mark.usefixtures("in_app")

ALL = {
    "date_of_birth": date(1984, 5, 18),
    "gender": "female",
    "blood_type": "AB-",
    "emergency_name": "  Ravi   Rao ",
    "emergency_phone": "+44 7700 900099",
    "emergency_relation": "brother",
    "address": "14 Quay Street\nLondon",
}


def events(name):
    db.session.rollback()
    return db.session.scalars(sa.select(EventRow.payload).where(EventRow.name == name)).all()


@transactional
def forget_number(person):
    db.session.get_one(User, person.user_id).phone = None


def test_a_patient_keeps_a_profile(cast):
    profile.update_own_profile(cast.asha.actor, ALL)
    found = profile.own_profile(cast.asha.actor)
    assert found.full_name == "Asha Rao"
    assert (found.date_of_birth, found.gender, found.blood_type) == (
        date(1984, 5, 18),
        "female",
        "AB-",
    )
    assert (found.emergency_name, found.emergency_phone, found.emergency_relation) == (
        "Ravi Rao",
        "+447700900099",
        "brother",
    )
    assert found.address == "14 Quay Street\nLondon"
    assert found.contact_number == "+447700900000"
    assert profile.own_profile(cast.bela.actor).blood_type is None


def test_what_is_not_given_stays_and_none_empties(cast):
    profile.update_own_profile(cast.asha.actor, ALL)
    profile.update_own_profile(cast.asha.actor, {"gender": None, "address": ""})
    found = profile.own_profile(cast.asha.actor)
    assert (found.gender, found.address, found.blood_type) == (None, None, "AB-")


def test_a_change_is_an_event_and_no_change_is_none(cast):
    for _ in range(2):
        profile.update_own_profile(cast.asha.actor, ALL)
    assert events("patient.updated") == [{"patient_id": str(cast.asha.patient_id)}]


@pytest.mark.parametrize("who", ["esha", "dr_chandra", "gita"])
def test_whoever_is_no_patient_has_no_profile(cast, who):
    with pytest.raises(NotFound):
        profile.own_profile(cast.people[who].actor)
    with pytest.raises(NotFound):
        profile.update_own_profile(cast.people[who].actor, {"gender": "male"})


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("date_of_birth", date(2026, 11, 18), "in_the_future"),
        ("date_of_birth", date(1895, 1, 1), "too_long_ago"),
        ("date_of_birth", "17 May", "not_a_date"),
        ("gender", "Female", "unknown_choice"),
        ("blood_type", "C+", "unknown_choice"),
        ("contact_number", "12", "not_a_phone"),
        ("emergency_name", "x" * 121, "too_long"),
        ("emergency_name", "Ravi\x00", "unstorable"),
        ("emergency_phone", "call him", "not_a_phone"),
        ("emergency_phone", "07700 900099", "not_a_phone"),  # two countries: which one?
        ("emergency_relation", "b" * 61, "too_long"),
        ("address", "a" * 301, "too_long"),
    ],
)
def test_a_wrong_field_is_named_and_nothing_is_stored(cast, field, value, code):
    with pytest.raises(InvalidDetails) as refused:
        profile.update_own_profile(cast.asha.actor, {**ALL, field: value})
    assert [(one.field, one.code) for one in refused.value.errors] == [(field, code)]
    assert profile.own_profile(cast.asha.actor).blood_type is None


def test_every_wrong_field_is_named_at_once(cast):
    with pytest.raises(InvalidDetails) as refused:
        profile.update_own_profile(cast.asha.actor, {"gender": "x", "blood_type": "y"})
    assert [one.field for one in refused.value.errors] == ["gender", "blood_type"]


def test_another_number_to_call_leaves_the_accounts_own_alone(cast):
    profile.update_own_profile(cast.asha.actor, {"contact_number": "+44 7700 900077"})
    assert profile.own_profile(cast.asha.actor).contact_number == "+447700900077"
    user = db.session.get_one(User, cast.asha.user_id)
    assert user.phone == "+447700900000"  # where messages go: changed with a code only
    assert events("user.contact_changed") == []


def test_without_one_the_accounts_number_counts(cast):
    profile.update_own_profile(cast.asha.actor, {"contact_number": None})
    assert profile.own_profile(cast.asha.actor).contact_number == "+447700900000"
