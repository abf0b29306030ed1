"""Somebody whom the desk registered signs up: one person, once a number or an address is proven."""

from datetime import date

import pytest
import sqlalchemy as sa

from clinic.access.actor import Actor
from clinic.accounts.addresses import contact
from clinic.accounts.proof.keys import Purpose
from clinic.accounts.recovery import service as recovery
from clinic.core.data.db import db
from clinic.core.errors import NotFound
from clinic.patients.errors import NobodyNoted
from clinic.patients.joining import queries, service
from clinic.patients.models import Patient, PatientOrganisation
from clinic.patients.people import profile
from clinic.patients.people import queries as people
from clinic.patients.records import service as records
from tests.accounts.account_words import code_sent, link_for
from tests.cast import PASSWORD, TODAY
from tests.conftest import Stage, client_of
from tests.crowd import at_once, broken_invariants, faults
from tests.pages import fields, text_of
from tests.patients.joining.joining_words import (
    BORN,
    MAIL,
    PHONE,
    heard,
    is_there,
    joined,
    proves,
    registered,
    say_born,
    signs_up,
    visit_of,
    whose,
)


def test_signing_up_with_the_same_facts_and_a_proof_makes_one_person(both: Stage) -> None:
    app, cast = both.app, both.cast
    with app.app_context():
        record = registered(cast)
        visit = visit_of(cast, record)
        number = people.one(cast.esha.actor, record).record_number
        maya = signs_up(born=BORN)
        heard()
        assert whose(visit) == record  # nobody knows yet that the number is hers
        proves(app, maya)
        assert whose(visit) == maya.patient_id
        assert not is_there(record)
        assert joined() == [(str(maya.patient_id), str(record))]
        known = people.one(cast.esha.actor, maya.patient_id)
        assert (known.record_number, known.noted_phone, known.noted_email) == (number, PHONE, MAIL)
        assert broken_invariants() == []
    client = client_of(app, maya)
    assert visit.code in text_of(client.get("/appointments/"))


def test_a_mailbox_proves_it_as_well_also_by_a_link(both: Stage) -> None:
    app, cast = both.app, both.cast
    with app.app_context():
        record = registered(cast, phone=None)
        maya = signs_up(phone="+447400999999", born=BORN)
        link = link_for(app, maya).rpartition("/")[2]
        recovery.set_password(link, Purpose.RESET, "another three words")
        heard()
        assert joined() == [(str(maya.patient_id), str(record))]


def test_what_was_noted_of_both_is_kept(both: Stage) -> None:
    """She had booked for herself before: the number on paper stays, and what is empty is filled."""
    app, cast = both.app, both.cast
    with app.app_context():
        record = registered(cast, language="de")
        number = people.one(cast.esha.actor, record).record_number
        maya = signs_up(born=BORN)
        own = visit_of(cast, maya.patient_id, "10:00", by=maya)
        proves(app, maya)
        known = people.one(cast.esha.actor, maya.patient_id)
        assert (known.record_number, known.language) == (number, "de")
        links = sa.select(PatientOrganisation).where(
            PatientOrganisation.organisation_id == cast.harbour
        )
        assert [one.patient_id for one in db.session.scalars(links)] == [maya.patient_id]
        assert whose(own) == maya.patient_id


@pytest.mark.parametrize(
    ("record", "account"),
    [
        ({"date_of_birth": date(1960, 1, 2)}, {}),  # her mother, of the same name
        ({"date_of_birth": None}, {}),
        ({"full_name": "Tom Ellison"}, {}),
        ({}, {"born": date(1960, 1, 2)}),
        ({}, {"name": "Tom Ellison"}),
        ({}, {"born": None}),
        ({"phone": "+447400999999"}, {}),  # the e-mail address agrees, and is not proven
    ],
)
def test_what_does_not_agree_is_not_joined(app, cast, record, account) -> None:
    with app.app_context():
        visit = visit_of(cast, registered(cast, **record))
        before = whose(visit)
        maya = signs_up(**{"born": BORN, **account})
        proves(app, maya)
        assert (whose(visit), joined()) == (before, [])


@pytest.mark.parametrize("gone", [{"died_on": TODAY}, {"is_active": False}])
def test_of_the_dead_and_of_who_left_nothing_is_joined(app, cast, gone) -> None:
    with app.app_context():
        record = registered(cast)
        records.update(cast.harbour, record, gone, cast.esha.actor)
        proves(app, signs_up(born=BORN))
        assert (is_there(record), joined()) == (True, [])


def test_whoever_signs_up_with_somebodys_facts_sees_nothing(both: Stage) -> None:
    """They know name, birth date, number and address; but no code of hers reaches them."""
    app, cast = both.app, both.cast
    with app.app_context():
        visit = visit_of(cast, registered(cast))
        record = whose(visit)
        thief = signs_up(born=BORN)
        own = signs_up(email="thief@cast.example", born=BORN)
        proves(app, own, "email", "thief@cast.example")  # something, but nothing of hers
        for one in (thief, own):
            assert queries.offered(one.user_id) == []
        heard()
        assert (whose(visit), joined()) == (record, [])
    for one in (thief, own):
        client = client_of(app, one)
        assert visit.code not in text_of(client.get("/appointments/"))
        assert client.get("/me/record").location == "/appointments/"
        with app.app_context():
            with pytest.raises(NobodyNoted):
                service.claim(one.user_id, BORN, one.actor)
            assert whose(visit) == record


