"""A doctor's own account of themselves, and what becomes of it when the user changes."""

import re

import pytest
import sqlalchemy as sa

from clinic.access.actor import THE_SYSTEM, Actor
from clinic.access.roles import Role
from clinic.accounts.facts import UserDeactivated, UserReactivated, UserRoleChanged, UserUpdated
from clinic.accounts.models import User
from clinic.accounts.people import create
from clinic.core.data.db import db, transactional
from clinic.core.data.paging import Paging
from clinic.core.errors import NotFound
from clinic.core.web.problems import said, said_of
from clinic.doctors import queries, vocabulary
from clinic.doctors.errors import BadProfile, LicenceInUse, ProfileMissing
from clinic.doctors.models import Doctor, DoctorLanguage, DoctorSpecialisation
from clinic.doctors.profiles import upsert_profile
from clinic.doctors.queries import Search
from clinic.events.models import EventRow
from clinic.events.service import record
from tests.conftest import Stage
from tests.crowd import at_once, faults

FIRST = {"specialisations": ["Cardiology"], "licence_number": "GMC-900"}


@transactional
def newcomer(cast, name="Ida Lund"):
    """A doctor user who has no profile yet."""
    return create.create_user(
        Role.DOCTOR, name, f"{name.split()[0].lower()}@cast.example", THE_SYSTEM,
        password_hash="none", organisation_id=cast.harbour,
    )  # fmt: skip


def own(user):
    return Actor(Role.DOCTOR, user.id, user.organisation_id)


def events(name, doctor_id):
    rows = db.session.scalars(sa.select(EventRow.payload).where(EventRow.name == name)).all()
    return rows.count({"doctor_id": str(doctor_id)})


def words(table, column, doctor_id):
    return sorted(
        db.session.scalars(sa.select(getattr(table, column)).where(table.doctor_id == doctor_id))
    )


def test_a_first_profile_makes_a_doctor_findable(in_app, cast):
    user = newcomer(cast)
    entered = {
        "specialisations": ["general practice", "CARDIOLOGY", "Pediatrics", "cardiology"],
        "licence_number": "  GMC   900 ",
        "languages": ["en", "Hindi"],
        "years_experience": 12,
        "bio": " Sees\r\nfamilies. ",
        "contact_phone": "020 7946 0142",
    }
    doctor = upsert_profile(user.id, entered, own(user))
    profile = queries.find(doctor.id)
    assert (profile.name, profile.licence_number) == ("Dr Ida Lund", "GMC 900")
    assert profile.specialisations == ("cardiology", "general-practice", "paediatrics")
    assert profile.languages == ("en", "hi")
    assert (profile.years_experience, profile.bio) == (12, "Sees\nfamilies.")
    assert profile.contact_phone == "+442079460142"
    assert doctor.id in {one.id for one in queries.search(Search(q="lund"), Paging()).items}
    assert events("doctor.created", doctor.id) == 1


@pytest.mark.parametrize("missing", ["specialisations", "licence_number"])
def test_a_first_profile_needs_a_specialisation_and_a_licence(in_app, cast, missing):
    user = newcomer(cast)
    given = {key: value for key, value in FIRST.items() if key != missing}
    with pytest.raises(BadProfile) as refused:
        upsert_profile(user.id, given, own(user))
    assert refused.value.errors[0].field == missing
    with pytest.raises(ProfileMissing):
        queries.of_user(user.id)


def test_a_later_entry_changes_only_what_it_names(in_app, cast):
    doctor = cast.dr_chandra
    upsert_profile(doctor.user_id, {"bio": "Hearts.", "languages": ["ta", "en"]}, doctor.actor)
    profile = queries.find(doctor.doctor_id)
    assert (profile.bio, profile.licence_number) == ("Hearts.", "GMC-10")
    assert (profile.specialisations, profile.languages) == (("cardiology",), ("en", "ta"))
    upsert_profile(doctor.user_id, {"specialisations": ["Neurology"]}, doctor.actor)
    assert words(DoctorSpecialisation, "specialisation", doctor.doctor_id) == ["neurology"]
    assert words(DoctorLanguage, "language", doctor.doctor_id) == ["en", "ta"]
    assert events("doctor.updated", doctor.doctor_id) == 2


def test_a_contact_number_can_be_taken_away(in_app, cast):
    doctor = cast.dr_chandra
    for entered, kept in (("+44 20 7946 0142", "+442079460142"), (None, None)):
        upsert_profile(doctor.user_id, {"contact_phone": entered}, doctor.actor)
        db.session.rollback()
        assert queries.find(doctor.doctor_id).contact_phone == kept


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("specialisations", [], "required"),
        ("specialisations", ["cardiology", "astrology"], "unknown"),
        ("specialisations", [""], "unknown"),
        ("specialisations", ["x"] * 10_000, "unknown"),
        ("languages", [], "required"),
        ("languages", ["xx"], "unknown"),
        ("licence_number", " ", "length"),
        ("licence_number", "9" * 41, "length"),
        ("licence_number", "GMC\x00", "characters"),
        ("years_experience", -1, "range"),
        ("years_experience", 81, "range"),
        ("bio", "x" * 2001, "length"),
        ("bio", "\ud800", "characters"),
        ("contact_phone", "not a number", "phone"),
        ("contact_phone", "12", "phone"),
    ],
)
def test_what_cannot_be_is_refused_by_field(in_app, cast, field, value, code):
    doctor = cast.dr_chandra
    with pytest.raises(BadProfile) as refused:
        upsert_profile(doctor.user_id, {field: value}, doctor.actor)
    assert refused.value.status == 400
    assert [(one.field, one.code) for one in refused.value.errors] == [(field, code)]
    assert events("doctor.updated", doctor.doctor_id) == 0


