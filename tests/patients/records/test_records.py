"""The front desk registers people and keeps how it reaches them."""

from datetime import date

import pytest
import sqlalchemy as sa

from clinic.core.data.db import db, transactional
from clinic.core.errors import Forbidden, NotFound
from clinic.events.models import EventRow
from clinic.patients.errors import InvalidDetails, TheirsToChange
from clinic.patients.models import Patient, PatientOrganisation
from clinic.patients.people import queries, service
from clinic.patients.records import service as records
from tests.factories import known_to

pytestmark = pytest.mark.usefixtures("in_app")

INES = {
    "full_name": "Ines Gomes",
    "date_of_birth": date(1970, 1, 2),
    "phone": "07700 900055",
    "email": "Ines@Cast.Example",
    "language": "PT-br",
    "channel": "whatsapp",
}


def register(cast, **changes):
    return records.register(cast.harbour, {**INES, **changes}, cast.esha.actor)


def record_of(cast, patient_id, who="esha"):
    db.session.rollback()
    return queries.one(cast.people[who].actor, patient_id)


def events_about(patient_id):
    db.session.rollback()
    rows = db.session.scalars(sa.select(EventRow).order_by(EventRow.at))
    return [row.name for row in rows if row.payload.get("patient_id") == str(patient_id)]


# --- registering


def test_what_the_desk_types_is_kept_in_one_form(cast):
    kept = record_of(cast, register(cast).id)
    assert (kept.full_name, kept.date_of_birth) == ("Ines Gomes", date(1970, 1, 2))
    assert (kept.phone, kept.email) == ("+447700900055", "ines@cast.example")
    assert (kept.language, kept.channel, kept.is_active) == ("pt-BR", "whatsapp", True)
    assert kept.record_number.startswith("P")
    assert not kept.has_login


@pytest.mark.parametrize(
    ("contact", "channel"),
    [({}, "sms"), ({"phone": "07700 900055"}, "sms"), ({"email": "i@cast.example"}, "email")],
)
def test_a_name_is_enough_and_the_channel_follows_the_address(cast, contact, channel):
    made = records.register(cast.harbour, {"full_name": "Ines", **contact}, cast.esha.actor)
    assert record_of(cast, made.id).channel == channel


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"full_name": "  "}, "required"),
        ({"full_name": None}, "required"),
        ({"full_name": "x" * 121}, "too_long"),
        ({"phone": "12"}, "not_a_phone"),
        ({"email": "ines@"}, "not_an_email"),
        ({"language": "portuguese"}, "not_a_language"),
        ({"channel": "pigeon"}, "unknown_choice"),
        ({"date_of_birth": date(2030, 1, 1)}, "in_the_future"),
    ],
)
def test_what_cannot_be_stored_registers_nobody(cast, changes, code):
    with pytest.raises(InvalidDetails) as refused:
        register(cast, **changes)
    assert [(one.field, one.code) for one in refused.value.errors] == [(*changes, code)]
    db.session.rollback()
    assert queries.search(cast.harbour, "Ines") == []


@pytest.mark.parametrize(("who", "error"), [("asha", Forbidden), ("farid", NotFound)])
def test_only_the_desk_of_the_organisation_registers(cast, who, error):
    with pytest.raises(error):
        records.register(cast.harbour, INES, cast.people[who].actor)


def test_a_name_that_grows_when_casefolded_can_be_stored(both):
    with both.app.app_context():
        made = records.register(both.cast.harbour, {"full_name": "ß" * 120}, both.cast.esha.actor)
        assert db.session.get_one(Patient, made.id).sort_name == "s" * 120


# --- perhaps the same person


@pytest.mark.parametrize(
    ("new", "alike"),
    [
        ({"phone": "+447700900055"}, True),
        ({"email": "INES@cast.example"}, True),
        ({"full_name": "INES GOMES", "date_of_birth": date(1970, 1, 2)}, True),
        ({"full_name": "Ines Gomes"}, False),
        ({"full_name": "Ines Gomes", "date_of_birth": date(1970, 2, 1)}, False),
        ({"phone": "+447700900056", "email": "other@cast.example"}, False),
    ],
)
def test_who_may_be_known_already_is_named_but_registered(cast, new, alike):
    first = register(cast)
    second = records.register(cast.harbour, {"full_name": "New", **new}, cast.esha.actor)
    assert second.possible_duplicates == ([first.id] if alike else [])
    assert second.id != first.id


def test_the_number_of_an_account_counts_as_well(cast):
    known_to(cast.harbour, cast.asha)
    made = register(cast, phone="+447700900000")
    assert made.possible_duplicates == [cast.asha.patient_id]


def test_patients_of_others_are_nobodys_duplicates(cast):
    known_to(cast.elsewhere, cast.asha)
    assert register(cast, phone="+447700900000").possible_duplicates == []


# --- changing


def test_the_desk_changes_how_it_reaches_a_person(cast):
    ines = register(cast).id
    changes = {"phone": None, "email": "new@cast.example", "channel": "email", "language": "en"}
    records.update(cast.harbour, ines, changes, cast.amir.actor)
    kept = record_of(cast, ines)
    assert (kept.phone, kept.email, kept.channel) == (None, "new@cast.example", "email")
    assert kept.full_name == "Ines Gomes"
    assert events_about(ines) == [
        "patient.registered", "patient.updated", "patient.number_corrected"
    ]  # fmt: skip