def test_two_visits_at_one_time_are_left_to_the_desk(app, cast) -> None:
    with app.app_context():
        visit = visit_of(cast, registered(cast))
        maya = signs_up(born=BORN)
        visit_of(cast, maya.patient_id, doctor="dr_dev", by=maya)
        before = whose(visit)
        proves(app, maya)
        assert (whose(visit), joined()) == (before, [])
        (pair,) = queries.seen_by(cast.esha.actor, maya.patient_id)
        assert pair.may_join


def test_at_the_next_log_in_a_record_of_later_is_found(app, cast) -> None:
    with app.app_context():
        maya = signs_up(born=BORN)
        proves(app, maya)
        record = registered(cast)
        assert is_there(record)
    app.test_client().post("/login", data={"email": MAIL, "password": PASSWORD})
    with app.app_context():
        heard()
        assert joined() == [(str(maya.patient_id), str(record))]


def test_a_birth_date_that_a_program_sends_is_heard_of(app, cast) -> None:
    with app.app_context():
        record = registered(cast)
        maya = signs_up()
        proves(app, maya)
        assert is_there(record)
        profile.update_own_profile(maya.actor, {"date_of_birth": BORN})
        heard()
        assert joined() == [(str(maya.patient_id), str(record))]


def test_a_birth_date_is_not_found_by_trying(app, cast) -> None:
    """Five days a day, whichever way they are said."""
    with app.app_context():
        record = registered(cast)
        maya = signs_up()
        proves(app, maya)
        for year in range(1980, 1985):
            profile.update_own_profile(maya.actor, {"date_of_birth": date(year, 5, 17)})
            heard()
        profile.update_own_profile(maya.actor, {"date_of_birth": BORN})
        heard()
        assert (is_there(record), joined()) == (True, [])


def says(client, day):
    form = fields(client.get("/me/record"), "/me/record")
    return client.post("/me/record", data=form | {"date_of_birth": day})


def test_the_account_is_asked_for_the_day_that_it_lacks(both: Stage) -> None:
    app, cast = both.app, both.cast
    with app.app_context():
        visit = visit_of(cast, registered(cast))
        maya = signs_up()
        proves(app, maya)
        assert whose(visit) != maya.patient_id
    client = client_of(app, maya)
    asked = text_of(client.get("/appointments/"))
    assert "Harbour Clinic may know you already." in asked
    assert visit.code not in asked
    assert "Harbour Clinic may know you already." in text_of(client.get("/me/record"))
    for wrong in ("", "yesterday", "2 January 1960"):
        assert says(client, wrong).status_code == 422
    with app.app_context():
        kept = db.session.get_one(Patient, maya.patient_id)
        assert kept.birth_date is None  # what is wrong is stored nowhere
    right = says(client, "17 May 1988")
    assert right.location == "/appointments/"
    page = text_of(client.get("/appointments/"))
    assert "What Harbour Clinic noted of you is in your account now." in page
    assert visit.code in page
    assert "may know you already" not in page


def test_a_day_is_asked_five_times(app, cast, signed_in) -> None:
    with app.app_context():
        registered(cast)
        maya = signs_up()
        proves(app, maya)
    client = signed_in(maya)
    days = [f"{day} May 1960" for day in range(1, 6)] + ["17 May 1988"]
    answers = [says(client, day) for day in days]
    assert [one.status_code for one in answers] == [422] * 5 + [429]


def test_a_proof_a_log_in_and_the_desk_at_once_join_once(both: Stage) -> None:
    app, cast = both.app, both.cast
    with app.app_context():
        record = registered(cast)
        visit = visit_of(cast, record)
        maya = signs_up(born=BORN)
        visit_of(cast, maya.patient_id, "10:00", by=maya)
        contact.send_code(maya.user_id, "phone", PHONE, "192.0.2.1")
        code = code_sent(app, Purpose.PHONE)
        contact.prove(maya.user_id, "phone", code, Actor("patient", maya.user_id))

    def by_desk() -> object:
        return service.join(cast.harbour, record, maya.patient_id, cast.esha.actor)

    answers = at_once(app, [by_desk, heard, by_desk, lambda: visit_of(cast, record, "11:00")])
    assert faults(answers, NotFound) == []
    with app.app_context():
        heard()
        assert joined() == [(str(maya.patient_id), str(record))]
        assert whose(visit) == maya.patient_id
        assert not is_there(record)
        assert broken_invariants() == []


def test_say_born_needs_no_birth_date_twice(app, cast) -> None:
    """Whose day is known already is joined by another number, later."""
    with app.app_context():
        record = registered(cast, phone="+447400999999", email=None)
        maya = signs_up(born=BORN)
        proves(app, maya)
        assert is_there(record)
        say_born(maya, BORN)
        proves(app, maya, "phone", "+447400999999")
        assert not is_there(record)