def test_a_refusal_names_the_words_that_are_known(in_app, cast):
    with pytest.raises(BadProfile) as refused:
        upsert_profile(cast.dr_dev.user_id, {"specialisations": ["astrology"]}, cast.dr_dev.actor)
    assert re.search(r"specialisations: .*cardiology, .*urology", said(refused.value))
    assert said_of(refused.value.errors[0]) == said(refused.value)


def test_a_licence_number_belongs_to_one_doctor(both: Stage):
    cast = both.cast
    with both.app.app_context():
        user = newcomer(cast)
        taken = {**FIRST, "licence_number": "GMC-10"}
        with pytest.raises(LicenceInUse):
            upsert_profile(user.id, taken, own(user))
        with pytest.raises(LicenceInUse) as refused:
            upsert_profile(cast.dr_dev.user_id, {"licence_number": "GMC-10"}, cast.dr_dev.actor)
        assert (refused.value.status, refused.value.code) == (409, "licence_in_use")
        db.session.rollback()
        assert queries.find(cast.dr_dev.doctor_id).licence_number == "GMC-11"
        same = {"licence_number": "GMC-11"}
        assert upsert_profile(cast.dr_dev.user_id, same, cast.dr_dev.actor).id


def test_of_two_first_profiles_at_once_the_second_is_a_change(both: Stage):
    cast = both.cast
    with both.app.app_context():
        user = newcomer(cast)

    def enter(number: int):
        return upsert_profile(user.id, {**FIRST, "years_experience": number}, own(user)).id

    answers = at_once(both.app, [lambda n=number: enter(n) for number in range(6)])
    assert faults(answers) == []
    assert len(set(answers)) == 1
    with both.app.app_context():
        assert events("doctor.created", answers[0]) == 1
        assert events("doctor.updated", answers[0]) == 5


@pytest.mark.parametrize("stranger", ["dr_dev", "asha", "esha", "farid", "dr_hana"])
def test_nobody_writes_another_doctors_profile(in_app, cast, stranger):
    with pytest.raises(NotFound):
        upsert_profile(cast.dr_chandra.user_id, {"bio": "Mine"}, getattr(cast, stranger).actor)


@pytest.mark.parametrize("person", ["amir", "gita"])
def test_whoever_runs_the_clinic_may_write_it(in_app, cast, person):
    doctor = upsert_profile(cast.dr_chandra.user_id, {"bio": "By us"}, getattr(cast, person).actor)
    assert doctor.bio == "By us"


@pytest.mark.parametrize("person", ["asha", "esha"])
def test_only_doctors_have_profiles(in_app, cast, person):
    with pytest.raises(NotFound):
        upsert_profile(getattr(cast, person).user_id, FIRST, THE_SYSTEM)


@transactional
def change_user(person, kind, more=(), **values):
    db.session.execute(sa.update(User).where(User.id == person.user_id).values(**values))
    record(kind(organisation_id=None, user_id=person.user_id, **dict(more)), THE_SYSTEM)


def test_a_doctor_is_found_while_their_user_is_active(in_app, cast):
    doctor = cast.dr_chandra
    change_user(doctor, UserDeactivated, is_active=False)
    with pytest.raises(NotFound):
        queries.find(doctor.doctor_id)
    change_user(doctor, UserReactivated, is_active=True)
    assert queries.find(doctor.doctor_id).name == "Dr Chandra Iyer"


def test_somebody_who_is_a_doctor_no_longer_is_not_found(in_app, cast):
    more = {"role": "staff", "was": "doctor"}
    change_user(cast.dr_dev, UserRoleChanged, more, role="staff")
    with pytest.raises(NotFound):
        queries.find(cast.dr_dev.doctor_id)


def test_a_doctor_who_now_works_elsewhere_is_not_found_here(in_app, cast):
    change_user(cast.dr_dev, UserUpdated, organisation_id=cast.elsewhere)
    with pytest.raises(NotFound):
        queries.find(cast.dr_dev.doctor_id)


def test_a_new_name_is_the_name_patients_read(in_app, cast):
    change_user(cast.dr_dev, UserUpdated, full_name="Dr Zubin Mistry")
    doctor = db.session.get(Doctor, cast.dr_dev.doctor_id)
    assert (doctor.name, doctor.sort_name) == ("Dr Zubin Mistry", "zubin mistry")
    change_user(cast.dr_dev, UserUpdated, full_name="Z" * 120)
    db.session.rollback()
    assert queries.find(cast.dr_dev.doctor_id).name == "Dr " + "Z" * 117


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        ("cardiology", "cardiology"),
        ("CARDIOLOGY", "cardiology"),
        (" Ear, nose and throat ", "ear-nose-throat"),
        ("Ear, Nose & Throat", "ear-nose-throat"),
        ("ear_nose_throat", "ear-nose-throat"),
        ("ENT", "ear-nose-throat"),
        ("General Practice", "general-practice"),
        ("orthopedics", "orthopaedics"),
        ("Internal medicine", "internal-medicine"),
        ("astrology", None),
        ("", None),
        ("--", None),
    ],
)
def test_a_specialisation_has_many_spellings(text, slug):
    assert vocabulary.specialisation(text) == slug


def test_every_word_of_the_vocabulary_is_known_by_slug_and_title():
    for slug, title in vocabulary.SPECIALISATIONS.items():
        assert vocabulary.specialisation(slug) == vocabulary.specialisation(title.upper()) == slug
        assert len(slug) <= DoctorSpecialisation.specialisation.type.length
