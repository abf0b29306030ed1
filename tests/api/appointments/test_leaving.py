"""Acts that visits to come depend on, by the API: 409 with their number, or a word for them."""

import pytest

from clinic.appointments.models import Appointment
from clinic.core.data.db import db
from tests.factories import book, fresh, many_patients


@pytest.fixture
def visit(app, cast):
    with app.app_context():
        return book(cast.asha, cast.dr_chandra, "10:30")


def acts(cast, visit):
    """Who, method, path, body."""
    return {
        "delete user": ("amir", "DELETE", f"/users/{cast.dr_chandra.user_id}", None),
        "patch user": ("amir", "PATCH", f"/users/{cast.dr_chandra.user_id}", {"is_active": False}),
        "patch role": ("amir", "PATCH", f"/users/{cast.dr_chandra.user_id}", {"role": "admin"}),
        "close": ("gita", "PATCH", f"/organisations/{cast.harbour}", {"is_active": False}),
        "withdraw": ("dr_chandra", "DELETE", f"/doctors/me/schedules/{visit.schedule_id}", None),
        "change": (
            "dr_chandra", "PATCH", f"/doctors/me/schedules/{visit.schedule_id}",
            {"end_time": "10:00"},
        ),
        "withdraw for": (
            "amir", "DELETE", f"/doctors/{cast.dr_chandra.doctor_id}/schedules/{visit.schedule_id}",
            None,
        ),
        "change for": (
            "amir", "PATCH", f"/doctors/{cast.dr_chandra.doctor_id}/schedules/{visit.schedule_id}",
            {"end_time": "10:00"},
        ),
        "delete patient": ("esha", "DELETE", f"/patients/{cast.asha.patient_id}", None),
        "discharge": ("esha", "PATCH", f"/patients/{cast.asha.patient_id}", {"is_active": False}),
        "death": ("esha", "PATCH", f"/patients/{cast.asha.patient_id}", {"died_on": "2026-11-15"}),
    }  # fmt: skip


ACTS = (
    "delete user", "patch user", "patch role", "close", "withdraw", "change", "withdraw for",
    "change for", "delete patient",
    "discharge", "death",
)  # fmt: skip


@pytest.mark.parametrize("name", ACTS)
def test_nothing_happens_without_a_word(app, api, cast, visit, name):
    who, method, path, body = acts(cast, visit)[name]
    answer = api(cast.people[who]).ask(method, path, json=body)
    assert (answer.status_code, answer.json["type"]) == (409, "urn:clinic:problem:visits_to_come")
    assert (answer.json["count"], answer.json["first"]["id"]) == (1, str(visit.id))
    assert answer.json["first"]["start"] == "2026-11-16T10:30:00Z"
    assert [(one["field"], one["code"]) for one in answer.json["errors"]] == [
        ("visits", "required")
    ]
    with app.app_context():
        assert fresh(visit).status == "pending"


@pytest.mark.parametrize("name", ACTS)
@pytest.mark.parametrize("visits", ["keep", "cancel"])
def test_the_word_may_stand_in_the_query(app, api, cast, visit, name, visits):
    who, method, path, body = acts(cast, visit)[name]
    answer = api(cast.people[who]).ask(method, f"{path}?visits={visits}", json=body)
    assert answer.status_code in (200, 204)
    with app.app_context():
        assert (fresh(visit).status == "cancelled") is (visits == "cancel")


@pytest.mark.parametrize("name", ["patch user", "close", "change", "discharge", "death"])
def test_or_in_the_body(app, api, cast, visit, name):
    who, method, path, body = acts(cast, visit)[name]
    answer = api(cast.people[who]).ask(method, path, json={**body, "visits": "cancel"})
    assert answer.status_code == 200
    with app.app_context():
        assert fresh(visit).status == "cancelled"


@pytest.mark.parametrize("name", ["delete user", "patch user", "withdraw", "change"])
def test_they_move_to_a_colleague(app, api, cast, visit, name):
    who, method, path, body = acts(cast, visit)[name]
    answer = api(cast.people[who]).ask(method, f"{path}?visits=move", json=body)
    assert answer.status_code in (200, 204)
    with app.app_context():
        new = db.session.query(Appointment).filter_by(rescheduled_from_id=visit.id).one()
        assert new.doctor_id == cast.dr_dev.doctor_id


@pytest.mark.parametrize(("name", "word"), [("close", "move"), ("death", "move"), ("close", "x")])
def test_a_word_that_means_nothing_there_is_refused(app, api, cast, visit, name, word):
    who, method, path, body = acts(cast, visit)[name]
    answer = api(cast.people[who]).ask(method, f"{path}?visits={word}", json=body)
    assert answer.status_code == 400
    assert [one["field"] for one in answer.json["errors"]] == ["visits"]
    with app.app_context():
        assert fresh(visit).status == "pending"


def test_fewer_places_than_are_booked(app, api, cast):
    with app.app_context():
        people = many_patients(3)
        visits = [book(one, cast.dr_dev, "09:00") for one in people]
        window, start = visits[0].schedule_id, "2026-11-16"
    dev = api(cast.dr_dev)
    answer = dev.patch(f"/doctors/me/schedules/{window}", {"capacity": 1, "visits": "keep"})
    assert answer.status_code == 200
    assert [one["id"] for one in answer.json["affected_visits"]] == [
        str(one.id) for one in visits[1:]
    ]
    slots = dev.get(f"/doctors/{cast.dr_dev.doctor_id}/slots?date={start}").json
    first = (slots.get("slots") or slots["items"])[0]
    assert (first["capacity"], first["booked"], first["available"]) == (1, 3, 0)


def test_a_visit_of_a_doctor_who_left_cannot_be_confirmed(app, api, cast, visit):
    assert api(cast.amir).delete(f"/users/{cast.dr_chandra.user_id}?visits=keep").status_code == 204
    answer = api(cast.asha).post(f"/appointments/{visit.id}/confirm")
    assert answer.status_code == 409