def test_the_desk_corrects_name_and_birth_date_of_whoever_has_no_login(cast):
    ines = register(cast).id
    changes = {"full_name": "Inês Gomes", "date_of_birth": date(1971, 1, 2)}
    records.update(cast.harbour, ines, changes, cast.esha.actor)
    assert queries.search(cast.harbour, "inês")[0].birth_date == date(1971, 1, 2)


def test_nothing_new_is_no_event(cast):
    ines = register(cast).id
    records.update(cast.harbour, ines, INES, cast.esha.actor)
    assert events_about(ines) == ["patient.registered"]


def test_who_has_a_login_keeps_their_own_name(cast):
    known_to(cast.harbour, cast.asha)
    same = {"full_name": "Asha Rao", "phone": "+447700900088"}
    records.update(cast.harbour, cast.asha.patient_id, same, cast.esha.actor)
    changes = {"full_name": "Asha R", "date_of_birth": None, "language": "hi"}
    with pytest.raises(TheirsToChange) as refused:
        records.update(cast.harbour, cast.asha.patient_id, changes, cast.esha.actor)
    assert [one.field for one in refused.value.errors] == ["full_name", "date_of_birth"]
    assert record_of(cast, cast.asha.patient_id).language == "en"


def test_the_address_of_a_login_counts_before_what_the_desk_noted(cast):
    known_to(cast.harbour, cast.asha)
    noted = {"phone": "+447700900088", "email": "desk@cast.example"}
    records.update(cast.harbour, cast.asha.patient_id, noted, cast.esha.actor)
    kept = record_of(cast, cast.asha.patient_id)
    assert (kept.phone, kept.email) == ("+447700900000", cast.asha.email)
    assert (kept.noted_phone, kept.noted_email) == ("+447700900088", "desk@cast.example")


@pytest.mark.parametrize(
    ("who", "error"), [("farid", NotFound), ("dr_chandra", NotFound), ("asha", Forbidden)]
)
def test_others_change_nothing(cast, who, error):
    ines = register(cast).id
    actor = cast.people[who].actor
    for command in (
        lambda: records.update(cast.harbour, ines, {"phone": None}, actor),
        lambda: records.deactivate(cast.harbour, ines, actor),
    ):
        with pytest.raises(error):
            command()
    with pytest.raises(NotFound):
        records.update(cast.elsewhere, ines, {"phone": None}, cast.farid.actor)
    assert record_of(cast, ines).phone == "+447700900055"


def test_an_empty_language_or_channel_is_refused(cast):
    ines = register(cast).id
    with pytest.raises(InvalidDetails) as refused:
        records.update(
            cast.harbour,
            ines,
            {"language": None, "channel": None, "is_active": None},
            cast.esha.actor,
        )
    assert [one.field for one in refused.value.errors] == ["language", "channel", "is_active"]


def test_nobody_dies_before_they_are_born(cast):
    ines = register(cast).id
    with pytest.raises(InvalidDetails) as refused:
        records.update(cast.harbour, ines, {"died_on": date(1969, 1, 1)}, cast.esha.actor)
    assert refused.value.errors[0].code == "before_birth"
    records.update(cast.harbour, ines, {"died_on": date(2026, 11, 16)}, cast.esha.actor)
    assert record_of(cast, ines).died_on == date(2026, 11, 16)


def test_who_leaves_leaves_once_and_may_come_back(cast):
    ines = register(cast).id
    for _ in range(2):
        records.deactivate(cast.harbour, ines, cast.esha.actor)
    assert record_of(cast, ines).is_active is False
    records.update(cast.harbour, ines, {"is_active": True}, cast.esha.actor)
    assert record_of(cast, ines).is_active is True
    assert events_about(ines) == [
        "patient.registered", "patient.gone", "patient.deactivated", "patient.updated"
    ]  # fmt: skip


def test_who_leaves_one_organisation_stays_with_the_other(cast):
    known_to(cast.harbour, cast.asha)
    known_to(cast.elsewhere, cast.asha)
    records.deactivate(cast.harbour, cast.asha.patient_id, cast.esha.actor, "cancel")
    assert record_of(cast, cast.asha.patient_id, "farid").is_active is True


# --- numbers of records


def test_a_number_that_somebody_has_is_not_given_twice(both, monkeypatch):
    drawn = iter(["1", "1", "2", "3"])

    class Drawn:
        def __init__(self):
            self.hex = next(drawn) * 32

    monkeypatch.setattr(service, "uuid4", Drawn)

    @transactional
    def link_both():
        for who in (both.cast.asha, both.cast.bela, both.cast.bela):
            service.link(who.patient_id, both.cast.harbour, service.Contact())

    with both.app.app_context():
        link_both()
        numbers = db.session.scalars(
            sa.select(PatientOrganisation.record_number).order_by(PatientOrganisation.record_number)
        ).all()
    assert numbers == ["P11111111", "P22222222"]
