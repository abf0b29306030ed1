"""The desk sees who may be the same person, looks, and makes one record of two."""

from datetime import date

import pytest

from clinic.core.data.db import transactional
from clinic.core.errors import NotFound
from clinic.patients.errors import JoinImpossible, NotAnsweredFor
from clinic.patients.joining import service
from clinic.patients.people import service as people
from tests.api.conftest import Caller
from tests.pages import fields, soup, text_of
from tests.patients.joining.joining_words import (
    BORN,
    is_there,
    joined,
    proves,
    registered,
    signs_up,
    visit_of,
    whose,
)


@pytest.fixture
def two(app, cast):
    """The desk registered her twice, once without the day; each record has a visit."""
    with app.app_context():
        first, second = registered(cast), registered(cast, date_of_birth=None, email=None)
        return first, second, visit_of(cast, second)


def test_it_is_asked_before_two_records_are_joined(app, signed_in, cast, two):
    first, second, visit = two
    desk = signed_in(cast.esha)
    page = desk.get(f"/patients/{first}")
    assert "May be the same person" in text_of(page)
    assert "The same: name, phone number" in text_of(page)
    path = soup(page).find("a", href=f"/patients/{first}/join/{second}")["href"]
    question = desk.get(path)
    assert "Are they one person?" in text_of(question)
    with app.app_context():
        assert whose(visit) == second
    assert desk.post(path, data=fields(question, path)).location == f"/patients/{first}"
    with app.app_context():
        assert (whose(visit), is_there(second)) == (first, False)
    after = desk.get(f"/patients/{first}")
    assert "Joined. This is one record now." in text_of(after)
    assert visit.code in text_of(after)
    assert "May be the same person" not in text_of(after)
    again = desk.post(path)  # a second tap, or Back
    assert again.location == f"/patients/{first}"
    with app.app_context():
        assert joined() == [(str(first), str(second))]


def test_pages_that_were_open_lead_on(app, signed_in, cast, two):
    first, second, _ = two
    with app.app_context():
        service.join(cast.harbour, first, second, cast.esha.actor)
    desk = signed_in(cast.esha)
    assert desk.get(f"/patients/{second}").location == f"/patients/{first}"
    assert desk.post(f"/patients/{second}", data={}).location == f"/patients/{first}"
    form = {
        "doctor": cast.dr_dev.doctor_id, "start": "2026-11-17T10:00Z", "patient": second,
        "reason": "Cough", "channel": "sms",
    }  # fmt: skip
    answer = desk.post("/appointments/", data=form)
    assert answer.status_code == 409
    assert "joined just now" in text_of(answer)
    once_more = desk.post("/appointments/", data=fields(answer, "/appointments/"))
    assert once_more.status_code == 303
    assert signed_in(cast.farid).get(f"/patients/{second}").status_code == 404


def test_an_account_that_has_proven_nothing_of_it_is_not_joined(app, signed_in, cast):
    with app.app_context():
        visit = visit_of(cast, registered(cast))
        before = whose(visit)
        thief = signs_up()
        visit_of(cast, thief.patient_id, "10:00", by=thief)
        with pytest.raises(NotAnsweredFor):
            service.join(cast.harbour, before, thief.patient_id, cast.esha.actor)
    desk, path = signed_in(cast.esha), f"/patients/{before}/join/{thief.patient_id}"
    question = desk.get(path)
    assert "has not confirmed the number or the address" in text_of(question)
    assert soup(question).find("form", action=path) is None
    assert desk.post(path).status_code == 409
    with app.app_context():
        assert whose(visit) == before
        proves(app, thief)  # it is her, after all: but the day is not known of the account
        assert whose(visit) == before
        service.join(cast.harbour, before, thief.patient_id, cast.esha.actor)
        assert whose(visit) == thief.patient_id


@pytest.mark.parametrize(
    "changes",
    [
        {"date_of_birth": date(1960, 1, 2)},
        {"full_name": "Tom Ellison", "date_of_birth": None},
        {"phone": "+447400999999", "email": None, "date_of_birth": None},
    ],
)
def test_who_is_somebody_else_is_not_named(app, signed_in, cast, changes):
    with app.app_context():
        first, second = registered(cast), registered(cast, **changes)
        with pytest.raises(NotFound):
            service.join(cast.harbour, first, second, cast.esha.actor)
    assert "May be the same person" not in text_of(signed_in(cast.esha).get(f"/patients/{first}"))
    assert Caller(app, cast.esha).get(f"/patients/{first}/alike").json == {"items": []}


def test_one_that_another_clinic_knows_stays(app, cast, two):
    first, second, _ = two
    with app.app_context():
        transactional(people.link)(second, cast.elsewhere, people.Contact())
        with pytest.raises(JoinImpossible):
            service.join(cast.harbour, first, second, cast.esha.actor)
        assert is_there(second)


def test_two_visits_at_one_time_are_said(app, signed_in, cast, two):
    first, second, _ = two
    with app.app_context():
        visit_of(cast, first, doctor="dr_dev")
    path = f"/patients/{first}/join/{second}"
    answer = signed_in(cast.esha).post(path)
    assert answer.status_code == 409
    assert "Both have a visit at the same time." in text_of(answer)
    program = Caller(app, cast.esha).post(f"/patients/{first}/join", {"patient_id": str(second)})
    assert program.status_code == 409
    assert program.json["type"].endswith("join_impossible")


def test_a_program_sees_the_pair_and_joins_it(app, cast, two):
    first, second, visit = two
    esha = Caller(app, cast.esha)
    (found,) = esha.get(f"/patients/{first}/alike").json["items"]
    assert (found["id"], found["may_join"]) == (str(second), True)
    assert found["agrees"] == ["full_name", "phone"]
    done = esha.post(f"/patients/{second}/join", {"patient_id": str(first)})
    assert (done.status_code, done.json["id"]) == (200, str(first))
    assert done.json["date_of_birth"] == str(BORN)
    again = esha.post(f"/patients/{second}/join", {"patient_id": str(first)})  # no answer had come
    assert (again.status_code, again.json) == (200, done.json)
    other_desk = Caller(app, cast.farid)
    assert (
        other_desk.post(f"/patients/{second}/join", {"patient_id": str(first)}).status_code == 404
    )
    with app.app_context():
        assert whose(visit) == first
    assert esha.get(f"/patients/{second}").status_code == 404


def test_other_desks_and_doctors_read_of_no_pair(app, signed_in, cast, two):
    first, second, _ = two
    assert Caller(app, cast.farid).get(f"/patients/{first}/alike").status_code == 404
    assert signed_in(cast.farid).get(f"/patients/{first}/join/{second}").status_code == 404
    with app.app_context():
        visit_of(cast, first, "11:00")
    page = text_of(signed_in(cast.dr_chandra).get(f"/patients/{first}"))
    assert "May be the same person" not in page
